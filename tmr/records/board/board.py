"""What the board shows: the stages of a person as columns, last changed first."""

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec

from tmr.domain.agenda.agenda import Fact, Window, dated_rows, facts, is_settled
from tmr.domain.agenda.interview_times import starts_at
from tmr.domain.fields.kind import Kind, pipeline_of_kind
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.listing import Criteria
from tmr.domain.pipeline.stage import Stage
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
    matches, versions = matching(uow, kind, criteria), uow.records.versions(kind)
    interviews = _next_interviews(uow, today, zone)
    columns: dict[str, list[Fact]] = {stage.key: [] for stage in pipeline_of_kind(kind).stages}
    for fact in facts(kind, matches):
        columns.setdefault(_key(fact), []).append(fact)
    stages = [stage for stage in pipeline_of_kind(kind).stages if columns[stage.key] or not stage.is_retired]
    most = MOST_CARDS if len(matches) <= MOST_CARDS else MOST_CARDS // len(stages)

    def card(fact: Fact) -> Card:
        return Card(fact, versions.get(fact.id, 0), interviews.get(str(fact.id), ""))

    shown = [Column(stage, [*map(card, columns[stage.key][:most])], len(columns[stage.key])) for stage in stages]
    views = [kept for kept in views_of(uow, kind) if kept.view.query]
    return Board(kind, shown, len(matches), today, criteria, views)


def _next_interviews(uow: UnitOfWork, today: dt.date, zone: ZoneInfo) -> dict[str, str]:
    """Return the day of the next interview of each application that has one, by the application's id."""
    kind = uow.kinds[INTERVIEW.plural]
    # A day earlier as well: what is stored may be the day of another zone.
    window = Window(since=(today - dt.timedelta(days=1)).isoformat())
    coming: dict[str, str] = {}
    for fact in facts(kind, dated_rows(kind, uow.records.scan(kind), window)):
        starts = starts_at(fact.values, zone)
        on = starts.astimezone(zone).date().isoformat() if starts and not is_settled(fact) else ""
        application = str(fact.values["application_id"])
        if on >= today.isoformat():
            coming[application] = min(on, coming.get(application, on))
    return coming


def _key(fact: Fact) -> str:
    known, field = pipeline_of_kind(fact.kind), fact.kind.stage_field
    key = str(fact.values.get(field.name)) if field else ""
    return key if key in known.by_key else known.stages[0].key
