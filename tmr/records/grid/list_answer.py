"""Answers that show a list: as it is after a change, or with what was refused."""

from typing import Any

from flask import redirect
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import Kind
from tmr.domain.listing import Criteria
from tmr.records import said
from tmr.records.editing.form import RecordForm
from tmr.records.editing.origin import Origin
from tmr.records.editing.undo_button import Undo
from tmr.records.grid.view import GridView, grid_view
from tmr.records.page.context import options_for
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.session.reading import scan_turn_in_a_change


def list_answer(
    uow: UnitOfWork, origin: Origin, notice: str, undo: Undo | None = None, aside: said.Aside | None = None
) -> Response:
    """Commit, and answer with the list that the form was sent from."""
    kind, criteria = origin.kind, origin.criteria
    view = view_after(uow, kind, criteria)
    uow.commit()
    location = f"/{kind.plural}?{criteria.query()}"
    if not htmx.is_htmx():
        return htmx.saved_with_undo(location, notice, undo, aside)
    context = {"kind": kind, "view": view, "new_form": RecordForm(kind), "earlier": aside}
    return htmx.saved(location, "records/grid/changed.fragment.html", notice, undo=undo, **context)


def list_without_notice(uow: UnitOfWork, origin: Origin) -> Response:
    """Commit, and answer with the list; the message that the page shows stays."""
    view = view_after(uow, origin.kind, origin.criteria)
    uow.commit()
    if not htmx.is_htmx():
        return redirect(f"/{origin.kind.plural}?{origin.criteria.query()}", 303)
    return htmx.render("", "records/grid/index.fragment.html", kind=origin.kind, view=view)


def refused_new_in_list(uow: UnitOfWork, form: RecordForm, origin: Origin) -> Response:
    """Answer with the form above the list, as it was typed, and its errors (422)."""
    kind = form.kind
    context: dict[str, Any] = {"kind": kind, "view": view_after(uow, kind, origin.criteria), "new_form": form}
    context["options"] = options_for(uow, kind.key)
    return htmx.render("records/grid/index.html", "records/grid/adding/refused.fragment.html", status=422, **context)


def refused_for_many(uow: UnitOfWork, error: str, origin: Origin) -> Response:
    """Answer a refused change to many records with a message (422); without htmx, with the list as well."""
    view = view_after(uow, origin.kind, origin.criteria)
    context = {"kind": origin.kind, "view": view, "new_form": RecordForm(origin.kind), "error": error}
    page, fragment = "records/grid/bulk/refused.html", "records/grid/bulk/refused.fragment.html"
    return htmx.render(page, fragment, status=422, **context)


def view_after(uow: UnitOfWork, kind: Kind, criteria: Criteria) -> GridView:
    """Return the list as it is after the change that this transaction made."""
    with scan_turn_in_a_change(uow, criteria.q):
        return grid_view(uow, kind, criteria)
