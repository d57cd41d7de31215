"""The grid of one kind: list, create in place, and which columns it has."""

from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import Kind
from tmr.domain.listing import PAGE_SIZES
from tmr.domain.record import Record
from tmr.records.blueprint import blueprint
from tmr.records.editing.changes import add_record
from tmr.records.editing.form import RecordForm
from tmr.records.editing.links import link_errors, other_side_errors, resolve_links, set_from_other_side
from tmr.records.editing.undo_button import undo_of_creation
from tmr.records.editing.uploads import named_after_file, uploaded
from tmr.records.grid.view import grid_view, posted_criteria, requested_criteria
from tmr.records.page.context import options_for
from tmr.records.page.earlier_applications import earlier_at_company
from tmr.records.page.panels import panel_answer, posted_panel
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.storage_limit import stores


@blueprint.get("/<kind:kind>")
@sign_in_required
def index(kind: Kind) -> Response:
    """Show one page of records."""
    with unit_of_work() as uow:
        view = grid_view(uow, kind, requested_criteria(kind))
        options = {} if htmx.is_htmx() else options_for(uow, kind.key)
        uow.commit()
    new_form = RecordForm(kind, is_open="new" in request.args)
    context: dict[str, Any] = {"kind": kind, "view": view, "new_form": new_form, "options": options}
    return htmx.render("records/grid/index.html", "records/grid/index.fragment.html", **context)


@blueprint.post("/<kind:kind>")
@sign_in_required
@stores
def create(kind: Kind) -> Response:
    """Keep a new record."""
    with unit_of_work() as uow:
        form = _typed(uow, kind)
        if form.errors:
            return _refused(uow, form)
        record = add_record(uow, kind, form.values, now(), request.form)
        set_from_other_side(uow, record, request.form, now())
        if posted_panel():
            return panel_answer(uow, kind, "Added.", undo_of_creation(record, ""))
        return _created(uow, record)


def _typed(uow: UnitOfWork, kind: Kind) -> RecordForm:
    sent, unclear = resolve_links(uow, kind, request.form)
    form = RecordForm.parse_new(kind, named_after_file(kind, sent))
    form.errors |= {**link_errors(uow, form, None), **unclear, **other_side_errors(uow, kind, request.form)}
    if not form.errors:
        values, form.errors = uploaded(uow, kind)
        form.values |= values
    return form


def _refused(uow: UnitOfWork, form: RecordForm) -> Response:
    kind = form.kind
    if panel := posted_panel():
        context: dict[str, Any] = {"kind": kind, "form": form, "panel": panel, "options": options_for(uow, kind.key)}
        page, fragment = "records/grid/adding/new.html", "records/page/panels/panel_form.fragment.html"
        return htmx.render(page, fragment, status=422, **context)
    context = {"kind": kind, "view": grid_view(uow, kind, posted_criteria(kind)), "new_form": form}
    context["options"] = options_for(uow, kind.key)
    return htmx.render("records/grid/index.html", "records/grid/adding/refused.fragment.html", status=422, **context)


def _created(uow: UnitOfWork, record: Record) -> Response:
    view, earlier = grid_view(uow, record.kind, posted_criteria(record.kind)), earlier_at_company(uow, record)
    uow.commit()
    is_shown = any(one.id == record.id for one in view.records)
    notice = "Added." if is_shown else "Added, but your current search, filter or page does not show it."
    notice = f"{notice} {earlier}".strip()
    undo, location = undo_of_creation(record, view.criteria.query()), f"/{view.kind.plural}?{view.criteria.query()}"
    if not htmx.is_htmx():
        return htmx.saved_with_undo(location, notice, undo)
    fresh = RecordForm(view.kind, is_open=True)
    context: dict[str, Any] = {"view": view, "new_form": fresh, "notice": notice, "undo": undo}
    return htmx.render("", "records/grid/adding/created.fragment.html", kind=view.kind, **context)


@blueprint.post("/<kind:kind>/view")
@sign_in_required
def change_view(kind: Kind) -> Response:
    """Keep which columns this person sees, and how many rows on a page."""
    wanted = [field.name for field in kind.columns if field.name in request.form.getlist("columns")]
    sizes = {str(size): size for size in PAGE_SIZES}
    with unit_of_work() as uow:
        earlier = uow.account.locked_preferences()
        per_page = sizes.get(request.form.get("per_page", ""), earlier.per_page)
        views = {**earlier.views, kind.plural: wanted}
        uow.account.change_preferences(views=views, per_page=per_page)
        uow.commit()
    return redirect(f"/{kind.plural}?{posted_criteria(kind).query()}", 303)
