"""What a person's own scripts may call: list and add records, export everything. The same rules as on the pages."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

ROUTES = ("export", "records")


def register(app: "Flask") -> None:
    """Add the routes of this room to ``app``.

    They are imported here and not at the top, because each of them imports this room's blueprint.
    """
    for module in ROUTES:
        import_module(f"{__name__}.{module}")
    app.register_blueprint(import_module(f"{__name__}.blueprint").blueprint)
