"""The blueprint of this room; its routes are in ``routes/``, one file a noun."""

from flask import Blueprint

blueprint = Blueprint("privacy", __name__)

from tmr.privacy.routes import (  # noqa: E402, F401
    erasure,
    export,
    promises,
    security_reports,
    settings,
    support,
    support_grants,
)
