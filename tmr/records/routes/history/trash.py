"""The trash: what was deleted in the last 30 days, to be restored or deleted for good."""

import datetime as dt
from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
from flask import flash, redirect, request
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import Kind
from tmr.domain.kinds.event import EVENT
from tmr.records import said
from tmr.records.blueprint import blueprint
from tmr.records.editing.changes import restore_records
from tmr.records.editing.undo_button import undo_of_step
from tmr.records.history.words import day_heading, shortened
from tmr.repository.errors import RecordNotFoundError, TooManyRecordsError
from tmr.repository.history.trash import Deleted
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.locales import number
from tmr.web.display.zone import current_zone
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import confirmation_required, sign_in_required

PER_PAGE = 100
TRASH = "/trash"
FEW_ENTRIES = 3  # of a timeline, that a day lists among what a person deleted
NO_PARENT = "That belongs to an application that is in the trash too. Restore the application first."


class Shown(msgspec.Struct, frozen=True):
    """One deleted record as it is listed, with how many went to the trash along with it."""

    deleted: Deleted
    name: str
    along: int


class Day(msgspec.Struct, frozen=True):
    """What was deleted on one day; ``entries`` are those of timelines, apart where they are many.

    An undone move or follow-up leaves its entry here, which its owner never asked to see.
    """

    heading: str
    records: list[Shown]
    entries: list[Shown]


@blueprint.get("/trash")
@sign_in_required
def show_trash() -> Response:
    """List what is in the trash, day by day, the last deleted first."""
    page = _page()
    with unit_of_work() as uow:
        found = uow.trash.page((page - 1) * PER_PAGE, PER_PAGE)
        days, count = _by_day(_shown(uow, found)), uow.trash.count()
        uow.commit()
    context: dict[str, Any] = {"days": days, "count": count, "number": page, "has_more": count > page * PER_PAGE}
    return htmx.render("records/history/trash.html", **context)


@blueprint.post("/trash/<kind:kind>/<uuid:record_id>/restore")
@sign_in_required
def restore_from_trash(kind: Kind, record_id: UUID) -> Response:
    """Bring a record back, with what went to the trash along with it."""
    with unit_of_work() as uow:
        _require_in_trash(uow, kind, record_id)
        try:
            is_back = bool(restore_records(uow, kind, [record_id], now()))
            uow.records.counts.write()  # while what is refused can still be told
        except TooManyRecordsError as error:
            flash(str(error))
            return redirect(TRASH, 303)
        if not is_back:
            flash(NO_PARENT)
            return redirect(TRASH, 303)
        name = shortened(uow.names.anywhere([record_id])[record_id])
        step_id = uow.records.notes.step_id
        uow.commit()
    return htmx.saved_with_undo(TRASH, said.sentence(f"Restored {name}"), undo_of_step(step_id, back=TRASH))


@blueprint.post("/trash/<kind:kind>/<uuid:record_id>/delete")
@sign_in_required
def delete_for_good(kind: Kind, record_id: UUID) -> Response:
    """Delete a record in the trash for good, with its history, and with what belongs to it."""
    with unit_of_work() as uow:
        _require_in_trash(uow, kind, record_id)
        uow.trash.forget(kind, record_id)
        uow.files.forget_unused(now(), dt.timedelta(0))
        uow.commit()
    flash("Deleted for good.")
    return redirect(TRASH, 303)


@blueprint.post("/trash/empty")
@confirmation_required(TRASH)
def empty_trash() -> Response:
    """Delete for good all that is in the trash."""
    with unit_of_work() as uow:
        count = uow.trash.count()
        uow.trash.empty()
        uow.files.forget_unused(now(), dt.timedelta(0))
        uow.commit()
    flash(f"{number(count)} deleted for good.")
    return redirect(TRASH, 303)


def _require_in_trash(uow: UnitOfWork, kind: Kind, record_id: UUID) -> None:
    if not uow.trash.has(kind, record_id):
        raise RecordNotFoundError


def _shown(uow: UnitOfWork, found: Sequence[Deleted]) -> list[Shown]:
    ids = [deleted.record.id for deleted in found]
    names, along = uow.names.anywhere(ids), uow.trash.along_with(ids)
    return [
        Shown(deleted, shortened(names[deleted.record.id]), along.get(deleted.record.id, 0))
        for deleted in found
        if deleted.record.id in names
    ]


def _by_day(shown: Sequence[Shown]) -> list[Day]:
    zone = current_zone()
    days = groupby(shown, key=lambda line: line.deleted.deleted_at.astimezone(zone).date())
    return [_day(day_heading(date), list(lines)) for date, lines in days]


def _day(heading: str, lines: list[Shown]) -> Day:
    entries = [line for line in lines if line.deleted.record.kind.key == EVENT.key]
    if len(entries) <= FEW_ENTRIES:
        return Day(heading, lines, [])
    return Day(heading, [line for line in lines if line not in entries], entries)


def _page() -> int:
    text = request.args.get("page", "")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 7 else 1
