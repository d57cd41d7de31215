"""The grid of one kind: list and create in place."""

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import Kind
from tmr.domain.kinds.application import APPLICATION
from tmr.records.blueprint import blueprint
from tmr.records.cells.reading import empty_record, read_as_pasted
from tmr.records.editing.changes import add_record, room_errors
from tmr.records.editing.finding import SeveralFoundError, found
from tmr.records.editing.form import RecordForm
from tmr.records.editing.links import link_errors, other_side_errors, resolve_links, set_from_other_side
from tmr.records.editing.origin import read_origin
from tmr.records.editing.uploads import named_after_file, uploaded
from tmr.records.grid.view import grid_view
from tmr.records.page import answers
from tmr.records.page.context import options_for
from tmr.records.page.panels import link_answer
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.listed import requested_criteria
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.session.reading import scan_turn
from tmr.web.storage_limit import stores


@blueprint.get("/<kind:kind>")
@sign_in_required
def index(kind: Kind) -> Response:
    """Show one page of records."""
    criteria = requested_criteria(unit_of_work(), kind)
    with scan_turn(criteria.q), unit_of_work() as uow:
        view = grid_view(uow, kind, criteria)
        options = {} if htmx.is_htmx() else options_for(uow, kind.key)
        uow.commit()
    new_form = RecordForm(kind, is_open="new" in request.args)
    context: dict[str, Any] = {"kind": kind, "view": view, "new_form": new_form, "options": options}
    return htmx.render("records/grid/index.html", "records/grid/index.fragment.html", **context)


@blueprint.post("/<kind:kind>")
@sign_in_required
@stores
def create(kind: Kind) -> Response:
    """Add a record, or show its form again with what is wrong; a form that finds can mean one that is there."""
    with unit_of_work() as uow:
        try:
            existing = _found(uow, kind)
        except SeveralFoundError as error:
            return answers.refused_new(uow, _asking_which(kind, error), read_origin(kind))
        if existing:
            return link_answer(uow, existing, read_origin(kind))
        form = _read_new(uow, kind)
        if form.errors:
            return answers.refused_new(uow, form, read_origin(kind))
        record = add_record(uow, kind, form.values, now(), request.form)
        set_from_other_side(uow, record, request.form, now())
        return answers.added(uow, record, read_origin(kind))


def _found(uow: UnitOfWork, kind: Kind) -> UUID | None:
    link = kind.link_to(APPLICATION.key)
    can_link = link is not None and link.type.is_many  # type: ignore[attr-defined]
    if "find" not in request.form or not can_link or read_origin(kind).place != "panel":
        return None
    return found(uow, kind, request.form, has_file=bool(request.files.get("file")))


def _asking_which(kind: Kind, error: SeveralFoundError) -> RecordForm:
    form = RecordForm.parse_new(kind, request.form)
    form.errors, form.matches = {"add": str(error)}, error.names
    return form


def _read_new(uow: UnitOfWork, kind: Kind) -> RecordForm:
    """Return the form of a new record with its links and its file, and an error for each thing that is wrong."""
    sent, unclear = resolve_links(uow, kind, request.form)
    form = RecordForm.parse_new(kind, named_after_file(kind, sent))
    if form.errors:
        read_as_pasted(uow, form, empty_record(kind), is_whole=False)
        form.errors |= kind.contradictions(form.values, form.errors)
    form.errors |= {**link_errors(uow, form, None), **unclear, **other_side_errors(uow, kind, request.form)}
    form.errors |= room_errors(uow, kind)
    if not form.errors:  # the file comes last: it is stored at once, and only a sound form should do that
        values, form.errors = uploaded(uow, kind)
        form.values |= values
    return form
