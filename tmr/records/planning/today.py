"""Today: what needs to be done, and one key to do it, to snooze it, or to open it.

Which records are listed, and under which heading, is decided in ``tmr/domain/agenda/agenda.py``.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
from flask import abort, flash, redirect, request
from flask_login import current_user
from werkzeug.wrappers import Response

from tmr.domain.agenda.agenda import Fact
from tmr.domain.fields.kind import pipeline_of_kind
from tmr.domain.fields.type import Wire
from tmr.domain.kinds import KINDS
from tmr.domain.kinds.event import EVENT
from tmr.domain.pipeline.category import APPLIED, SAVED
from tmr.records.blueprint import blueprint
from tmr.records.editing.changes import add_record, change_record, undo_change
from tmr.records.editing.undo_button import Undo
from tmr.records.planning.dates import line_of, todays_agenda
from tmr.repository.errors import NothingToUndoError, RecordNotFoundError, StaleVersionError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.zone import current_zone, today
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import public, sign_in_required

SNOOZE_DAYS = (1, 3, 7)
SNOOZED = {1: "Snoozed until tomorrow.", 3: "Snoozed for 3 days.", 7: "Snoozed until next week."}
FEW_LINES, MANY_LINES = 20, 500  # of each part, before and after all of them are asked for
MOVED = ("follow_up", "due")  # snoozing dates of these roles moves them; other dates are not ours to move
CHANGED = "That was changed somewhere else. Here is the current list."
FOLLOWED_UP = "Asked for an update"


@blueprint.get("/")
@public
def home() -> Response:
    """Welcome a visitor; show a signed-in person their day."""
    return show_today() if current_user.is_authenticated else htmx.render("auth/sign_up/welcome.html")


@blueprint.get("/today")
@sign_in_required
def show_today() -> Response:
    """Show what needs to be done today."""
    with unit_of_work() as uow:
        context = _context(uow)
        uow.commit()
    return htmx.render("records/planning/today/index.html", "records/planning/today/index.fragment.html", **context)


@blueprint.post("/today/done")
@sign_in_required
def finish_line() -> Response:
    """Do what a line asks for, so that it leaves Today: it is done, followed up, sent or dismissed."""
    return _act_on_line(_finish)


@blueprint.post("/today/snooze")
@sign_in_required
def snooze_line() -> Response:
    """Leave a line out for some days: its date is moved, or where that is not ours to move, the line is hidden."""
    return _act_on_line(_snooze)


def _act_on_line(work: Callable[[UnitOfWork, Fact, str], Response]) -> Response:
    """Do ``work`` to the line that was sent, unless the line or its record has changed since it was shown."""
    with unit_of_work() as uow:
        line = line_of(todays_agenda(uow, now(), current_zone()), request.form.get("line", ""))
        if line is None:
            return _answer_changed(uow)
        try:
            return work(uow, *line)
        except StaleVersionError:
            return _answer_changed(uow)


def _finish(uow: UnitOfWork, fact: Fact, name: str) -> Response:
    if name == "quiet":
        return _answer_with_lines(uow, _follow_up_logged(fact), _log_follow_up(uow, fact.id))
    changes = _changes_when_done(fact, name)
    if not changes:
        return _answer_with_lines(uow, "Dismissed.", _hide(uow, request.form["line"], 366))
    undo = _change(uow, fact, changes)
    stage_field = fact.kind.stage_field
    if stage_field and stage_field.name in changes:  # the record keeps its date, so the line is hidden as well
        hidden = _hide(uow, request.form["line"], 366)
        undo = msgspec.structs.replace(undo, fields=[*undo.fields, *hidden.fields])
    return _answer_with_lines(uow, "Done.", undo)


def _snooze(uow: UnitOfWork, fact: Fact, name: str) -> Response:
    days = {str(count): count for count in SNOOZE_DAYS}.get(request.form.get("days", "1"), 1)
    notice = SNOOZED[days]
    if name not in fact.kind.by_name or fact.kind.by_name[name].role not in MOVED:
        return _answer_with_lines(uow, notice, _hide(uow, request.form["line"], days))
    later = (today() + dt.timedelta(days=days)).isoformat()
    return _answer_with_lines(uow, notice, _change(uow, fact, {name: later}))


@blueprint.post("/today/restore")
@sign_in_required
def restore_line() -> Response:
    """Undo what was done to a line."""
    with unit_of_work() as uow:
        try:
            _restore(uow)
        except (NothingToUndoError, StaleVersionError, ValueError, KeyError):
            abort(409)
        return _answer_with_lines(uow, "Undone.", None)


def _restore(uow: UnitOfWork) -> None:
    form = request.form
    if "line" in form:
        snoozed = uow.account.locked_preferences().snoozed
        uow.account.change_preferences(snoozed={key: until for key, until in snoozed.items() if key != form["line"]})
    if "event" in form:
        if not uow.records.remove(uow.kinds[EVENT.plural], [UUID(form["event"])], now()):
            raise RecordNotFoundError
    elif "record" in form or "line" not in form:
        undo_change(uow, uow.kinds[form["kind"]], UUID(form["record"]), int(form["version"]), now())


def _changes_when_done(fact: Fact, name: str) -> dict[str, Wire]:
    """Return the changes to a record that make its line done; empty if no field of it can say so."""
    kind, moment = fact.kind, now().isoformat(timespec="seconds").replace("+00:00", "Z")
    if kind.done_field:
        return {kind.done_field: moment}
    role, contacted, stage_field = kind.by_name[name].role, kind.by_role.get("contacted"), kind.stage_field
    if role == "follow_up":
        return {name: None, **({contacted.name: today().isoformat()} if contacted else {})}
    applied = pipeline_of_kind(kind).first_of(APPLIED)
    if role == "deadline" and stage_field and applied and _is_saved(fact):
        return {stage_field.name: applied.key}
    return {}


def _is_saved(fact: Fact) -> bool:
    return pipeline_of_kind(fact.kind).category_of(fact.values["status"]) == SAVED


def _change(uow: UnitOfWork, fact: Fact, changes: dict[str, Wire]) -> Undo:
    stored = uow.records.get_for_edit(fact.kind, fact.id)
    # The line was read before the record was locked: another request may have changed the record in between.
    if any(stored[name] != value for name, value in fact.values.items()):
        raise StaleVersionError(stored)
    record = change_record(uow, stored, changes, stored.version, now())
    return _undo(("kind", fact.kind.plural), ("record", fact.id), ("version", record.version))


def _follow_up_logged(fact: Fact) -> str:
    return f"Follow-up logged for {fact.values['company']}."


def _log_follow_up(uow: UnitOfWork, record_id: UUID) -> Undo:
    moment = now().isoformat(timespec="seconds").replace("+00:00", "Z")
    values = {"application_id": str(record_id), "type": "email", "happened_at": moment, "text": FOLLOWED_UP}
    event = add_record(uow, uow.kinds[EVENT.plural], {**EVENT.defaults(), **values}, now())
    return _undo(("event", event.id))


def _hide(uow: UnitOfWork, key: str, days: int) -> Undo:
    snoozed, here = uow.account.locked_preferences().snoozed, today()
    kept = {line: until for line, until in snoozed.items() if until > here.isoformat()}  # the others are over
    uow.account.change_preferences(snoozed={**kept, key: (here + dt.timedelta(days=days)).isoformat()})
    return _undo(("line", key))


def _undo(*fields: tuple[str, object]) -> Undo:
    kept = (("all", "1"),) if _shows_all() else ()
    return Undo("/today/restore", (*fields, *kept), "#today", "outerHTML")


def _answer_with_lines(uow: UnitOfWork, notice: str, undo: Undo | None) -> Response:
    context = _context(uow)
    uow.commit()
    if not htmx.is_htmx():
        return htmx.saved_with_undo(_place(), notice, undo)
    return htmx.render("", "records/planning/today/changed.fragment.html", notice=notice, undo=undo, **context)


def _answer_changed(uow: UnitOfWork) -> Response:
    if not htmx.is_htmx():
        flash(CHANGED)
        return redirect(_place(), 303)
    return _answer_with_lines(uow, CHANGED, None)


def _shows_all() -> bool:
    return request.values.get("all") == "1"


def _place() -> str:
    return "/today?all=1" if _shows_all() else "/today"


def _context(uow: UnitOfWork) -> dict[str, Any]:
    agenda, most = todays_agenda(uow, now(), current_zone()), MANY_LINES if _shows_all() else FEW_LINES
    preparing = [entry.fact.id for entry in agenda.interviews[:most]]
    interviews = uow.records.get_many(uow.kinds["interviews"], preparing, with_detail=True)
    prepared = {interview.id: interview for interview in interviews}
    is_first = not agenda.count and not any(uow.records.counts.of(kind) for kind in KINDS.values())
    shown = {"most": most, "shows_all": _shows_all()}
    return {"agenda": agenda, "prepared": prepared, "today": today(), "is_first": is_first, **shown}
