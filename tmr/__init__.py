"""TrackMyRoles keeps a person's job search, sealed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from tmr.web.services import Services

__version__ = "0.1.0"


def create_app(services: "Services") -> "Flask":
    """Build the Flask application: the only place that names every room."""
    # Imported here so that `tmr serve` starts its database before it loads Flask.
    from flask import Flask

    from tmr import api, auth, privacy, records
    from tmr.web import health_routes
    from tmr.web.application import init_web
    from tmr.web.session.guards import check_every_route
    from tmr.web.visitors import routes as visitor_routes

    app = Flask(__name__, static_folder=None)
    init_web(app, services)
    app.register_blueprint(health_routes.blueprint)
    app.register_blueprint(visitor_routes.blueprint)
    for room in (auth, privacy, records, api):
        room.register(app)
    check_every_route(app)
    return app
