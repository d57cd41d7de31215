"""Who is asking: the session cookie's claim, opened once a request and kept as its unit of work."""

from contextlib import suppress
from uuid import UUID

from flask import Request, Response, g, request, session
from flask_login import LoginManager, UserMixin

from tmr.repository.errors import RecordNotFoundError
from tmr.repository.sessions import Device, Lifetime
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.parts import now, parts

login_manager = LoginManager()
login_manager.session_protection = None


class SignedIn(UserMixin):  # type: ignore[misc]
    """The person behind a valid session."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.id: UUID = uow.owner


@login_manager.request_loader  # type: ignore[untyped-decorator]
def load_from_cookie(current: Request) -> SignedIn | None:
    """Turn the session cookie into a person, or None."""
    cookie = current.cookies.get(cookie_name())
    uow = parts().repository.claim(cookie, now()) if cookie else None
    if uow is None:
        return None
    g.unit_of_work = uow
    return SignedIn(uow)


def unit_of_work() -> UnitOfWork:
    """Return the unit of work of the person who is signed in; only behind ``sign_in_required``."""
    uow: UnitOfWork = g.unit_of_work
    return uow


def finish_unit_of_work(_error: BaseException | None) -> None:
    """End the request's transaction. A read keeps the session's last-seen time; a write commits for itself."""
    uow: UnitOfWork | None = g.pop("unit_of_work", None)
    if uow is None:
        return
    if _error is None and request.method in ("GET", "HEAD"):
        uow.commit_if_open()
    uow.close()


def cookie_name() -> str:
    """Return the session cookie's name: ``__Host-tmr``, and ``tmr`` on plain-http loopback."""
    return "__Host-tmr" if parts().settings.is_secure else "tmr"


def start_session(response: Response, owner: UUID, *, keep: bool) -> Response:
    """Begin a session for ``owner``, end the one this browser had, and hand over the cookie."""
    settings = parts().settings
    idle, longest = settings.session_idle, settings.session_max
    if keep:
        idle, longest = settings.kept_session_idle, settings.kept_session_max
    end_session()
    with parts().repository.for_owner(owner) as uow:
        cookie = uow.sessions.add(_device(), Lifetime(idle, longest), now())
        uow.commit()
    session.clear()  # a new CSRF token for a new session
    max_age = int(longest.total_seconds()) if keep else None
    response.set_cookie(
        cookie_name(), cookie, max_age=max_age, secure=settings.is_secure, httponly=True, samesite="Lax"
    )
    return response


def renew_sessions(response: Response) -> Response:
    """End every session of the person who is signed in, and begin this one anew under another token."""
    with g.pop("unit_of_work") as uow:
        is_kept = uow.sessions.idle_time(uow.session_id) > parts().settings.session_idle
        uow.sessions.remove_all()
        uow.commit()
    return start_session(response, uow.owner, keep=is_kept)


def end_session() -> None:
    """End the session that this request came with, if any."""
    cookie = request.cookies.get(cookie_name())
    claimed = g.pop("unit_of_work", None) or (parts().repository.claim(cookie, now()) if cookie else None)
    if claimed is None:
        return
    with claimed as uow:
        if uow.session_id:
            with suppress(RecordNotFoundError):  # revoked from elsewhere a moment ago
                uow.sessions.remove(uow.session_id)
        uow.commit()


def forget_cookie(response: Response) -> Response:
    """Take the cookie back from the browser."""
    settings = parts().settings
    response.delete_cookie(cookie_name(), secure=settings.is_secure, httponly=True, samesite="Lax")
    return response


def _device() -> Device:
    agent = request.headers.get("User-Agent", "")[:400]
    return Device(request.remote_addr or "", agent)
