"""One row of a table as a record."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Protocol

import msgspec

from tmr.domain.exporting import NUMBER
from tmr.domain.fields.folding import fold
from tmr.domain.fields.formula_escaping import restore
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field, ValueRefusedError, Wire
from tmr.domain.fields.types.choices import Choice
from tmr.domain.fields.types.dates import Date
from tmr.domain.fields.types.links import FILE, Link, Links
from tmr.domain.fields.types.stages import StageChoice
from tmr.domain.fields.types.texts import LongText
from tmr.domain.fields.types.times import Instant, WallTime, read_moment
from tmr.domain.importing.headers import SALARY, SAVED_ON
from tmr.domain.importing.plan import DONE_WORDS, Plan, takes_several
from tmr.domain.importing.readers.dates import DAY_FIRST, read_date, read_time
from tmr.domain.importing.readers.html_text import plain_text
from tmr.domain.importing.readers.salaries import read_salary

Values = dict[str, Wire]


class Draft(msgspec.Struct):
    """What a row holds: values, its number in an export, its own times if it has any, and why it cannot be imported.

    ``is_noted`` says that something went to the notes because no field could take it. ``given`` are the fields that the
    row itself filled.
    """

    values: Values
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    error: str = ""
    number: str = ""
    is_noted: bool = False
    given: set[str] = set()

    @property
    def brought(self) -> Values:
        """The values that the row itself gave; all others are the defaults of a new record."""
        return {name: self.values[name] for name in self.given}


class Linker(Protocol):
    """Finds what a row links to."""

    def by_number(self, key: str, number: str) -> str | None:
        """Return the id of the record of a kind that has this number in the export, or of a file by its path."""

    def by_name(self, key: str, words: str) -> list[str]:
        """Return the ids of all records of a kind that these words can mean."""


class NoLinks:
    """Finds nothing: for tables of kinds without links."""

    def by_number(self, key: str, number: str) -> str | None:  # noqa: ARG002
        """Return None."""
        return None

    def by_name(self, key: str, words: str) -> list[str]:  # noqa: ARG002
        """Return nothing."""
        return []


class RowReader:
    """Reads the rows of a table in the way that its plan says."""

    def __init__(
        self,
        kind: Kind,
        plan: Plan,
        linker: Linker | None = None,
        now: dt.datetime | None = None,
        zone: dt.tzinfo = dt.UTC,
    ) -> None:
        self._kind = kind
        self._plan = plan
        self._linker: Linker = linker or NoLinks()
        self._now = now or dt.datetime.now(dt.UTC)
        self._zone = zone
        self._targets = [(index, target) for index, target in enumerate(plan.columns) if target]
        self._defaults = kind.defaults()
        counts = Counter(target for _, target in self._targets)
        self._joined = {target for target, count in counts.items() if count > 1 and self._is(target, LongText)}
        self._spaced = {target for target in counts if takes_several(kind, target) and not self._is(target, LongText)}

    def read(self, cells: list[str]) -> Draft:
        """Return the draft of one row; what a field refuses goes to the notes, so that nothing is lost."""
        return self._read_exactly(cells) if self._plan.is_exact else self._read_loosely(cells)

    def created_at(self, cells: list[str]) -> dt.datetime | None:
        """Return when the record in a row of our own export was added, or None."""
        return next((_instant(restore(cells[index])) for index, target in self._targets if target == SAVED_ON), None)

    def _read_exactly(self, cells: list[str]) -> Draft:
        texts = {target: restore(cells[index]) for index, target in self._targets}
        number = texts.pop(NUMBER, "")
        created, updated = _instant(texts.pop(SAVED_ON, "")), _instant(texts.pop("updated_at", ""))
        kept = self._stored_stages(texts)
        problems = {name: self._number_links(texts, name) for name in [field.name for field in self._kind.links]}
        values, errors = self._kind.parse(texts)
        errors |= {name: problem for name, problem in problems.items() if problem}
        whole, given = {**self._defaults, **values, **kept}, {*values, *kept}
        return Draft(whole, created, updated, _first(errors), number, given=given)

    def _stored_stages(self, texts: dict[str, str]) -> Values:
        """Take the stage out of ``texts``, by its key, retired or not, or as the person decided for that word."""
        field = self._kind.stage_field
        if field is None or not isinstance(field.type, StageChoice) or not texts.get(field.name):
            return {}
        text = texts.pop(field.name)
        key = text if text in field.type.pipeline.by_key else self._plan.words.get(text, "")
        if not key:
            texts[field.name] = text
        return {field.name: key} if key else {}

    def _number_links(self, texts: dict[str, str], name: str) -> str:
        field = self._kind.by_name[name]
        target = field.type.target if isinstance(field.type, Link) else ""
        numbers = [number.strip() for number in texts.get(name, "").split(";") if number.strip()][: Links.most]
        ids = [self._linker.by_number(target, number) for number in numbers]
        texts[name] = ";".join(target_id for target_id in ids if target_id)
        lost = [number for number, target_id in zip(numbers, ids, strict=True) if not target_id]
        if not lost:
            return ""
        what = "file" if target == FILE else target
        return f"This export has no {what} {lost[0][:60]}." if target == FILE or field.is_required else ""

    def _read_loosely(self, cells: list[str]) -> Draft:
        texts: dict[str, str] = {}
        left: list[str] = []
        saved_on: dt.datetime | None = None
        for index, target in self._targets:
            cell = restore(cells[index]).strip()
            if cell and target == SAVED_ON:
                saved_on = self._midnight(index, cell)
            elif cell:
                self._put(texts, left, index, target, cell)
        if beyond := cells[len(self._plan.columns) :]:
            self._put_beyond(texts, left, beyond)
        if self._plan.status and "status" in self._kind.by_name and not texts.get("status"):
            texts["status"] = self._plan.status
        return self._draft(texts, left, saved_on, cells)

    def _put_beyond(self, texts: dict[str, str], left: list[str], cells: list[str]) -> None:
        """Keep the cells beyond the header: joined to a long text in the last column, which had separators in it."""
        last, delimiter = self._plan.columns[-1], self._plan.table.delimiter
        if last in texts and self._is(last, LongText):
            texts[last] = delimiter.join([texts[last], *cells])
        else:
            left.append(f"After the last column: {delimiter.join(cells)}")

    def _put(self, texts: dict[str, str], left: list[str], index: int, target: str, cell: str) -> None:
        label = self._plan.table.header[index]
        pay = read_salary(cell) if target == SALARY else None
        read = pay.texts if pay else {} if target == SALARY else {target: self._text(index, target, cell)}
        if pay and pay.rest:
            left.append(f"{label}: {pay.rest}")
        if target in self._joined and read:
            texts[target] = "\n".join(filter(None, (texts.get(target, ""), f"{label}: {read[target]}")))
        elif target in self._spaced and read:
            texts[target] = " ".join(filter(None, (texts.get(target, ""), read[target])))
        elif not read or any(not text or texts.get(name, text) != text for name, text in read.items()):
            left.append(f"{label}: {cell}")  # unreadable, or another column has filled the field already
        else:
            texts |= read

    def _text(self, index: int, target: str, cell: str) -> str:
        field = self._kind.by_name[target]
        if self._kind.stage_field is field:
            return self._plan.words.get(cell, "") or cell
        if field.type.is_dated:
            return self._moment(field, cell, self._plan.date_orders.get(str(index), DAY_FIRST))
        return plain_text(cell) if isinstance(field.type, LongText) else cell

    def _moment(self, field: Field, cell: str, order: str) -> str:
        if isinstance(field.type, Instant) and fold(cell) in DONE_WORDS:
            return self._now.isoformat(timespec="seconds")
        exact = None if isinstance(field.type, Date) else read_moment(cell)
        date = read_date(cell, order)
        if exact is None and (date is None or isinstance(field.type, Date)):
            return date.isoformat() if date else ""
        moment = exact or dt.datetime.fromisoformat(f"{date}T{read_time(cell)}")
        if isinstance(field.type, WallTime):
            return moment.replace(tzinfo=None).isoformat(timespec="minutes")
        return (moment if moment.tzinfo else moment.replace(tzinfo=self._zone)).isoformat()

    def _draft(self, texts: dict[str, str], left: list[str], saved_on: dt.datetime | None, cells: list[str]) -> Draft:
        draft = Draft(dict(self._defaults), saved_on, given={*texts})
        draft.number = cells[self._plan.number_column] if self._plan.number_column >= 0 else ""
        for name, text in texts.items():
            field = self._kind.by_name[name]
            (self._link if isinstance(field.type, Link) else self._parse)(draft, left, field, text)
        for name in self._kind.contradictions(draft.values, {}):
            left.append(f"{self._kind.by_name[name].label}: {texts[name]}")
            draft.values[name] = None
        if left:
            self._note(draft, left)
        missing = next((name for name in self._kind.required if not draft.values[name]), "")
        if missing and not draft.error:
            draft.error = f"{self._kind.by_name[missing].label}: {self._kind.by_name[missing].missing}"
        return draft

    def _note(self, draft: Draft, left: list[str]) -> None:
        name, draft.is_noted = self._kind.catch_all, True
        rest = filter(None, (str(draft.values[name] or ""), *left))
        self._parse(draft, [], self._kind.by_name[name], "\n".join(rest))
        draft.given.add(name)

    def _link(self, draft: Draft, left: list[str], field: Field, text: str) -> None:
        """Link to the records that a row names clearly; the rest goes to the notes or the error, never guessed."""
        is_many, target = field.type.is_many, field.type.target  # type: ignore[attr-defined]
        words = [word.strip() for word in (text.split(";") if is_many else [text]) if word.strip()][: Links.most]
        matches = [self._meant(target, word) for word in words]
        unclear = [word for word, ids in zip(words, matches, strict=True) if len(ids) != 1]
        if unclear and field.is_required:
            count = len(matches[words.index(unclear[0])])
            why = f"{count} records match" if count else "nothing has that name; add or import it first"
            draft.error = f"{field.label} “{unclear[0][:60]}”: {why}."
            return
        left.extend(f"{field.label}: {word}" for word in unclear)
        ids = [ids[0] for ids in matches if len(ids) == 1]
        draft.values[field.name] = (ids or None) if is_many else (ids[0] if ids else None)

    def _meant(self, target: str, words: str) -> list[str]:
        """Return the ids that may be meant: our own exports name records by number, other files by name."""
        if self._plan.number_column < 0:
            return self._linker.by_name(target, words)
        target_id = self._linker.by_number(target, words)
        return [target_id] if target_id else []

    def _choice(self, field: Field, text: str) -> str:
        """Return the only choice that begins with ``text``, such as a phone screen for “Phone”, else ``text``."""
        if not isinstance(field.type, Choice) or isinstance(field.type, StageChoice) or len(fold(text)) < 4:
            return text
        matching = [key for key, label in field.type.options if fold(label).startswith(fold(text))]
        return matching[0] if len(matching) == 1 else text

    def _parse(self, draft: Draft, left: list[str], field: Field, text: str) -> None:
        try:
            draft.values[field.name] = field.type.parse(self._choice(field, text))
        except ValueRefusedError as error:
            if field.is_required or isinstance(field.type, LongText):
                draft.error = f"{field.label}: {error}"
            else:
                left.append(f"{field.label}: {text}")

    def _midnight(self, index: int, cell: str) -> dt.datetime | None:
        date = read_date(cell, self._plan.date_orders.get(str(index), DAY_FIRST))
        return dt.datetime.combine(date, dt.time(), self._zone) if date and 1900 < date.year < 2200 else None

    def _is(self, target: str, kind_of: type) -> bool:
        return target in self._kind.by_name and isinstance(self._kind.by_name[target].type, kind_of)


def _instant(text: str) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text).astimezone(dt.UTC)
        return moment if 1900 <= moment.year <= 2200 else None
    except (ValueError, OverflowError):
        return None


def _first(errors: Mapping[str, str]) -> str:
    return next((f"{name}: {error}" for name, error in errors.items()), "")
