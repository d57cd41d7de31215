"""The public page of promises."""

from flask import Response, request

from tmr.privacy.blueprint import blueprint
from tmr.privacy.promises.inventory import inventory
from tmr.privacy.promises.processors import processors
from tmr.privacy.promises.promises import promises_of
from tmr.privacy.promises.this_installation import facts_of
from tmr.web import htmx
from tmr.web.services import now, services
from tmr.web.session.guards import public


@blueprint.get("/privacy")
@public
def show_promises() -> Response:
    """Show each promise, how it is kept and how to check it, what is stored, who else gets data, and the limits."""
    app_services = services()
    settings, standing = app_services.settings, app_services.repository.standing(now())
    facts = facts_of(settings, standing, is_kit_here=app_services.is_kit_here(), release=app_services.release)
    return htmx.render(
        "privacy/promises/promises.html",
        facts=facts,
        client_address=request.remote_addr,
        source_url=settings.source_url,
        told=promises_of(settings, standing.rotation),
        inventory=inventory(),
        processors=processors(settings),
    )
