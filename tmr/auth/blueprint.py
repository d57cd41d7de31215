"""The blueprint of this room; its routes are in ``routes/``, one file a noun."""

from flask import Blueprint

blueprint = Blueprint("auth", __name__)

from tmr.auth.routes import (  # noqa: E402
    account,  # noqa: F401
    devices,  # noqa: F401
    google,  # noqa: F401
    passkeys,  # noqa: F401
    password,  # noqa: F401
    reauthentication,  # noqa: F401
    recovery,  # noqa: F401
    registration,  # noqa: F401
    second_step,  # noqa: F401
    security,  # noqa: F401
    sessions,  # noqa: F401
    totp,  # noqa: F401
    verification,  # noqa: F401
)
