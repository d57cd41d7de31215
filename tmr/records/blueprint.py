"""The blueprint of this room; its routes are in ``routes/``, one file a noun."""

from flask import Blueprint

blueprint = Blueprint("records", __name__)

from tmr.records.routes import bulk, grid, home, imports, record  # noqa: E402, F401
