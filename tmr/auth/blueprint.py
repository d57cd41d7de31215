"""The blueprint of this room; its routes are in ``routes/``, one file a noun."""

from flask import Blueprint

blueprint = Blueprint("auth", __name__)

from tmr.auth.routes import devices, password, registration, sessions  # noqa: E402, F401
