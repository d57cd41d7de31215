"""The preparation of an interview and what to ask there, ticked line by line."""

from uuid import UUID

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from tmr.domain.agenda.checklist import ticked
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.record import Record
from tmr.records.blueprint import blueprint
from tmr.records.editing.changes import change_record
from tmr.records.editing.origin import Origin, read_origin
from tmr.records.editing.undo_button import Undo
from tmr.records.history.undo import undo_change
from tmr.records.page import answers
from tmr.records.page.panels import refused_in_panel
from tmr.repository.errors import NothingToUndoError, RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.storage_limit import stores

LISTS = ("preparation", "questions")


@blueprint.post("/interviews/<uuid:record_id>/tick")
@sign_in_required
@stores
def tick(record_id: UUID) -> Response:
    """Tick the line ``line`` of ``field`` with these ``words``, or with ``done`` empty untick it; ``undo`` undoes it.

    It answers where the form was: on the page of the application or of the interview, or else on Today.
    """
    origin, field = read_origin(INTERVIEW), request.form.get("field", "")
    with unit_of_work() as uow:
        stored = uow.records.get_for_edit(uow.kinds[INTERVIEW.plural], record_id)
        if "undo" in request.form:
            return _undone(uow, stored)
        if field not in LISTS:
            raise RecordNotFoundError
        text = ticked(stored[field], _line(), request.form.get("words", ""), is_done=bool(request.form.get("done")))
        values, errors = stored.kind.parse({field: text or ""})
        if text is None or errors:
            return refused_in_panel(errors.get(field, answers.CHANGED), origin)
        record = change_record(uow, stored, values, None, now())
        return answers.saved(uow, record, stored, origin) if origin.place != "list" else _on_today(uow, record, stored)


def _line() -> int:
    text = request.form.get("line", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else -1


def _undone(uow: UnitOfWork, stored: Record) -> Response:
    version = request.form.get("version", "")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else None
    try:
        record = undo_change(uow, stored.kind, stored.id, number, now())
    except NothingToUndoError:
        return answers.too_late_to_undo(Origin(stored.kind, "list"))
    return _answer(uow, record, "Undone.")


def _on_today(uow: UnitOfWork, record: Record, stored: Record) -> Response:
    fields = [("undo", "1"), ("version", record.version)]
    undo = Undo(f"/interviews/{record.id}/tick", fields, f"#prep-{record.id}") if record != stored else None
    return _answer(uow, record, "Saved.", undo)


def _answer(uow: UnitOfWork, record: Record, notice: str, undo: Undo | None = None) -> Response:
    uow.commit()
    if htmx.is_htmx():
        fragment = "records/interview/ticked.fragment.html"
        return htmx.render("", fragment, interview=record, notice=notice, undo=undo)
    if undo:
        return htmx.saved_with_undo("/today", notice, undo)
    flash(notice)
    return redirect("/today", 303)
