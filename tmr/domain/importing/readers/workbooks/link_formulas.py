"""Links that formulas make, as far as nothing needs calculating: ``=HYPERLINK("https://…" & A2, "Posting")``."""

import re
from collections.abc import Callable, Iterator

import msgspec

from tmr.domain.importing.readers.workbooks.links import is_web_address, linked

_CALL = re.compile(r"\bHYPERLINK\s*\(", re.IGNORECASE)
_JOIN = re.compile(r"(?:CONCATENATE|CONCAT)\s*\(", re.IGNORECASE)
_TOKEN = re.compile(
    r'\s*(?:"(?P<text>(?:[^"]|"")*)"'
    r"|\[?\.?(?P<across>\$?)(?P<column>[A-Za-z]{1,3})(?P<along>\$?)(?P<row>\d{1,7})\]?(?![\w(])"
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<mark>[&,;()]))\s*"
)
MAX_FORMULA = 10_000
MAX_TOKENS = 200


def _free(_text: str) -> None:
    """Let every piece of a formula be read."""


class Cells(msgspec.Struct, frozen=True):
    """The cells that a formula names, seen from the cell ``down`` and ``right`` of where it was written.

    ``spend`` is told each piece of the formula as it is read, and may raise: one formula stands in many cells.
    """

    get: Callable[[int, int], str]
    down: int = 0
    right: int = 0
    spend: Callable[[str], None] = _free

    def named(self, token: re.Match[str]) -> str:
        """Return the text of the cell that a reference such as ``$A2`` names."""
        row = int(token["row"]) - 1 + (0 if token["along"] else self.down)
        column = column_index(token["column"]) + (0 if token["across"] else self.right)
        return self.get(row, column)


def _no_cell(_row: int, _column: int) -> str:
    return ""


def column_index(letters: str) -> int:
    """Return the index of a column, 0 for ``A``."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def has_link(formula: str) -> bool:
    """Whether a formula makes a link."""
    return "HYPERLINK" in formula or "hyperlink" in formula.lower()


def link_of(formula: str, cells: Cells) -> tuple[str, str] | None:
    """Return the address and the text of the link that a formula makes, or None if that takes more than joining texts.

    The text is "" if only the text cannot be read.
    """
    call = _CALL.search(formula[:MAX_FORMULA])
    if not call:
        return None
    arguments = _Arguments(formula[call.end() : MAX_FORMULA], cells)
    url = arguments.next()
    if not url:
        return None
    return url, (arguments.next() or "") if arguments.has_more else url


def without_formula(text: str, spend: Callable[[str], None] = _free) -> str:
    """Return ``[text](url)`` for a text that is a formula for a link, as programs write it into CSV; others as is."""
    if not (text.startswith("=") and has_link(text)):
        return text
    link = link_of(text, Cells(_no_cell, spend=spend))
    return linked(link[1] or link[0], link[0]) if link and is_web_address(link[0]) else text


class _Arguments:
    """Reads the arguments of a call one after another."""

    def __init__(self, text: str, cells: Cells) -> None:
        self._text = text
        self._cells = cells
        self._at = 0
        self.has_more = True

    def next(self) -> str | None:
        """Return the next argument, or None if it is more than texts, numbers and cells joined by ``&``."""
        pieces: list[str] = []
        depth = 0
        for token in self._tokens():
            mark = token["mark"]
            if mark in (",", ";") and depth == 0:
                return "".join(pieces)
            if mark == ")" and depth == 0:
                self.has_more = False
                return "".join(pieces)
            depth += {"(": 1, ")": -1}.get(mark or "", 0)
            piece = "" if mark else self._value(token)
            self._cells.spend(piece)
            pieces.append(piece)
        self.has_more = False
        return None

    def _tokens(self) -> Iterator[re.Match[str]]:
        for _ in range(MAX_TOKENS):
            if join := _JOIN.match(self._text, self._at):
                self._at = join.end() - 1
            token = _TOKEN.match(self._text, self._at)
            if not token:
                return
            self._at = token.end()
            yield token

    def _value(self, token: re.Match[str]) -> str:
        if token["text"] is not None:
            return token["text"].replace('""', '"')
        return token["number"] if token["number"] else self._cells.named(token)
