"""Records: the grid, one record, changes to many, files on their way in."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

ROUTES = (
    "routes.grid",
    "routes.columns",
    "routes.record",
    "routes.bulk",
    "routes.actions.duplicate",
    "routes.links",
    "routes.actions.preparation",
    "routes.actions.sent",
    "routes.history.undo",
    "routes.history.trash",
    "routes.history.versions",
    "routes.files",
    "routes.more",
    "routes.understood",
    "grid.search",
    "views.routes",
    "views.own_fields",
    "board.routes",
    "board.stages",
    "board.insights",
    "board.offers",
    "planning.today",
    "planning.calendar",
    "planning.activity",
    "planning.calendar_changes",
    "planning.feeds",
    "planning.reminder_settings",
    "cells.routes",
    "cells.replace_routes",
    "imports.left_rows",
    "imports.routes",
    "imports.run_here",
    "imports.paste",
    "companies.routes",
    "drafts.routes",
    "questions.routes",
    "reports.routes",
    "capture.routes",
    "capture.mail_routes",
    "samples.routes",
)


def register(app: "Flask") -> None:
    """Add the routes of this room to ``app``.

    They are imported here and not above, since each of them imports the blueprint of this room, and the process that
    reads one file needs nothing of the web.
    """
    for module in ROUTES:
        import_module(f"{__name__}.{module}")
    app.jinja_env.globals["bookmarklet"] = import_module(f"{__name__}.capture.bookmarklet").bookmarklet
    keeping_up = import_module("tmr.web.session.current").KEEPING_UP
    app.extensions[keeping_up] = import_module(f"{__name__}.planning.feeds").keep_up
    app.register_blueprint(import_module(f"{__name__}.blueprint").blueprint)
