"""The board: a column for each stage, a card for each application."""

from werkzeug.wrappers import Response

from tmr.domain.kinds.application import APPLICATION
from tmr.records.blueprint import blueprint
from tmr.records.board.board import board_of
from tmr.web import htmx
from tmr.web.display.listed import criteria_with_view
from tmr.web.display.zone import current_zone, today
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.session.reading import scan_turn


@blueprint.get("/board")
@sign_in_required
def show_board() -> Response:
    """Show every application in the column of its stage, or those of a saved view or a search."""
    kind = unit_of_work().kinds[APPLICATION.plural]
    criteria = criteria_with_view(unit_of_work(), kind)
    with scan_turn(criteria.q), unit_of_work() as uow:
        board = board_of(uow, today(), current_zone(), criteria)
        uow.commit()
    return htmx.render("records/board/index.html", "records/board/index.fragment.html", board=board)
