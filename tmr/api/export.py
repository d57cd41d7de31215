"""Everything as one ZIP, for a script that keeps a copy."""

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from flask import Response, g, request

from tmr.api.blueprint import blueprint
from tmr.domain.security_events import EXPORTED
from tmr.privacy.export.archive import archive
from tmr.privacy.export.run import LARGE_BYTES, build
from tmr.repository.access.access_tokens import READ
from tmr.repository.errors import WorkTakenError
from tmr.repository.files.exports import Export
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.bearer.access import token_required
from tmr.web.event_log import note
from tmr.web.services import now
from tmr.web.session.current import opener, unit_of_work, without_connection
from tmr.web.session.downloads import at_large_work, begin_download, send_made, send_stored
from tmr.web.session.throttling import EXPORT_BY_ACCOUNT, count

NEW_FOR = dt.timedelta(hours=1)  # an export that the queue made is sent for so long; then there is another one
ASK_AGAIN_SECONDS = 60


@blueprint.get("/api/v1/export")
@token_required(READ)
def export() -> Response:
    """Send the ZIP that Settings gives; while the queue prepares a large one, answer 202 and when to ask again.

    No worker opens locked records, so of those it is prepared in this request.
    """
    uow = unit_of_work()
    count(EXPORT_BY_ACCOUNT, str(uow.owner))
    uow.lock.check_open()  # nothing is noted, and HEAD says no other than GET, while they are closed
    if request.method == "HEAD":
        return Response(content_type="application/zip")
    stored = uow.exports.stored_bytes()
    if stored > LARGE_BYTES:
        return _from_queue(uow, stored)
    download = begin_download(uow.owner)  # first, for it may be refused
    note(uow, EXPORTED, about=g.script)
    uow.commit()
    made_at = now()
    return _as_file(send_made(download, uow, lambda reading: archive(reading, made_at)))


def _from_queue(uow: UnitOfWork, stored: int) -> Response:
    waiting = uow.exports.current(now())
    if waiting is None or (waiting.is_ready and waiting.created_at <= now() - NEW_FOR):
        asked_at = now()  # not after the entry: that has to be found from this moment on
        note(uow, EXPORTED, about=g.script)
        export_id = uow.exports.start(stored, asked_at)
    elif waiting.is_ready:
        _note_unless_asked_by_this_script(uow, waiting)
        return _ready(uow, waiting)
    else:
        export_id = waiting.id
    if uow.lock.is_on:
        return _prepared_here(uow, export_id)
    uow.commit()
    return _ask_again()


def _note_unless_asked_by_this_script(uow: UnitOfWork, waiting: Export) -> None:
    """Note that a script takes what the account's owner, or another script, has asked for."""
    noted = (entry.event for entry in uow.log.since(waiting.created_at))
    if not any(event.name == EXPORTED.name and event.about == g.script for event in noted):
        note(uow, EXPORTED, about=g.script)


def _prepared_here(uow: UnitOfWork, export_id: UUID) -> Response:
    opens, owner = opener(uow), uow.owner
    without_connection(lambda: _build(opens, owner, export_id))
    uow = unit_of_work()
    waiting = uow.exports.current(now())
    return _ready(uow, waiting) if waiting and waiting.is_ready else _ask_again()


def _build(opens: Callable[..., UnitOfWork], owner: UUID, export_id: UUID) -> None:
    with suppress(WorkTakenError), at_large_work(owner):  # taken by another request of a script
        build(opens, export_id, now)


def _ask_again() -> Response:
    return Response(status=202, headers={"Retry-After": str(ASK_AGAIN_SECONDS)})


def _ready(uow: UnitOfWork, waiting: Export) -> Response:
    uow.commit()
    sent = send_stored(uow, waiting.total_bytes, lambda reading, at: reading.exports.chunk(waiting.id, at))
    return _as_file(sent)


def _as_file(response: Response) -> Response:
    response.content_type = "application/zip"
    response.headers["Content-Disposition"] = f'attachment; filename="trackmyroles-{now():%Y-%m-%d}.zip"'
    return response
