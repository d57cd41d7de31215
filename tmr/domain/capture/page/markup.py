"""The markup of a page, read in one pass: what its head says, its visible lines, and the data of schema.org in it."""

import re
from html import unescape
from typing import Any

import msgspec

from tmr.domain.importing.readers.html_text import without_long_references

MOST_CHARS = 3_000_000
MOST_LINES = 5_000
_MOST_SUBHEADINGS = 20
_MOST_TAGS = 100_000  # what follows is left out
_MOST_DATA = 40  # blocks of JSON-LD
_MOST_OPEN = 400  # elements within each other that are followed
_MOST_COLLECTED = 2_000_000  # characters of texts of properties, which may stand within each other
_LONGEST_LINE = 20_000
# As in the reader of tables: no part reaches beyond the next "<" or goes back, so that every page takes linear time.
_TAG = re.compile(
    r"<!--|<(/?)([a-z][a-z0-9:-]*+)((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>|<[!?][^<>]*+>", re.IGNORECASE
)
_ATTRIBUTE = re.compile(r"([a-z:_-]{1,40})(?:\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?", re.IGNORECASE)
_RAW = ("script", "style", "template", "title", "textarea", "noscript", "svg", "iframe", "object")
_ENDS = {name: re.compile(rf"</{name}\b[^<>]*>", re.IGNORECASE) for name in _RAW} | {"": re.compile("-->")}
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_BLOCKS = frozenset(
    (
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "br",
            "caption",
            "dd",
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
        ),
        *("footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "label", "legend", "li", "main", "nav"),
        *("ol", "option", "p", "pre", "section", "table", "tbody", "td", "th", "tr", "ul", "spl-job-location"),
    )
)
_ASIDE_NAMES = frozenset({"aside", "nav", "footer", "button", "select", "option"})
_ASIDE_CLASS = re.compile(r"similar|related|recommend|cookie|consent|aehnliche|breadcrumb|footer|navbar", re.IGNORECASE)
_HIDDEN = re.compile(
    r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden|font-size\s{0,3}:\s{0,3}0(?![.\d]*[1-9])"
    r"|opacity\s{0,3}:\s{0,3}0(?![.\d])|mso-hide\s{0,3}:\s{0,3}all",
    re.IGNORECASE,
)
_HINTS = {
    "location": re.compile(r"location|standort|arbeitsort|lieu|ubicaci|localidad|flavor--bullet", re.I),
    "company": re.compile(r"company|employer|\borg-?name|organi[sz]ation|empresa|entreprise|firma|arbeitgeber", re.I),
    "title": re.compile(r"job-?_*title|posting-headline|jobtitle|offer-?title|titre-offre", re.I),
}
_HINTED_BY = ("class", "id", "data-at", "data-testid", "data-automation-id", "data-test", "data-company-name")
_MARKED_BY = ("data-at", "data-testid", "data-automation-id", "data-test")
_LONGEST_HINT = 120
_UNSEEN = str.maketrans(dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f", None) | {"\u00a0": " ", "\0": None})


class Page(msgspec.Struct):
    """What a page says. ``data`` has each object of JSON-LD or microdata as text or dictionary, in its order."""

    title: str = ""
    language: str = ""
    canonical: str = ""
    metas: dict[str, str] = {}
    json_ld: list[str] = []
    items: list[dict[str, Any]] = []
    headings: list[str] = []
    subheadings: list[str] = []
    hints: dict[str, str] = {}
    links: list[str] = []
    lines: list[str] = []


class _Open(msgspec.Struct):
    """An element that is open: what its text is for, and where that begins."""

    name: str
    start: int
    item: dict[str, Any] | None = None
    owner: dict[str, Any] | None = None
    prop: str = ""
    hint: str = ""
    is_unseen: bool = False


def read_page(text: str) -> Page:
    """Return what a page says; scripts, styles and what is hidden are no part of its lines."""
    reader = _Reader()
    reader.read(without_long_references(text[:MOST_CHARS]))
    return reader.page


def is_markup(text: str) -> bool:
    """Whether ``text`` is the source of a page and not text with a few signs in it."""
    return bool(
        re.match(r"\s*(?:<!doctype\s|<html|<head|<body|<meta|<title|<script|<div|<main|<article|<!--)", text, re.I)
    )


class _Reader:
    def __init__(self) -> None:
        self.page = Page()
        self._pieces: list[str] = []
        self._open: list[_Open] = []
        self._items: list[dict[str, Any]] = []  # of those that are open, the outermost first
        self._counts: dict[str, int] = {}
        self._unseen = 0
        self._left = _MOST_COLLECTED

    def read(self, text: str) -> None:
        """Read the whole page."""
        at, left = 0, _MOST_TAGS
        while match := _TAG.search(text, at):
            self._take(text[at : match.start()])
            at, left = match.end(), left - 1
            if left < 0:
                at = len(text)
                break
            name = (match[2] or "").lower()
            if match[0] == "<!--":
                at = self._end_of("", text, at)
            elif name and match[1]:
                self._close(name)
            elif name:
                attributes = _attributes(match[3] or "")
                if name in _RAW:
                    end = self._end_of(name, text, at)
                    self._take_raw(name, attributes, text[at:end])
                    at = end
                else:
                    self._begin(name, attributes, is_closed=(match[3] or "").endswith("/"))
        self._take(text[at:])
        while self._open:
            self._finish(self._open.pop())
        self.page.lines = _lines("".join(self._pieces))[:MOST_LINES]

    def _end_of(self, name: str, text: str, at: int) -> int:
        end = _ENDS[name].search(text, at)
        return end.end() if end else len(text)

    def _take(self, text: str) -> None:
        if text and not self._unseen:
            said = unescape(text)
            before, after = (" " if end.isspace() else "" for end in (said[:1], said[-1:]))
            self._pieces.append(f"{before}{' '.join(said.split())}{after}")

    def _take_raw(self, name: str, attributes: dict[str, str], content: str) -> None:
        kind = attributes.get("type", "").lower()
        if name == "title" and not self.page.title:
            self.page.title = _line(unescape(content.rpartition("<")[0] or content))
        elif name == "script" and "ld+json" in kind and len(self.page.json_ld) < _MOST_DATA:
            self.page.json_ld.append(content.rpartition("</")[0] or content)

    def _begin(self, name: str, attributes: dict[str, str], *, is_closed: bool) -> None:
        self._note_head(name, attributes)
        if name in _BLOCKS and not self._unseen:
            self._pieces.append("\n- " if name == "li" else "\n")
        elif not self._unseen and any(key in attributes for key in _MARKED_BY):
            self._pieces.append("\n")  # a value on its own, whatever stands beside it
        opened = _Open(name, len(self._pieces))
        if attributes:
            self._note_data(opened, attributes)
        if name in _VOID or (is_closed and name == "meta"):
            return
        if len(self._open) >= _MOST_OPEN:
            return
        opened.is_unseen = name in _ASIDE_NAMES or (bool(attributes) and _is_hidden(name, attributes))
        if not self._unseen and not opened.prop:
            opened.hint = "h1" if name == "h1" else (attributes and _hint(attributes)) or ("h2" if name == "h2" else "")
        self._unseen += opened.is_unseen
        self._open.append(opened)
        self._items += [opened.item] if opened.item is not None else []
        self._counts[name] = self._counts.get(name, 0) + 1

    def _note_head(self, name: str, attributes: dict[str, str]) -> None:
        page = self.page
        if name == "html":
            page.language = page.language or attributes.get("lang", "")[:2].lower()
        elif name == "meta" and "content" in attributes:
            for key in filter(None, (attributes.get("property"), attributes.get("name"))):
                page.metas.setdefault(key.lower(), _line(attributes["content"]))
        elif name == "link" and attributes.get("rel", "").lower() == "canonical":
            page.canonical = page.canonical or attributes.get("href", "").strip()
        elif name == "a" and len(page.links) < 500 and not self._unseen:
            page.links.append(attributes.get("href", "").strip())

    def _note_data(self, opened: _Open, attributes: dict[str, str]) -> None:
        """Begin an item of microdata or RDFa, or a property of the one around it."""
        kind = attributes.get("itemtype") or attributes.get("typeof") or ""
        owner = self._items[-1] if self._items else None
        prop = attributes.get("itemprop") or (attributes.get("property") if owner is not None else "") or ""
        if "itemscope" in attributes or attributes.get("typeof"):
            opened.item = {"@type": kind.rstrip("/").rpartition("/")[2].rpartition(":")[2]}
            if owner is None and len(self.page.items) < _MOST_DATA:
                self.page.items.append(opened.item)
        if not prop or owner is None or ":" in prop.removeprefix("schema:"):
            return
        name = prop.split()[0].removeprefix("schema:")
        value = next((attributes[key] for key in ("content", "datetime") if key in attributes), None)
        if opened.item is not None:
            owner.setdefault(name, []).append(opened.item)
        elif value is not None or opened.name in _VOID or opened.name in ("a", "link"):
            owner.setdefault(name, []).append(_line(value or attributes.get("href") or attributes.get("src") or ""))
        else:
            opened.owner, opened.prop = owner, name

    def _close(self, name: str) -> None:
        if self._counts.get(name):
            while self._open:
                last = self._open.pop()
                self._finish(last)
                if last.name == name:
                    break
        if name in _BLOCKS and not self._unseen:
            self._pieces.append("\n")

    def _finish(self, opened: _Open) -> None:
        self._counts[opened.name] -= 1
        self._unseen -= opened.is_unseen
        if opened.item is not None:
            self._items.pop()
        if not (opened.prop or opened.hint) or self._left <= 0:
            return
        text = "".join(self._pieces[opened.start :])
        self._left -= len(text) + len(self._pieces) - opened.start
        if opened.owner is not None:
            opened.owner.setdefault(opened.prop, []).append("\n".join(_lines(text)))
        elif opened.hint == "h1" and text.strip():
            self.page.headings.append(_line(text))
        elif opened.hint == "h2":
            if text.strip() and len(self.page.subheadings) < _MOST_SUBHEADINGS:
                self.page.subheadings.append(_line(text))
        elif text.strip() and len(text) <= _LONGEST_HINT and len(_lines(text)) == 1:
            self.page.hints.setdefault(opened.hint, _lines(text)[0].removeprefix("- "))


def _is_hidden(name: str, attributes: dict[str, str]) -> bool:
    classes = " ".join(attributes.get(key, "") for key in ("class", "id"))
    return (
        "hidden" in attributes
        or bool(_HIDDEN.search(attributes.get("style", "")[:2_000]))
        or bool(_ASIDE_CLASS.search(classes[:500]) and name not in ("body", "html", "main"))
    )


def _hint(attributes: dict[str, str]) -> str:
    text = " ".join(
        f"{key} {attributes[key]}" if key.startswith("data-c") else attributes[key]
        for key in _HINTED_BY
        if key in attributes
    )[:300]
    return next((name for name, words in _HINTS.items() if words.search(text)), "") if text else ""


def _attributes(text: str) -> dict[str, str]:
    found = _ATTRIBUTE.findall(text[:20_000]) if text else ()
    return {name.lower(): unescape(first or second or third) for name, first, second, third in found}


def _line(text: str) -> str:
    return " ".join(text[:_LONGEST_LINE].translate(_UNSEEN).split())


def _lines(text: str) -> list[str]:
    return [line for part in text.split("\n") if (line := _line(part)) and line != "-"]
