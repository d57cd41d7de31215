"""What the board shows: the stages of a person as columns, last changed first."""

import datetime as dt
from collections.abc import Sequence
from functools import partial
from zoneinfo import ZoneInfo

import msgspec

from tmr.domain.agenda.agenda import Fact, Window, dated_rows, facts
from tmr.domain.agenda.interview_times import starts_at
from tmr.domain.fields.kind import Kind
from tmr.domain.kinds.application import APPLICATION, STATUS
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.listing import Criteria
from tmr.domain.pipeline.stage import Stage
from tmr.domain.record import Scanned, declared
from tmr.records.history.ends import still_on
from tmr.repository.records.saved_views import KeptView
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.listed import matching, views_of

MOST_CARDS = 1_000  # of a board; with more applications, each column has an equal share of them


class Card(msgspec.Struct, frozen=True):
    """One application on the board."""

    fact: Fact
    version: int
    interview_on: str = ""  # the ISO day of its next interview, in the person's zone


class Column(msgspec.Struct, frozen=True):
    """One stage with the applications that were changed last, and how many it has."""

    stage: Stage
    cards: list[Card]
    count: int

    @property
    def beyond(self) -> int:
        """How many of them have no card here."""
        return self.count - len(self.cards)


class Board(msgspec.Struct, frozen=True):
    """Every column, and how many applications they show."""

    kind: Kind
    columns: list[Column]
    count: int
    today: dt.date
    criteria: Criteria
    views: list[KeptView] = []

    @property
    def stages(self) -> list[tuple[str, str]]:
        """All that a card can be moved to."""
        return [(column.stage.key, column.stage.label) for column in self.columns if not column.stage.is_retired]


def board_of(uow: UnitOfWork, today: dt.date, zone: ZoneInfo, criteria: Criteria) -> Board:
    """Return the board with what matches; a retired stage has a column only while it has applications."""
    kind = uow.kinds[APPLICATION.plural]
    stage_field, has_all = kind.by_name[STATUS], uow.counts_at_claim.get(kind.key, 0) <= MOST_CARDS
    matches = matching(uow, kind, criteria, kind.declared_summary if has_all else [stage_field])
    interviews = _next_interviews(uow, today, zone)
    columns = _columns(kind, matches, stage_field.number)
    stages = [stage for stage in kind.stages if columns[stage.key] or not stage.is_retired]
    most = MOST_CARDS if len(matches) <= MOST_CARDS else MOST_CARDS // len(stages)
    on_board = [row_id for stage in stages for row_id in columns[stage.key][:most]]
    versions = uow.records.versions(kind, on_board)
    # There may be fifty times as many as have a card: then those that do are opened once more.
    with_card = matches if has_all else map(partial(declared, kind), uow.records.among(kind, on_board))
    by_id = {fact.id.bytes: fact for fact in facts(kind, with_card)}

    def cards(stage: Stage) -> list[Card]:
        found = [(by_id[row_id], versions.get(row_id, 0)) for row_id in columns[stage.key][:most] if row_id in by_id]
        return [Card(fact, version, interviews.get(str(fact.id), "")) for fact, version in found]

    shown = [Column(stage, cards(stage), len(columns[stage.key])) for stage in stages]
    views = [kept for kept in views_of(uow, kind) if kept.view.query]
    return Board(kind, shown, len(matches), today, criteria, views)


def _columns(kind: Kind, rows: Sequence[Scanned], slot: int) -> dict[str, list[bytes]]:
    """Return the ids of the rows by the stage in that slot; what is in none that there is, is in the first."""
    columns: dict[str, list[bytes]] = {stage.key: [] for stage in kind.stages}
    first = columns[kind.stages[0].key]
    for row in rows:
        columns.get(str(row.summary[slot]), first).append(row.id)
    return columns


def _next_interviews(uow: UnitOfWork, today: dt.date, zone: ZoneInfo) -> dict[str, str]:
    """Return the day of the next interview of each application that has one, by the application's id."""
    kind = uow.kinds[INTERVIEW.plural]
    if not uow.records.counts.may_have(kind):
        return {}
    # A day earlier as well: what is stored may be the day of another zone.
    window = Window(since=(today - dt.timedelta(days=1)).isoformat())
    coming: dict[str, str] = {}
    for fact in facts(kind, still_on(uow, kind, dated_rows(kind, uow.records.each(kind), window), zone)):
        starts = starts_at(fact.values, zone)
        on = starts.astimezone(zone).date().isoformat() if starts else ""
        application = str(fact.values["application_id"])
        if on >= today.isoformat():
            coming[application] = min(on, coming.get(application, on))
    return coming
