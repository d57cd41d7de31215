"""The privacy page of the settings."""

from flask import redirect, request
from werkzeug.wrappers import Response

from tmr.privacy.blueprint import blueprint
from tmr.privacy.holdings import holdings
from tmr.web import htmx
from tmr.web.guards import sign_in_required
from tmr.web.identity import unit_of_work


@blueprint.get("/settings")
@sign_in_required
def index() -> Response:
    """Lead to the one page of settings that there is so far."""
    return redirect("/settings/privacy", 303)


@blueprint.get("/settings/privacy")
@sign_in_required
def show() -> Response:
    """Show what is kept, and what can be done with it."""
    with unit_of_work() as uow:
        kept = holdings(uow)
        uow.commit()
    return htmx.render("privacy/show.html", kept=kept, errors={}, is_erasing="erase" in request.args)
