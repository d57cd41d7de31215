"""TrackMyRoles keeps a person's job search, sealed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from tmr.web.parts import Parts

__version__ = "0.1.0"


def create_app(parts: "Parts") -> "Flask":
    """Build the Flask application: the only place that names every room."""
    # Imported here so that `tmr serve` starts its database before it loads Flask.
    from flask import Flask

    from tmr.auth.blueprint import blueprint as auth
    from tmr.privacy.blueprint import blueprint as privacy
    from tmr.records.blueprint import blueprint as records
    from tmr.web.application import init_web
    from tmr.web.guards import check_every_route
    from tmr.web.pages import blueprint as pages

    app = Flask(__name__, static_folder=None)
    init_web(app, parts)
    for blueprint in (pages, auth, privacy, records):
        app.register_blueprint(blueprint)
    check_every_route(app)
    return app
