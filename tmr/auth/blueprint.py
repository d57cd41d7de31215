"""The blueprint of this room; its routes are in ``routes/``, one file a noun."""

from flask import Blueprint

from tmr.auth.passwords import CrowdError
from tmr.web.errors import answer

blueprint = Blueprint("auth", __name__)

blueprint.register_error_handler(CrowdError, lambda _error: answer(503))

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
