"""What the grid's templates show, gathered from the records and the person's preferences."""

import hashlib
from collections import Counter
from uuid import UUID

import msgspec
from flask import request

from tmr.domain.columns.totals import fields_of_totals, of_record, of_row
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field, Wire
from tmr.domain.fields.types.stages import OPEN
from tmr.domain.fields.types.texts import Tags
from tmr.domain.kinds import KINDS
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.listing import (
    DONE,
    PAGE_SIZES,
    STATUS,
    Criteria,
    param_of,
)
from tmr.domain.ordering import (
    MOST_FIELDS,
    group_options,
    has_order_of_its_own,
    sort_options,
    value_at,
    words_of_order,
)
from tmr.domain.record import Record, Scanned
from tmr.records.editing.links import names_for
from tmr.records.grid.chips import Chip, chips_of
from tmr.records.grid.columns import columns_of, has_chosen_for_phone, widths_of
from tmr.records.grid.totals import MOST_AT_ONCE, FootCell, foot_of
from tmr.repository.accounts.accounts import Preferences
from tmr.repository.records.saved_views import KeptView
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.listed import matching, view_of, views_of
from tmr.web.display.locales import number
from tmr.web.session.screens import current_screen


class GroupHead(msgspec.Struct, frozen=True):
    """The head of a group: its field, a record that has its value, and how many do."""

    field: Field
    record: Record
    count: int

    @property
    def id(self) -> str:
        """The id that the head has on the page."""
        return id_of_group(self.record.values[self.field.name])


def id_of_group(value: Wire) -> str:
    """Return the id of a group's head: it tells values apart that would look the same once put into an id."""
    return f"group-{hashlib.blake2s(repr(value).encode(), digest_size=6).hexdigest()}"


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
    names: dict[str, str] = {}
    may_try_samples: bool = False
    views: list[KeptView] = []
    current: KeptView | None = None
    has_screens: bool = False
    screen: str = ""
    has_own_on_cards: bool = False
    widths: dict[str, int] = {}
    group_counts: dict[Wire, int] = {}  # of all pages, by the value
    foot: list[FootCell] | None = None  # None where it has to be asked for

    page_sizes = tuple((str(size), str(size)) for size in PAGE_SIZES)

    @property
    def quick_param(self) -> str:
        """The parameter of the choice above the list, one click away; empty for a kind without one."""
        if self.kind.done_field:
            return STATUS
        field = self.kind.state_field or next((column for column in self.columns if column.type.filter_options), None)
        return field.name if field else ""

    @property
    def quick_choices(self) -> list[tuple[str, str]]:
        """The keys and words of the choice above the list."""
        if self.kind.done_field:
            return [("", "All"), (OPEN, "Open"), (DONE, "Done")]
        options = self.kind.by_name[self.quick_param].type.quick_options if self.quick_param else ()
        return [("", "All"), *options] if options else []

    @property
    def has_tags(self) -> bool:
        """Whether records of this kind carry tags."""
        return any(isinstance(field.type, Tags) for field in self.kind.summary)

    @property
    def is_common(self) -> bool:
        """Whether the kind has the stages that everyone has, and none of a person's own."""
        return self.kind is KINDS[self.kind.plural]

    @property
    def is_plain(self) -> bool:
        """Whether this is the list as everyone has it: all but its rows is then rendered once for everyone."""
        is_whole = self.criteria.is_plain and self.criteria.page == 1 and not self.criteria.view
        return self.is_common and is_whole and not self.widths

    @property
    def is_changed(self) -> bool:
        """Whether the list is narrowed or sorted in another way than the view that it began from."""
        return bool(self.current) and self.current.view.query != self.criteria.shape  # type: ignore[union-attr]

    @property
    def may_be_saved(self) -> bool:
        """Whether there is something to save: a way of narrowing or sorting that no view has yet."""
        return bool(self.criteria.shape) and self.current is None

    @property
    def frame(self) -> "GridView":
        """This view without its records."""
        return GridView(self.kind, Criteria(), self.columns, self.per_page, [], 0, 0, screen=self.screen)

    @property
    def frame_key(self) -> tuple[str | int, ...]:
        """Everything that the frame depends on: views with the same key share a rendered frame."""
        return (self.kind.key, self.per_page, self.screen, *(field.name for field in self.columns))

    @property
    def column_choices(self) -> list[Field]:
        """The columns that a person chooses and orders: those shown, in their order, and then the others."""
        shown = [field for field in self.columns if field is not self.kind.lead]
        return [*shown, *(field for field in self.kind.columns if field not in self.columns)]

    @property
    def first(self) -> int:
        """The number of the first record on this page, from 1."""
        return (self.criteria.page - 1) * self.per_page + 1

    @property
    def last(self) -> int:
        """The number of the last record on this page."""
        return self.first + len(self.records) - 1

    @property
    def order(self) -> str:
        """The order of the list in words."""
        return words_of_order(self.kind, self.criteria.sort, self.criteria.group)

    @property
    def own_order(self) -> str:
        """The order in which a list of this kind begins, in words."""
        return words_of_order(self.kind, "")

    @property
    def sort_choices(self) -> list[tuple[str, str, str]]:
        """What the panel asks for the order: the id and the label of each list of choices, and what is chosen."""
        chosen = [*self.criteria.sort_words, "", "", ""][:MOST_FIELDS]
        return [(f"sort-{number}", "Then by" if number else "Sort by", word) for number, word in enumerate(chosen)]

    @property
    def group_options(self) -> list[tuple[str, str]]:
        """What a list can be grouped by."""
        return group_options(self.kind)

    @property
    def heads_of_groups(self) -> dict[UUID, GroupHead]:
        """The heads of the groups on this page, by the id of the first record in each."""
        field = self.kind.by_name[self.criteria.group] if self.criteria.group else None
        heads: dict[UUID, GroupHead] = {}
        last: object = heads  # no value of a record
        for record in self.records if field else ():
            value = record.values[field.name]  # type: ignore[union-attr]
            if value != last:
                heads[record.id] = GroupHead(field, record, self.group_counts.get(value, 0))  # type: ignore[arg-type]
            last = value
        return heads

    @property
    def counts_of_heads(self) -> dict[str, str]:
        """How many records each group has, on all pages, as its head says it; by the id of the head."""
        return {id_of_group(value): number(count) for value, count in self.group_counts.items()}

    @property
    def sort_options(self) -> list[tuple[str, str]]:
        """What a list can be sorted by."""
        return sort_options(self.kind)

    @property
    def choice_fields(self) -> list[tuple[Field, str]]:
        """Choices that the filter panel offers, with the name of each in an address."""
        fields = (field for field in self.columns if field.type.filter_options)
        return [(field, param_of(field)) for field in fields]

    @property
    def date_fields(self) -> list[tuple[str, str]]:
        """Dates that the filter panel offers."""
        return [(field.name, field.label) for field in self.kind.summary if field.type.is_dated]

    @property
    def bulk_fields(self) -> list[tuple[str, str]]:
        """Fields that can be set on many records at once."""
        fields = (field for field in self.kind.summary if not field.is_required and not field.is_fixed)
        first = self.kind.stage_field.name if self.kind.stage_field else ""
        return sorted(((field.name, field.label) for field in fields), key=lambda named: named[0] != first)

    @property
    def foot_cells(self) -> dict[str, FootCell | None]:
        """The foot of each column that holds numbers, by its name; None where it has to be asked for."""
        if self.foot is None:
            return {field.name: None for field in self.columns if field.type.is_number}
        return {cell.field.name: cell for cell in self.foot}

    @property
    def has_totals(self) -> bool:
        """Whether any column of numbers holds one."""
        return any(cell.lines for cell in self.foot or ())

    @property
    def chips(self) -> list[Chip]:
        """What the list is narrowed to, each with the query of the list without it."""
        return chips_of(self.kind, self.criteria, self.quick_param)

    @property
    def narrowed(self) -> set[str]:
        """The names of the columns that the list is narrowed by."""
        by_choice = {field.name for field in self.columns if param_of(field) in self.criteria.choices}
        by_date = {self.criteria.date_field} if self.criteria.date_from or self.criteria.date_to else set()
        return by_choice | by_date | {name.rpartition(".")[0] for name in self.criteria.conditions}

    @property
    def has_more_filters(self) -> bool:
        """Whether a filter is on that only the panel shows, or was refused."""
        dates = self.criteria.date_from or self.criteria.date_to or self.criteria.refused_dates
        return bool(dates or set(self.criteria.choices) - {self.quick_param})


def grid_view(uow: UnitOfWork, kind: Kind, criteria: Criteria) -> GridView:
    """Return one page: in the database's order if that is enough, else by opening the summary of every record."""
    preferences = uow.account.preferences()
    per_page = _per_page(preferences)
    start = (criteria.page - 1) * per_page
    matches: list[Scanned] = []
    views = views_of(uow, kind)
    current = next((kept for kept in views if str(kept.id) == criteria.view), None)
    columns = columns_of(kind, preferences, current_screen(), current)
    if criteria.is_plain and not has_order_of_its_own(kind):
        shown, total = uow.records.page(kind, start, per_page)
        count = total
    else:
        matches = matching(uow, kind, criteria, fields_of_totals(kind, columns))
        ids = [UUID(bytes=row.id) for row in matches[start : start + per_page]]
        shown, count, total = uow.records.get_many(kind, ids), len(matches), uow.records.counts.of(kind)
    damaged, names = len(uow.records.damaged), names_for(uow, shown)
    is_empty = criteria.is_plain and not total
    may_try_samples = is_empty and not uow.records.counts.of(APPLICATION)
    view = GridView(
        kind, criteria, columns, per_page, shown, count, total, damaged, names, may_try_samples, views, current
    )
    screen = current_screen()
    widths = widths_of(kind, preferences, screen)
    foot = _foot(view, matches)
    counts = _group_counts(kind, criteria, matches)
    return msgspec.structs.replace(
        view,
        has_screens=preferences.has_screens,
        screen=screen,
        has_own_on_cards=has_chosen_for_phone(kind, preferences, screen),
        widths=widths,
        foot=foot,
        group_counts=counts,
    )


def _group_counts(kind: Kind, criteria: Criteria, matches: list[Scanned]) -> dict[Wire, int]:
    if not criteria.group:
        return {}
    place = kind.by_name[criteria.group].number
    return Counter(value_at(row.summary, place) for row in matches)


def _foot(view: GridView, matches: list[Scanned]) -> list[FootCell] | None:
    """Return the foot of a list that was opened as a whole anyway and is not long; None for others."""
    if len(view.records) == view.matching:
        return foot_of(view.kind, view.columns, map(of_record, view.records))
    is_at_hand = len(matches) == view.matching <= MOST_AT_ONCE
    return foot_of(view.kind, view.columns, map(of_row, matches)) if is_at_hand else None


def totals_view(uow: UnitOfWork, kind: Kind, criteria: Criteria) -> GridView:
    """Return the foot of a list of any length, without its rows."""
    columns = shown_columns(uow, kind, criteria)
    matches = matching(uow, kind, criteria, fields_of_totals(kind, columns))
    foot = foot_of(kind, columns, map(of_row, matches))
    return GridView(kind, criteria, columns, 0, [], len(matches), 0, foot=foot)


def shown_columns(uow: UnitOfWork, kind: Kind, criteria: Criteria) -> tuple[Field, ...]:
    """Return the columns of a list on the screen of this request."""
    saved = view_of(uow, kind, criteria.view) if criteria.view else None
    return columns_of(kind, uow.account.preferences(), current_screen(), saved)


def _per_page(preferences: Preferences) -> int:
    asked = request.args.get("per_page", "")
    sizes = {str(size): size for size in PAGE_SIZES}
    return sizes.get(asked, preferences.per_page)
