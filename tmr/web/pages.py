"""Pages that belong to no room: health, readiness, security contact."""

from flask import Blueprint, Response

from tmr.web.guards import public
from tmr.web.parts import parts

blueprint = Blueprint("pages", __name__)


@blueprint.get("/healthz")
@public
def health() -> Response:
    """Say that this process answers."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
@public
def readiness() -> Response:
    """Say whether the database answers too; an outage is a 503 by the error handler."""
    parts().repository.is_alive()
    return Response("ready\n", mimetype="text/plain")
