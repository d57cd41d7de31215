"""The last changes of a person: listed, undone and redone, from any page and on any device."""

import datetime as dt
from functools import partial
from itertools import groupby
from uuid import UUID

import msgspec
from flask import flash, request
from werkzeug.wrappers import Response

from tmr.records.blueprint import blueprint
from tmr.records.editing.origin import Origin, read_origin
from tmr.records.editing.undo_button import Undo, redo_of_step, undo_of_step
from tmr.records.history.undo import redo_step, undo_step
from tmr.records.history.words import day_heading, redone_words, undone_words, words_of
from tmr.records.imports import run as import_run
from tmr.records.page import answers
from tmr.repository.errors import ImportStateError, NothingToUndoError, RecordNotFoundError
from tmr.repository.history.steps import MOST_STEPS, StoredStep
from tmr.repository.history.undoing import Undone
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.zone import current_zone
from tmr.web.return_path import safe_path
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required

NOTHING = "There is nothing to undo."
NOTHING_AGAIN = "There is nothing to redo."
EDITED = "Nothing was changed: it was edited since, undone already, or is gone for good."


class Shown(msgspec.Struct, frozen=True):
    """One change as it is listed, with its time in the person's zone."""

    id: UUID
    words: str
    made_at: dt.datetime
    is_undone: bool
    import_id: UUID | None
    can_be_undone: bool


@blueprint.get("/undo")
@sign_in_required
def show_changes() -> Response:
    """List the last changes, the newest first, each with its undo or redo."""
    with unit_of_work() as uow:
        stored = uow.steps.list()
        words = words_of(uow, stored)
        shown = [_shown(uow, known, words[known.id]) for known in stored]
        uow.commit()
    days = groupby(shown, key=lambda change: change.made_at.date())
    by_day = [(day_heading(date), list(changes)) for date, changes in days]
    return htmx.render("records/history/changes.html", days=by_day, most=MOST_STEPS)


@blueprint.post("/undo")
@sign_in_required
def undo_any() -> Response:
    """Undo the change ``step``, or else the last one that is not undone."""
    with unit_of_work() as uow:
        stored = _asked_for(uow) or uow.steps.newest(partial(_can_be_undone, uow))
        if stored is None:
            return _refuse(uow, NOTHING)
        if stored.step.import_id is not None:
            return _undo_import(uow, stored.step.import_id)
        try:
            undone = undo_step(uow, stored, now())
        except NothingToUndoError:
            return _refuse(uow, EDITED)
        return _answer(uow, undone, undone_words(uow, undone), redo_of_step(stored.id, _origin(uow), _back()))


@blueprint.post("/redo")
@sign_in_required
def redo_any() -> Response:
    """Redo the change ``step``, or else the one that was undone last."""
    with unit_of_work() as uow:
        stored = _asked_for(uow) or uow.steps.undone_last()
        if stored is None:
            return _refuse(uow, NOTHING_AGAIN)
        try:
            redone = redo_step(uow, stored, now())
        except NothingToUndoError:
            return _refuse(uow, EDITED)
        return _answer(uow, redone, redone_words(uow, redone), undo_of_step(stored.id, _origin(uow), _back()))


def _asked_for(uow: UnitOfWork) -> StoredStep | None:
    text = request.form.get("step", "")
    if not text:
        return None
    try:
        return uow.steps.get(UUID(text))
    except (ValueError, NothingToUndoError):
        raise RecordNotFoundError from None


def _undo_import(uow: UnitOfWork, import_id: UUID) -> Response:
    try:
        import_run.undo(uow, uow.imports.get(import_id), now())
    except (ImportStateError, RecordNotFoundError):
        return _refuse(uow, EDITED)
    uow.commit()
    return htmx.go(f"/import/{import_id}")


def _can_be_undone(uow: UnitOfWork, stored: StoredStep) -> bool:
    import_id = stored.step.import_id  # an import is forgotten sooner than a change
    return import_id is None or uow.imports.can_be_undone(import_id)


def _shown(uow: UnitOfWork, stored: StoredStep, words: str) -> Shown:
    made_at = stored.made_at.astimezone(current_zone())
    return Shown(
        stored.id, words, made_at, stored.undone_at is not None, stored.step.import_id, _can_be_undone(uow, stored)
    )


def _origin(uow: UnitOfWork) -> Origin | None:
    """Return where the form was, if it says so as the Undo buttons of that place do."""
    kind = uow.kinds.get(request.form.get("kind", ""))
    return read_origin(kind) if kind else None


def _back() -> str:
    return safe_path(request.form.get("back"), "/undo")


def _answer(uow: UnitOfWork, undone: Undone, notice: str, again: Undo) -> Response:
    """Commit, and answer where the form was: in its list, part or board, or else with the page that it names."""
    origin = _origin(uow)
    if origin is not None and origin.place in ("list", "panel", "board", "card"):
        return answers.many_undone(uow, undone, notice, origin, again)
    uow.commit()
    return htmx.saved_with_undo(_back(), notice, again)


def _refuse(uow: UnitOfWork, words: str) -> Response:
    """Say why nothing was changed, on the page that the form is on: something may be typed there."""
    if htmx.is_htmx() and _origin(uow):
        return htmx.into_messages(htmx.render("", "records/grid/bulk/refused.fragment.html", 409, error=words))
    flash(words)
    return htmx.go(_back())
