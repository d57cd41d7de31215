"""What the board shows: the stages of a person as columns, last changed first."""

import datetime as dt

import msgspec

from tmr.domain.agenda.agenda import Fact, facts
from tmr.domain.fields.kind import Kind, pipeline_of_kind
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.listing import Criteria, select, text_filter
from tmr.domain.pipeline.stage import Stage
from tmr.repository.unit_of_work import UnitOfWork


class Card(msgspec.Struct, frozen=True):
    """One application on the board."""

    fact: Fact
    version: int


class Column(msgspec.Struct, frozen=True):
    """One stage with its applications."""

    stage: Stage
    cards: list[Card]


class Board(msgspec.Struct, frozen=True):
    """Every column, and how many applications they show."""

    kind: Kind
    columns: list[Column]
    count: int
    today: dt.date
    q: str = ""

    @property
    def stages(self) -> list[tuple[str, str]]:
        """All that a card can be moved to."""
        return [(column.stage.key, column.stage.label) for column in self.columns if not column.stage.is_retired]


def board_of(uow: UnitOfWork, today: dt.date, q: str = "") -> Board:
    """Return the board with what matches ``q``; a retired stage has a column only while it has applications."""
    kind = uow.kinds[APPLICATION.plural]
    rows, versions = uow.records.scan(kind, text_filter(kind, q)), uow.records.versions(kind)
    matching = select(kind, rows, Criteria(q=q)) if q else rows
    columns: dict[str, list[Card]] = {stage.key: [] for stage in pipeline_of_kind(kind).stages}
    for fact in facts(kind, matching):
        columns.setdefault(_key(fact), []).append(Card(fact, versions.get(fact.id, 0)))
    stages = pipeline_of_kind(kind).stages
    shown = [Column(stage, columns[stage.key]) for stage in stages if columns[stage.key] or not stage.is_retired]
    return Board(kind, shown, len(matching), today, q)


def _key(fact: Fact) -> str:
    known, field = pipeline_of_kind(fact.kind), fact.kind.stage_field
    key = str(fact.values.get(field.name)) if field else ""
    return key if key in known.by_key else known.stages[0].key
