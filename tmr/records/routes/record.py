"""One record: show it, change it, delete it, take that back."""

from typing import Any
from uuid import UUID

import msgspec
from flask import abort, flash, redirect, request
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field
from tmr.domain.record import Record
from tmr.records.blueprint import blueprint
from tmr.records.editing.changes import change_record, remove_records, undo_change
from tmr.records.editing.form import RecordForm, stays
from tmr.records.editing.links import (
    keep_hidden_links,
    link_errors,
    names_for,
    other_side_errors,
    resolve_links,
    set_from_other_side,
)
from tmr.records.editing.undo_button import undo_of_deletion, undo_of_edit
from tmr.records.editing.uploads import uploaded
from tmr.records.page.answers import card_answer, kept_answer, list_answer, page_answer
from tmr.records.page.context import record_context
from tmr.records.page.panels import home_of, panel_answer, posted_panel
from tmr.repository.errors import NothingToUndoError, RecordNotFoundError, StaleVersionError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.storage_limit import stores

NO_VERSION = "Reload the page and try again: this form does not say which version it was based on."
TOO_LATE = "It is too late to undo that."


@blueprint.get("/<kind:kind>/<uuid:record_id>")
@sign_in_required
def show(kind: Kind, record_id: UUID) -> Response:
    """Show every field of one record, and what belongs to it."""
    with unit_of_work() as uow:
        record = uow.records.get(kind, record_id)
        context = record_context(uow, RecordForm.of(record, names_for(uow, [record])))
        uow.commit()
    fragment = "records/page/panels/panel_form.fragment.html" if context["panel"] else "records/page/show.fragment.html"
    return htmx.render("records/page/show.html", fragment, **context)


@blueprint.post("/<kind:kind>/<uuid:record_id>")
@sign_in_required
@stores
def update(kind: Kind, record_id: UUID) -> Response:
    """Change any of its fields, if it is still at the version that the edit began from."""
    with unit_of_work() as uow:
        stored = uow.records.get(kind, record_id)
        form = _typed(uow, kind, stored)
        if form.errors or form.version is None:
            return _refused(uow, form, stored)
        try:
            record = change_record(uow, kind, stored, form.values, form.version, now())
        except StaleVersionError as error:
            return _conflict(uow, form, error.current)
        set_from_other_side(uow, record, request.form, now())
        return _kept(uow, record, stored)


@blueprint.post("/<kind:kind>/<uuid:record_id>/delete")
@sign_in_required
def destroy(kind: Kind, record_id: UUID) -> Response:
    """Delete it; for ten minutes that can be taken back."""
    with unit_of_work() as uow:
        at = now()
        if not remove_records(uow, kind, [record_id], at):
            raise RecordNotFoundError
        undo = undo_of_deletion(kind, at, request.form.get("query", ""))
        if posted_panel():
            return panel_answer(uow, kind, "Deleted.", undo)
        return list_answer(uow, kind, "Deleted.", undo)


@blueprint.post("/<kind:kind>/<uuid:record_id>/undo")
@sign_in_required
def undo(kind: Kind, record_id: UUID) -> Response:
    """Take back its deletion, or else its last edit."""
    version = RecordForm.parse(kind, request.form).version
    with unit_of_work() as uow:
        try:
            record = undo_change(uow, kind, record_id, version, now())
        except (NothingToUndoError, StaleVersionError):
            return _too_late(kind)
        if posted_panel():
            return panel_answer(uow, kind, "Undone.")
        if "card" in request.form:
            return card_answer(uow, record, "Undone.")
        if "sheet" in request.form:
            return page_answer(uow, record, "Undone.")
        return list_answer(uow, kind, "Undone.")


def _typed(uow: UnitOfWork, kind: Kind, stored: Record) -> RecordForm:
    """Read the form, with its links and its file, and hold it against the values that were not sent."""
    sent, unclear = resolve_links(uow, kind, request.form, stored)
    for field in kind.editable:
        if stays(field, sent.get(field.name), stored.values[field.name]):
            sent.poplist(field.name)
    form = RecordForm.parse(kind, sent)
    form.names = names_for(uow, [stored])
    keep_hidden_links(form, stored)
    form.errors |= {**link_errors(uow, form, stored), **unclear, **other_side_errors(uow, kind, request.form, stored)}
    form.errors |= kind.contradictions({**stored.values, **form.values}, form.errors)
    if not form.errors:
        values, form.errors = uploaded(uow, kind)
        form.values |= values
    return form


def _cell_field(kind: Kind) -> Field | None:
    return kind.by_name.get(request.form.get("cell", "")) if htmx.is_htmx() else None


def _refused(uow: UnitOfWork, form: RecordForm, stored: Record) -> Response:
    form.record = stored
    if not form.errors:
        form.errors["version"] = NO_VERSION
    context = record_context(uow, form)
    fragment = "records/grid/cells/refused.fragment.html" if _cell_field(form.kind) else context["form_fragment"]
    return htmx.render("records/page/show.html", fragment, status=422, **context)


def _conflict(uow: UnitOfWork, form: RecordForm, current: Record) -> Response:
    field, form = _cell_field(form.kind), form.beside(current)
    form.names |= names_for(uow, [current, msgspec.structs.replace(current, values=form.values)])
    context = {**record_context(uow, form), "current": current}
    if "card" in request.form:
        return htmx.into_messages(
            htmx.render("records/page/show.html", "records/board/card_conflict.fragment.html", 409, **context)
        )
    if field is None:
        return htmx.render("records/page/show.html", context["form_fragment"], status=409, **context)
    fields = [form.kind.by_name[name] for name in field.together or (field.name,)]
    return htmx.render("", "records/grid/cells/conflict.fragment.html", status=409, fields=fields, **context)


def _kept(uow: UnitOfWork, record: Record, stored: Record) -> Response:
    undo_form = undo_of_edit(record, request.form.get("query", "")) if record.version > stored.version else None
    field = _cell_field(record.kind)
    if field is not None:
        return _cell_answer(uow, record, stored, field, undo_form)
    if posted_panel():
        return panel_answer(uow, record.kind, "Saved.", undo_form)
    if "card" in request.form:
        return card_answer(uow, record, "Moved.", undo_form)
    return kept_answer(uow, record, undo_form)


def _cell_answer(uow: UnitOfWork, record: Record, stored: Record, field: Field, undo_form: object) -> Response:
    names = names_for(uow, [record])
    uow.commit()
    edited = (field.name, *field.together)
    others = [one for one in record.kind.columns if one.name not in edited and stored[one.name] != record[one.name]]
    context: dict[str, Any] = {"record": record, "field": field, "others": others, "names": names, "undo": undo_form}
    response = htmx.render("", "records/grid/cells/saved.fragment.html", notice="Saved.", **context)
    return htmx.trigger(response, "tmr:saved", id=str(record.id), version=record.version)


def _too_late(kind: Kind) -> Response:
    if htmx.is_htmx():
        abort(409)
    flash(TOO_LATE)
    return redirect(home_of(kind), 303)
