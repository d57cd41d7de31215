"""One record: show it, change it, delete it, take that back."""

from uuid import UUID

from flask import abort, flash, redirect, request
from werkzeug.wrappers import Response

from tmr.domain.field_types import Field
from tmr.domain.kinds import Kind
from tmr.domain.records import Record
from tmr.records.answers import list_answer
from tmr.records.blueprint import blueprint
from tmr.records.forms import RecordForm
from tmr.records.undo import undo_of_deletion, undo_of_edit
from tmr.repository.errors import NothingToUndoError, RecordNotFoundError, StaleVersionError
from tmr.web import htmx
from tmr.web.guards import sign_in_required
from tmr.web.identity import unit_of_work
from tmr.web.parts import now

NO_VERSION = "Reload the page and try again: the version that this edit began from is missing."
TOO_LATE = "It is too late to undo that."


@blueprint.get("/<kind:kind>/<uuid:record_id>")
@sign_in_required
def show(kind: Kind, record_id: UUID) -> Response:
    """Show every field of one record."""
    with unit_of_work() as uow:
        record = uow.records.get(kind, record_id)
        uow.commit()
    return htmx.render("records/show.html", "records/show.fragment.html", kind=kind, form=RecordForm.of(record))


@blueprint.post("/<kind:kind>/<uuid:record_id>")
@sign_in_required
def update(kind: Kind, record_id: UUID) -> Response:
    """Change any of its fields, if it is still at the version that the edit began from."""
    form = RecordForm.parse(kind, request.form)
    with unit_of_work() as uow:
        stored = uow.records.get(kind, record_id)
        _check_together(form, stored)
        if form.errors or form.version is None:
            return _refused(form, stored)
        try:
            record = uow.records.update(kind, record_id, form.values, form.version, now())
        except StaleVersionError as error:
            return _conflict(form, error.current)
        uow.commit()
    return _kept(record, stored)


@blueprint.post("/<kind:kind>/<uuid:record_id>/delete")
@sign_in_required
def destroy(kind: Kind, record_id: UUID) -> Response:
    """Delete it; for ten minutes that can be taken back."""
    with unit_of_work() as uow:
        at = now()
        if not uow.records.remove(kind, [record_id], at):
            raise RecordNotFoundError
        undo = undo_of_deletion(kind, at, request.form.get("query", ""))
        return list_answer(uow, kind, "Deleted.", undo)


@blueprint.post("/<kind:kind>/<uuid:record_id>/undo")
@sign_in_required
def undo(kind: Kind, record_id: UUID) -> Response:
    """Take back its deletion, or else its last edit."""
    version = RecordForm.parse(kind, request.form).version
    with unit_of_work() as uow:
        try:
            uow.records.undo(kind, record_id, version, now())
        except (NothingToUndoError, StaleVersionError):
            return _too_late(kind)
        return list_answer(uow, kind, "Undone.")


def _check_together(form: RecordForm, stored: Record) -> None:
    """Hold a changed value against those it must fit that were not sent."""
    form.errors |= form.kind.contradictions({**stored.values, **form.values}, form.errors)


def _cell_field(kind: Kind) -> Field | None:
    return kind.by_name.get(request.form.get("cell", "")) if htmx.is_htmx() else None


def _refused(form: RecordForm, stored: Record) -> Response:
    form.record = stored
    if not form.errors:
        form.errors["version"] = NO_VERSION
    fragment = "records/cell_refused.fragment.html" if _cell_field(form.kind) else "records/show.fragment.html"
    return htmx.render("records/show.html", fragment, status=422, kind=form.kind, form=form)


def _conflict(form: RecordForm, current: Record) -> Response:
    field = _cell_field(form.kind)
    context = {"kind": form.kind, "form": form.beside(current), "current": current}
    if field is None:
        return htmx.render("records/show.html", "records/show.fragment.html", status=409, **context)
    fields = [form.kind.by_name[name] for name in field.together or (field.name,)]
    return htmx.render("", "records/cell_conflict.fragment.html", status=409, fields=fields, **context)


def _kept(record: Record, earlier: Record) -> Response:
    kind, field = record.kind, _cell_field(record.kind)
    undo_form = undo_of_edit(record, request.form.get("query", "")) if record.version > earlier.version else None
    if field is None:
        form = RecordForm.of(record)
        location = f"/{kind.plural}/{record.id}"
        return htmx.saved(location, "records/show.fragment.html", "Saved.", kind=kind, form=form, undo=None)
    response = htmx.render(
        "", "records/cell_saved.fragment.html", record=record, field=field, notice="Saved.", undo=undo_form
    )
    return htmx.trigger(response, "tmr:saved", id=str(record.id), version=record.version)


def _too_late(kind: Kind) -> Response:
    if htmx.is_htmx():
        abort(409)
    flash(TOO_LATE)
    return redirect(f"/{kind.plural}", 303)
