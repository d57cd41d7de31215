"""The privacy page of the settings."""

from flask import request
from werkzeug.wrappers import Response

from tmr.privacy.blueprint import blueprint
from tmr.privacy.holdings import holdings
from tmr.web import htmx
from tmr.web.guards import ask_to_confirm, sign_in_required
from tmr.web.identity import is_confirmed, unit_of_work


@blueprint.get("/settings/privacy")
@sign_in_required
def show() -> Response:
    """Show what is kept, and what can be done with it."""
    if "erase" in request.args and not is_confirmed():
        return ask_to_confirm("/settings/privacy?erase=1")
    with unit_of_work() as uow:
        kept = holdings(uow)
        uow.commit()
    return htmx.render("privacy/show.html", kept=kept, errors={}, is_erasing="erase" in request.args)
