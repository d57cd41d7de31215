"""The blueprint of this room; its routes are in ``routes/``, one file a noun."""

from flask import Blueprint

blueprint = Blueprint("records", __name__)

from tmr.records.routes import (  # noqa: E402, F401
    board,
    bulk,
    calendar,
    feeds,
    files,
    grid,
    imports,
    insights,
    links,
    mails,
    more,
    offers,
    paste,
    pipeline,
    record,
    samples,
    search,
    today,
)
