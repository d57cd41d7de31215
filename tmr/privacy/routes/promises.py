"""The public page of promises."""

from flask import Response

from tmr.privacy.blueprint import blueprint
from tmr.privacy.inventory import inventory
from tmr.privacy.processors import processors
from tmr.privacy.promises import promises
from tmr.web import htmx
from tmr.web.guards import public
from tmr.web.parts import parts


@blueprint.get("/privacy")
@public
def show_promises() -> Response:
    """Show each promise, how it is kept and how to check it, what is stored, who else takes part, and the limits."""
    return htmx.render(
        "privacy/promises.html",
        told=promises(),
        inventory=inventory(),
        processors=processors(parts().settings),
    )
