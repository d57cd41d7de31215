"""Who is asking: the session cookie's claim, opened once a request and kept as its unit of work."""

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

from flask import Request, abort, g, redirect, request, session
from flask_login import LoginManager, UserMixin, current_user

from tmr.repository.accounts.known_devices import KNOWN_FOR
from tmr.repository.accounts.sessions import Device, Lifetime
from tmr.repository.errors import DatabaseError, PoolTimeoutError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.zone import zone_named
from tmr.web.services import now, services
from tmr.web.session.cookies import DEVICE, SESSION, drop_cookie, read_cookie, set_cookie

login_manager = LoginManager()
login_manager.session_protection = None

Result = TypeVar("Result")
CONFIRMED_FOR = dt.timedelta(minutes=10)
NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
DEVICE_ACCOUNTS = 5  # how many accounts may know one browser at a time


class SignedIn(UserMixin):  # type: ignore[misc]
    """The person behind a valid session."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.id: UUID = uow.owner


@login_manager.request_loader  # type: ignore[untyped-decorator]
def load_from_cookie(_current: Request) -> SignedIn | None:
    """Turn the session cookie into a person, or None."""
    cookie = read_cookie(SESSION)
    if not cookie or "is_claim_lost" in g:
        return None
    try:
        uow = services().repository.claim(cookie, now())
    except (DatabaseError, PoolTimeoutError):
        g.is_claim_lost = True  # the page that says so must not ask again
        raise
    if uow is None:
        return None
    g.unit_of_work = uow
    preferences = uow.account.preferences()
    g.zone, g.theme, g.has_zone = zone_named(preferences.zone), preferences.theme, bool(preferences.zone)
    return SignedIn(uow)


def has_session() -> bool:
    """Whether this request comes with a good session; unlike with ``is_signed_in``, no connection is held from then on.

    It is asked before a body is read, which may take long.
    """
    try:
        return services().repository.is_session(read_cookie(SESSION), now())
    except (DatabaseError, PoolTimeoutError):
        g.is_claim_lost = True  # the page that says so must not ask again
        raise


def unit_of_work() -> UnitOfWork:
    """Return the unit of work of the person who is signed in; only behind ``sign_in_required``."""
    uow: UnitOfWork = g.unit_of_work
    return uow


def without_connection(work: Callable[[], Result]) -> Result:
    """Do slow work, such as hashing, without holding a connection, and open this session's unit of work anew.

    Nothing may have been changed before. Whoever was signed out meanwhile is sent to sign in.
    """
    g.pop("unit_of_work").commit()
    result = work()
    uow = services().repository.claim(read_cookie(SESSION), now())
    if uow is None:
        abort(redirect("/login", 303))
    g.unit_of_work = uow
    return result


def is_signed_in() -> bool:
    """Whether this request comes with a session that is good."""
    return bool(current_user.is_authenticated)


def is_confirmed() -> bool:
    """Whether the person who is signed in showed who they are in the last ten minutes."""
    found = unit_of_work().session
    return found is not None and now() - found.authenticated_at <= CONFIRMED_FOR


def lacks_factor() -> bool:
    """Whether this installation wants a second factor of everybody, and this person has none."""
    found = unit_of_work().session
    return services().settings.requires_factor and found is not None and not found.has_factor


def session_has_factor() -> bool:
    """Whether the person who is signed in has a second factor."""
    found = unit_of_work().session
    return found is not None and found.has_factor


def finish_unit_of_work(_error: BaseException | None) -> None:
    """End the request's transaction. A read keeps the session's last-seen time; a write commits for itself."""
    uow: UnitOfWork | None = g.pop("unit_of_work", None)
    if uow is None:
        return
    if _error is None and request.method in ("GET", "HEAD"):
        uow.commit_if_open()
    uow.close()


def start_session(uow: UnitOfWork, *, keep: bool, is_confirmed: bool) -> UUID:
    """Begin a session for the owner of ``uow``, end the one this browser had, and hand over the cookie.

    With ``is_confirmed`` its person has just shown by the strongest thing they have that it is them. The caller
    commits; without that, the cookie opens nothing.
    """
    settings = services().settings
    idle, longest = settings.session_idle, settings.session_max
    if keep:
        idle, longest = settings.kept_session_idle, settings.kept_session_max
    end_session()
    begun = uow.sessions.add(device(), Lifetime(idle, longest), now(), confirmed_at=now() if is_confirmed else NEVER)
    know_device(uow)
    session.clear()  # a new CSRF token for a new session
    set_cookie(SESSION, begun.cookie, int(longest.total_seconds()) if keep else None)
    return begun.id


def renew_session(uow: UnitOfWork) -> None:
    """Give this session a new token, since its person just showed who they are, and commit."""
    renewed = uow.sessions.renew(uow.session_id, now())
    uow.commit()
    is_kept = renewed.idle > services().settings.session_idle
    session.clear()
    set_cookie(SESSION, renewed.cookie, int((renewed.expires_at - now()).total_seconds()) if is_kept else None)


def end_session() -> None:
    """End the session that this request came with, if any, and keep what its unit of work did."""
    uow: UnitOfWork | None = g.pop("unit_of_work", None)
    if uow is not None:
        uow.commit_if_open()
    if cookie := read_cookie(SESSION):
        services().repository.end_session(cookie, now())


def forget_cookie() -> None:
    """Take the session cookie back from the browser."""
    drop_cookie(SESSION)


def device() -> Device:
    """Return where this request comes from."""
    return Device(request.remote_addr or "", request.headers.get("User-Agent", "")[:400])


def is_known_device(uow: UnitOfWork) -> bool:
    """Whether this account was signed in to from this browser before."""
    token = _device_tokens().get(uow.owner, "")
    return bool(token) and uow.known_devices.knows(token, now())


def known_device_of(owner: UUID | None) -> str:
    """Return what a limit knows this browser by if the account of ``owner`` knows it; nothing otherwise.

    Without an owner any account will do that was signed in to from here.
    """
    held = _device_tokens()
    for one in [owner] if owner else held:
        if one in held and services().repository.is_known_device(one, held[one], now()):
            return f"{one} {held[one]}"
    return ""


def device_token(uow: UnitOfWork) -> str:
    """Return the token by which this account knows this browser, or may; nothing if it holds none."""
    return _device_tokens().get(uow.owner, "")


def know_device(uow: UnitOfWork) -> None:
    """Know this browser from now on: it holds a token of each account that was signed in to from it, five at most."""
    held = _device_tokens()
    held[uow.owner] = uow.known_devices.add(held.pop(uow.owner, ""), now())
    newest = list(held.items())[-DEVICE_ACCOUNTS:]
    value = ".".join(f"{owner.hex}.{token}" for owner, token in newest)
    set_cookie(DEVICE, value, int(KNOWN_FOR.total_seconds()))


def _device_tokens() -> dict[UUID, str]:
    """Return the tokens of the cookie, ``owner.token.owner.token``, by the account that each is of."""
    halves = read_cookie(DEVICE).split(".", DEVICE_ACCOUNTS * 2)
    found = {}
    for owner, token in zip(halves[::2], halves[1::2], strict=False):
        with suppress(ValueError):
            found[UUID(owner)] = token
    return found
