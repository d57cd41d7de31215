"""Today: what needs to be done, and one key to do it, to snooze it, or to open it.

Which records are listed, and under which heading, is decided in ``tmr/domain/agenda/agenda.py``.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, flash, redirect, request
from flask_login import current_user
from werkzeug.wrappers import Response

from tmr.domain.agenda.agenda import Agenda, Line
from tmr.domain.fields.kind import Kind
from tmr.domain.kinds import KINDS
from tmr.domain.kinds.application import APPLICATION
from tmr.records.blueprint import blueprint
from tmr.records.editing.undo_button import Choices, Undo
from tmr.records.history.words import edited_since
from tmr.records.planning.dated_records import todays_agenda, whats_next
from tmr.records.planning.day import notices
from tmr.records.planning.day.interview_card import card_of
from tmr.records.planning.day.steps import (
    closing,
    finishing,
    is_follow_up,
    snoozing,
    stage_of_no_answer,
    verb_of,
)
from tmr.records.planning.day.writing import Fields, Written, carry_out, restore, set_follow_up
from tmr.repository.errors import NothingToUndoError, RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.zone import current_zone, today
from tmr.web.services import now
from tmr.web.session.current import committed, unit_of_work
from tmr.web.session.guards import public, sign_in_required
from tmr.web.session.reading import scan_turn, scan_turn_in_a_change

SNOOZE_DAYS = (1, 3, 7)
FEW_LINES, MANY_LINES = 20, 80  # of each part, before and after all of them are asked for
MOST_LINES = 1_000  # of one change to many lines
NOT_UNDONE = (NothingToUndoError, ValueError, OverflowError, KeyError)


@blueprint.get("/")
@public
def home() -> Response:
    """Welcome a visitor; show a signed-in person their day."""
    return show_today() if current_user.is_authenticated else htmx.render("auth/sign_up/welcome.html")


@blueprint.get("/today")
@sign_in_required
def show_today() -> Response:
    """Show what needs to be done today."""
    with scan_turn(), unit_of_work() as uow:
        context = _context(uow)
        uow.commit()
    return htmx.render("records/planning/today/index.html", "records/planning/today/index.fragment.html", **context)


@blueprint.post("/today/done")
@sign_in_required
def finish_line() -> Response:
    """Do what a line asks for, so that it leaves Today: it is done, followed up, sent or dismissed."""
    return _act_on(_finish, _sent_line)


@blueprint.post("/today/snooze")
@sign_in_required
def snooze_line() -> Response:
    """Leave a line out for some days: its date is moved, or where that is not ours to move, the line is hidden."""
    return _act_on(_snooze, _sent_line)


@blueprint.post("/today/bulk")
@sign_in_required
def change_lines() -> Response:
    """Do the same to many lines: finish, snooze or close them; or set the next date of those just followed up."""
    works = {"done": _finish, "snooze": _snooze, "close": _close}
    action = request.form.get("action", "snooze" if "days" in request.form else "")
    if action == "next":
        return _set_next()
    return _act_on(works[action], _chosen_lines) if action in works else abort(400)


@blueprint.post("/today/restore")
@sign_in_required
def restore_line() -> Response:
    """Undo what was done to a line, or to many at once."""
    with unit_of_work() as uow:
        try:
            undone = restore(uow, request.form, now())
        except NOT_UNDONE:
            abort(409)
        return _answer_with_lines(uow, f"Undone.{edited_since(undone)}")


Work = Callable[[UnitOfWork, Sequence[Line]], Response]


def _act_on(work: Work, chosen: Callable[[Agenda], Sequence[Line]]) -> Response:
    """Do ``work`` to the lines that were sent; if none of them is there any more, only show the list as it is now."""
    with unit_of_work() as uow, scan_turn_in_a_change(uow):
        lines = chosen(todays_agenda(uow, now(), current_zone()))
        if not lines:
            return _answer_changed(uow)
        try:
            return work(uow, lines)
        except RecordNotFoundError:
            return _answer_changed(uow)


def _sent_line(agenda: Agenda) -> list[Line]:
    return [line for line in agenda.lines if line.key == request.form.get("line")][:1]


def _chosen_lines(agenda: Agenda) -> list[Line]:
    """Return the lines that were sent, and those of whole parts, even where the page shows only some of them."""
    keys, parts = set(request.form.getlist("lines")), set(request.form.getlist("part"))
    chosen = [line for part, lines in agenda.parts.items() for line in lines if part in parts or line.key in keys]
    return chosen[:MOST_LINES]


def _finish(uow: UnitOfWork, lines: Sequence[Line]) -> Response:
    at = now()
    written = carry_out(uow, [finishing(line, at, today()) for line in lines], at, today())
    choices = None
    if any(is_follow_up(line) for line in written.lines):
        fields = [("action", "next"), ("at", at.isoformat()), *_kept_fields()]
        choices = Choices("Next follow-up:", "/today/bulk", fields, "days", notices.NEXT_DATES, "#today", "outerHTML")
    return _answer_written(uow, written, len(lines), notices.finished(written.lines), choices)


def _snooze(uow: UnitOfWork, lines: Sequence[Line]) -> Response:
    days = {str(count): count for count in SNOOZE_DAYS}.get(request.form.get("days", "1"), 1)
    written = carry_out(uow, [snoozing(line, days, today()) for line in lines], now(), today())
    return _answer_written(uow, written, len(lines), notices.snoozed(written.lines, days))


def _close(uow: UnitOfWork, lines: Sequence[Line]) -> Response:
    stage = stage_of_no_answer(_applications(uow))
    if stage is None:
        return _answer_with_lines(uow, notices.NO_STAGE)
    steps = [step for step in (closing(line, stage) for line in lines) if step]
    written = carry_out(uow, steps, now(), today())
    return _answer_written(uow, written, len(lines), notices.closed(written.lines, stage))


def _set_next() -> Response:
    days = {"3": 3, "7": 7}.get(request.form.get("days", ""))
    day = today() + dt.timedelta(days=days) if days else None
    with unit_of_work() as uow:
        try:
            followed_up_at = dt.datetime.fromisoformat(request.form.get("at", "")).astimezone(dt.UTC)
            written = set_follow_up(uow, day, followed_up_at, now())
        except (*NOT_UNDONE, RecordNotFoundError):
            return _answer_changed(uow)
        return _answer_with_lines(uow, notices.next_date(day), _undo(written.undo) if day else None)


def _answer_written(
    uow: UnitOfWork, written: Written, asked: int, notice: str, choices: Choices | None = None
) -> Response:
    """Answer with what was done; lines that changed somewhere else, or cannot be changed so, are said to be left."""
    if not written.lines:
        return _answer_changed(uow) if asked == 1 else _answer_with_lines(uow, notices.nothing_done())
    left = notices.left_alone(asked - len(written.lines))
    return _answer_with_lines(uow, notice + left, _undo(written.undo), choices)


def _undo(fields: Fields) -> Undo | None:
    return Undo("/today/restore", (*fields, *_kept_fields()), "#today", "outerHTML") if fields else None


def _kept_fields() -> Fields:
    return [("all", "1")] if _shows_all() else []


def _answer_with_lines(
    uow: UnitOfWork, notice: str, undo: Undo | None = None, choices: Choices | None = None
) -> Response:
    """Commit, and answer with the list as it is by then: another line may have been done at the same moment."""
    if not htmx.is_htmx():
        uow.commit()
        return htmx.saved_with_undo(_place(), notice, undo, choices=choices)
    with committed() as after:
        context = {**_context(after), "notice": notice, "undo": undo, "choices": choices}
        after.commit()
    return htmx.render("", "records/planning/today/changed.fragment.html", **context)


def _answer_changed(uow: UnitOfWork) -> Response:
    if not htmx.is_htmx():
        flash(notices.CHANGED)
        return redirect(_place(), 303)
    return _answer_with_lines(uow, notices.CHANGED)


def _shows_all() -> bool:
    return request.values.get("all") == "1"


def _place() -> str:
    return "/today?all=1" if _shows_all() else "/today"


def _applications(uow: UnitOfWork) -> Kind:
    return uow.kinds[APPLICATION.plural]


def _context(uow: UnitOfWork) -> dict[str, Any]:
    agenda, most = todays_agenda(uow, now(), current_zone()), MANY_LINES if _shows_all() else FEW_LINES
    preparing = [entry.fact.id for entry in agenda.interviews[:most]]
    interviews = uow.records.get_many(uow.kinds["interviews"], preparing, with_detail=True)
    prepared = {interview.id: interview for interview in interviews}
    is_first = not agenda.count and not any(uow.records.counts.of(kind) for kind in KINDS.values())
    upcoming = agenda.interviews[0] if agenda.interviews else None
    card = card_of(uow, upcoming, prepared[upcoming.fact.id]) if upcoming and upcoming.fact.id in prepared else None
    ahead = whats_next(uow, today(), current_zone()) if not agenda.count and not is_first else None
    about = _names_of_tasks(uow, agenda, most)
    closing_stage = stage_of_no_answer(_applications(uow))
    shown = {"most": most, "many": MANY_LINES, "most_chosen": MOST_LINES, "shows_all": _shows_all(), "verb_of": verb_of}
    read = {"agenda": agenda, "prepared": prepared, "card": card, "ahead": ahead, "about": about}
    return {**read, **shown, "today": today(), "is_first": is_first, "closing_stage": closing_stage}


def _names_of_tasks(uow: UnitOfWork, agenda: Agenda, most: int) -> dict[str, str]:
    """Return what the records are called that tasks belong to, by their ids."""
    ids = {str(value) for task in agenda.tasks[:most] for value in _links_of(task) if value}
    return dict(uow.names.some(ids)) if ids else {}


def _links_of(line: Line) -> list[object]:
    return [line.fact.values.get(field.name) for field in line.fact.kind.record_links]
