"""A proof of search: what was applied for in a period, how, and how it went, as employment offices ask for it."""

import csv
import datetime as dt
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from io import StringIO

import msgspec

from tmr.domain.fields.formula_escaping import neutralise
from tmr.domain.pipeline.category import CATEGORIES, CATEGORY_NAMES

COLUMNS = ("date", "employer", "place", "contact", "how", "position", "result", "history")


class Language(msgspec.Struct, frozen=True):
    """The words of a proof in one language; ``results`` are by category."""

    name: str
    title: str
    period: str
    person: str
    number: str
    total: str
    interviews: str
    made_on: str
    signature: str
    none: str
    date_pattern: str
    online: str
    columns: dict[str, str]
    results: dict[str, str]

    def date(self, day: dt.date) -> str:
        """Write a date as this language does."""
        return day.strftime(self.date_pattern)

    def stage(self, step: "Step") -> str:
        """Return what a stage is called: by the words of this language, unless its owner gave it another name."""
        return step.label if step.label != CATEGORY_NAMES.get(step.category) else self.results[step.category]


class Step(msgspec.Struct, frozen=True):
    """A stage: the category that it counts as, and what its owner calls it; ``day`` is when it was reached."""

    category: str
    label: str
    day: dt.date | None = None


class Line(msgspec.Struct, frozen=True):
    """One application of a proof: the day it was sent, and its stages in their order."""

    day: dt.date
    employer: str
    position: str
    place: str
    contact: str
    how: str
    stage: Step
    history: Sequence[Step] = ()
    interviews: int = 0


class Proof(msgspec.Struct, frozen=True):
    """The applications of a period, the first sent one first, in one language and with some of the columns."""

    language: Language
    columns: Sequence[str]
    first: dt.date
    last: dt.date
    lines: Sequence[Line]

    @property
    def head(self) -> list[str]:
        """The words above the columns."""
        return [self.language.columns[column] for column in self.columns]

    @property
    def rows(self) -> list[list[str]]:
        """The cells of each application."""
        return [[cells[column] for column in self.columns] for cells in map(self._cells, self.lines)]

    @property
    def totals(self) -> list[tuple[str, int]]:
        """How many applications and interviews there are, then how many applications had each result."""
        results = Counter(self.language.stage(line.stage) for line in self.lines)
        order = {self.language.results[category]: place for place, category in enumerate(CATEGORIES)}
        counted = sorted(results.items(), key=lambda item: (order.get(item[0], len(order)), item[0]))
        interviews = sum(line.interviews for line in self.lines)
        return [(self.language.total, len(self.lines)), (self.language.interviews, interviews), *counted]

    @property
    def period(self) -> str:
        """The first and the last day, in words."""
        return f"{self.language.date(self.first)} – {self.language.date(self.last)}"

    def _cells(self, line: Line) -> dict[str, str]:
        dated = [(step, step.day) for step in line.history]
        history = [f"{self.language.date(day)} {self.language.stage(step)}" for step, day in dated if day]
        return {
            "date": self.language.date(line.day),
            "employer": line.employer,
            "place": line.place,
            "contact": line.contact,
            "how": line.how,
            "position": line.position,
            "result": self.language.stage(line.stage),
            "history": "; ".join(history),
        }


def csv_of(proof: Proof) -> Iterator[bytes]:
    """Yield the proof as CSV (RFC 4180, UTF-8) without its totals, which a spreadsheet makes itself."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in (proof.head, *proof.rows):
        writer.writerow([neutralise(cell) for cell in row])
    yield buffer.getvalue().encode()


def _languages() -> Mapping[str, Language]:
    words = tomllib.loads((files("tmr.domain.reports") / "proof_words.toml").read_text(encoding="utf-8"))
    return msgspec.convert(words, dict[str, Language])


LANGUAGES = _languages()
