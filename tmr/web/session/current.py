"""Who is asking: the session cookie is claimed once in a request, which gives the request its unit of work."""

import datetime as dt
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

from flask import Request, abort, current_app, g, redirect, request, session
from flask_login import LoginManager, UserMixin, current_user

from tmr.domain.locales.locale import locale_named
from tmr.repository.accounts.known_devices import KNOWN_FOR
from tmr.repository.accounts.sessions import Device, Lifetime, Renewed
from tmr.repository.errors import DatabaseError, PoolTimeoutError, is_outage
from tmr.repository.keys.owner_keys import SessionSecret
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.zone import zone_named
from tmr.web.services import now, services
from tmr.web.session.cookies import DEVICE, SESSION, drop_cookie, read_cookie, set_cookie
from tmr.web.session.turns.searches import guard_scans
from tmr.web.storage_limit import limit_growth

logger = logging.getLogger(__name__)

login_manager = LoginManager()
login_manager.session_protection = None

Result = TypeVar("Result")
CONFIRMED_FOR = dt.timedelta(minutes=10)
NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
KEEPING_UP = "tmr keeping up"  # its place among the extensions of the app
DEVICE_ACCOUNTS = 5  # how many accounts may know one browser at a time


class SignedIn(UserMixin):  # type: ignore[misc]
    """The person behind a valid session, as Flask-Login wants it."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.id: UUID = uow.owner


@login_manager.request_loader  # type: ignore[untyped-decorator]
def load_from_cookie(_current: Request) -> SignedIn | None:
    """Return the person whose session the cookie claims, or None, and set up the request's unit of work and zone."""
    cookie = session_cookie()
    if not cookie or "is_claim_lost" in g:
        return None
    try:
        uow = services().repository.claim(cookie, now())
    except (DatabaseError, PoolTimeoutError):
        g.is_claim_lost = True  # the error page must not ask the database again
        raise
    if uow is None:
        return None
    use_unit_of_work(uow)
    g.counts = uow.counts_at_claim
    preferences = uow.account.preferences()
    g.zone, g.theme, g.has_zone = zone_named(preferences.zone), preferences.theme, bool(preferences.zone)
    g.locale = locale_named(preferences.locale)
    g.has_letter_keys = preferences.has_letter_keys
    g.has_samples = bool(preferences.samples)
    return SignedIn(uow)


def session_cookie() -> str:
    """Return the cookie of this request's session; its new one if the request has given it a new secret."""
    return str(g.get("session_cookie") or read_cookie(SESSION))


def has_session() -> bool:
    """Whether this request has a valid session; unlike ``is_signed_in``, this holds no connection afterwards.

    It is for asking before a body is read, which may take long.
    """
    try:
        return services().repository.is_session(session_cookie(), now())
    except (DatabaseError, PoolTimeoutError):
        g.is_claim_lost = True  # the error page must not ask the database again
        raise


def unit_of_work() -> UnitOfWork:
    """Return the unit of work of the person who is signed in; only behind ``sign_in_required``."""
    uow: UnitOfWork = g.unit_of_work
    return uow


def without_connection(work: Callable[[], Result]) -> Result:
    """Do slow work, such as hashing, without holding a connection; after it, ``unit_of_work`` returns a new one.

    What the caller has changed by then is committed, whatever comes of the work. A session that ended during it is sent
    to sign in.
    """
    with g.pop("unit_of_work") as uow:
        uow.commit()
    result = work()
    use_unit_of_work(g.get("claim_again", _claim_again)())
    return result


def committed() -> UnitOfWork:
    """Commit what this request has changed, and return a new unit of work: it sees what others committed meanwhile.

    Where there is none in time, or no turn for what the answer shows, that is said in words that fit what is kept.
    """
    g.is_kept = True
    without_connection(lambda: None)
    return unit_of_work()


def _claim_again() -> UnitOfWork:
    uow = services().repository.claim(session_cookie(), now())
    if uow is None:
        abort(redirect("/login", 303))
    return uow


def use_unit_of_work(uow: UnitOfWork) -> None:
    """Make ``uow`` the one of this request: it stores what there is room for, and opens much only in a turn."""
    earlier: UnitOfWork | None = g.get("unit_of_work")
    if earlier is not None and earlier is not uow:
        earlier.close()
    g.unit_of_work = uow
    _keep_up(uow)
    limit_growth(uow)
    guard_scans(uow)


def opener(uow: UnitOfWork) -> Callable[..., UnitOfWork]:
    """Return what opens further units of work as ``Repository.for_owner`` does, for the owner of ``uow``.

    Locked records are open in them as long as they are in the session of this request.
    """
    repository, clock, secret = services().repository, services().clock, uow.unlocked_by

    def open_further(**how: bool) -> UnitOfWork:
        further = repository.for_owner(uow.owner, unlocked_by=secret, now=clock(), **how)
        further.keeps_up = uow.keeps_up
        return further

    return open_further


def _keep_up(uow: UnitOfWork) -> None:
    """Let a request do at its end what no worker can for locked records: plan reminders, and prepare calendar feeds."""
    if uow.lock.is_on:
        uow.keeps_up = current_app.extensions[KEEPING_UP]


def is_signed_in() -> bool:
    """Whether this request has a valid session."""
    return bool(current_user.is_authenticated)


def is_confirmed() -> bool:
    """Whether the person who is signed in confirmed who they are in the last ten minutes."""
    current = unit_of_work().session
    return current is not None and now() - current.authenticated_at <= CONFIRMED_FOR


def lacks_factor() -> bool:
    """Whether this installation requires a second factor, and this account has none."""
    current = unit_of_work().session
    return services().settings.requires_factor and current is not None and not current.has_factor


def session_has_factor() -> bool:
    """Whether the account that is signed in has a second factor."""
    current = unit_of_work().session
    return current is not None and current.has_factor


def finish_unit_of_work(_error: BaseException | None) -> None:
    """End the request's transaction; after a read, commit what it noted. Writes commit themselves.

    An answer that is made by now is sent, even if the database has gone away since: nothing else would be kept.
    """
    uow: UnitOfWork | None = g.pop("unit_of_work", None)
    if uow is None:
        return
    try:
        with uow:
            if _error is None and request.method in ("GET", "HEAD"):
                uow.commit_if_open()
    except DatabaseError as error:
        if not is_outage(error):
            raise
        logger.error("the database went away at the end of a request: %s", type(error).__name__)
        uow.close()  # its transaction is over by now, and its place in the pool is free again


def start_session(
    uow: UnitOfWork, *, keep: bool, is_confirmed: bool, opens: Callable[[SessionSecret], None] | None = None
) -> UUID:
    """Begin a session for the owner of ``uow``, end the one this browser had, and set the cookie; return the new id.

    ``is_confirmed`` says that the person has just used the strongest factor of the account. ``opens`` opens locked
    records for the new session. The caller commits; until then the cookie opens nothing.
    """
    settings = services().settings  # the lifetimes are settings, with their defaults in tmr/config.py
    idle, longest = settings.session_idle, settings.session_max
    if keep:
        idle, longest = settings.kept_session_idle, settings.kept_session_max
    end_session()
    new = uow.sessions.add(device(), Lifetime(idle, longest), now(), confirmed_at=now() if is_confirmed else NEVER)
    if opens:
        opens(new.session)
    know_device(uow)
    session.clear()  # so that the CSRF token is a new one too
    set_cookie(SESSION, new.cookie, int(longest.total_seconds()) if keep else None)
    return new.id


def renew_session(uow: UnitOfWork) -> None:
    """Give this session a new token and mark it as confirmed just now; commits."""
    renewed = uow.sessions.renew(now())
    uow.commit()
    session.clear()
    _hand_out(renewed)


def _hand_out(renewed: Renewed) -> None:
    is_kept = renewed.idle > services().settings.session_idle  # "keep me signed in" was chosen
    set_cookie(SESSION, renewed.cookie, int((renewed.expires_at - now()).total_seconds()) if is_kept else None)


def give_new_secret(change: Callable[[UnitOfWork, SessionSecret], object]) -> None:
    """Give this session a new secret, do ``change`` under it and commit; the request goes on in a new unit of work.

    Unlike ``renew_session`` it confirms nothing, and the tokens of forms in other tabs stay good.
    """
    uow: UnitOfWork = g.pop("unit_of_work")
    with uow:
        uow.hold_account()  # before the row of the session, as what ends sessions; an unlock under way comes before it
        renewed = uow.sessions.renew(now(), is_confirmed=False)
        change(uow, renewed.session)
        uow.commit()
    _hand_out(renewed)
    g.session_cookie = renewed.cookie
    claimed = services().repository.claim(renewed.cookie, now())
    if claimed is None:  # it was ended in this very moment
        abort(redirect("/login", 303))
    use_unit_of_work(claimed)


def end_session() -> None:
    """End the session of this request, if it has one, after committing what its unit of work did."""
    uow: UnitOfWork | None = g.pop("unit_of_work", None)
    if uow is not None:
        with uow:
            uow.commit_if_open()
    if cookie := session_cookie():
        services().repository.end_session(cookie, now())


def forget_cookie() -> None:
    """Delete the session cookie from the browser."""
    drop_cookie(SESSION)


def device() -> Device:
    """Return the address and browser that this request comes from."""
    return Device(request.remote_addr or "", request.headers.get("User-Agent", "")[:400])


def is_trusted_device(uow: UnitOfWork) -> bool:
    """Whether someone signed in to this account from this browser, which was not signed out from elsewhere since."""
    token = _device_tokens().get(uow.owner, "")
    return bool(token) and uow.known_devices.trusts(token, now())


def known_device_of(owner: UUID | None) -> str:
    """Return what limits count this browser as if it is a known device of ``owner``; an empty text if not.

    Without an owner, it may be a known device of any account.
    """
    tokens = _device_tokens()
    for account in [owner] if owner else tokens:
        if account in tokens and services().repository.is_known_device(account, tokens[account], now()):
            return f"{account} {tokens[account]}"
    return ""


def device_token(uow: UnitOfWork) -> str:
    """Return the token that this browser shows to be a known device of the account; an empty text if it has none."""
    return _device_tokens().get(uow.owner, "")


def know_device(uow: UnitOfWork) -> None:
    """Make this browser a known device of the account. It holds a token for each of its last five accounts."""
    tokens = _device_tokens()
    tokens[uow.owner] = uow.known_devices.add(tokens.pop(uow.owner, ""), now())  # popped first, so that it comes last
    newest = list(tokens.items())[-DEVICE_ACCOUNTS:]
    value = ".".join(f"{owner.hex}.{token}" for owner, token in newest)
    set_cookie(DEVICE, value, int(KNOWN_FOR.total_seconds()))


def _device_tokens() -> dict[UUID, str]:
    """Return the tokens in the cookie, ``owner.token.owner.token``, by owner; parts that do not parse are left out."""
    halves = read_cookie(DEVICE).split(".", DEVICE_ACCOUNTS * 2)
    tokens = {}
    for owner, token in zip(halves[::2], halves[1::2], strict=False):
        with suppress(ValueError):
            tokens[UUID(owner)] = token
    return tokens
