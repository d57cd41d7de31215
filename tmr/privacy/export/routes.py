"""Downloading an export: a ZIP of everything, or one kind as CSV."""

import codecs
from collections.abc import Iterator
from uuid import UUID

from flask import Response, abort, flash, request
from werkzeug.wrappers import Response as BaseResponse

from tmr.domain.exporting import csv_lines
from tmr.domain.fields.kind import Kind
from tmr.domain.security_events import EXPORTED, KIND_EXPORTED
from tmr.privacy.blueprint import blueprint
from tmr.privacy.export.archive import archive
from tmr.privacy.export.references import references
from tmr.privacy.export.run import LARGE_BYTES
from tmr.web import htmx
from tmr.web.event_log import note
from tmr.web.services import Services, now, services
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import confirmation_required, sign_in_required
from tmr.web.session.throttling import EXPORT_BY_ACCOUNT, count

PAGE = "/settings/privacy"


@blueprint.post(f"{PAGE}/export")
@confirmation_required(PAGE)
def export_everything() -> BaseResponse:
    """Stream a ZIP of everything; if the documents come to more than 24 MB, let the queue prepare it first."""
    uow = unit_of_work()
    count(EXPORT_BY_ACCOUNT, str(uow.owner))
    note(uow, EXPORTED)
    stored = uow.exports.stored_bytes()
    if stored > LARGE_BYTES:
        uow.exports.start(stored, now())
        uow.commit()
        flash("Your export is being prepared. You can download it here when it is ready.")
        return htmx.go(f"{PAGE}#export")
    uow.commit()
    return _download(_archive(services(), uow.owner), _archive_name(), "application/zip")


@blueprint.get(f"{PAGE}/exports")
@sign_in_required
def show_export() -> Response:
    """Show how far the queue has got with the export, or that it is ready."""
    uow = unit_of_work()
    export = uow.exports.current(now())
    if export is None:
        abort(404)
    return htmx.render("privacy/export/_waiting_export.html", export=export, trouble=uow.exports.trouble(export))


@blueprint.post(f"{PAGE}/exports/<uuid:export_id>/retry")
@sign_in_required
def retry_export(export_id: UUID) -> BaseResponse:
    """Prepare an export again, now, after it has failed."""
    uow = unit_of_work()
    export = uow.exports.current(now())
    if export is None or export.id != export_id:
        abort(404)
    uow.exports.try_again(export)
    uow.commit()
    return htmx.go(f"{PAGE}#export")


@blueprint.get(f"{PAGE}/exports/<uuid:export_id>.zip")
@confirmation_required(PAGE)
def download_export(export_id: UUID) -> Response:
    """Stream an export that the queue has prepared."""
    uow = unit_of_work()
    export = uow.exports.current(now())
    if export is None or export.id != export_id or not export.is_ready:
        abort(404)
    pieces = _stored_export(services(), uow.owner, export_id)
    response = _download(pieces, _archive_name(), "application/zip")
    response.content_length = export.total_bytes
    return response


@blueprint.get("/export/<kind:kind>.csv")
@confirmation_required(PAGE)
def export_kind(kind: Kind) -> Response:
    """Stream one kind as CSV; the owner finds it in the log, and gets a mail."""
    uow = unit_of_work()
    count(EXPORT_BY_ACCOUNT, str(uow.owner))
    if request.method == "GET":  # HEAD downloads nothing
        note(uow, KIND_EXPORTED, about=kind.plural)
        uow.commit()
    pieces = _csv(services(), uow.owner, kind)
    return _download(pieces, f"{kind.plural}.csv", "text/csv; charset=utf-8")


def _archive_name() -> str:
    return f"trackmyroles-{now():%Y-%m-%d}.zip"


def _download(pieces: Iterator[bytes], name: str, content_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(pieces, content_type=content_type, headers=headers)


# These three stream after the request and its unit of work have ended: each opens another, from services passed in.
def _archive(app_services: Services, owner: UUID) -> Iterator[bytes]:
    with app_services.repository.for_owner(owner, is_snapshot=True) as uow:
        yield from archive(uow, app_services.clock())


def _stored_export(app_services: Services, owner: UUID, export_id: UUID) -> Iterator[bytes]:
    with app_services.repository.for_owner(owner, is_snapshot=True) as uow:
        yield from uow.exports.content(export_id)


def _csv(app_services: Services, owner: UUID, kind: Kind) -> Iterator[bytes]:
    with app_services.repository.for_owner(owner, is_snapshot=True) as uow:
        kind = uow.kinds[kind.plural]  # with the stages of this account
        # Without this mark Excel reads UTF-8 as the old code page of the system. The ZIP is for programs: none there.
        yield codecs.BOM_UTF8
        yield from csv_lines(kind, uow.records.everything(kind), references(uow))
