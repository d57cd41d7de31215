"""The cookies of this app: for the server only, for this site only, bound to the host when it is reached by https."""

from flask import Flask, Response, g, request

from tmr.web.services import services

SESSION, PENDING, DEVICE = "tmr", "tmr-pending", "tmr-device"


def init_cookies(app: Flask) -> None:
    """Let every answer carry the cookies that its handler set or dropped."""

    @app.after_request
    def add(response: Response) -> Response:
        for name, (value, max_age) in g.pop("cookies", {}).items():
            secure = services().settings.is_secure
            response.set_cookie(
                _full(name), value, max_age=max_age, secure=secure, httponly=True, samesite="Lax", path="/"
            )
        return response


def read_cookie(name: str) -> str:
    """Return the value that the browser sent, or nothing."""
    return request.cookies.get(_full(name), "")


def set_cookie(name: str, value: str, max_age: int | None = None) -> None:
    """Hand a cookie over with the answer; without ``max_age`` (seconds) it goes when the browser closes."""
    g.setdefault("cookies", {})[name] = (value, max_age)


def drop_cookie(name: str) -> None:
    """Take a cookie back with the answer."""
    set_cookie(name, "", 0)


def _full(name: str) -> str:
    return f"__Host-{name}" if services().settings.is_secure else name
