"""A web address in a cell, wherever it is there, and the words beside it."""

import re
from typing import NamedTuple

from tmr.domain.fields.type import is_web_address

MAX_CHARS = 4_000  # only so much of a cell is looked at
MAX_URL_CHARS = 2_000
NOTION = "https://www.notion.so/"
_PAGE = re.compile(rf"([^()\[\]]{{1,200}}?)\s*\(({re.escape(NOTION)}[^\s()]{{1,500}})\)")
_URL_CHARS = r"(?:(?!\]\(|[,;|]{1,3}\s?https?:)[^\s<>\"“”„«»|\\^`{}])+"
_WEB = re.compile(rf"https?://{_URL_CHARS}", re.IGNORECASE)
# Most cells hold an address and nothing else: what this matches is read without looking any further.
_ADDRESS_ALONE = re.compile(
    r"https?://[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,10}/(?:[\w./?=&%#+~-]*[a-z0-9/])?", re.IGNORECASE | re.ASCII
)
# Without a scheme only what begins with "www.", or a host with a path: "Node.js" is none, "jobs.lever.co/acme/1" is.
_ENDINGS = (
    "com|org|net|edu|gov|int|mil|info|biz|name|pro|app|dev|page|jobs?|careers?|work|works|tech|online|site|xyz|cloud"
    "|software|digital|agency|company|global|world|group|team|email|link|life|studio"
    "|design|health|finance|bank|systems|solutions"
    "|services|academy|recruitment|consulting|engineering|ventures|capital|media|network|foundation|berlin|hamburg|wien"
    "|london|paris|nyc|example|test|(?!js|ts|rb)[a-z]{2}"
)
_BARE = re.compile(
    rf"(?<![\w@.:/-])(?:www\.(?:[a-z0-9-]{{1,63}}\.){{1,6}}[a-z]{{2,24}}(?![\w.-]*@)(?:[/?#]{_URL_CHARS}|/)?"
    rf"|(?:[a-z0-9-]{{1,63}}\.){{1,6}}(?:{_ENDINGS})/{_URL_CHARS})",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(r"\[([^\[\]]{0,500})\]\(\s?<?(?=https?://|www\.)", re.IGNORECASE)
_MARKDOWN_END = re.compile(r">?(?:\s+[\"'“](?P<title>[^\"'”)]{0,300})[\"'”])?\s?\)")
_FORMULA = re.compile(r"=\s?HYPERLINK\(\s?\"([^\"]+)\"\s?(?:[,;]\s?\"([^\"]*)\"\s?)?\)", re.IGNORECASE)
_OTHER_SCHEME = re.compile(
    r"\s*[<(\[\"']*(?:javascript|vbscript|data|file|mailto|tel|sms|blob|about|ftp):", re.IGNORECASE
)
_TAG = re.compile(
    r"<a\s[^<>]{0,300}href[^<>]{0,300}>|"
    r"</?(?:a|b|i|p|u|br|div|em|li|span|strong|ul)(?:\s[a-z-]{1,20}=[^<>]{0,300})?\s?/?>",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?'\"’*_~"
_PAIRS = {")": "(", "]": "["}
_ENDS = " \t\r\n,;:.-–—|/·*~<>\"'"
# Words before or in place of a link that say no more than that it is one.
_LABELS = frozenset(
    (
        *(
            "link",
            "url",
            "here",
            "click here",
            "apply",
            "apply here",
            "posting",
            "job posting",
            "job",
            "job link",
            "website",
        ),
        *(
            "web",
            "open",
            "view",
            "view job",
            "anzeige",
            "stellenanzeige",
            "lien",
            "enlace",
            "odkaz",
            "länk",
            "collegamento",
        ),
    )
)


class FoundLink(NamedTuple):
    """A web address, and what else the cell says."""

    url: str
    rest: str


def read_link(cell: str) -> FoundLink | None:
    """Return the first web address in a cell and the words beside it, or None if there is no address.

    ``[Posting](https://…)``, ``<https://…>``, ``Link: https://…`` and ``https://… (closed)`` are understood; further
    addresses are in ``rest``. Only http and https count; ``jobs.lever.co/acme/1`` is given ``https://``.
    """
    text = cell.strip()
    if len(text) <= MAX_URL_CHARS and _ADDRESS_ALONE.fullmatch(text):
        return FoundLink(text, "")
    head, tail = text[:MAX_CHARS], text[MAX_CHARS:]
    if _OTHER_SCHEME.match(head):
        return None
    found = _in_formula(head) or _in_markdown(head) or _in_text(head)
    if found is None:
        return None
    url, before, after = found
    if not url.lower().startswith(("http://", "https://")):
        url = f"https://{url}"
    if len(url) > MAX_URL_CHARS or not is_web_address(url):
        return None
    # The address may have been inside a tag, so tags go while both sides are one text.
    pieces = _TAG.sub(" \0 ", f"{before}\0{after}{tail}").split("\0")
    rest = " ".join(piece for piece in map(_bare, pieces) if piece and piece != url)
    return FoundLink(url, "" if rest.lower() in _LABELS else rest)


def _in_formula(head: str) -> tuple[str, str, str] | None:
    match = _FORMULA.match(head)
    if match is None or not _in_text(match[1]):
        return None
    return match[1].strip(), match[2] or "", head[match.end() :]


def _in_markdown(head: str) -> tuple[str, str, str] | None:
    opening = _MARKDOWN.search(head)
    link = opening and (_WEB.match(head, opening.end()) or _BARE.match(head, opening.end()))
    if not opening or not link:
        return None
    url = _trimmed(link[0])
    end = opening.end() + len(url)
    closing = _MARKDOWN_END.match(head, end)
    title = (closing and closing["title"]) or ""
    return url, f"{head[: opening.start()]} {opening[1]}", f"{title} {head[closing.end() if closing else end :]}"


def _in_text(head: str) -> tuple[str, str, str] | None:
    for pattern in (_WEB, _BARE):
        if match := pattern.search(head):
            url = _trimmed(match[0])
            before, after = head[: match.start()], head[match.start() + len(url) :]
            return url, before.rstrip("<"), after.lstrip(">")
    return None


def _trimmed(url: str) -> str:
    """Return ``url`` without the marks that end a sentence, and without brackets that it does not open itself."""
    end = len(url)
    counts = {mark: url.count(mark) for mark in "()[]"}
    while end:
        mark = url[end - 1]
        if mark in _PAIRS and counts[mark] > counts[_PAIRS[mark]]:
            counts[mark] -= 1
        elif mark not in _TRAILING:
            break
        end -= 1
    return url[:end]


def _bare(piece: str) -> str:
    """Return a piece of a cell without the marks around it; "" if it has no letter and no digit."""
    text = " ".join(piece.split()).strip(_ENDS)
    for opening, closing in ("()", "[]"):
        if text.count(opening) != text.count(closing):
            text = text.strip(opening + closing).strip(_ENDS)
        elif text[:1] + text[-1:] == opening + closing and text.count(opening) == 1:
            text = text[1:-1].strip(_ENDS)
    return text if any(char.isalnum() for char in text) else ""


def with_page_behind(cell: str) -> str:
    """Return a cell of Notion that names a page, as ``Elm (https://www.notion.so/…)``, as its name with its link."""
    match = _PAGE.fullmatch(cell.strip()) if NOTION in cell else None
    return f"[{match[1]}]({match[2]})" if match else cell
