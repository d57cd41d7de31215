"""What the grid's templates show, gathered from the records and the person's preferences."""

from collections.abc import Sequence
from urllib.parse import parse_qs
from uuid import UUID

import msgspec
from flask import request

from tmr.domain.field_types import Choice, Date, Field
from tmr.domain.kinds import Kind
from tmr.domain.listing import CLOSED, OPEN, PAGE_SIZES, Criteria, param_of, parse_criteria, select, text_filter
from tmr.domain.pipeline import STAGES
from tmr.domain.records import Record
from tmr.repository.accounts import Preferences
from tmr.repository.unit_of_work import UnitOfWork


class GridView(msgspec.Struct):
    """One page of the grid."""

    kind: Kind
    criteria: Criteria
    columns: tuple[Field, ...]
    per_page: int
    records: list[Record]
    matching: int
    total: int
    damaged: int = 0

    page_sizes = tuple((str(size), str(size)) for size in PAGE_SIZES)
    quick_stages = (
        ("", "All"),
        (OPEN, "Open"),
        *((stage.key, stage.label) for stage in STAGES if stage.is_open),
        (CLOSED, "Closed"),
    )

    @property
    def is_plain(self) -> bool:
        """Whether this is the list as everyone has it: then all but its rows is rendered once."""
        return self.criteria.is_plain and self.criteria.page == 1

    @property
    def frame(self) -> "GridView":
        """This view without its records."""
        return GridView(self.kind, Criteria(), self.columns, self.per_page, [], 0, 0)

    @property
    def frame_key(self) -> tuple[str | int, ...]:
        """What the frame depends on."""
        return (self.kind.key, self.per_page, *(field.name for field in self.columns))

    @property
    def first(self) -> int:
        """The number of the first record on this page, from 1."""
        return (self.criteria.page - 1) * self.per_page + 1

    @property
    def last(self) -> int:
        """The number of the last record on this page."""
        return self.first + len(self.records) - 1

    @property
    def choice_fields(self) -> list[tuple[Field, str]]:
        """Choices that the filter panel offers, with the name of each in an address."""
        fields = (field for field in self.columns if isinstance(field.type, Choice))
        return [(field, param_of(field)) for field in fields]

    @property
    def date_fields(self) -> list[tuple[str, str]]:
        """Dates that the filter panel offers."""
        return [(field.name, field.label) for field in self.kind.summary if isinstance(field.type, Date)]

    @property
    def bulk_fields(self) -> list[tuple[str, str]]:
        """Fields that can be set on many records at once."""
        fields = (field for field in self.kind.summary if not field.is_required)
        return sorted(((field.name, field.label) for field in fields), key=lambda one: one[0] != "status")

    @property
    def has_more_filters(self) -> bool:
        """Whether a filter is on that only the panel shows."""
        return bool(self.criteria.date_from or self.criteria.date_to or set(self.criteria.choices) - {"status"})


def grid_view(uow: UnitOfWork, kind: Kind, criteria: Criteria) -> GridView:
    """Read one page: by the database's order where that is asked for, else by opening every record."""
    preferences = uow.account.preferences()
    per_page = _per_page(preferences)
    start = (criteria.page - 1) * per_page
    if criteria.is_plain:
        shown, total = uow.records.page(kind, start, per_page)
        matching = total
    else:
        found = select(kind, uow.records.scan(kind, text_filter(kind, criteria.q)), criteria)
        ids = [UUID(bytes=row.id) for row in found[start : start + per_page]]
        shown, matching, total = uow.records.get_many(kind, ids), len(found), uow.records.count(kind)
    damaged = len(uow.records.damaged)
    return GridView(kind, criteria, columns_of(kind, preferences), per_page, shown, matching, total, damaged)


def requested_criteria(kind: Kind) -> Criteria:
    """Read the criteria from this request's address."""
    return parse_criteria(kind, request.args.getlist)


def posted_criteria(kind: Kind) -> Criteria:
    """Read the criteria of the list that a form was sent from."""
    sent = parse_qs(request.form.get("query", "")[:4_000])
    return parse_criteria(kind, lambda name: sent.get(name, []))


def columns_of(kind: Kind, preferences: Preferences) -> tuple[Field, ...]:
    """Return the columns that this person sees; the required fields always."""
    if preferences.columns is None:
        return kind.shown
    wanted: Sequence[str] = preferences.columns
    return tuple(field for field in kind.columns if field.is_required or field.name in wanted)


def _per_page(preferences: Preferences) -> int:
    asked = request.args.get("per_page", "")
    sizes = {str(size): size for size in PAGE_SIZES}
    return sizes.get(asked, preferences.per_page)
