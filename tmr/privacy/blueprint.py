"""The blueprint of this room; its routes are in ``routes/``, one file a noun."""

from flask import Blueprint

blueprint = Blueprint("privacy", __name__)

from tmr.privacy.routes import erasure, export, settings, support, support_grants  # noqa: E402, F401
