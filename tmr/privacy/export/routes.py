"""Taking everything along: a ZIP of all kinds, or one kind as CSV."""

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
from tmr.web.security_events import note
from tmr.web.services import Services, now, services
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import confirmation_required, sign_in_required
from tmr.web.session.throttling import EXPORT_BY_ACCOUNT, count

PAGE = "/settings/privacy"


@blueprint.post(f"{PAGE}/export")
@confirmation_required(PAGE)
def export_everything() -> BaseResponse:
    """Stream the ZIP of everything; where there are many documents, let the queue put it together first."""
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
    """Show how far the export is that is being put together."""
    uow = unit_of_work()
    export = uow.exports.current(now())
    if export is None:
        abort(404)
    return htmx.render("privacy/export/_waiting_export.html", export=export, trouble=uow.exports.trouble(export))


@blueprint.post(f"{PAGE}/exports/<uuid:export_id>/retry")
@sign_in_required
def retry_export(export_id: UUID) -> BaseResponse:
    """Try the building of an export now that has failed."""
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
    """Stream an export that the queue has put together."""
    uow = unit_of_work()
    export = uow.exports.current(now())
    if export is None or export.id != export_id or not export.is_ready:
        abort(404)
    pieces = _waiting(services(), uow.owner, export_id)
    response = _download(pieces, _archive_name(), "application/zip")
    response.content_length = export.total_bytes
    return response


@blueprint.get("/export/<kind:kind>.csv")
@confirmation_required(PAGE)
def export_kind(kind: Kind) -> Response:
    """Stream one kind as CSV; its owner reads of it in the log, and by mail."""
    uow = unit_of_work()
    count(EXPORT_BY_ACCOUNT, str(uow.owner))
    if request.method == "GET":  # HEAD takes nothing along
        note(uow, KIND_EXPORTED, about=kind.plural)
        uow.commit()
    pieces = _csv(services(), uow.owner, kind)
    return _download(pieces, f"{kind.plural}.csv", "text/csv; charset=utf-8")


def _archive_name() -> str:
    return f"trackmyroles-{now():%Y-%m-%d}.zip"


def _download(pieces: Iterator[bytes], name: str, content_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(pieces, content_type=content_type, headers=headers)


# The answer is streamed after the request's own unit of work has ended, so it reads in one of its own.
def _archive(own: Services, owner: UUID) -> Iterator[bytes]:
    with own.repository.for_owner(owner, is_snapshot=True) as uow:
        yield from archive(uow, own.clock())


def _waiting(own: Services, owner: UUID, export_id: UUID) -> Iterator[bytes]:
    with own.repository.for_owner(owner, is_snapshot=True) as uow:
        yield from uow.exports.content(export_id)


def _csv(own: Services, owner: UUID, kind: Kind) -> Iterator[bytes]:
    with own.repository.for_owner(owner, is_snapshot=True) as uow:
        personal = uow.kinds[kind.plural]
        yield from csv_lines(personal, uow.records.everything(personal), references(uow))
