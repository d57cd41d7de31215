"""Downloading an export: a ZIP of everything, or one kind as CSV."""

import codecs
from collections.abc import Iterator
from uuid import UUID

from flask import Response, abort, flash, request
from werkzeug.wrappers import Response as BaseResponse

from tmr.domain.exporting import csv_lines
from tmr.domain.fields.kind import Kind
from tmr.domain.record import Record
from tmr.domain.security_events import EXPORTED, KIND_EXPORTED
from tmr.privacy.blueprint import blueprint
from tmr.privacy.export import run as export_run
from tmr.privacy.export.archive import archive
from tmr.privacy.export.references import references
from tmr.privacy.export.run import LARGE_BYTES
from tmr.repository.errors import RecordNotFoundError, WorkTakenError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.listed import ALL, criteria_with_view, matching, view_of
from tmr.web.event_log import note
from tmr.web.services import now
from tmr.web.session.current import opener, unit_of_work
from tmr.web.session.downloads import at_large_work, begin_download, send_made, send_stored
from tmr.web.session.guards import confirmation_required, sign_in_required
from tmr.web.session.reading import scan_turn
from tmr.web.session.throttling import EXPORT_BY_ACCOUNT, count

PAGE = "/settings/privacy"
AT_A_TIME = 100
ZIP, CSV = "application/zip", "text/csv; charset=utf-8"


@blueprint.post(f"{PAGE}/export")
@confirmation_required(PAGE)
def export_everything() -> BaseResponse:
    """Send a ZIP of everything; if the documents come to more than 24 MB, let the queue prepare it first."""
    uow = unit_of_work()
    count(EXPORT_BY_ACCOUNT, str(uow.owner))
    uow.lock.check_open()
    stored = uow.exports.stored_bytes()
    download = begin_download(uow.owner) if stored <= LARGE_BYTES else None  # first, for it may be refused
    note(uow, EXPORTED)
    if download is None:
        uow.exports.start(stored, now())
        uow.commit()
        flash("Your export is being prepared. You can download it here when it is ready.")
        return htmx.go(f"{PAGE}#export")
    uow.commit()
    made_at = now()
    return _named(send_made(download, uow, lambda reading: archive(reading, made_at)), _archive_name(), ZIP)


@blueprint.get(f"{PAGE}/exports")
@sign_in_required
def show_export() -> Response:
    """Show how far the queue has got with the export, or that it is ready."""
    uow = unit_of_work()
    export = uow.exports.current(now())
    if export is None:
        abort(404)
    return htmx.render("privacy/export/_waiting_export.html", export=export, trouble=uow.exports.trouble(export))


@blueprint.post(f"{PAGE}/exports/<uuid:export_id>/run")
@sign_in_required
def run_export(export_id: UUID) -> BaseResponse:
    """Build an export of locked records, which no worker can open; the page that shows its progress asks for it."""
    uow = unit_of_work()
    opens, export = opener(uow), uow.exports.current(now())
    if export is None or export.id != export_id or not uow.lock.is_on:
        abort(404)
    uow.lock.check_open()
    uow.commit()
    try:
        with at_large_work(uow.owner):
            export_run.build(opens, export_id, now)
    except WorkTakenError:  # by another tab; the page that asks once more sees how far that is
        if htmx.is_htmx():
            return Response(status=204)
    return htmx.go(f"{PAGE}#export")


@blueprint.post(f"{PAGE}/exports/<uuid:export_id>/retry")
@sign_in_required
def retry_export(export_id: UUID) -> BaseResponse:
    """Prepare an export again, now, after it has failed."""
    uow = unit_of_work()
    export = uow.exports.current(now())
    if export is None or export.id != export_id:
        abort(404)
    if not uow.lock.is_on:
        uow.exports.try_again(export)
    uow.commit()
    return htmx.go(f"{PAGE}#export")


@blueprint.get(f"{PAGE}/exports/<uuid:export_id>.zip")
@confirmation_required(PAGE)
def download_export(export_id: UUID) -> Response:
    """Send an export that the queue has prepared."""
    uow = unit_of_work()
    export = uow.exports.current(now())
    if export is None or export.id != export_id or not export.is_ready:
        abort(404)
    uow.lock.check_open()
    uow.commit()
    sent = send_stored(uow, export.total_bytes, lambda reading, number: reading.exports.chunk(export_id, number))
    return _named(sent, _archive_name(), ZIP)


@blueprint.get("/export/<kind:kind>.csv")
@confirmation_required(PAGE)
def export_kind(kind: Kind) -> Response:
    """Send one kind as CSV, or what a list of it shows; the owner finds it in the log, and gets a mail."""
    uow = unit_of_work()
    count(EXPORT_BY_ACCOUNT, str(uow.owner))
    uow.lock.check_open()
    ids = _asked_for(uow, uow.kinds[kind.plural])
    uow = unit_of_work()
    download = begin_download(uow.owner)
    if request.method == "GET":  # HEAD downloads nothing
        note(uow, KIND_EXPORTED, about=kind.plural)
    uow.commit()
    sent = send_made(download, uow, lambda reading: _csv(reading, kind, ids))
    return _named(sent, f"{kind.plural}.csv", CSV)


def _archive_name() -> str:
    return f"trackmyroles-{now():%Y-%m-%d}.zip"


def _named(response: Response, name: str, content_type: str) -> Response:
    response.content_type = content_type
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked_for(uow: UnitOfWork, kind: Kind) -> list[UUID] | None:
    """Return the ids of what the list of this address shows; None for all that there is."""
    criteria = criteria_with_view(uow, kind)
    if criteria.view not in ("", ALL) and view_of(uow, kind, criteria.view) is None:
        raise RecordNotFoundError  # and not more than was asked for
    if criteria.is_plain:
        return None
    with scan_turn(criteria.q):
        return [UUID(bytes=row.id) for row in matching(unit_of_work(), kind, criteria)]


def _csv(uow: UnitOfWork, kind: Kind, ids: list[UUID] | None) -> Iterator[bytes]:
    kind = uow.kinds[kind.plural]  # with the stages of this account
    # Without this mark Excel reads UTF-8 as the old code page of the system. The ZIP is for programs: none there.
    yield codecs.BOM_UTF8
    found = uow.records.everything(kind) if ids is None else _whole(uow, kind, ids)
    yield from csv_lines(kind, found, references(uow))


def _whole(uow: UnitOfWork, kind: Kind, ids: list[UUID]) -> Iterator[Record]:
    for start in range(0, len(ids), AT_A_TIME):
        yield from uow.records.get_many(kind, ids[start : start + AT_A_TIME], with_detail=True)
