"""Reads a posting, whatever was brought: a page's source, text that was copied from it, or nothing but its link."""

import re
from urllib.parse import urlsplit

import msgspec

from tmr.domain.capture.page.markup import Page, is_markup, read_page
from tmr.domain.capture.posting.employment import employment_in
from tmr.domain.capture.posting.head import is_furniture, take_head
from tmr.domain.capture.posting.job_data import Node, posting_in, take_job_data
from tmr.domain.capture.posting.lines import is_label, place_in, take_lines
from tmr.domain.capture.posting.links import link_in_text, link_of_page, links_in, without_tracking
from tmr.domain.capture.posting.taken import ADDRESS, HEADING, LABEL, LINE, META, SIZE, TITLE, Fields, Taken
from tmr.domain.capture.posting.text import MOST_CHARS as LONGEST_DESCRIPTION
from tmr.domain.capture.posting.titles import NO_NAME, parts_of_title
from tmr.domain.capture.words.names import LEGAL_FORM, clean_company, clean_title
from tmr.domain.capture.words.work_modes import work_mode_of
from tmr.domain.fields.folding import fold
from tmr.domain.importing.readers.money.salaries import read_salary

MOST_CHARS = 3_000_000
_IN_BRACKETS = re.compile(r"\(([^()]{3,40})\)")
_LEAST_OF_YEAR = 15_000
_LONGEST_ROW = 120


class Posting(msgspec.Struct, frozen=True):
    """What a posting says: each field with its value and where that was taken from."""

    fields: dict[str, Taken]


def read_posting(text: str, url: str = "") -> Posting:
    """Return what a posting says; ``url`` is the address that it came from, if that is known."""
    text = text[:MOST_CHARS].replace("\0", "")
    fields = Fields()
    if is_markup(text):
        _take_page(fields, read_page(text), url.strip())
    else:
        _take_text(fields, text, url.strip())
    _take_year(fields)
    return Posting(fields.taken)


def _take_page(fields: Fields, page: Page, url: str) -> None:
    found = posting_in(page, url)
    if found:
        take_job_data(fields, *found, page.language)
    _take_names(fields, page)
    lines = [*page.lines, *_parts(page.metas.get("og:description") or page.metas.get("description") or "")]
    _take_amount_details(fields, lines)
    stated = Fields()
    take_lines(stated, lines, is_text=False)
    for name, taken in stated.taken.items():
        is_open = found is not None and name == "employment_type" and _says_employment(found[0])
        if not is_open and not (name.startswith("salary_") and _has_pay(fields, stated)):
            fields.put(name, taken.value, taken.source, taken.quote)
    site = page.metas.get("og:site_name", "")
    labelled = stated.taken.get("company")
    if labelled and labelled.source == LABEL and _is_of_site(fields, site) and LEGAL_FORM.search(labelled.value):
        fields.taken["company"] = labelled
    _take_near_title(fields, lines, site)
    for said in _IN_BRACKETS.findall(" ".join(page.headings[:1]) or page.title):
        fields.put("employment_type", employment_in(said), HEADING, said)
    fields.put("url", link_of_page(page, url), ADDRESS)
    fields.put("job_description", "\n".join(page.lines)[:LONGEST_DESCRIPTION], LINE)


def _says_employment(node: Node) -> bool:
    """Whether job data says anything of the type of employment, if only that one can choose."""
    return bool(node.get("employmentType")) and "OTHER" not in str(node["employmentType"])[:40].upper()


def _has_pay(fields: Fields, stated: Fields) -> bool:
    """Whether pay is known from elsewhere: amounts of two sources are never mixed."""
    known = fields.taken.get("salary_min") or fields.taken.get("salary_max")
    said = stated.taken.get("salary_min") or stated.taken.get("salary_max")
    return known is not None and said is not None and known != said


def _take_names(fields: Fields, page: Page) -> None:
    """Take role, company and place from headings, from what the page marks as such, and from its title."""
    og_title, site = page.metas.get("og:title", ""), page.metas.get("og:site_name", "")
    titled = fold(page.title + og_title)
    heading = page.headings[0] if page.headings else _heading_in(titled, page.subheadings)
    if heading and (fold(clean_title(heading)) in titled or (len(page.headings) == 1 and _may_be_role(heading))):
        fields.put("title", clean_title(heading), HEADING, heading)
    for title, source in ((page.title, TITLE), (og_title, META)):
        if title:
            parts = parts_of_title(title, fields.get("title"))
            for name in ("title", "company"):
                if name != "company" or "company" not in page.hints:
                    fields.put(name, parts.get(name), source, title)
            if "location" not in page.hints:
                fields.put("location", place_in(parts.get("location", "")), source, title)
    fields.put("title", clean_title(heading), HEADING, heading)
    for name in ("company", "location"):
        if said := page.hints.get(name, ""):
            value = clean_company(_without_at(said)) if name == "company" else place_in(said)
            fields.put(name, value, HEADING, said)
            if name == "location":
                fields.put("work_mode", work_mode_of(said), HEADING, said)
    for title, source in ((page.title, TITLE), (og_title, META)):
        fields.put("company", parts_of_title(title, fields.get("title")).get("company"), source, title)
    if site and fold(site) not in fold(fields.get("title")):
        fields.put("company", clean_company(re.sub(r"\s+(?:jobs|careers|karriere)$", "", site, flags=re.I)), META, site)


def _may_be_role(heading: str) -> bool:
    """Whether the only main heading of a page can be the role, though its title does not have it."""
    return 4 <= len(heading) <= 90 and not NO_NAME.match(heading) and not heading.endswith((".", "!", "?", ":"))


def _heading_in(titled: str, headings: list[str]) -> str:
    """Return the first smaller heading that the page's title repeats: some boards have no other for the role."""
    return next((one for one in headings if fold(clean_title(one)) and fold(clean_title(one)) in titled), "")


def _take_near_title(fields: Fields, lines: list[str], site: str) -> None:
    """Take company and place from the few short lines below the role, where nothing has told them."""
    at = next((at for at, line in enumerate(lines[:400]) if fold(clean_title(line)) == fold(fields.get("title"))), None)
    company = fields.get("company")
    if company and at is not None and _is_place_among(company, lines[at + 1 : at + 8]):
        del fields.taken["company"]
        fields.put("location", company, TITLE)
        rest = (one.removeprefix("- ") for one in lines[at + 1 : at + 5])
        other = next(
            (one for one in rest if _may_be_place(one) and not is_label(one) and not one.startswith(company)), ""
        )
        fields.put("company", clean_company(other), LINE, other)
    for line in lines[at + 1 : at + 6] if at is not None else ():
        bare = _without_at(line.removeprefix("- "))
        form = LEGAL_FORM.search(bare)
        if form and form.end() == len(bare) and len(bare) <= 70 and bare[:1].isupper():
            if _is_of_site(fields, site) and fold(site) not in fold(bare):
                del fields.taken["company"]
            fields.put("company", clean_company(bare), LINE, line)
    _take_place_near_title(fields, lines)


def _is_of_site(fields: Fields, site: str) -> bool:
    """Whether the company is nothing but the name that a site gives itself; a board does that too."""
    company = fields.taken.get("company")
    return company is not None and company.source in (TITLE, META) and fold(company.value) == fold(site)


def _is_place_among(name: str, lines: list[str]) -> bool:
    """Whether a name that the title has beside the role is a place: a line has it with a number or a region."""
    return any(re.fullmatch(rf"(?:- )?{re.escape(name)}(?:\s-\s\d{{2,3}}|\s\(\d{{2,5}}\))", line) for line in lines)


def _take_place_near_title(fields: Fields, lines: list[str]) -> None:
    """Take the place from one of the few short lines below the role, where nothing has told it."""
    known = {fold(fields.get(name)) for name in ("title", "company")}
    at = next((at for at, line in enumerate(lines[:400]) if fold(clean_title(line)) == fold(fields.get("title"))), None)
    if "location" in fields or at is None:
        return
    for line in lines[at + 1 : at + 6]:
        parts = re.split(r"\s[·•|–—]\s", line.removeprefix("- "))
        for part in sorted(parts, key=lambda one: ", " not in one):  # “Manufacturing | Fresno, California”
            company = fields.get("company")
            part = part.removeprefix(f"{company}, ") if company else part
            place = place_in(part)
            if place and fold(place) not in known and not is_label(part) and _may_be_place(place):
                fields.put("location", place, LINE, line)
                return


def _may_be_place(text: str) -> bool:
    is_name = len(text) <= 50 and len(text.split()) <= 6 and text[:1].isupper() and text[-1] not in ".:!?"
    is_name = is_name and ": " not in text
    return is_name and not (work_mode_of(text) or employment_in(text) or any(char.isdigit() for char in text))


def _without_at(text: str) -> str:
    bare = re.sub(r"^(?:at|bei|chez|en|by)\s+", "", text.strip(), flags=re.IGNORECASE)
    return re.sub(
        r"^(?:posted|published|veröffentlicht|inseriert|publiée?|publicad[oa])\b.{0,40}?\b(?:by|von|par|por)\s+",
        "",
        bare,
        flags=re.I,
    )


def _parts(description: str) -> list[str]:
    return [part.strip() for part in re.split(r"(?<=[a-zé])\.\s|\s[·•|]\s|…", description[:2_000]) if part.strip()]


def _take_amount_details(fields: Fields, lines: list[str]) -> None:
    """Find currency and period of a pay whose data has none: in a line with the same amount, else by its size."""
    amount = fields.get("salary_min") or fields.get("salary_max")
    if not amount or ("salary_currency" in fields and "salary_period" in fields):
        return
    for line in lines[:600]:
        pay = read_salary(line[:200]) if len(line) <= 200 and any(char.isdigit() for char in line) else None
        if pay and amount in (pay.texts.get("salary_min"), pay.texts.get("salary_max")):
            for name in ("salary_currency", "salary_period"):
                fields.put(name, pay.texts.get(name), LINE, line)


def _take_year(fields: Fields) -> None:
    """Take pay without a period for that of a year where it is too much for a month."""
    amount = fields.get("salary_min") or fields.get("salary_max") or "0"
    if float(amount) >= _LEAST_OF_YEAR and fields.get("salary_currency") in ("EUR", "USD", "GBP", "CHF", "CAD", "AUD"):
        fields.put("salary_period", "year", SIZE)


def _take_text(fields: Fields, text: str, url: str) -> None:
    rows = text[: LONGEST_DESCRIPTION * 2].splitlines()
    lines = [" ".join(row.split()) for row in rows if not _is_row_of_buttons(row)]
    lines = [line for line in lines if line]
    link = without_tracking(url) if url else link_in_text(lines)
    if len(lines) == 1 and links_in(lines[0]) == [lines[0].strip()]:
        fields.put("url", without_tracking(lines[0]), ADDRESS)
        take_link(fields, link)
        return
    take_lines(fields, lines, is_text=True)
    take_head(fields, lines)
    fields.put("url", link, ADDRESS)
    take_link(fields, link)
    fields.put("job_description", text.strip()[:LONGEST_DESCRIPTION], LINE)


def _is_row_of_buttons(row: str) -> bool:
    """Whether a row of copied text is nothing but what a page has to press, with wide gaps between."""
    parts = [part.strip() for part in re.split(r"\s{2,9}|\t", row) if part.strip()] if len(row) <= _LONGEST_ROW else []
    return len(parts) > 1 and all(map(is_furniture, parts))


def take_link(fields: Fields, link: str) -> None:
    """Take nothing from a link but what a board's address says for certain: its company's own part of it."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return
    host = (parts.hostname or "").removeprefix("www.")
    board = re.match(
        r"(?:boards|job-boards)(?:\.eu)?\.greenhouse\.|jobs\.(?:eu\.)?lever\.|jobs\.ashbyhq\."
        r"|jobs\.smartrecruiters\.|apply\.workable\.",
        host,
    )
    name = parts.path.strip("/").partition("/")[0] if board else ""
    if not name and (
        match := re.match(
            r"([\w-]+)\.(?:jobs\.personio|recruitee|teamtailor|bamboohr|breezy|wd\d+\.myworkdayjobs"
            r"|wd\d+\.workday)\.",
            host,
        )
    ):
        name = match[1]
    if name and re.fullmatch(r"[A-Za-z][\w-]{1,40}", name) and name not in ("embed", "jobs"):
        fields.put("company", " ".join(word[:1].upper() + word[1:] for word in re.split(r"[-_]", name)), ADDRESS, link)
