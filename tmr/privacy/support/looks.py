"""What support sees of an account under a grant: read-only pages. Each look is noted in that account's log."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import msgspec
from flask import abort, request
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.types.links import link_ids
from tmr.domain.locales.locale import OFFERED
from tmr.domain.security_events import SUPPORT_LOOKED, SUPPORT_OPENED, EventType
from tmr.privacy.blueprint import blueprint
from tmr.privacy.record_totals import record_totals
from tmr.repository.access.disclosures import SUPPORT_LOOK
from tmr.repository.access.support_grants import RECORDS, SETTINGS, Grant
from tmr.repository.accounts.security_log import SecurityEvent
from tmr.repository.accounts.sessions import Device
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.event_log import note_for
from tmr.web.services import now, services
from tmr.web.session.cookies import SUPPORT, read_cookie, set_cookie
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import support_confirmation_required, support_required
from tmr.web.session.throttling import SUPPORT_CODE_BY_ACCOUNT, count

PER_PAGE = 100
LONGEST = 200  # characters of a cookie
WRONG = "This code does not work. It is mistyped, expired, revoked or already used by another support account."


class Operator(msgspec.Struct, frozen=True):
    """The support account that makes this request."""

    owner: UUID
    email: str


class View(msgspec.Struct):
    """An account opened under a grant, for one page; its unit of work cannot write."""

    uow: UnitOfWork
    grant: Grant


@blueprint.get("/support")
@support_required
def enter() -> Response:
    """Ask for the code of a grant."""
    return htmx.render("privacy/support/enter.html", error="", code="")


@blueprint.post("/support")
@support_confirmation_required("/support")
def open_grant() -> Response:
    """Open a grant by its code: from then on only this operator can use it, and its owner gets a mail about it."""
    code = request.form.get("code", "")[:200]
    operator = _operator()
    count(SUPPORT_CODE_BY_ACCOUNT, str(operator.owner))
    owner = services().repository.find_by_grant(code)
    grant = _bind(owner, operator, code) if owner else None
    if grant is None:
        return htmx.render("privacy/support/enter.html", error=WRONG, code=code, status=422)
    return htmx.go(f"/support/{grant.id}")


@blueprint.get("/support/<uuid:grant_id>")
@support_required
def look(grant_id: UUID) -> Response:
    """Show what the grant allows: the settings, or how many records of each kind there are."""
    with _looking(grant_id) as view:
        context = _settings(view.uow) if view.grant.terms.scope == SETTINGS else {"kept": record_totals(view.uow)}
        email = view.uow.account.email() if view.grant.terms.scope == SETTINGS else ""
        message = view.uow.grants.message_of(view.grant)
        return htmx.render("privacy/support/look.html", grant=view.grant, message=message, email=email, **context)


@blueprint.get("/support/<uuid:grant_id>/<kind:kind>")
@support_required
def look_at_kind(grant_id: UUID, kind: Kind) -> Response:
    """Show the records of one kind, a page at a time."""
    page = request.args.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    with _looking(grant_id, RECORDS, kind.plural) as view:
        kind = view.uow.kinds[kind.plural]  # with the stages of the account that is looked at
        records, total = view.uow.records.page(kind, PER_PAGE * (max(number, 1) - 1), PER_PAGE)
        names = view.uow.names.some(record_id for record in records for record_id in _linked_ids(record.values, kind))
        context: dict[str, Any] = {"kind": kind, "records": records, "names": names, "number": number}
        is_last = PER_PAGE * number >= total
        return htmx.render("privacy/support/kind.html", grant=view.grant, is_last=is_last, **context)


@blueprint.get("/support/<uuid:grant_id>/<kind:kind>/<uuid:record_id>")
@support_required
def look_at_record(grant_id: UUID, kind: Kind, record_id: UUID) -> Response:
    """Show all fields of one record."""
    with _looking(grant_id, RECORDS, f"{kind.plural}, one of them") as view:
        kind = view.uow.kinds[kind.plural]  # with the stages of the account that is looked at
        try:
            record = view.uow.records.get(kind, record_id)
        except RecordNotFoundError:
            abort(404)
        names = view.uow.names.some(_linked_ids(record.values, kind))
        return htmx.render("privacy/support/record.html", grant=view.grant, kind=kind, record=record, names=names)


@contextmanager
def _looking(grant_id: UUID, scope: str = "", about: str = "") -> Iterator[View]:
    """Note the look in the account's log, then open the account read-only; 404 unless the grant allows it."""
    operator = _operator()
    owner = services().repository.find_by_grant(grant_id.hex)
    if owner is None:
        abort(404)
    with services().repository.for_owner(owner) as uow:
        grant = _allowed_grant(uow, grant_id, operator, scope)
        _open_records(uow, grant)  # records that are locked are no look
        _note(uow, SUPPORT_LOOKED, operator, about or grant.terms.scope)
        uow.disclosures.add(SUPPORT_LOOK, now())
        uow.commit()  # before anything is shown, so that no look can go unnoted
    with services().repository.for_owner(owner, is_read_only=True) as uow:
        grant = _allowed_grant(uow, grant_id, operator, scope)
        _open_records(uow, grant)
        yield View(uow, grant)


def _open_records(uow: UnitOfWork, grant: Grant) -> None:
    """Let the code that this browser keeps open locked records, if the grant is for those; 423 if it does not."""
    if grant.terms.scope == RECORDS:
        of_grant, _, code = read_cookie(SUPPORT)[:LONGEST].partition(".")
        uow.grants.open_records(grant, code if of_grant == grant.id.hex else "")
        uow.lock.check_open()


def _operator() -> Operator:
    """Return who is asking, and end that account's transaction: a request holds one connection at a time."""
    with unit_of_work() as uow:
        operator = Operator(uow.owner, uow.account.email())
        uow.commit()
    return operator


def _allowed_grant(uow: UnitOfWork, grant_id: UUID, operator: Operator, scope: str) -> Grant:
    """Return the grant if it is this operator's, has not ended, and covers ``scope``; 404 otherwise."""
    grant = uow.grants.find(grant_id, now())
    if uow.account.standing().disabled_at:  # its owner could neither see the look nor end the grant
        abort(404)
    if grant is None or grant.terms.operator != str(operator.owner) or (scope and grant.terms.scope != scope):
        abort(404)
    return grant


def _bind(owner: UUID, operator: Operator, code: str) -> Grant | None:
    """Bind the grant of a code to this operator, and return it; None if it is another's, or has ended."""
    with services().repository.for_owner(owner) as uow:
        grant = uow.grants.by_code(code, now())
        if grant is None or grant.terms.operator not in ("", str(operator.owner)):
            return None
        if not grant.terms.operator:
            uow.grants.bind(grant, operator.owner)
            _note(uow, SUPPORT_OPENED, operator, grant.terms.scope)
        if kept := uow.grants.kept(grant, code):  # the server has nothing that opens them; until the browser is closed
            set_cookie(SUPPORT, f"{grant.id.hex}.{kept}")
        uow.commit()
        return grant


def _note(uow: UnitOfWork, event_type: EventType, operator: Operator, about: str) -> None:
    """Write to the log of the account that is looked at: what was looked at, and by whom."""
    note_for(uow, event_type, SecurityEvent(event_type.name, Device("", ""), about=f"{about}, by {operator.email}"))


def _settings(uow: UnitOfWork) -> dict[str, Any]:
    return {
        "preferences": uow.account.preferences(),
        "locale_name": OFFERED.get(uow.account.preferences().locale, ""),
        "standing": uow.account.standing(),
        "stages": next(iter(uow.kinds.values())).stages if uow.lock.is_open else (),
        "has_totp": uow.totp.exists(),
        "passkeys": len(uow.passkeys.list()),
        "devices": len(uow.sessions.list(now())),
    }


def _linked_ids(values: Any, kind: Kind) -> list[str]:
    return [linked_id for field in kind.record_links for linked_id in link_ids(values.get(field.name))]
