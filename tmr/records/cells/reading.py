"""What the text of a cell means for a record: as this person types it, else as an import reads it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field, ValueRefusedError, Wire
from tmr.domain.fields.types.choices import Choice
from tmr.domain.fields.types.dates import Date
from tmr.domain.fields.types.links import Link, Links, link_ids
from tmr.domain.fields.types.numbers import Amount
from tmr.domain.fields.types.own import Money, Number
from tmr.domain.fields.types.stages import StageChoice
from tmr.domain.fields.types.times import Minutes
from tmr.domain.importing.readers.dates import AMBIGUOUS, DAY_FIRST, MONTH_FIRST, decide_order
from tmr.domain.importing.rows.moments import MomentReader
from tmr.domain.importing.single_cell import texts_of
from tmr.domain.record import Record
from tmr.records.editing.form import TWICE, RecordForm
from tmr.records.editing.links import NOT_THERE, NameIndex, target_of
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.cells import shown
from tmr.web.display.typed_values import current_typing, typed
from tmr.web.display.zone import current_zone
from tmr.web.services import now

LONGEST_SHOWN = 40  # characters of a refused text that a message repeats
MOST_COMPARED = 2_000_000  # names with parts of names, in one request: a second for each million
FIXED = "can’t be changed here"
EMPTY = "can’t be empty"
_MEASURES = (Amount, Minutes, Money, Number)
_OPEN = "1/2/2026"  # beside dates that decide nothing, this one leaves the order open


class CellRefusedError(ValueError):
    """A text that a cell cannot take; the message goes on after the name of the cell."""


class CellTexts:
    """Reads the texts of cells of one kind; what records are called is looked up once.

    ``columns`` are all texts for each field: whether day or month comes first is decided for a whole column, and where
    its dates leave it open, by the person's locale.
    """

    def __init__(self, uow: UnitOfWork, kind: Kind, columns: Mapping[str, Sequence[str]]) -> None:
        self._uow, self._kind, typing = uow, kind, current_typing()
        self._orders = {
            name: order
            for name, texts in columns.items()
            if kind.by_name[name].type.is_dated and (order := decide_order([*texts, _OPEN])) != AMBIGUOUS
        }
        self._typings = {
            order: msgspec.structs.replace(
                typing, locale=msgspec.structs.replace(typing.locale, is_day_first=order == DAY_FIRST)
            )
            for order in (DAY_FIRST, MONTH_FIRST)
        }
        self._own_order = DAY_FIRST if typing.locale.is_day_first else MONTH_FIRST
        self._moments = MomentReader(now(), current_zone())
        self._indexes: dict[str, NameIndex] = {}
        self._compared = 0

    def read(self, record: Record, name: str, text: str) -> dict[str, Wire]:
        """Return the values that a text gives a record; none where it says what is there.

        Raises:
            CellRefusedError: the field cannot take it.
        """
        field = self._kind.by_name[name]
        if not field.together and text.strip() == self.shown(record, field).strip():
            return {}
        if field.is_fixed:
            raise CellRefusedError(FIXED)
        values = self._values(record, field, text)
        for emptied in (other for other, value in values.items() if value is None):
            if self._kind.by_name[emptied].is_required:
                raise CellRefusedError(EMPTY)
        return {other: value for other, value in values.items() if value != record.values.get(other)}

    def shown(self, record: Record, field: Field) -> str:
        """Return the text of a stored value as a cell gives it away: it reads back as that value."""
        value = record.values.get(field.name)
        if isinstance(field.type, Link):
            return field.type.label_with(value, self._names(field)) if value else ""
        return field.type.label(value) if isinstance(field.type, Choice) else typed(value, field)

    def _values(self, record: Record, field: Field, text: str) -> dict[str, Wire]:
        if not text.strip() and field.together and not any(record.values.get(name) for name in field.together[:2]):
            return {}  # a cell shows no pay without an amount, and gave this away as empty
        if not text.strip():
            return dict.fromkeys(field.together or (field.name,))
        if isinstance(field.type, Link):
            return {field.name: self._linked(record, field, text)}
        if field.together:
            return self._read_as_imported(field, text)
        try:
            return {field.name: field.type.parse(field.type.read(text, self._typings[self._order(field)]))}
        except ValueRefusedError as error:
            return self._read_as_imported(field, text, str(error))

    def _read_as_imported(self, field: Field, text: str, error: str = "") -> dict[str, Wire]:
        texts = texts_of(self._kind, field, text.strip(), self._moments, self._order(field))
        try:
            values = {name: self._kind.by_name[name].type.parse(said) for name, said in texts.items()}
        except ValueRefusedError as refused:
            values, error = {}, error or str(refused)
        if not values:
            raise CellRefusedError(_why(field, text, error))
        return values

    def _order(self, field: Field) -> str:
        return self._orders.get(field.name, self._own_order)

    def _linked(self, record: Record, field: Field, text: str) -> Wire:
        is_many = isinstance(field.type, Links)
        words = [word.strip() for word in (text.split(";") if is_many else [text]) if word.strip()][: Links.most + 1]
        ids = list(dict.fromkeys(self._meant(field, word) for word in words))
        if len(ids) > Links.most:
            raise CellRefusedError(f"can have at most {Links.most} links")
        if not is_many:
            return ids[0]
        hidden = [target for target in link_ids(record.values[field.name]) if target not in self._names(field)]
        return [*ids, *(target for target in hidden if target not in ids)]  # an undo restores records that are deleted

    def _meant(self, field: Field, word: str) -> str:
        target = target_of(field)
        if target.key not in self._indexes:
            self._indexes[target.key] = NameIndex.of(self._names(field))
        matches = self._found(self._indexes[target.key], word)
        if len(matches) != 1:
            why = f"matches several {target.plural}" if matches else f"is no {target.key} of yours"
            raise CellRefusedError(f": {_quoted(word)} {why}")
        if field.is_required and not self._uow.records.links.existing(target.key, matches, held=True):
            raise CellRefusedError(f": {NOT_THERE.format(plural=target.plural)}")
        return matches[0]

    def _found(self, index: NameIndex, word: str) -> list[str]:
        """Return the ids of the records with this name, or else with a name that has these words, as ``find`` does.

        Raises:
            CellRefusedError: so many parts of names were looked up before that this one would have to be whole.
        """
        if same := index.same_as(word):
            return same
        self._compared += len(index.all)
        if self._compared > MOST_COMPARED:
            raise CellRefusedError(f": {_quoted(word)} is only a part of a name, and there are too many of those here")
        return index.find(word)

    def _names(self, field: Field) -> Mapping[str, str]:
        is_of_file = field in self._kind.file_links
        return {} if is_of_file else self._uow.names.all_of(target_of(field))


def says_what_is_shown(field: Field, text: str | None, record: Record) -> bool:
    """Whether a text is what the cell of a field shows: typed back, it means the value that is there."""
    if text is None or field.together or isinstance(field.type, Link | Choice):
        return False
    return text.split() == shown(field, record.values).striptags().split()


def read_as_pasted(uow: UnitOfWork, form: RecordForm, record: Record, *, is_whole: bool) -> None:
    """Read what the fields of a form refused as a cell that is pasted into reads it: ``90–100k``, ``$45/h``.

    It reads amounts and lengths so, and no other types, of which a paste guesses more than people type. That may say
    something of other fields too. What was typed into those counts more; and unless the cell ``is_whole``, which such a
    text replaces, it empties none of them.
    """
    refused = [name for name, error in form.errors.items() if error != TWICE and form.texts.get(name, "").strip()]
    for name in [name for name in refused if isinstance(form.kind.by_name[name].type, _MEASURES)]:
        try:
            read = CellTexts(uow, form.kind, {}).read(record, name, form.texts[name])
        except CellRefusedError:
            continue
        del form.errors[name]
        form.values[name] = record.values[name]
        for other, value in read.items():
            is_typed = other != name and form.values.get(other) not in (None, record.values[other])
            if not is_typed and (is_whole or other == name or value is not None):
                form.values[other] = value


def empty_record(kind: Kind) -> Record:
    """Return what a form that adds a record begins from."""
    return Record(UUID(int=0), kind, 0, now(), now(), {field.name: None for field in kind.fields})


def contradictions(kind: Kind, record: Record, values: Mapping[str, Wire]) -> dict[str, str]:
    """Return an error for each field that these values would set to what does not fit the rest of the record."""
    problems = kind.contradictions({**record.values, **values}, {})
    return {name: error for name, error in problems.items() if {name, kind.by_name[name].not_below} & values.keys()}


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line if len(line) <= LONGEST_SHOWN else line[: LONGEST_SHOWN - 1] + '…'}”"


def _why(field: Field, text: str, error: str) -> str:
    if isinstance(field.type, StageChoice):
        return f": {_quoted(text)} is no stage"
    if isinstance(field.type, Choice):
        return f": {_quoted(text)} is none of its choices"
    if isinstance(field.type, Date):
        return f": {_quoted(text)} is no date"
    if isinstance(field.type, Amount):
        return f": {_quoted(text)} is no amount"
    return f": {_quoted(text)}. {error}"
