"""The columns of a list: which there are, in what order and how wide, for a screen or for a saved view."""

from typing import Any

import msgspec
from flask import abort, redirect, request
from werkzeug.wrappers import Response

from tmr.domain.columns.order import STEP, USUAL_WIDTH, as_width, in_order, moved, read_widths
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field
from tmr.domain.listing import PAGE_SIZES, Criteria
from tmr.records.blueprint import blueprint
from tmr.records.editing.origin import read_origin
from tmr.records.grid.column_menu import column_menu
from tmr.records.grid.columns import columns_of, key_of, widths_of
from tmr.records.grid.list_answer import list_answer, list_without_notice
from tmr.records.grid.view import totals_view
from tmr.repository.accounts.accounts import Preferences
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.listed import requested_criteria, view_of
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.session.reading import scan_turn
from tmr.web.session.screens import told_screen

UP_AND_DOWN = {"up": -1, "down": 1}
LEFT_AND_RIGHT = {"left": -1, "right": 1}
WIDER_AND_NARROWER = {"wider": STEP, "narrower": -STEP}
WIDTH_CHANGES = (*WIDER_AND_NARROWER, "width", "fit")


@blueprint.post("/<kind:kind>/view")
@sign_in_required
def change_view(kind: Kind) -> Response:
    """Save which columns of a kind this person sees, or one of the saved views, and how many rows a page has."""
    criteria, sizes = read_origin(kind).criteria, {str(size): size for size in PAGE_SIZES}
    with unit_of_work() as uow:
        earlier = uow.account.locked_preferences()
        _keep_columns(uow, kind, criteria, _asked_columns(kind))
        uow.account.change_preferences(per_page=sizes.get(request.form.get("per_page", ""), earlier.per_page))
        uow.commit()
    return redirect(f"/{kind.plural}?{criteria.query()}{'#columns' if 'move' in request.form else ''}", 303)


@blueprint.get("/<kind:kind>/columns")
@sign_in_required
def list_columns(kind: Kind) -> Response:
    """Show every column with the way to its menu: on a phone a list has no heads that lead there."""
    with unit_of_work() as uow:
        criteria = requested_criteria(uow, kind)
        uow.commit()
    return htmx.render("records/grid/column/index.html", kind=kind, criteria=criteria)


@blueprint.get("/<kind:kind>/columns/<column>")
@sign_in_required
def show_column(kind: Kind, column: str) -> Response:
    """Show what can be done with one column of a list: sort and filter by it, move it, hide it, change its width."""
    field = _column(kind, column)
    with unit_of_work() as uow:
        menu = column_menu(uow, kind, field, requested_criteria(uow, kind))
        uow.commit()
    context: dict[str, Any] = {"kind": kind, "field": field, "menu": menu}
    return htmx.render("records/grid/column/show.html", "records/grid/column/show.fragment.html", **context)


@blueprint.post("/<kind:kind>/columns/<column>")
@sign_in_required
def change_column(kind: Kind, column: str) -> Response:
    """Move a column, hide it or change its width; answer with the list."""
    field, origin, change = _column(kind, column), read_origin(kind), request.form.get("change", "")
    with unit_of_work() as uow:
        names = _shown(uow, kind, origin.criteria)
        changed = _changed_columns(names, field, change)
        if changed != names:
            _keep_columns(uow, kind, origin.criteria, changed)
        elif change in WIDTH_CHANGES:
            _keep_widths(uow, kind, field, change)
        said = _said(field, changed, change)
        return list_answer(uow, origin, said) if said else list_without_notice(uow, origin)


@blueprint.get("/<kind:kind>/totals")
@sign_in_required
def show_totals(kind: Kind) -> Response:
    """Show the sum, average and count of the numbers in a list: on a page, or as the foot of the list."""
    criteria = requested_criteria(unit_of_work(), kind)
    with scan_turn(criteria.q), unit_of_work() as uow:
        view = totals_view(uow, kind, criteria)
        uow.commit()
    return htmx.render("records/grid/totals/show.html", "records/grid/totals/show.fragment.html", kind=kind, view=view)


@blueprint.post("/<kind:kind>/screen")
@sign_in_required
def tell_screen(kind: Kind) -> Response:
    """Remember how wide the screen of this browser is, and answer with the list as it is kept for that."""
    told_screen()
    with unit_of_work() as uow:
        return list_without_notice(uow, read_origin(kind))


def _column(kind: Kind, name: str) -> Field:
    field = kind.by_name.get(name)
    if field is None or field not in kind.columns:
        abort(404)
    return field


def _asked_columns(kind: Kind) -> list[str]:
    """Return the columns of this form in its order, with the one that a button moves where it is moved to."""
    names = [field.name for field in in_order(kind, request.form.getlist("columns"))]
    name, _, where = request.form.get("move", "").partition(".")
    return moved(names, name, UP_AND_DOWN[where]) if name in names and where in UP_AND_DOWN else names


def _shown(uow: UnitOfWork, kind: Kind, criteria: Criteria) -> list[str]:
    saved = view_of(uow, kind, criteria.view) if criteria.view else None
    return [field.name for field in columns_of(kind, uow.account.locked_preferences(), told_screen(), saved)]


def _changed_columns(names: list[str], field: Field, change: str) -> list[str]:
    """Return the names of the columns after a change; ``before`` is the column that one was dropped in front of."""
    if change == "hide" and not field.is_required:
        return [name for name in names if name != field.name]
    if field.name in names and change in LEFT_AND_RIGHT:
        return [names[0], *moved(names[1:], field.name, LEFT_AND_RIGHT[change])] if field.name in names[1:] else names
    before = request.form.get("before", "")
    if change == "move" and field.name in names[1:] and before != field.name:
        others = [name for name in names if name != field.name]
        place = others.index(before) if before in others[1:] else len(others)
        return [*others[:place], field.name, *others[place:]]
    return names


def _keep_columns(uow: UnitOfWork, kind: Kind, criteria: Criteria, wanted: list[str]) -> None:
    screen = told_screen()
    saved = view_of(uow, kind, criteria.view) if criteria.view else None
    if saved:
        uow.saved_views.change(saved.id, msgspec.structs.replace(saved.view, columns=tuple(wanted)))
    else:
        views = uow.account.locked_preferences().views
        uow.account.change_preferences(views={**views, key_of(kind, screen): wanted})


def _keep_widths(uow: UnitOfWork, kind: Kind, field: Field, change: str) -> None:
    preferences, screen = uow.account.locked_preferences(), told_screen()
    widths = _changed_widths(kind, preferences, screen, field, change)
    uow.account.change_preferences(widths={**preferences.widths, key_of(kind, screen): widths})


def _changed_widths(kind: Kind, preferences: Preferences, screen: str, field: Field, change: str) -> dict[str, int]:
    """Return the widths of the columns after a change of one; without those that a script measured, the others stay."""
    if change == "fit":
        return {}
    widths = {**widths_of(kind, preferences, screen), **read_widths(kind, request.form.get("widths", ""))}
    by = WIDER_AND_NARROWER.get(change, 0)
    return {**widths, field.name: as_width(widths.get(field.name, USUAL_WIDTH) + by)} if by else widths


def _said(field: Field, names: list[str], change: str) -> str:
    if change == "hide" and field.name not in names:
        return f"“{field.label}” is hidden. Columns brings it back."
    if change in (*LEFT_AND_RIGHT, "move") and field.name in names:
        return f"“{field.label}” is column {names.index(field.name) + 1} of {len(names)}."
    return ""
