"""One change to many records."""

import datetime as dt
from uuid import UUID

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import Kind
from tmr.records.blueprint import blueprint
from tmr.records.editing.changes import ContradictionError, change_record, change_records, remove_records
from tmr.records.editing.form import RecordForm
from tmr.records.editing.links import link_errors, resolve_links
from tmr.records.editing.origin import Origin, read_origin
from tmr.records.editing.undo_button import undo_of_bulk_edit
from tmr.records.grid.list_answer import refused_for_many
from tmr.records.grid.rows_answer import list_in_its_order
from tmr.records.history.undo import undo_deletion, undo_made_at
from tmr.records.history.words import edited_since
from tmr.records.page import answers
from tmr.records.said import name_of, sentence
from tmr.repository.errors import NothingToUndoError, RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.locales import number
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required

MAX_IDS = 1_000
SELECT = f"Select between 1 and {MAX_IDS:,} records first."
CHOOSE = "Choose the field to set."


@blueprint.post("/<kind:kind>/bulk")
@sign_in_required
def change_many(kind: Kind) -> Response:
    """Set a field of many records, delete them, or undo either; ``done`` and ``reopen`` are the buttons of one row."""
    actions = {"set": _set_field, "delete": _delete, "restore": _restore, "undo": _undo}
    action = actions.get(request.form.get("action", ""))
    origin = read_origin(kind)
    with unit_of_work() as uow:
        if action is None and kind.done_field and ("done" in request.form or "reopen" in request.form):
            return _tick(uow, kind, origin)
        if action is None:
            return refused_for_many(uow, "Choose what to do with the selected records.", origin)
        return action(uow, kind, origin)


def _set_field(uow: UnitOfWork, kind: Kind, origin: Origin) -> Response:
    name, ids, at = request.form.get("field", ""), _ids(request.form), now()
    if name not in kind.by_word or not ids:
        return refused_for_many(uow, CHOOSE if ids else SELECT, origin)
    form = _parsed_value(uow, kind, name)
    if form.errors:
        return refused_for_many(uow, next(iter(form.errors.values())), origin)
    try:
        count = change_records(uow, kind, ids, form.values, at)
    except ContradictionError as error:
        return refused_for_many(uow, str(error), origin)
    return answers.many_changed(uow, _what_was_set(kind, name, form, count), ids, at, origin)


def _tick(uow: UnitOfWork, kind: Kind, origin: Origin) -> Response:
    """Say of one record that it is done or, as its row can also say, that it is not; twice is as good as once."""
    is_done, at = "done" in request.form, now()
    try:
        record = uow.records.get_for_edit(kind, UUID(request.form["done" if is_done else "reopen"]))
    except ValueError:
        raise RecordNotFoundError from None
    notice, undo = sentence(f"{'Done' if is_done else 'Reopened'}: {name_of(record)}"), None
    if is_done != bool(record[kind.done_field]):
        value = at.isoformat(timespec="seconds").replace("+00:00", "Z") if is_done else None
        change_record(uow, record, {kind.done_field: value}, None, at)
        undo = undo_of_bulk_edit(at, origin)
    return list_in_its_order(uow, origin, [record.id], notice, undo)


def _what_was_set(kind: Kind, name: str, form: RecordForm, count: int) -> str:
    if kind.by_word[name] is kind.stage_field:
        return f"{number(count)} moved to {kind.words(name, form.values)}."
    return f"{kind.by_word[name].label} set on {number(count)}."


def _parsed_value(uow: UnitOfWork, kind: Kind, name: str) -> RecordForm:
    values = request.form.getlist("value") or [""]
    sent = values if kind.by_word[name].type.takes_many else values[:1]
    resolved, unclear = resolve_links(uow, kind, MultiDict([(name, value) for value in sent]))
    form = RecordForm.parse(kind, resolved)
    form.errors |= {**link_errors(uow, form, None), **unclear}
    return form


def _delete(uow: UnitOfWork, kind: Kind, origin: Origin) -> Response:
    ids, at = _ids(request.form), now()
    if not ids:
        return refused_for_many(uow, SELECT, origin)
    if len(remove_records(uow, kind, ids, at)) != len(ids):
        raise RecordNotFoundError
    return answers.many_removed(uow, ids, at, origin)


def _restore(uow: UnitOfWork, kind: Kind, origin: Origin) -> Response:
    try:
        undone = undo_deletion(uow, kind, _instant(), now())
    except NothingToUndoError:
        return refused_for_many(uow, answers.TOO_LATE, origin)
    return answers.many_undone(uow, undone, f"{number(undone.done)} restored.{edited_since(undone)}", origin)


def _undo(uow: UnitOfWork, kind: Kind, origin: Origin) -> Response:
    try:
        undone = undo_made_at(uow, kind, _instant(), now())
    except NothingToUndoError:
        return refused_for_many(uow, answers.TOO_LATE, origin)
    return answers.many_undone(
        uow, undone, f"Undone: {number(undone.done)} changed back.{edited_since(undone)}", origin
    )


def _instant() -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(request.form.get("at", "")).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return dt.datetime.min.replace(tzinfo=dt.UTC)  # nothing was changed then, so there is nothing to undo


def _ids(form: MultiDict[str, str]) -> list[UUID]:
    """Return the ids that were sent, each once; none at all if there are too many."""
    sent = [word for text in form.getlist("ids") for word in text.replace(",", " ").split()]
    try:
        ids = list(dict.fromkeys(UUID(text) for text in sent))
    except ValueError:
        raise RecordNotFoundError from None
    return ids if len(ids) <= MAX_IDS else []
