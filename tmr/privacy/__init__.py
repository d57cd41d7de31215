"""What people may always do with their data: export it, erase it, see what is promised, and let support in."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

ROUTES = (
    "settings_routes",
    "export.routes",
    "erasure.routes",
    "support.looks",
    "support.grants",
    "coach.links",
    "coach.looks",
    "promises.routes",
    "promises.security_reports",
)


def register(app: "Flask") -> None:
    """Add the routes of this room to ``app``.

    They are imported here and not at the top, because each of them imports this room's blueprint.
    """
    for module in ROUTES:
        import_module(f"{__name__}.{module}")
    app.jinja_env.globals["promise_count"] = import_module(f"{__name__}.promises.promises").promise_count
    app.register_blueprint(import_module(f"{__name__}.blueprint").blueprint)
