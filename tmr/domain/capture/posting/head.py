"""The first lines of a text: role, company and place, which stand there without labels."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from tmr.domain.capture.posting.employment import choice_in, employment_in, states_employment
from tmr.domain.capture.posting.lines import BULLET, MOST_LINES, PLACE_END, place_in
from tmr.domain.capture.posting.taken import LINE, Fields
from tmr.domain.capture.words.ideas.doers import is_role
from tmr.domain.capture.words.names import LEGAL_FORM, clean_company, clean_title, has_gender_mark
from tmr.domain.capture.words.work_modes import work_mode_of
from tmr.domain.fields.folding import fold
from tmr.domain.importing.readers.money.salaries import read_salary

_SEARCHED_BY = re.compile(
    r"^(.{2,60}?)\s{1,5}(?:is (?:looking for|hiring|seeking|recruiting)|are hiring|sucht|stellt ein|recherche|recrute"
    r"|busca|necesita|contrata|selecciona)\b",
    re.I,
)
_ARTICLE_OF_COMPANY = re.compile(
    r"^(?:(?:our|unser|unsere|notre|nuestr[oa]) (?:partner|client|customer|kunde|kundin|mandant|mandantin|partenaire"
    r"|socio|cliente),?|die|der|das|firma|the company|la empresa|la société|l['’]entreprise|nuestro cliente,?"
    r"|unser kunde,?)\s+(?:firma\s+)?(?=\S)",
    re.I,
)
_ABOUT = re.compile(
    r"^(?:about|über|à propos (?:de|d['’])|sobre|qui est|acerca de)\s*(?!\s|us\b|uns\b|you\b|the (?:role|job|team"
    r"|position)|nous\b|nosotros\b|el puesto|le poste|den job|die stelle)(.{2,60})$",
    re.I,
)
_SEEK = re.compile(
    r"^(?:we are (?:looking for|hiring|seeking)|we['’]re (?:looking for|hiring)|now hiring|wir suchen|gesucht wird"
    r"|zur verstärkung|nous (?:recherchons|recrutons)|"
    r"buscamos|se busca|se necesita|(?:job )?(?:vacancy|opening)|stellenangebot|stellenausschreibung"
    r"|offre d['’]emploi|oferta de (?:empleo|trabajo))\b[\s:!]*",
    re.I,
)
_ARTICLE = re.compile(
    r"^(?:an?|the|eine?n?|une?|le|la|un|una|el|ab sofort|zum nächstmöglichen (?:zeitpunkt|termin)|(?:zum"
    r"|ab) \d[\d. ]*\d{4}|eine?[n]?|un\(e\)|un/a|una/o|une?/une?|eine?\(n\))\s+",
    re.I,
)
_WE = re.compile(r"^(?:we|wir|nous|nosotros|the company|our client|notre client|unser kunde)\b", re.I)
_LOGO = re.compile(
    r"(?:(?:company )?logo (?:of |for |von |der |de )?(?P<one>.+)|(?P<other>.+?)[\s-]logo)", re.IGNORECASE
)


def _without_furniture(fields: Fields, lines: Sequence[str]) -> list[str]:
    """Return the lines of a text without what a page has around a posting; a logo's name is that of the company."""
    kept: list[str] = []
    for line in lines:
        if logo := _LOGO.fullmatch(line) if len(line) <= 80 else None:
            fields.put("company", clean_company(logo["one"] or logo["other"]), LINE, line)
        elif not is_furniture(line) and (kept or fold(line) != fold(fields.get("company"))):
            kept.append(line)
    return kept


def is_furniture(line: str) -> bool:
    """Whether a line is one that a page has around a posting, such as a button."""
    return _around()["furniture"].fullmatch(line.rstrip(".!…")) is not None


@cache
def _around() -> dict[str, re.Pattern[str]]:
    path = files("tmr.domain.capture.words") / "around.toml"
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    whole, beginnings = "|".join(said["furniture"]), "|".join(said["sections"])
    return {"furniture": re.compile(whole, re.I), "sections": re.compile(rf"(?:{beginnings})\b", re.I)}


_A_NAME = r"(?P<company>[A-ZÀ-Ý][\w&'’.-]*(?:\s(?:&|de|du|des|la|der|und|and|of|y|et|[A-ZÀ-Ý0-9][\w&'’.-]*)){0,6})"
_A_PLACE = (
    r"(?:\s\((?P<bracket>[A-ZÀ-Ý][^()\d]{1,40})\)"
    r"|,?\s(?:in|aus|à|en|at|based in)\s(?P<place>[A-ZÀ-Ý][\w'’-]*(?:\s[A-ZÀ-Ý][\w'’-]*){0,3}))?"
)
_SEEKING = (
    r"(?:(?:are|is|we are|we['’]re|wir|nous|now)\s){0,3}(?:looking for|hiring|seeking|recruiting|suchen|sucht|stellen"
    r"|besetzen"
    r"|recherchons|recherche|recrutons|recrute|buscamos|busca|necesitamos|necesita|seleccionamos|contratamos)"
    r"(?:\s(?:incorporar|contratar|wir|ein))?"
)
# A company that says of itself whom it looks for: “Wir, die Gärtnerei Lindenquell in Erfurt, suchen …”.
_OF_ITSELF = (
    re.compile(
        rf"^(?:[Ww]e|[Ww]ir|[Nn]ous|[Nn]osotros),?\s(?:at|from|die|der|das|bei|von|the|la|le|l['’]|el)"
        rf"\s?{_A_NAME}{_A_PLACE},?\s{_SEEKING}\b"
    ),
    re.compile(
        rf"^(?:[Aa]t|[Hh]ere at|[Bb]ei|[Bb]eim|[Bb]ei der|[Cc]hez|[Ee]n|[Dd]esde)\s(?:the |la |le |der )?"
        rf"{_A_NAME}{_A_PLACE},?\s{_SEEKING}\b"
    ),
)
_SOUGHT = re.compile(
    rf"\b{_SEEKING}\b(?:[^.\n]{{0,90}}?)\s(?:an?|eine?n?|une?|un/a|una?|un\(e\))\s"
    rf"(?P<title>[A-ZÀ-Ý](?:[^.,;:!?\n()]|\([a-zà-ÿ·]{{1,6}}\)){{2,70}})"
)


# A role in small letters, and the place of who seeks one: “busca recepcionista para su hotel en Santander”.
_SOUGHT_IN_SMALL = re.compile(
    rf"\b{_SEEKING}\s(?:an? |une? |una? |urgentemente |actuellement )?(?P<title>[a-zà-ÿ][^.,;:!?\n]{{3,60}}?)"
    r"(?=\s(?:para|en|pour|à|for|in|to|with|con|avec|who|que|qui)\b|[.,;:!]|$)"
)
_PLACE_OF_SEARCH = re.compile(
    rf"\b{_SEEKING}\b[^.\n]{{0,140}}?\s(?:en|in|à|at our \w+ in)\s([A-ZÀ-Ý][\w'’-]{{2,30}})(?=[.,]|$)"
)


def _take_of_itself(fields: Fields, lines: Sequence[str]) -> None:
    for line in lines[:20]:
        for pattern in _OF_ITSELF:
            if match := pattern.match(line[:300]):
                fields.put("company", clean_company(match["company"]), LINE, line)
                fields.put("location", place_in(match["bracket"] or match["place"] or ""), LINE, line)
                if said := _SOUGHT.search(line[:400]):
                    fields.put("title", clean_title(said["title"]), LINE, line)


_META = re.compile(
    r"\s·\s.{0,30}?(?:\bago\b|applicants?|\bvor \d|bewerber|bewerbungen|il y a|candidat|\bhace\b|solicitud)",
    re.IGNORECASE,
)


_AGE = re.compile(r"\d|(?:reposted|posted|vor|il y a|hace)\b", re.IGNORECASE)


def _take_card(fields: Fields, head: Sequence[str]) -> None:
    """Take what a board's card says: the company, the role, then a line of place, age and applicants."""
    at = next((at for at, line in enumerate(head[:6]) if _META.search(line)), 0)
    if at and not _AGE.match(head[at]) and " · " not in head[at - 1] and _may_be_title(head[at - 1]):
        fields.put("title", clean_title(head[at - 1]), LINE, head[at - 1])
        if at > 1 and len(head[at - 2]) <= 70 and not head[at - 2].endswith((".", "!", "?", ":")):
            fields.put("company", clean_company(head[at - 2]), LINE, head[at - 2])
        fields.put("location", place_in(re.split(r"\s·\s", head[at])[0]), LINE, head[at])


_AFTER_MARK = re.compile(
    r"(?<=[)\]])\s+(?:am|in|im|bei|beim|für|ab|mit|à|en|au|at|to|who|zur?|zum|der|die)\s.*$", re.IGNORECASE
)


_ITEM = re.compile(r"\s{0,6}[*•·–—‣▪●-]\s")


def take_head(fields: Fields, lines: Sequence[str]) -> None:
    """Take title, company and place of a text from its first lines, which have no labels."""
    bare = [line for line in (BULLET.sub("", line).strip() for line in lines[:30]) if line]
    head = _without_furniture(fields, bare)[:14]
    _take_of_itself(fields, bare)
    _take_card(fields, head)
    at = next((at for at, line in enumerate(head) if has_gender_mark(line) and len(line) <= 140), None)
    if "title" not in fields and at is None:
        at = next((at for at, line in enumerate(head) if _may_be_title(line)), None)
    if at is not None:
        searched = _SEARCHED_BY.match(head[at])
        said = head[at][searched.end() :].strip(" :") if searched and not _SEEK.match(head[at]) else ""
        said = said or _SEEK.sub("", head[at])
        said = _AFTER_MARK.sub("", said) if has_gender_mark(said) and not LEGAL_FORM.search(said) else said
        title, company, place = _split_title(_ARTICLE.sub("", said))
        fields.put("title", clean_title(title).rstrip("!"), LINE, head[at])
        fields.put("company", clean_company(company), LINE, head[at])
        fields.put("location", place_in(place), LINE, head[at])
    for line in lines[:60]:
        if match := _SEARCHED_BY.match(line):
            name = _ARTICLE_OF_COMPANY.sub("", match[1])
            fields.put("company", "" if _WE.match(name) else clean_company(name), LINE, line)
            if sought := _SOUGHT.search(line[:400]):
                role, place = _role_and_place(sought["title"])
                fields.put("title", clean_title(role), LINE, line)
                fields.put("location", place_in(place), LINE, line)
            elif (small := _SOUGHT_IN_SMALL.search(line[:400])) and is_role(small["title"].split()):
                fields.put("title", small["title"][0].upper() + small["title"][1:], LINE, line)
            if beside := _PLACE_OF_SEARCH.search(line[:400]):
                fields.put("location", place_in(beside[1]), LINE, line)
    near = head[at + 1 : at + 4] if at is not None else head[:3]
    items = {BULLET.sub("", line).strip() for line in lines[:30] if _ITEM.match(line)}
    for line in near:
        if line not in items:
            _take_beside_title(fields, line)
    for line in (*head, *lines[:MOST_LINES]):
        if match := _ABOUT.match(line.strip()):
            fields.put("company", clean_company(match[1]), LINE, line)
        elif len(line) <= 60 and LEGAL_FORM.search(line) and not line.endswith("."):
            fields.put("company", clean_company(line), LINE, line)


def _role_and_place(text: str) -> tuple[str, str]:
    """Return the role, and the place in “Baker in Leeds”, “Fromager à Aurillac”."""
    match = re.search(r"\s(?:in|à|en|a|at)\s(?=[A-ZÀ-Ý])", text)
    role, place = (text[: match.start()], text[match.end() :]) if match else (text, "")
    return re.split(r"\s(?:to|who|zur?|für|pour|para|with|mit|avec)\s", role)[0], place


def _may_be_title(line: str) -> bool:
    seek = _SEEK.match(line)
    rest = line[seek.end() :] if seek else line
    words = rest.split()
    return (
        1 <= len(words) <= 12
        and len(rest) <= 90
        and not rest.endswith((".", ",", ":") if seek else (".", "!", ",", ":", "?"))
        and not _LABELLED_AT_ALL.match(rest)
        and "@" not in rest
        and ("://" not in rest)
        and not re.match(r"(?:zum|ab|eine?n?|für)\b[^A-ZÄÖÜ]*$", rest)
    )


_AT = re.compile(r"(?<!\s)\s{1,5}(?:at|bei|chez|en|@|beim)\s{1,5}(?=[A-ZÄÖÜÉÀ0-9])")
_BY = re.compile(r"(?<!\s)\s{1,5}[|–—-]\s{1,5}")


def _split_title(text: str) -> tuple[str, str, str]:
    """Return title, company and place of a line such as “Baker at Crumb Ltd – Leeds”."""
    parts = _BY.split(text)
    if len(parts) > 1 and (employment_in(parts[-1]) or choice_in(parts[-1])):
        parts.pop()
        text = " – ".join(parts)
    if match := _AT.search(parts[0]):
        company, place = parts[0][match.end() :], parts[1] if len(parts) > 1 else ""
        in_brackets = re.search(r"\s\(([A-ZÀ-Ý][^()\d]{2,40})\)$", company)
        return (
            parts[0][: match.start()],
            company[: in_brackets.start()] if in_brackets else company,
            place or (in_brackets[1] if in_brackets else ""),
        )
    if len(parts) == 3:
        return parts[0], parts[1], parts[2]
    if len(parts) == 2 and LEGAL_FORM.search(parts[1]):
        return parts[0], parts[1], ""
    return text, "", ""


def _company_and_place(text: str) -> tuple[str, str]:
    """Return the company and the place in “Crumb Ltd, Leeds”; a comma may belong to a legal form."""
    form = LEGAL_FORM.search(text)
    end = form.end() if form else text.find(",") if "," in text else len(text)
    return text[:end], text[end:].strip(" ,")


_OF = re.compile(r"^(?:at|bei|beim|chez|by|von|par|@)\s+(?=[A-ZÀ-Ý0-9])", re.IGNORECASE)
_ZIP = re.compile(r"(?<=,\s[A-Z]{2})\s\d{5}(?:-\d{4})?$|^\d{5}\s(?=[A-ZÀ-Ý])")
_GREETING = re.compile(r"(?:hi|hello|dear|hallo|liebe[rs]?|guten|bonjour|bonsoir|hola|buen[oa]s)\b", re.IGNORECASE)
_LABELLED_AT_ALL = re.compile(r"[^\W\d_][^:|·]{1,40}:\s")


# “Crumb Inc.” is no sentence
_ENDS_IN_LEGAL_FORM = re.compile(
    r"(?:[A-ZÀ-Ý0-9&][\w&'’.-]*\s){1,5}(?:Inc|Ltd|Co|Corp|S\.A|S\.L|S\.A\.S|B\.V|Pty\. Ltd)\."
)


def _parts_of(line: str) -> list[str]:
    """Return what a line says one after the other; a hyphen parts a company and its place, “Crumb - Leeds”."""
    parts = re.split(r"\s[·•|–—]\s", line)
    halves = re.split(r"\s-\s", line) if len(parts) == 1 else []
    if len(halves) != 2 or any(work_mode_of(half) or employment_in(half) or choice_in(half) for half in halves):
        return parts
    return halves


def _take_beside_title(fields: Fields, line: str) -> None:
    """Take a company or a place from one of the lines below a title."""
    parts = [_OF.sub("", part.strip()) for part in _parts_of(line) if part.strip()]
    if _around()["sections"].match(line) or _LABELLED_AT_ALL.match(line) or _GREETING.match(line):
        return
    for part in parts:
        is_sentence = part.endswith((".", ":", "!", "?")) and not _ENDS_IN_LEGAL_FORM.fullmatch(part)
        if len(part) > 80 or is_sentence or "://" in part or "@" in part:
            continue
        part = _ZIP.sub("", part)
        bare = PLACE_END.split(part)[0].strip()
        is_pay = bool(re.search(r"[€£$]|\d{4}", part)) and read_salary(part[:200]) is not None
        is_stated = is_pay or bool(work_mode_of(bare) or states_employment(bare))
        if is_stated or not bare or not bare[0].isupper():
            continue
        if match := re.match(r"(?:in|à|en|a)\s+(.+)", part):
            fields.put("location", place_in(match[1]), LINE, line)
        elif "company" not in fields:
            company, place = _company_and_place(bare)
            fields.put("company", clean_company(company), LINE, line)
            fields.put("location", place_in(place), LINE, line)
        elif fields.get("company") != bare:
            fields.put("work_mode", work_mode_of(part), LINE, line)
            fields.put("location", place_in(part), LINE, line)
