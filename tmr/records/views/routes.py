"""Saving a view of a list, changing it, deleting it."""

from urllib.parse import parse_qsl
from uuid import UUID

from flask import flash, redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from tmr.domain.columns.order import in_order
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import is_text
from tmr.domain.listing import parse_criteria
from tmr.domain.saved_views import LONGEST_NAME, LONGEST_QUERY, MOST_OF_A_KIND, SavedView
from tmr.records.blueprint import blueprint
from tmr.records.editing.undo_button import Undo
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.listed import view_of
from tmr.web.display.typed_values import current_typing
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.storage_limit import stores

NO_NAME = "Enter a name for the view."
TOO_MANY = f"You have {MOST_OF_A_KIND} views of this list. Delete one first."


@blueprint.post("/<kind:kind>/views")
@sign_in_required
@stores
def save_view(kind: Kind) -> Response:
    """Save what a list shows under a name."""
    with unit_of_work() as uow:
        view, error = _sent(kind)
        view_id = None if error else uow.saved_views.add(view, now())
        if view_id is None:
            return _refused(kind, error or TOO_MANY)
        uow.account.change_preferences(has_saved_views=True)
        uow.commit()
    flash(f"View “{view.name}” saved.")
    return htmx.go(f"/{kind.plural}?view={view_id}")


@blueprint.post("/<kind:kind>/views/<uuid:view_id>")
@sign_in_required
@stores
def change_saved_view(kind: Kind, view_id: UUID) -> Response:
    """Rename a view, make it the one that the list begins with, or let it have what the list shows now."""
    with unit_of_work() as uow:
        _known(uow, kind, view_id)
        view, error = _sent(kind)
        if error:
            return _refused(kind, error)
        uow.saved_views.change(view_id, view)
        uow.commit()
    flash(f"View “{view.name}” saved.")
    return htmx.go(f"/{kind.plural}?view={view_id}")


@blueprint.post("/<kind:kind>/views/<uuid:view_id>/delete")
@sign_in_required
def delete_view(kind: Kind, view_id: UUID) -> Response:
    """Delete a view; the records in it stay."""
    with unit_of_work() as uow:
        view = _known(uow, kind, view_id)
        uow.saved_views.remove(view_id)
        uow.account.change_preferences(has_saved_views=bool(uow.saved_views.all()))
        uow.commit()
    return htmx.saved_with_undo(f"/{kind.plural}?view=all", f"View “{view.name}” deleted.", _undo(kind, view))


def _undo(kind: Kind, view: SavedView) -> Undo:
    fields = [("name", view.name), ("query", view.query), *(("columns", name) for name in view.columns)]
    return Undo(f"/{kind.plural}/views", [*fields, *([("default", "1")] if view.is_default else [])])


def _known(uow: UnitOfWork, kind: Kind, view_id: UUID) -> SavedView:
    kept = view_of(uow, kind, str(view_id))
    if kept is None:
        raise RecordNotFoundError
    return kept.view


def _sent(kind: Kind) -> tuple[SavedView, str]:
    """Return the view of this form, and what is wrong with it; ``query`` stands for the fields of a list's address."""
    name = " ".join(request.form.get("name", "").replace("\0", "").split())[:LONGEST_NAME]
    query = request.form.get("query")
    sent = MultiDict(parse_qsl(query[:LONGEST_QUERY])) if query is not None else request.form
    shape = parse_criteria(kind, sent.getlist, current_typing()).shape
    columns = request.form.getlist("columns")
    named = tuple(field.name for field in in_order(kind, columns)) if columns else ()
    view = SavedView(kind.plural, name, shape, named, "default" in request.form)
    if not name or not is_text(name):
        return view, NO_NAME
    return view, "This search is too long to be saved." if len(shape) > LONGEST_QUERY else ""


def _refused(kind: Kind, error: str) -> Response:
    if htmx.is_htmx():
        return htmx.into_messages(htmx.render("", "records/grid/bulk/refused.fragment.html", 422, error=error))
    flash(error)
    return redirect(f"/{kind.plural}", 303)
