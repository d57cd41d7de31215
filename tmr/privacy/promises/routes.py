"""The public page of promises."""

from flask import Response

from tmr.privacy.blueprint import blueprint
from tmr.privacy.promises.inventory import inventory
from tmr.privacy.promises.processors import processors
from tmr.privacy.promises.promises import promises
from tmr.privacy.promises.this_installation import facts_of
from tmr.web import htmx
from tmr.web.services import now, services
from tmr.web.session.guards import public


@blueprint.get("/privacy")
@public
def show_promises() -> Response:
    """Show each promise, how it is kept and how to check it, what is stored, who else takes part, and the limits."""
    own = services()
    standing = own.repository.standing(now())
    facts = facts_of(own.settings, standing, is_kit_here=own.is_kit_here(), release=own.release)
    return htmx.render(
        "privacy/promises/promises.html",
        facts=facts,
        source_url=own.settings.source_url,
        told=promises(),
        inventory=inventory(),
        processors=processors(own.settings),
    )
