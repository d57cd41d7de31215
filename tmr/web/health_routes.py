"""Pages that belong to no room: health, readiness, security contact."""

from flask import Blueprint, Response, abort, current_app

from tmr.repository.errors import DatabaseError, PoolTimeoutError
from tmr.web.monitoring.metrics import exposition
from tmr.web.monitoring.observation import may_see_figures
from tmr.web.services import services
from tmr.web.session.guards import public

blueprint = Blueprint("pages", __name__)


@blueprint.get("/healthz")
@public
def health() -> Response:
    """Say that this process answers."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
@public
def readiness() -> Response:
    """Say whether requests can be served: 503 if not. Why, only this machine is told, and who brings the token."""
    reasons = {}
    try:
        reasons = services().repository.readiness()
    except (DatabaseError, PoolTimeoutError) as error:
        reasons["database"] = f"does not answer ({type(error).__name__})"
    is_ready = all(said == "ok" for said in reasons.values())
    lines = ["ready" if is_ready else "not ready"]
    if may_see_figures(services().settings):
        lines += [f"{name}: {said}" for name, said in reasons.items()]
    headers = {} if is_ready else {"Retry-After": "5"}
    return Response("\n".join(lines) + "\n", 200 if is_ready else 503, headers, mimetype="text/plain")


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """Give figures for Prometheus to this machine, and to who brings the token; to others there is no such page."""
    if not may_see_figures(services().settings):
        abort(404)
    return Response(exposition(current_app), content_type="text/plain; version=0.0.4; charset=utf-8")
