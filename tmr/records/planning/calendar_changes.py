"""What is changed from the calendar: a date is added on a day, or an entry moved to another one; both can be undone."""

import datetime as dt
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from tmr.domain.agenda.agenda import Entry, Fact, entries
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field, ValueRefusedError
from tmr.domain.fields.types.dates import Date
from tmr.domain.fields.types.links import link_ids
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.kinds.task import TASK
from tmr.domain.record import Record
from tmr.records import said
from tmr.records.blueprint import blueprint
from tmr.records.editing.changes import add_record, change_record, room_errors
from tmr.records.editing.form import RecordForm
from tmr.records.editing.links import link_errors, resolve_links, target_of
from tmr.records.editing.undo_button import Undo
from tmr.records.history.undo import undo_change, undo_creation
from tmr.records.planning.calendar import chosen_view, month_context, requested_month
from tmr.repository.errors import NothingToUndoError, RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.dates import day as day_in_words
from tmr.web.display.typed_values import typed
from tmr.web.display.zone import current_zone, today
from tmr.web.services import now
from tmr.web.session.current import committed, unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.storage_limit import stores

FOLLOW_UP = "follow-up"
# What can be added on a day: its kind, and the field that takes the day.
ADDED = {"interview": (INTERVIEW, "starts_at"), "task": (TASK, "due_on"), FOLLOW_UP: (APPLICATION, "follow_up_on")}
USUAL_TIME = "T10:00"
MOST_OPTIONS = 50  # of each kind that can be linked
CHANGED = "That was changed somewhere else. Here is the current month."


@blueprint.get("/calendar/new")
@sign_in_required
def show_new_entry() -> Response:
    """Show a small form that adds an interview, a task or a follow-up on the day in the address."""
    what = _what()
    kind, dated = ADDED[what]
    date = (_date(request.args.get("day", "")) or today()).isoformat()
    texts = {dated: typed(date + USUAL_TIME if kind is INTERVIEW else date, kind.by_name[dated])}
    form = RecordForm(kind, texts={**texts, "application_id": ""} if what == FOLLOW_UP else texts)
    with unit_of_work() as uow:
        context = _form_context(uow, what)
        uow.commit()
    return htmx.render("records/planning/calendar/new.html", form=form, day=date, **context)


@blueprint.post("/calendar/new")
@sign_in_required
@stores
def add_entry() -> Response:
    """Add it, and show the month that it is in; or show the form again with what is wrong."""
    what = _what()
    with unit_of_work() as uow:
        form, record = _set_follow_up(uow) if what == FOLLOW_UP else _add(uow, uow.kinds[ADDED[what][0].plural])
        if record is None:
            context = _form_context(uow, what)
            return htmx.render("records/planning/calendar/new.html", status=422, form=form, day="", **context)
        date = str(record[ADDED[what][1]] or "")[:10]
        fields = _undo_fields(record, is_added=what != FOLLOW_UP)
        return _answer(uow, f"{what.capitalize()} added.", fields, _date(date) or today())


@blueprint.post("/calendar/move")
@sign_in_required
@stores
def move_entry() -> Response:
    """Move an entry to another day: an interview keeps its time of day, and everything else has none."""
    date = _date(request.form.get("day", ""))
    name, plural, record_id = _named()
    with unit_of_work() as uow:
        kind = uow.kinds.get(plural)
        if kind is None or date is None or name not in kind.by_name:
            raise RecordNotFoundError
        stored = uow.records.get_for_edit(kind, record_id)
        entry = _entry(stored, request.form["line"])
        if entry is None:
            return _answer(uow, CHANGED)
        changes, errors = kind.parse({name: _moved(stored, entry, date)})
        errors |= kind.contradictions({**stored.values, **changes}, errors)
        if errors:
            return _answer(uow, next(iter(errors.values())))
        record = change_record(uow, stored, changes, stored.version, now())
        notice = f"Moved {said.name_of(record)} to {day_in_words(date)}."
        return _answer(uow, notice, _undo_fields(record) if record.version > stored.version else None)


@blueprint.post("/calendar/undo")
@sign_in_required
def undo_entry() -> Response:
    """Undo what was just added or moved."""
    form = request.form
    with unit_of_work() as uow:
        kind, record_id = uow.kinds.get(form.get("kind", "")), _id(form.get("record", ""))
        if kind is None:
            raise RecordNotFoundError
        try:
            if "added" in form:
                undo_creation(uow, kind, record_id, now())
            else:
                undo_change(uow, kind, record_id, RecordForm.parse(kind, form).version, now())
        except NothingToUndoError:
            abort(409)
        return _answer(uow, "Undone.")


def _what() -> str:
    asked = request.values.get("add", "")
    return asked if asked in ADDED else "interview"


def _date(text: str) -> dt.date | None:
    """Return a day that the fields accept too; None for any other, so that nothing is reckoned beyond the calendar."""
    try:
        day = Date().parse(text)
    except ValueRefusedError:
        return None
    return dt.date.fromisoformat(str(day)) if day else None


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise RecordNotFoundError from None


def _named() -> tuple[str, str, UUID]:
    """Return the field, the kind's plural and the record's id from the key of the entry that was sent."""
    name, _, rest = request.form.get("line", "").partition("/")
    plural, _, rest = rest.partition("/")
    return name, plural, _id(rest.partition("/")[0])


def _entry(stored: Record, key: str) -> Entry | None:
    """Return the entry of this record with this key; None if its date is no longer the one that was shown."""
    found = entries([Fact(stored.kind, stored.id, stored.values)], {}, current_zone())
    return next((entry for entry in found if entry.key == key), None)


def _moved(stored: Record, entry: Entry, date: dt.date) -> str:
    if entry.starts is None:
        return date.isoformat()
    # By as many days, and not to that day: where the interview was arranged it can be another one.
    wall = dt.datetime.fromisoformat(str(stored[entry.field.name])) + (date - entry.date)
    return wall.isoformat(timespec="minutes")


def _form_context(uow: UnitOfWork, what: str) -> dict[str, Any]:
    kind, dated = ADDED[what]
    linking = TASK if what == FOLLOW_UP else kind
    fields: list[Field] = [TASK.by_name["application_id"], kind.by_name[dated]] if what == FOLLOW_UP else [*kind.quick]
    targets = [target_of(field) for field in linking.record_links]
    options = {target.key: uow.names.latest_of(target, MOST_OPTIONS) for target in targets}
    return {"what": what, "choices": list(ADDED), "kind": kind, "fields": fields, "options": options}


def _add(uow: UnitOfWork, kind: Kind) -> tuple[RecordForm, Record | None]:
    sent, unclear = resolve_links(uow, kind, _sent(kind))
    form = RecordForm.parse_new(kind, sent)
    form.errors |= {**link_errors(uow, form, None), **unclear, **room_errors(uow, kind)}
    linked = [linked_id for field in kind.record_links for linked_id in link_ids(form.values.get(field.name))]
    form.names = uow.names.some(set(linked))
    return form, None if form.errors else add_record(uow, kind, form.values, now(), request.form)


def _set_follow_up(uow: UnitOfWork) -> tuple[RecordForm, Record | None]:
    """Set the follow-up of the application that was named; a task's link is read, since a kind does not link itself."""
    kind, dated = uow.kinds[APPLICATION.plural], ADDED[FOLLOW_UP][1]
    sent, unclear = resolve_links(uow, TASK, MultiDict({"application_id": request.form.get("application_id", "")}))
    linked = RecordForm.parse(TASK, sent)
    form = RecordForm.parse(kind, MultiDict({dated: request.form.get(dated, "")}))
    form.texts["application_id"] = request.form.get("application_id", "")
    form.errors |= {**link_errors(uow, linked, None), **linked.errors, **unclear}
    if not form.errors and not form.values[dated]:
        form.errors[dated] = "Enter a date."
    if not form.errors and not linked.values["application_id"]:
        form.errors["application_id"] = "Choose an application."
    if form.errors:
        return form, None
    stored = uow.records.get_for_edit(kind, UUID(str(linked.values["application_id"])))
    return form, change_record(uow, stored, {dated: form.values[dated]}, stored.version, now())


def _sent(kind: Kind) -> MultiDict[str, str]:
    """Return the form without what names the page, in case a field is called the same."""
    names = {name for name in request.form if name in kind.by_word}
    return MultiDict([(name, value) for name in names for value in request.form.getlist(name)])


def _undo_fields(record: Record, *, is_added: bool = False) -> list[tuple[str, object]]:
    fields: list[tuple[str, object]] = [("kind", record.kind.plural), ("record", record.id)]
    return [*fields, ("version", record.version), *([("added", "1")] if is_added else [])]


def _answer(
    uow: UnitOfWork, notice: str, undo_fields: list[tuple[str, object]] | None = None, date: dt.date | None = None
) -> Response:
    """Commit, and answer with the month: the one of ``date``, else the one that the form was sent from."""
    first = date.replace(day=1) if date else requested_month(today())
    place, chosen = f"{first:%Y-%m}", chosen_view(uow)
    view = [("view", chosen.criteria.view)] if chosen.criteria.view else []
    fields = [*undo_fields, ("month", place), *view] if undo_fields else []
    undo = Undo("/calendar/undo", fields, "#calendar", "outerHTML") if fields else None
    if htmx.is_htmx():
        with committed() as after:
            context = month_context(after, first)
            after.commit()
        fragment = "records/planning/calendar/changed.fragment.html"
        return htmx.render("", fragment, notice=notice, undo=undo, **context)
    uow.commit()
    if undo is None:
        flash(notice)
        return redirect(chosen.address(month=place), 303)
    return htmx.saved_with_undo(chosen.address(month=place), notice, undo)
