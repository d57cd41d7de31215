"""Sets many cells at one instant, so that they undo as one; what does not fit is left as it was and named."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field, Wire
from tmr.domain.record import Record
from tmr.records.cells.reading import CellRefusedError, CellTexts, contradictions
from tmr.records.editing.changes import AT_A_TIME, change_locked
from tmr.records.said import LONGEST_NAME
from tmr.repository.unit_of_work import UnitOfWork

ELSEWHERE = "changed somewhere else, so nothing was set there"


class RowEdit(msgspec.Struct, frozen=True):
    """The texts for cells of one record, by field, and the version that they were based on."""

    record_id: UUID
    version: int
    texts: Mapping[str, str]


class Left(msgspec.Struct, frozen=True):
    """A cell that was left, by its field and the name of its record, or without a field a whole row; and why."""

    field: str
    record: str
    why: str


class Outcome(msgspec.Struct):
    """How many cells were set, in which records, and how many were left, with which those are.

    ``stale`` are records that had changed somewhere else: none of their cells was set.
    """

    cells: int = 0
    records: list[UUID] = []
    left: list[Left] = []
    cells_left: int = 0
    stale: list[UUID] = []


def set_cells(uow: UnitOfWork, kind: Kind, edits: Sequence[RowEdit], now: dt.datetime) -> Outcome:
    """Set the cells that can be set.

    Raises:
        RecordNotFoundError: one of the records is not there; nothing was written.
    """
    columns: dict[str, list[str]] = {}
    for edit in edits:
        for name, text in edit.texts.items():
            columns.setdefault(name, []).append(text)
    outcome, reader = Outcome(), CellTexts(uow, kind, columns)
    ordered = sorted(edits, key=lambda edit: edit.record_id)  # as the database locks them
    for start in range(0, len(ordered), AT_A_TIME):
        batch = ordered[start : start + AT_A_TIME]
        records = uow.records.locked(kind, [edit.record_id for edit in batch])
        read = [_values(reader, kind, record, edit, outcome) for record, edit in zip(records, batch, strict=True)]
        pairs = [(record, values) for record, values in zip(records, read, strict=True) if values]
        sent = {edit.record_id: edit.texts for edit in batch}
        for change in change_locked(uow, kind, pairs, now):
            different = {name for name, value in change.values.items() if value != change.before.values[name]}
            outcome.cells += sum(1 for name in sent[change.before.id] if different & _group(kind, name))
            outcome.records.append(change.before.id)
    return outcome


def _values(reader: CellTexts, kind: Kind, record: Record, edit: RowEdit, outcome: Outcome) -> dict[str, Wire]:
    """Return the values that can be set in one record, and note in ``outcome`` what cannot."""
    if record.version != edit.version:
        outcome.left.append(Left("", name_of(reader, record), ELSEWHERE))
        outcome.cells_left += len(edit.texts)
        outcome.stale.append(record.id)
        return {}
    read: dict[str, dict[str, Wire]] = {}
    for name, text in edit.texts.items():
        try:
            read[name] = reader.read(record, name, text)
        except CellRefusedError as error:
            _leave(outcome, reader, record, kind.by_name[name], str(error))
    for name, problem in contradictions(kind, record, _merged(read)).items():
        for asked in [asked for asked, values in read.items() if {name, kind.by_name[name].not_below} & values.keys()]:
            del read[asked]
            _leave(outcome, reader, record, kind.by_name[asked], f": {problem}")
    return _merged(read)


def _merged(read: Mapping[str, Mapping[str, Wire]]) -> dict[str, Wire]:
    """Return the values of all cells; what a cell says of its own field counts more than what another adds to it."""
    beside = {name: value for values in read.values() for name, value in values.items()}
    return beside | {name: values[name] for name, values in read.items() if name in values}


def _leave(outcome: Outcome, reader: CellTexts, record: Record, field: Field, why: str) -> None:
    outcome.left.append(Left(field.label, name_of(reader, record), why))
    outcome.cells_left += 1


def _group(kind: Kind, name: str) -> set[str]:
    return {name, *kind.by_name[name].together}


def name_of(reader: CellTexts, record: Record) -> str:
    """Return what a message calls the row of a record: the text of its first column."""
    words = reader.shown(record, record.kind.lead) or record.kind.title
    return words if len(words) <= LONGEST_NAME else f"{words[: LONGEST_NAME - 1].rstrip()}…"
