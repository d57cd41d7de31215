"""The privacy page of the settings."""

from flask import request
from werkzeug.wrappers import Response

from tmr.privacy.blueprint import blueprint
from tmr.privacy.settings_page import ERASABLE, show_settings
from tmr.web.session.current import is_confirmed, unit_of_work
from tmr.web.session.guards import ask_to_confirm, sign_in_required


@blueprint.get("/settings/privacy")
@sign_in_required
def show() -> Response:
    """Show what is stored and what can be done with it; ``erase`` opens a form, which needs a recent confirmation."""
    erasing = request.args.get("erase", "")
    erasing = erasing if erasing in ERASABLE else ""
    if erasing and not is_confirmed():
        return ask_to_confirm(f"/settings/privacy?erase={erasing}")
    with unit_of_work() as uow:
        response = show_settings(uow, erasing=erasing)
        uow.commit()
    return response
