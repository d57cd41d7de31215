"""Pages for programs that watch the server: health, readiness, metrics."""

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
    """Return 200 as long as this process answers; nothing else is checked."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
@public
def readiness() -> Response:
    """Return 200 if requests can be served, else 503; the reasons only for this machine or with the token."""
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
    """Return figures for Prometheus, for this machine or with the token; 404 for others."""
    if not may_see_figures(services().settings):
        abort(404)
    return Response(exposition(current_app), content_type="text/plain; version=0.0.4; charset=utf-8")
