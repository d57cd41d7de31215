"""Rows that are no records: headings between the rows, the header again, totals, and the empty rows of a template."""

import re
from collections.abc import Sequence

from tmr.domain.fields.folding import fold
from tmr.domain.fields.kind import Kind
from tmr.domain.importing.plan import Plan
from tmr.domain.importing.proposing.evidence import is_date
from tmr.domain.importing.proposing.statuses import read_stage
from tmr.domain.importing.readers.words.dates import month_of
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE

HEADER_AGAIN = "the header again"
HEADING = "a heading"
TOTAL = "a total"
EMPTY = "an empty row of the template"
REMARK = "a remark"

# fmt: off
_TOTALS = frozenset({
    "total", "average", "avg", "mean", "durchschnitt", "mittelwert", "moyenne", "promedio", "media", "totals",
    "sum", "subtotal", "count", "gesamt", "summe", "anzahl", "somme", "totale", "suma", "razem", "totaal", "summa",
    "合计", "总计", "合計",
})
_NOTHING = frozenset({
    "false", "0", "n/a", "na", "no", "-", "–", "—", "#n/a", "#ref!", "#value!", "0.00", "$0", "$0.00", "none",
    "null", "☐",
})
# What people call parts of a list that are no stage.
_SECTIONS = frozenset({
    "active", "inactive", "archive", "archived", "current", "onhold", "paused", "favorites", "favourites",
    "applications", "aktiv", "inaktiv", "archiv", "aktuell", "bewerbungen", "archives", "candidatures", "activas",
    "candidaturas", "archivio", "candidature", "archief", "sollicitaties", "archiwum", "aplikacje", "arkiv",
})
# fmt: on
_FOOTNOTES = frozenset("*†‡§•※→")
_LONGEST_NAME = 8  # words in the name of a company
_LONGEST_HEADING = 200  # characters; the pattern below takes the square of them
_FIGURE = re.compile(r"[$€£¥₹]?\s?[\d.,'’ ]{0,20}\s?[%kKmM€]?")
_PERIOD = re.compile(r"(?:week|kw|woche|semaine|semana|q[1-4]|day|tag)\s*\d*(?:\W.*)?|(?:19|20)\d\d", re.IGNORECASE)


class Asides:
    """Tells rows that are no records, by the columns of one table."""

    def __init__(self, kind: Kind, plan: Plan) -> None:
        self._has_stages = kind.stage_field is not None
        self._header = [fold(cell) for cell in plan.table.header]
        self._named = {at for at, target in enumerate(plan.columns) if target in kind.required}
        self._unique = {at for at, target in enumerate(plan.columns) if target in kind.identity.unique}
        telling = {*kind.required, *kind.identity.unique, kind.catch_all}
        self._telling = [at for at, target in enumerate(plan.columns) if target in telling]
        self._status = [
            at for at, target in enumerate(plan.columns) if kind.stage_field and target == kind.stage_field.name
        ]
        self._is_wide = sum(1 for target in plan.columns if target) > 2

    def reason(self, cells: Sequence[str]) -> str:
        """Return why a row is no record, or ``""`` for one that is."""
        filled = [at for at, cell in enumerate(cells) if cell.strip()]
        if not filled:
            return EMPTY
        if self._is_header(cells, filled[0]):
            return HEADER_AGAIN
        if self._is_total(cells, filled):
            return TOTAL
        if self._is_of_template(cells, filled):
            return EMPTY
        if len(filled) != 1:
            return ""
        at, cell = filled[0], cells[filled[0]]
        if self._is_wide and at in self._named and _is_remark(cell):
            return REMARK
        return HEADING if self._is_heading(at, cell) else ""

    def _is_header(self, cells: Sequence[str], first: int) -> bool:
        if first >= len(self._header) or fold(cells[first]) != self._header[first]:
            return False
        return [fold(cell) for cell in cells[: len(self._header)]] == self._header

    def _is_total(self, cells: Sequence[str], filled: Sequence[int]) -> bool:
        first, *rest = [cells[at].strip() for at in filled]
        if not all(_FIGURE.fullmatch(text) for text in rest):
            return False
        word = fold(re.split(r"[\s:#]", first, maxsplit=1)[0])
        return word in _TOTALS and (bool(rest) or len(first) <= len(word) + 2 or any(char.isdigit() for char in first))

    def _is_heading(self, at: int, cell: str) -> bool:
        """Whether the only cell of a row is a heading: a period, a stage, or anything that is no name."""
        if not self._is_wide or at in self._unique:
            return False  # a link alone is a role to keep
        return at not in self._named or (self._has_stages and _is_period_or_stage(cell))

    def _is_of_template(self, cells: Sequence[str], filled: Sequence[int]) -> bool:
        if any(cells[at].strip() and cells[at].strip().casefold() not in _NOTHING for at in self._telling):
            return False
        return all(at in self._status or cells[at].strip().casefold() in _NOTHING for at in filled)


def _is_period_or_stage(text: str) -> bool:
    word = text.strip().rstrip(":").strip()
    if not word or fold(word) in _SECTIONS:
        return True
    if len(word) > _LONGEST_HEADING:
        return False
    is_period = month_of(word.split()[0]) is not None or bool(_PERIOD.fullmatch(word)) or is_date(word)
    return is_period or text.strip().endswith(":") or read_stage(DEFAULT_PIPELINE, word) is not None


def _is_remark(text: str) -> bool:
    """Whether the only cell of a row is a sentence or a footnote, and no name."""
    words = text.split()
    is_marked = text.lstrip()[:1] in _FOOTNOTES or words[0].endswith(":")
    return len(words) > (2 if is_marked else _LONGEST_NAME)
