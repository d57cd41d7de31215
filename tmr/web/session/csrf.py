"""Refuses cross-site requests, by a token in every form and by the origin that the browser names.

The secret of a session is in no answer as it is. Each answer masks it with other random bytes (a one-time pad), so that
it looks different every time, and the size of a compressed page tells nothing about it.
"""

import base64
import binascii
import hmac
import logging
import secrets
from collections.abc import Sequence

from flask import Flask, abort, current_app, g, request, session
from werkzeug.exceptions import BadRequest

from tmr.config import host_of
from tmr.web.services import services

logger = logging.getLogger(__name__)

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
SECRET = "form_secret"  # noqa: S105 - its name in Flask's session
SECRET_BYTES = 24
FIELD, HEADERS = "csrf_token", ("X-CSRFToken", "X-CSRF-Token")


class CSRFError(BadRequest):
    """A request that may change something came without the token of its session."""


def init_csrf(app: Flask, cookie_keys: Sequence[bytes], *, is_secure: bool) -> None:
    """Check every request that may change something.

    Flask's signed session holds the secret, and nothing about who is signed in.
    """
    app.config.update(
        SECRET_KEY=cookie_keys[0],
        SECRET_KEY_FALLBACKS=list(cookie_keys[1:]),
        SESSION_COOKIE_NAME="__Host-tmr-form" if is_secure else "tmr-form",
        SESSION_COOKIE_SECURE=is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.before_request(_refuse_other_sites)
    app.before_request(_refuse_without_token)


def csrf_token() -> str:
    """Return the token for the forms of this answer: the session's secret, masked; the same one within an answer."""
    secret = _secret() or _new_secret()
    if g.get("masked_secret", (b"", ""))[0] != secret:  # a session that ended in this request takes its secret along
        mask = secrets.token_bytes(SECRET_BYTES)
        g.masked_secret = secret, base64.urlsafe_b64encode(mask + _xor(mask, secret)).decode()
    return str(g.masked_secret[1])


def _refuse_other_sites() -> None:
    if request.method in SAFE:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)
    origin = request.headers.get("Origin", "null")  # a page with no-referrer sends "null", as ours do
    if origin != "null" and host_of(origin) not in services().settings.trusted_hosts:
        abort(403)


def _refuse_without_token() -> None:
    if request.method in SAFE or not request.endpoint or _is_for_scripts(request.endpoint):
        return
    sent = request.form.get(FIELD) or next((request.headers[name] for name in HEADERS if name in request.headers), "")
    if not hmac.compare_digest(_unmasked(sent), _secret() or _new_secret()):
        logger.info("The CSRF token is missing or of another session.")  # what an operator looks for after a 403
        raise CSRFError


def _is_for_scripts(endpoint: str) -> bool:
    """Whether a route goes by an access token, which no page of another site can send, and by no cookie."""
    return str(getattr(current_app.view_functions[endpoint], "access", "")).startswith("access token")


def _unmasked(token: str) -> bytes:
    """Return the secret in ``token``, whatever its mask; nothing if it is no token."""
    try:
        both = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return b""
    return _xor(both[:SECRET_BYTES], both[SECRET_BYTES:]) if len(both) == 2 * SECRET_BYTES else b""


def _secret() -> bytes:
    return base64.b64decode(session.get(SECRET, ""))


def _new_secret() -> bytes:
    secret = secrets.token_bytes(SECRET_BYTES)
    session[SECRET] = base64.b64encode(secret).decode()
    return secret


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(SECRET_BYTES)
