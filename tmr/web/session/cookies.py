"""The cookies of this app: hidden from scripts, sent only from this site, and with https bound to this host."""

from flask import Flask, Response, g, request

from tmr.web.services import services

SESSION, PENDING, DEVICE, COACH, LOCKING = "tmr", "tmr-pending", "tmr-device", "tmr-coach", "tmr-locking"
SUPPORT = "tmr-support"


def init_cookies(app: Flask) -> None:
    """Put the cookies that a handler set or dropped onto its answer."""

    @app.after_request
    def add(response: Response) -> Response:
        for name, (value, max_age) in g.pop("cookies", {}).items():
            secure = services().settings.is_secure
            response.set_cookie(
                _full(name), value, max_age=max_age, secure=secure, httponly=True, samesite="Lax", path="/"
            )
        return response


def read_cookie(name: str) -> str:
    """Return the value that the browser sent, or an empty text."""
    return request.cookies.get(_full(name), "")


def set_cookie(name: str, value: str, max_age: int | None = None) -> None:
    """Set a cookie with the answer, for ``max_age`` seconds; without that, until the browser is closed."""
    g.setdefault("cookies", {})[name] = (value, max_age)


def drop_cookie(name: str) -> None:
    """Delete a cookie with the answer."""
    set_cookie(name, "", 0)


def _full(name: str) -> str:
    # Browsers accept this prefix only from the host itself, by https: no neighbour under the domain can set the cookie.
    return f"__Host-{name}" if services().settings.is_secure else name
