"""What a list shows after rows of it were changed, added or deleted: these rows in their places, and its figures."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from werkzeug.wrappers import Response

from tmr.domain.fields.type import Field
from tmr.domain.listing import PAGE_SIZES, Criteria
from tmr.domain.record import Record
from tmr.records import said
from tmr.records.companies.earlier_applications import earlier_applications
from tmr.records.editing.form import RecordForm
from tmr.records.editing.links import names_for
from tmr.records.editing.origin import Origin
from tmr.records.editing.undo_button import Undo, undo_of_creation
from tmr.records.grid.list_answer import list_answer, view_after
from tmr.records.grid.totals import MOST_AT_ONCE
from tmr.records.grid.view import GridView, GroupHead
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx

MOST_ROWS = max(PAGE_SIZES)


# After which element of the page a row belongs (empty: at the top), and under the head of which group.
Place = tuple[str, str]


class Rows(msgspec.Struct, frozen=True):
    """Rows for the grid's script to put in place, and the list around them, if that changed too.

    All columns are sent: which of them the page shows is for the script to see, which takes those that it has a place
    for. ``places`` are those of rows that the list shows on this page, by their ids on the page.
    """

    records: Sequence[Record]
    gone: Sequence[UUID]
    names: dict[str, str]
    view: GridView | None
    heads: dict[UUID, GroupHead] = {}
    places: dict[str, Place] = {}


def rows_answer(
    uow: UnitOfWork,
    origin: Origin,
    ids: Sequence[UUID],
    notice: str,
    undo: Undo | None,
    left: Sequence[str] = (),
) -> Response:
    """Commit, and answer with these rows for the grid's script, which puts them in place: no row moves by a change."""
    words = {"notice": notice, "undo": undo, "left": left}
    return _answer(uow, origin, ids, _view(uow, origin), words)


def list_in_its_order(
    uow: UnitOfWork,
    origin: Origin,
    ids: Sequence[UUID],
    notice: str,
    undo: Undo | None = None,
    aside: said.Aside | None = None,
) -> Response:
    """Commit, and answer with the rows of these ids, or with the list where rows can't be put in."""
    words: dict[str, Any] = {"notice": notice, "undo": undo, "earlier": aside}
    if htmx.is_htmx() and origin.place == "list" and 0 < len(ids) <= MOST_ROWS:
        view = view_after(uow, origin.kind, origin.criteria)
        if view.records:
            return _answer(uow, origin, ids, view, words)
    return list_answer(uow, origin, notice, undo, aside)


def added_to_list(uow: UnitOfWork, record: Record, origin: Origin) -> Response:
    """Commit, and answer with the new row in its place, and with an empty form for the next record."""
    view, earlier = view_after(uow, record.kind, origin.criteria), earlier_applications(uow, record)
    is_shown = any(shown.id == record.id for shown in view.records)
    hidden = f"Added {said.name_of(record)}, but your current search, filter or page does not show it."
    notice = said.added(record) if is_shown else hidden
    undo = undo_of_creation(record, msgspec.structs.replace(origin, query=view.criteria.query()))
    if not htmx.is_htmx():
        uow.commit()
        return htmx.saved_with_undo(f"/{view.kind.plural}?{view.criteria.query()}", notice, undo, earlier)
    fresh, rows = RecordForm(view.kind, is_open=True), _rows(uow, origin, [record.id], view)
    uow.commit()
    context: dict[str, Any] = {"rows": rows, "new_form": fresh, "notice": notice, "undo": undo, "earlier": earlier}
    context["is_whole"] = view.matching <= 1  # a list that was empty has no table yet
    return htmx.render("", "records/grid/adding/created.fragment.html", kind=view.kind, view=view, **context)


def figures_after(uow: UnitOfWork, origin: Origin, field: Field) -> Rows | None:
    """Return what the list says of itself after an edit of one field, without rows; None where it says the same."""
    names = (field.name, *field.together, *field.units)
    is_summed = any(origin.kind.by_name[name].type.is_number for name in names)
    return Rows([], [], {}, _view(uow, origin)) if is_summed or _is_counted(origin.criteria) else None


def _is_counted(criteria: Criteria) -> bool:
    """Whether a change of a field can change how many records the list says it has, or how many are in a group."""
    return bool(criteria.group) or criteria.is_filtered


def _view(uow: UnitOfWork, origin: Origin) -> GridView | None:
    """Return the list as it is after a change of fields, if it says something else of itself by then.

    A long list has only its totals, and those where they were asked for: the page asks for them again.
    """
    kind, criteria = origin.kind, origin.criteria
    has_sums = any(field.type.is_number for field in kind.columns)
    is_cheap = criteria.is_plain or uow.records.counts.of(kind) <= MOST_AT_ONCE
    return view_after(uow, kind, criteria) if _is_counted(criteria) or (has_sums and is_cheap) else None


def _answer(
    uow: UnitOfWork, origin: Origin, ids: Sequence[UUID], view: GridView | None, words: dict[str, Any]
) -> Response:
    rows = _rows(uow, origin, ids, view)
    uow.commit()
    context = {"kind": origin.kind, "rows": rows, "view": view, **words}
    return htmx.into_rows(htmx.render("", "records/grid/cells/set.fragment.html", **context))


def _rows(uow: UnitOfWork, origin: Origin, ids: Sequence[UUID], view: GridView | None) -> Rows:
    """Return the rows of these ids; where some are gone, also those that move up to the end of the page for them."""
    records = uow.records.get_many(origin.kind, ids)
    gone = sorted(set(ids) - {record.id for record in records})
    if view is None:
        return Rows(records, gone, names_for(uow, records), None)
    known = {record.id for record in records}
    moved_up = view.records[-len(gone) :] if gone and len(view.records) == view.per_page else []
    records += [record for record in moved_up if record.id not in known]
    order, heads = _order(view), view.heads_of_groups
    sent = {f"{origin.kind.key}-{record.id}" for record in records} | {head.id for head in heads.values()}
    places = {name: place for name, place in order.items() if name in sent}
    # As the page has them: a row that comes is put after one that is there by then.
    position = {record.id: at for at, record in enumerate(view.records)}
    records.sort(key=lambda record: position.get(record.id, -1))
    heads = {record.id: heads[record.id] for record in records if record.id in heads}
    return Rows(records, gone, names_for(uow, records), view, heads, places)


def _order(view: GridView) -> dict[str, Place]:
    """Return the place of each row and of each head of a group on the page."""
    heads = view.heads_of_groups
    places: dict[str, Place] = {}
    last = head = ""
    for record in view.records:
        if record.id in heads:
            head = heads[record.id].id
            places[head] = last, ""
            last = head
        name = f"{view.kind.key}-{record.id}"
        places[name] = last, head
        last = name
    return places
