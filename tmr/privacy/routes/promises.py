"""The public page of promises."""

from flask import Response

from tmr.privacy.blueprint import blueprint
from tmr.privacy.inventory import inventory
from tmr.privacy.processors import processors
from tmr.privacy.promises import promises
from tmr.privacy.this_installation import facts_of
from tmr.web import htmx
from tmr.web.guards import public
from tmr.web.parts import now, parts


@blueprint.get("/privacy")
@public
def show_promises() -> Response:
    """Show each promise, how it is kept and how to check it, what is stored, who else takes part, and the limits."""
    own = parts()
    standing = own.repository.standing(now())
    facts = facts_of(own.settings, standing, is_kit_here=own.is_kit_here(), release=own.release)
    return htmx.render(
        "privacy/promises.html",
        facts=facts,
        source_url=own.settings.source_url,
        told=promises(),
        inventory=inventory(),
        processors=processors(own.settings),
    )
