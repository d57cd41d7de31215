"""The first page: what this is, or where the work is."""

from flask import redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from tmr.domain.application import APPLICATION
from tmr.records.blueprint import blueprint
from tmr.web import htmx
from tmr.web.guards import public


@blueprint.get("/")
@public
def home() -> Response:
    """Welcome a visitor; send a signed-in person to their applications."""
    if current_user.is_authenticated:
        return redirect(url_for("records.index", kind=APPLICATION), 303)
    return htmx.render("auth/welcome.html")
