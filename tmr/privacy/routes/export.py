"""Taking everything along: a ZIP of all kinds, or one kind as CSV."""

from collections.abc import Iterator
from uuid import UUID

from flask import Response

from tmr.domain.exporting import csv_lines
from tmr.domain.kind import Kind
from tmr.privacy.archive import archive
from tmr.privacy.blueprint import blueprint
from tmr.privacy.references import references
from tmr.web.guards import confirmation_required, sign_in_required
from tmr.web.identity import unit_of_work
from tmr.web.parts import Parts, now, parts
from tmr.web.security_events import EXPORTED, note


@blueprint.post("/settings/privacy/export")
@confirmation_required("/settings/privacy")
def export_everything() -> Response:
    """Stream the ZIP of everything."""
    uow = unit_of_work()
    note(uow, EXPORTED)
    uow.commit()
    name = f"trackmyroles-{now():%Y-%m-%d}.zip"
    return _download(_archive(parts(), uow.owner), name, "application/zip")


@blueprint.get("/export/<kind:kind>.csv")
@sign_in_required
def export_kind(kind: Kind) -> Response:
    """Stream one kind as CSV."""
    pieces = _csv(parts(), unit_of_work().owner, kind)
    return _download(pieces, f"{kind.plural}.csv", "text/csv; charset=utf-8")


def _download(pieces: Iterator[bytes], name: str, content_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(pieces, content_type=content_type, headers=headers)


# The answer is streamed after the request's own unit of work has ended, so it reads in one of its own.
def _archive(own: Parts, owner: UUID) -> Iterator[bytes]:
    with own.repository.for_owner(owner, is_snapshot=True) as uow:
        yield from archive(uow, own.clock())


def _csv(own: Parts, owner: UUID, kind: Kind) -> Iterator[bytes]:
    with own.repository.for_owner(owner, is_snapshot=True) as uow:
        personal = uow.kinds[kind.plural]
        yield from csv_lines(personal, uow.records.everything(personal), references(uow))
