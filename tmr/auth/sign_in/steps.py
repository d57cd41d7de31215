"""The steps that ways of signing in share: making an account, checking a password, beginning the session."""

import datetime as dt
from uuid import UUID

import msgspec
from flask import make_response, redirect
from werkzeug.wrappers import Response

from tmr.auth.factors.checking import account_has_factor
from tmr.auth.lock.opening import Opens, carried_by, opens_by
from tmr.auth.revocation import END_SESSION, Event, revoke
from tmr.auth.sign_in import pending
from tmr.auth.sign_in.credentials import Credentials
from tmr.auth.sign_in.device_names import coarse_address, device_name
from tmr.auth.sign_in.pending import Pending
from tmr.domain.security_events import NEW_DEVICE, SIGNED_IN
from tmr.repository.accounts.accounts import NewAccount
from tmr.repository.lock.passwords import Opening
from tmr.repository.queue.mails import Mail
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.locales import guessed_locale
from tmr.web.event_log import note
from tmr.web.services import now, services
from tmr.web.session.current import device, is_trusted_device, know_device, renew_session, start_session

END_SESSION_FOR = dt.timedelta(days=7)


class SessionToEnd(msgspec.Struct):
    """Which session a mailed link ends, with every one that began at ``began_at`` or later."""

    session_id: UUID
    began_at: dt.datetime | None = None


def register(typed: Credentials, *, is_claimed: bool) -> UUID:
    """Make an account and return its owner; with ``is_claimed`` the address leads to it at once.

    Raises:
        EmailTakenError: it is to claim its address, and another account has that.
    """
    password_hash = services().hash_password(typed.password)
    new = NewAccount(typed.email, typed.canonical_email, password_hash, typed.strength, is_claimed=is_claimed)
    return services().repository.add_account(new, now())


def find_by_password(typed: Credentials, owner: UUID | None) -> str | None:
    """Return the stored hash of the account of ``owner`` if the password matches it, else None.

    Without an owner the same work is done, so that the time tells nothing. ``sign_in`` takes the hash and checks that
    it is still the stored one.
    """
    if owner is None:
        services().verify_password(typed.password, None)
        return None
    with services().repository.for_owner(owner) as uow:
        stored, is_open = uow.account.password_hash(), uow.account.standing().disabled_at is None
    # After the transaction: it takes a quarter of a second, and would hold a connection for that long.
    if not services().verify_password(typed.password, stored) or not is_open or stored is None:
        return None
    return _renewed_hash(owner, typed.password, stored) if services().needs_rehash(stored) else stored


def sign_in(
    owner: UUID, checked_hash: str, next_path: str, *, keep: bool, opening: Opening | None = None
) -> Response | None:
    """Sign in after a right password, or begin the second step that the account or an unknown device calls for.

    ``opening`` opens locked records for the session, now or after that step.

    Returns None if the password was changed or the account disabled while it was checked: when many people sign in,
    that takes seconds.
    """
    with services().repository.for_owner(owner) as uow:
        uow.account.hold()  # a change of the password waits until the session is there, and then ends it
        if uow.account.password_hash() != checked_hash or uow.account.standing().disabled_at:
            return None
        if account_has_factor(uow):
            waiting = Pending(pending.FACTOR, next_path, keep)
            token = pending.begin(uow, waiting)
            pending.keep(uow, token, carried_by(uow, waiting, token, opening))
        elif services().settings.mail_url and not is_trusted_device(uow):
            mail_code(uow, Pending(pending.MAILED_CODE, next_path, keep), opening)
        else:
            return complete_sign_in(uow, next_path, keep=keep, opens=opens_by(uow, opening))
        uow.commit()
    return go_to("/login/2fa")


def complete_sign_in(
    uow: UnitOfWork,
    next_path: str,
    *,
    keep: bool,
    is_new_account: bool = False,
    is_confirmed: bool = True,
    opens: Opens | None = None,
) -> Response:
    """Begin the session, log it, mail the owner about a device that is new to the account, and commit.

    A new account gets the locale that its browser asks for.

    ``is_confirmed`` says whether the strongest factor that the account has was used, ``opens`` opens locked records.
    """
    is_new_device = not is_new_account and not is_trusted_device(uow)
    if is_new_account and (locale := guessed_locale()):
        uow.account.change_preferences(locale=locale)
    session_id = start_session(uow, keep=keep, is_confirmed=is_confirmed, opens=opens)
    note(uow, NEW_DEVICE if is_new_device else SIGNED_IN)
    if is_new_device and services().settings.sends_mail:
        uow.mails.add(_new_device_mail(uow, session_id), now())
    uow.commit()
    return go_to(next_path)


def mail_code(uow: UnitOfWork, waiting: Pending, opening: Opening | None = None) -> None:
    """Let this browser wait for a mailed code, and mail it. The caller commits."""
    token = pending.begin(uow, waiting)
    code = pending.new_code(uow, token, carried_by(uow, waiting, token, opening))
    uow.mails.add(Mail(uow.account.email(), "code", {"code": f"{code[:4]} {code[4:]}"}), now())


def end_all_else(uow: UnitOfWork, event: Event) -> None:
    """Revoke what ``event`` revokes, keep this browser signed in under a new token, and commit."""
    revoke(uow, event, now())
    know_device(uow)
    renew_session(uow)


def go_to(path: str) -> Response:
    """Redirect to ``path`` with 303, so that the browser follows with a GET."""
    return make_response(redirect(path, 303))


def _new_device_mail(uow: UnitOfWork, session_id: UUID) -> Mail:
    token = uow.tokens.add(END_SESSION, SessionToEnd(session_id, now()), END_SESSION_FOR, now())
    here = device()
    values = {
        "device": device_name(here.user_agent),
        "address": coarse_address(here.address),
        "when": f"{now():%Y-%m-%d %H:%M} UTC",
        "link": f"/sessions/end/{token}",
    }
    return Mail(uow.account.email(), "new_device", values)


def _renewed_hash(owner: UUID, password: str, stored: str) -> str | None:
    """Store a right password's hash at today's cost and pepper; None if another password was set in between."""
    hashed = services().hash_password(password)
    with services().repository.for_owner(owner) as uow:
        is_renewed = uow.account.renew_password_hash(stored, hashed)
        uow.commit()
    return hashed if is_renewed else None
