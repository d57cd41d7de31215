"""The rows at the end of a sheet that only its template filled in: checkboxes, zeros, "N/A", a first stage."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from statistics import median_low

from tmr.domain.importing.headers import target_of
from tmr.domain.kinds import KINDS

SURE, UNSURE = 3, 5  # so many rows must be alike before a word in them is the template's
MAX_DEFAULT = 40
KNOWN_ROWS, HEADER_ROWS = 500, 20
_WORDS = """
    false no falsch faux falso onwaar fałsz falskt ложь 假 偽 ☐ ⬜ 🔲 ✗ ✘ n/a na n.a. none null nil nan
    #n/a #ref! #value! #div/0! #name? #num! #null! #error!
    1899-12-30 12/30/1899 30/12/1899 30.12.1899 1900-01-00 1/0/1900
"""
_BLANKS = frozenset(_WORDS.split())
_ZERO = re.compile(
    r"[-+($€£¥₹\s]*(?:[a-z]{2,3}\s?|r\$\s?|[acns]{1,2}\$\s?)?"
    r"0+(?:[.,:]0+)*\s*(?:[%€$£)]|[a-z]{3}|days?|tage|days? ago)?"
)
_SIGNS = re.compile(r"[-–—_/.,:;|$€£¥()%\s]*")
_COUNT = re.compile(r"\d{1,7}")


def without_template_rows(rows: list[list[str]]) -> tuple[list[list[str]], int]:
    """Return the rows without the template's at their end, and how many filled ones that left out.

    A row with a text of its own stays, and so does everything above it. What many rows at the end say alike, and no
    more than half as much as the rows above them, is the template's. The first row always stays.
    """
    last = next((index for index in range(len(rows) - 1, 0, -1) if _words(rows[index])), 0)
    start = min(last + 1, _start_of_alike(rows) or last + 1)
    left_out = sum(any(cell.strip() for cell in row) for row in islice(rows, start, None))
    kept = rows[:start]
    while len(kept) > 1 and not any(cell.strip() for cell in kept[-1]):
        kept.pop()
    return kept, left_out


def _start_of_alike(rows: list[list[str]]) -> int:
    """Return the index of the first of the rows at the end that all say the same few words, or 0 if there are none."""
    block = _Block()
    start = len(rows) - 1
    while start > 0 and block.takes(rows[start]):
        start -= 1
    return start + 1 if block.is_of_template(rows[: start + 1]) else 0


class _Block:
    """Rows that are taken from the end up, as long as the same columns say the same, or count."""

    def __init__(self) -> None:
        self._defaults: dict[int, str] = {}
        self._counts: dict[int, int] = {}
        self._rows = 0
        self._with_blanks = 0

    def takes(self, row: Sequence[str]) -> bool:
        """Whether this row is like those below it; if so, it is counted."""
        words = _words(row)
        if not words:
            return True
        self._defaults = self._defaults or words
        if words.keys() != self._defaults.keys() or not all(self._fits(*item) for item in words.items()):
            return False
        self._counts = {column: int(word) for column, word in words.items() if _COUNT.fullmatch(word)}
        self._rows += 1
        self._with_blanks += any(cell.strip() and column not in words for column, cell in enumerate(row))
        return True

    def _fits(self, column: int, word: str) -> bool:
        if self._defaults[column] == word:
            return True
        return column in self._counts and _COUNT.fullmatch(word) is not None and int(word) == self._counts[column] - 1

    def is_of_template(self, above: list[list[str]]) -> bool:
        """Whether these rows are so many, and say so much less than those above, that nobody wrote them."""
        is_enough = self._rows >= (SURE if self._with_blanks == self._rows else UNSURE)
        if not is_enough or not self._defaults or not all(map(_is_default, self._defaults.values())):
            return False
        known = [words for row in above[:KNOWN_ROWS] if (words := _words(row))]
        usual = median_low([len(words) for words in known]) if known else 0
        is_little = len(self._defaults) * 2 <= usual
        return is_little and not any(_names(known, column) or _is_headed(known, column) for column in self._defaults)


def _names(known: list[dict[int, str]], column: int) -> bool:
    """Whether each row says something else in this column, as one of companies does and one of stages does not."""
    values = Counter(words[column] for words in known[1:] if column in words)
    return sum(values.values()) >= UNSURE and len(values) == sum(values.values()) and not _counts(values)


def _is_headed(known: list[dict[int, str]], column: int) -> bool:
    """Whether a header calls this column the company, the title or the like: no template fills that in."""
    return any(
        target_of(kind, words[column]) in kind.required
        for words in known[:HEADER_ROWS]
        if len(words.get(column, "")) in range(1, MAX_DEFAULT)
        for kind in KINDS.values()
    )


def _counts(values: Counter[str]) -> bool:
    return all(_COUNT.fullmatch(value) for value in values)


def _is_default(word: str) -> bool:
    return len(word) <= MAX_DEFAULT and "://" not in word and "@" not in word


def _words(row: Sequence[str]) -> dict[int, str]:
    """Return the cells that say something, by their column."""
    return {column: cell.strip() for column, cell in enumerate(row) if not is_blank(cell)}


def is_blank(cell: str) -> bool:
    """Whether a cell is empty or says nothing: FALSE, 0, N/A, an error."""
    word = cell.strip().lower()
    return not word or word in _BLANKS or (len(word) <= MAX_DEFAULT and _says_nothing(word))


def _says_nothing(word: str) -> bool:
    return bool(_SIGNS.fullmatch(word) or _ZERO.fullmatch(word))
