"""The grid of one kind: list, create in place, and which columns it has."""

from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from tmr.domain.kinds import Kind
from tmr.domain.listing import PAGE_SIZES
from tmr.domain.records import Record
from tmr.records.blueprint import blueprint
from tmr.records.forms import RecordForm
from tmr.records.undo import undo_of_creation
from tmr.records.views import GridView, grid_view, posted_criteria, requested_criteria
from tmr.repository.accounts import Preferences
from tmr.web import htmx
from tmr.web.guards import sign_in_required
from tmr.web.identity import unit_of_work
from tmr.web.parts import now


@blueprint.get("/<kind:kind>")
@sign_in_required
def index(kind: Kind) -> Response:
    """Show one page of records."""
    with unit_of_work() as uow:
        view = grid_view(uow, kind, requested_criteria(kind))
        uow.commit()
    new_form = RecordForm(kind, is_open="new" in request.args)
    return htmx.render("records/index.html", "records/index.fragment.html", kind=kind, view=view, new_form=new_form)


@blueprint.post("/<kind:kind>")
@sign_in_required
def create(kind: Kind) -> Response:
    """Keep a new record."""
    form, criteria = RecordForm.parse_new(kind, request.form), posted_criteria(kind)
    with unit_of_work() as uow:
        if form.errors:
            context = {"kind": kind, "view": grid_view(uow, kind, criteria), "new_form": form}
            return htmx.render("records/index.html", "records/new_refused.fragment.html", status=422, **context)
        record = uow.records.add(kind, form.values, now())
        view = grid_view(uow, kind, criteria)
        uow.commit()
    return _created(record, view)


def _created(record: Record, view: GridView) -> Response:
    is_shown = any(one.id == record.id for one in view.records)
    notice = "Added." if is_shown else "Added. The search, filter or page shown here does not include it."
    undo, location = undo_of_creation(record, view.criteria), f"/{view.kind.plural}?{view.criteria.query()}"
    if not htmx.is_htmx():
        return htmx.saved_with_undo(location, notice, undo)
    fresh = RecordForm(view.kind, is_open=True)
    context: dict[str, Any] = {"view": view, "new_form": fresh, "notice": notice, "undo": undo}
    return htmx.render("", "records/created.fragment.html", kind=view.kind, **context)


@blueprint.post("/<kind:kind>/view")
@sign_in_required
def change_view(kind: Kind) -> Response:
    """Keep which columns this person sees, and how many rows on a page."""
    wanted = [field.name for field in kind.columns if field.name in request.form.getlist("columns")]
    sizes = {str(size): size for size in PAGE_SIZES}
    with unit_of_work() as uow:
        earlier = uow.account.preferences()
        per_page = sizes.get(request.form.get("per_page", ""), earlier.per_page)
        uow.account.set_preferences(Preferences(columns=wanted, per_page=per_page))
        uow.commit()
    return redirect(f"/{kind.plural}?{posted_criteria(kind).query()}", 303)
