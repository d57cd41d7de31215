"""Renders the privacy page of the settings: what is stored, who may see it, and what people can do about it."""

from flask import Response

from tmr.privacy.promises.operator_notes import operator_notes
from tmr.privacy.record_totals import record_totals
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.services import now, services
from tmr.web.storage_limit import remember

ERASABLE = ("data", "account")


def show_settings(
    uow: UnitOfWork, *, erasing: str = "", errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    """Render the page; ``erasing`` (``data`` or ``account``) opens the form that does it."""
    export, storage = uow.exports.current(now()), uow.storage_used()
    remember(storage.total)  # counted anyway, so the storage limit need not count again for a while
    return htmx.render(
        "privacy/show.html",
        status=status,
        kept=record_totals(uow),
        export=export,
        trouble=uow.exports.trouble(export) if export else None,
        runs_here=export is not None and not export.is_ready and uow.lock.is_on,
        grants=uow.grants.list(now()),
        orders=uow.legal_orders.told(),
        has_password=uow.account.password_hash() is not None,
        storage=storage,
        storage_limit=services().settings.storage_limit,
        operator_notes=operator_notes(uow),
        has_backups=bool(services().settings.backup_target),
        lock=uow.lock.phase,
        erasing=erasing,
        email=uow.account.email(),
        errors=errors or {},
    )
