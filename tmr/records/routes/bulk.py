"""One change to many records."""

import datetime as dt
from uuid import UUID

import msgspec
from flask import flash, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.links import Links
from tmr.domain.fields.type import Tags
from tmr.records.blueprint import blueprint
from tmr.records.editing.changes import ContradictionError, change_records, remove_records, restore_records, undo_change
from tmr.records.editing.form import RecordForm
from tmr.records.editing.links import link_errors, resolve_links
from tmr.records.editing.undo_button import undo_of_bulk_edit, undo_of_deletion
from tmr.records.grid.view import grid_view, posted_criteria
from tmr.records.page.answers import list_answer
from tmr.records.page.panels import panel_answer, posted_panel
from tmr.repository.errors import NothingToUndoError, RecordNotFoundError, StaleVersionError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required

MAX_IDS = 1_000
SELECT = f"Select between 1 and {MAX_IDS:,} records first."
CHOOSE = "Choose the field to set."
TOO_LATE = "It is too late to undo that."


@blueprint.post("/<kind:kind>/bulk")
@sign_in_required
def change_many(kind: Kind) -> Response:
    """Set a field of many records, delete them, or take either back."""
    actions = {"set": _set, "delete": _delete, "restore": _restore, "undo": _undo}
    action = actions.get(request.form.get("action", ""))
    with unit_of_work() as uow:
        if action is None:
            return _refused(uow, kind, "Choose what to do with the selected records.")
        return action(uow, kind)


def _set(uow: UnitOfWork, kind: Kind) -> Response:
    name, ids, at = request.form.get("field", ""), _ids(request.form), now()
    if name not in kind.by_word or not ids:
        return _refused(uow, kind, CHOOSE if ids else SELECT)
    form = _parsed_value(uow, kind, name)
    if form.errors:
        return _refused(uow, kind, next(iter(form.errors.values())))
    try:
        count = change_records(uow, kind, ids, form.values, at)
    except ContradictionError as error:
        return _refused(uow, kind, str(error))
    if "board" in request.form:
        return _board(uow, kind, count, at)
    undo = undo_of_bulk_edit(kind, at, request.form.get("query", ""))
    return list_answer(uow, kind, _what_was_set(kind, name, form, count), undo)


def _what_was_set(kind: Kind, name: str, form: RecordForm, count: int) -> str:
    if kind.by_word[name] is kind.stage_field:
        return f"{count:,} moved to {kind.words(name, form.values)}."
    return f"{kind.by_word[name].label} set on {count:,}."


def _board(uow: UnitOfWork, kind: Kind, count: int, at: dt.datetime) -> Response:
    uow.commit()
    undo = undo_of_bulk_edit(kind, at, "")
    undo = msgspec.structs.replace(undo, fields=[*undo.fields, ("board", "1")])
    return htmx.saved_with_undo("/board", f"{count:,} moved.", undo)


def _parsed_value(uow: UnitOfWork, kind: Kind, name: str) -> RecordForm:
    values = request.form.getlist("value") or [""]
    sent = values if isinstance(kind.by_word[name].type, Tags | Links) else values[:1]
    found, unclear = resolve_links(uow, kind, MultiDict([(name, value) for value in sent]))
    form = RecordForm.parse(kind, found)
    form.errors |= {**link_errors(uow, form, None), **unclear}
    return form


def _delete(uow: UnitOfWork, kind: Kind) -> Response:
    ids, at = _ids(request.form), now()
    if not ids:
        return _refused(uow, kind, SELECT)
    if len(remove_records(uow, kind, ids, at)) != len(ids):
        raise RecordNotFoundError
    return list_answer(uow, kind, f"{len(ids):,} deleted.", undo_of_deletion(kind, at, request.form.get("query", "")))


def _restore(uow: UnitOfWork, kind: Kind) -> Response:
    at = _instant()
    restored = restore_records(uow, kind, uow.records.batches.deleted_at(kind, at), now())
    if not restored:
        return _refused(uow, kind, TOO_LATE)
    return _taken_back(uow, kind, f"{len(restored):,} restored.")


def _undo(uow: UnitOfWork, kind: Kind) -> Response:
    changed = uow.records.batches.changed_at(kind, _instant())
    undone = sum(_undo_one(uow, kind, record_id, version) for record_id, version in changed)
    if not undone:
        return _refused(uow, kind, TOO_LATE)
    return _taken_back(uow, kind, f"Undone: {undone:,} changed back.")


def _taken_back(uow: UnitOfWork, kind: Kind, notice: str) -> Response:
    """Answer with what the change was made on: an application's page, the board, or a list."""
    if posted_panel():
        return panel_answer(uow, kind, notice)
    if "board" in request.form:
        uow.commit()
        flash(notice)
        return htmx.go("/board")
    return list_answer(uow, kind, notice)


def _undo_one(uow: UnitOfWork, kind: Kind, record_id: UUID, version: int) -> bool:
    try:
        undo_change(uow, kind, record_id, version, now())
    except (NothingToUndoError, StaleVersionError):
        return False
    return True


def _instant() -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(request.form.get("at", "")).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return dt.datetime.min.replace(tzinfo=dt.UTC)


def _refused(uow: UnitOfWork, kind: Kind, error: str) -> Response:
    view = grid_view(uow, kind, posted_criteria(kind))
    context = {"kind": kind, "view": view, "new_form": RecordForm(kind), "error": error}
    page, fragment = "records/grid/bulk/refused.html", "records/grid/bulk/refused.fragment.html"
    return htmx.render(page, fragment, status=422, **context)


def _ids(form: MultiDict[str, str]) -> list[UUID]:
    """Return the ids sent, each once; none when there are too many."""
    sent = [one for text in form.getlist("ids") for one in text.replace(",", " ").split()]
    try:
        ids = list(dict.fromkeys(UUID(text) for text in sent))
    except ValueError:
        raise RecordNotFoundError from None
    return ids if len(ids) <= MAX_IDS else []
