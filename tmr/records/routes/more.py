"""On a phone: everything that does not fit into the bar."""

from werkzeug.wrappers import Response

from tmr.records.blueprint import blueprint
from tmr.web import htmx
from tmr.web.session.guards import sign_in_required


@blueprint.get("/more")
@sign_in_required
def show_more() -> Response:
    """List every page that the bar at the bottom has no room for."""
    return htmx.render("records/more.html")
