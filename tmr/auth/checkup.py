"""The security page of the settings: how the account is protected, what could be better, and where to change it."""

import datetime as dt
from collections.abc import Collection
from typing import Any
from uuid import UUID

import msgspec
from werkzeug.wrappers import Response

from tmr.auth.revocation import LEFT_BEHIND_WORDS
from tmr.auth.sign_in.credentials import NewPassword
from tmr.domain.security_events import EXPORTED
from tmr.repository.accounts.passkeys import Passkey
from tmr.repository.accounts.provider_identities import LinkedIdentity
from tmr.repository.lock.passkeys import passkey_slots
from tmr.repository.lock.records_lock import LOCKED, OFF, RESEALING
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.services import now, services
from tmr.web.session.current import is_confirmed, unit_of_work

BACKUP_AGE = dt.timedelta(days=30)
STRENGTH = {3: "Strong", 4: "Very strong"}


class Point(msgspec.Struct, frozen=True):
    """One line of the check-up: what was checked, whether it is fine, what was found, and what to do about it."""

    title: str
    is_well: bool
    finding: str
    link: str
    action: str


class Security(msgspec.Struct, frozen=True):
    """What the security page shows about an account; ``codes_left`` counts its unused recovery codes."""

    email: str
    has_password: bool
    has_totp: bool
    codes_left: int
    passkeys: list[Passkey]
    let_in: Collection[UUID]  # which of them unlock records
    identities: list[LinkedIdentity]
    points: list[Point]


def show_checkup(form: NewPassword, status: int = 200) -> Response:
    """Render the security page, with ``form`` as it was typed."""
    context: dict[str, Any] = {
        "form": form,
        "security": _security_of(unit_of_work()),
        "is_confirmed": is_confirmed(),
        "provider": services().settings.provider,
        "left_behind": LEFT_BEHIND_WORDS,
    }
    return htmx.render("auth/security.html", status=status, **context)


def _security_of(uow: UnitOfWork) -> Security:
    passkeys, has_totp = uow.passkeys.list(), uow.totp.exists()
    return Security(
        email=uow.account.email(),
        has_password=uow.account.standing().has_password,
        has_totp=has_totp,
        codes_left=uow.recovery_codes.left(),
        passkeys=passkeys,
        let_in=set(passkey_slots(uow.lock.slots())),
        identities=uow.identities.list(),
        points=[
            _check_factor(has_totp, passkeys),
            _check_password(uow),
            _check_devices(uow),
            _check_backup(uow),
            _check_lock(uow),
        ],
    )


def _check_factor(has_totp: bool, passkeys: list[Passkey]) -> Point:
    title = "Second factor"
    if not has_totp and not passkeys:
        finding = "Your password is all anyone needs to sign in. With a second factor, a stolen password is not enough."
        return Point(title, False, finding, "#second-factor", "Add one")
    factors = ["an authenticator app"] if has_totp else []
    if passkeys:
        factors.append(f"{len(passkeys)} passkey{'s' * (len(passkeys) != 1)}")
    return Point(title, True, f"You have {' and '.join(factors)}.", "#second-factor", "View")


def _check_password(uow: UnitOfWork) -> Point:
    standing, rated = uow.account.standing(), uow.account.preferences().password_strength
    if not standing.has_password:
        return Point(
            "Password", True, "This account has no password, so nobody can guess it.", "#change-password", "Set one"
        )
    age = f"set {_age_in_words(now() - standing.password_set_at)}" if standing.password_set_at else "set some time ago"
    words = STRENGTH.get(rated, "Accepted")
    return Point(
        "Password",
        True,
        f"{words} password, {age}. No need to change it.",
        "#change-password",
        "Change",
    )


def _check_devices(uow: UnitOfWork) -> Point:
    count = len(uow.sessions.list(now()))
    finding = (
        "You are signed in only here." if count == 1 else f"You are signed in on {count} devices. Do you know them all?"
    )
    return Point("Devices", count == 1, finding, "/settings/sessions", "Review")


def _check_backup(uow: UnitOfWork) -> Point:
    last = next((entry.happened_at for entry in uow.log.list() if entry.event.name == EXPORTED.name), None)
    title, link = "Your own backup", "/settings/privacy"
    if last is None:
        return Point(title, False, "You have not exported your data yet. Keep a copy of your own.", link, "Export")
    return Point(
        title,
        now() - last <= BACKUP_AGE,
        f"You exported everything {_age_in_words(now() - last)}.",
        link,
        "Export again",
    )


def _check_lock(uow: UnitOfWork) -> Point:
    """Offer the lock; that it is off is no fault, and one that was begun should be finished."""
    finding, is_well, action = {
        OFF: ("This server can open your records whenever it runs. You can lock them for everyone else.", True, "Lock"),
        RESEALING: ("You have begun to lock your records, and it is not finished.", False, "Go on"),
        LOCKED: ("Your records open only in a browser that you unlock.", True, "View"),
    }[uow.lock.phase]
    return Point("Lock", is_well, finding, "/settings/privacy/lock", action)


def _age_in_words(age: dt.timedelta) -> str:
    return {0: "today", 1: "yesterday"}.get(age.days, f"{age.days} days ago")
