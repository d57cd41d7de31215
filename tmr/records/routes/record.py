"""One record: show it, change it, delete it, undo either."""

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import Kind
from tmr.domain.record import Record
from tmr.records.blueprint import blueprint
from tmr.records.cells.reading import read_as_pasted, says_what_is_shown
from tmr.records.editing.changes import change_record, remove_records
from tmr.records.editing.form import RecordForm, stays
from tmr.records.editing.links import (
    keep_hidden_links,
    link_errors,
    names_for,
    other_side_errors,
    resolve_links,
    set_from_other_side,
)
from tmr.records.editing.origin import Origin, read_origin
from tmr.records.editing.uploads import uploaded
from tmr.records.history.undo import undo_change, undo_creation
from tmr.records.page import answers
from tmr.records.page.panels import page_of_panel
from tmr.repository.errors import NothingToUndoError, RecordNotFoundError, StaleVersionError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.storage_limit import stores


@blueprint.get("/<kind:kind>/<uuid:record_id>")
@sign_in_required
def show(kind: Kind, record_id: UUID) -> Response:
    """Show one record and what belongs to it; ``edit`` names the property to show as a form, or ``all``."""
    origin, asked = read_origin(kind, default="page"), request.args.get("edit", "")
    with unit_of_work() as uow:
        record = uow.records.get(kind, record_id)
        if htmx.is_htmx() and "property" in request.args:
            return answers.shown_property(uow, record, request.args["property"])
        if htmx.is_htmx() and "preview" in request.args:
            return answers.shown_preview(uow, record)
        if htmx.is_htmx() and "older" in request.args:
            return page_of_panel(uow, record)
        if origin.place == "panel" or asked == "all" or (htmx.is_htmx() and not asked):
            return answers.shown_as_form(uow, record, origin)
        return answers.shown(uow, record, asked)


@blueprint.post("/<kind:kind>/<uuid:record_id>")
@sign_in_required
@stores
def update(kind: Kind, record_id: UUID) -> Response:
    """Change any of its fields, if it is still at the version that the edit began from."""
    origin = read_origin(kind, default="page")
    with unit_of_work() as uow:
        stored = uow.records.get_for_edit(kind, record_id)  # locked, so that checks and write see one state
        form = _read_edit(uow, origin, stored)
        if form.errors or form.version is None:
            return answers.refused(uow, form, stored, origin)
        try:
            record = change_record(uow, stored, form.values, form.version, now())
        except StaleVersionError as error:
            return answers.conflict(uow, form, error.current, origin)
        set_from_other_side(uow, record, request.form, now())
        return answers.saved(uow, record, stored, origin)


@blueprint.post("/<kind:kind>/<uuid:record_id>/delete")
@sign_in_required
def destroy(kind: Kind, record_id: UUID) -> Response:
    """Move it to the trash, or with ``undo``, undo that it was added."""
    with unit_of_work() as uow:
        at, origin = now(), read_origin(kind)
        if "undo" in request.form:
            try:
                undo_creation(uow, kind, record_id, at)
            except NothingToUndoError:
                return answers.too_late_to_undo(origin)
        elif not remove_records(uow, kind, [record_id], at):
            raise RecordNotFoundError
        return answers.removed(uow, record_id, at, origin)


@blueprint.post("/<kind:kind>/<uuid:record_id>/undo")
@sign_in_required
def undo(kind: Kind, record_id: UUID) -> Response:
    """Undo its deletion, or else its last edit."""
    version, origin = RecordForm.parse(kind, request.form).version, read_origin(kind)
    with unit_of_work() as uow:
        try:
            record = undo_change(uow, kind, record_id, version, now())
        except NothingToUndoError:
            return answers.too_late_to_undo(origin)
        return answers.undone(uow, record, origin)


def _read_edit(uow: UnitOfWork, origin: Origin, stored: Record) -> RecordForm:
    """Return the form with its links and its file, checked together with the stored values that were not sent."""
    kind = origin.kind
    sent, unclear = resolve_links(uow, kind, request.form, stored)
    for field in kind.editable:
        text = sent.get(field.name)
        if stays(field, text, stored.values[field.name]) or (
            field is origin.cell and says_what_is_shown(field, text, stored)
        ):
            sent.poplist(field.name)
    form = RecordForm.parse(kind, sent)
    read_as_pasted(uow, form, stored, is_whole=origin.place == "cell")
    form.names = names_for(uow, [stored])
    keep_hidden_links(form, stored)
    form.errors |= {**link_errors(uow, form, stored), **unclear, **other_side_errors(uow, kind, request.form, stored)}
    form.errors |= kind.contradictions({**stored.values, **form.values}, form.errors)
    if not form.errors:  # the file comes last: it is stored at once, and only a sound form should do that
        values, form.errors = uploaded(uow, kind)
        form.values |= values
    return form
