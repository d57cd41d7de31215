"""What is the user's by right: taking everything along, and leaving nothing behind."""

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
    "promises.routes",
    "promises.security_reports",
)


def register(app: "Flask") -> None:
    """Add the routes of this room to ``app``.

    They are imported here and not above, since each of them imports the blueprint of this room.
    """
    for module in ROUTES:
        import_module(f"{__name__}.{module}")
    app.register_blueprint(import_module(f"{__name__}.blueprint").blueprint)
