"""Refuses cross-site requests, by a token in every form and by the origin that the browser names."""

from collections.abc import Sequence

from flask import Flask, abort, request
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf

from tmr.config import host_of
from tmr.web.services import services

csrf = CSRFProtect()
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")

__all__ = ["CSRFError", "generate_csrf", "init_csrf"]


def init_csrf(app: Flask, cookie_keys: Sequence[bytes], *, is_secure: bool) -> None:
    """Check every request that may change something.

    Flask's signed session holds the token, and nothing about who is signed in.
    """
    app.config.update(
        SECRET_KEY=cookie_keys[0],
        SECRET_KEY_FALLBACKS=list(cookie_keys[1:]),
        SESSION_COOKIE_NAME="__Host-tmr-form" if is_secure else "tmr-form",
        SESSION_COOKIE_SECURE=is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # an editor may be open for days
        WTF_CSRF_SSL_STRICT=False,  # our pages send no Referer; the origin is checked below
    )
    app.before_request(_refuse_other_sites)
    csrf.init_app(app)


def _refuse_other_sites() -> None:
    if request.method in SAFE:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)
    origin = request.headers.get("Origin", "null")  # a page with no-referrer sends "null", as ours do
    if origin != "null" and host_of(origin) not in services().settings.trusted_hosts:
        abort(403)
