"""Large imports of locked records, and their undo: done in a request of their own, since no worker can open them."""

from uuid import UUID

from flask import Response
from werkzeug.wrappers import Response as BaseResponse

from tmr.records.blueprint import blueprint
from tmr.records.imports import run as import_run
from tmr.repository.errors import WorkTakenError
from tmr.web import htmx
from tmr.web.services import now
from tmr.web.session.current import opener, unit_of_work
from tmr.web.session.downloads import at_large_work
from tmr.web.session.guards import sign_in_required


@blueprint.post("/import/<uuid:import_id>/run")
@sign_in_required
def run_import(import_id: UUID) -> BaseResponse:
    """Do what was accepted, or undo it, and then show the result; what waits for a worker is left to that.

    The page asks for it when it shows the progress, and again where that broke off: it is all done, or nothing.
    """
    uow = unit_of_work()
    opens, is_on, state = opener(uow), uow.lock.is_on, uow.imports.get(import_id).state
    uow.commit()
    if is_on:
        try:
            with at_large_work(uow.owner):
                _run(opens, import_id, state)
        except WorkTakenError:  # by another tab; the page that asks once more sees how far that is
            if htmx.is_htmx():
                return Response(status=204)
    return htmx.go(f"/import/{import_id}")


def _run(opens: import_run.Opens, import_id: UUID, state: str) -> None:
    if state == "queued":
        import_run.run_or_give_up(opens, import_id, now())
    elif state == "undoing":
        import_run.run_undo(opens, import_id, now())
