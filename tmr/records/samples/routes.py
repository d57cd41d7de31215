"""Sample data for a person who wants to look around first; one click removes it."""

from flask import flash, redirect
from werkzeug.wrappers import Response

from tmr.domain.kinds.application import APPLICATION
from tmr.records.blueprint import blueprint
from tmr.records.editing.undo_button import Undo
from tmr.records.samples.adding import add_samples
from tmr.records.samples.removing import remove_samples
from tmr.web import htmx
from tmr.web.display.zone import today
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required

NOT_EMPTY = "You already have applications, so no sample data was added."
ADDED = "Sample data added. Remove it any time: the button is above."
REMOVED = "Sample data removed."


@blueprint.post("/today/samples")
@sign_in_required
def fill_with_samples() -> Response:
    """Add sample data to an account without applications; one that has some is left alone."""
    with unit_of_work() as uow:
        uow.account.locked_preferences()  # two clicks at once wait for each other
        if uow.records.counts.of(APPLICATION):
            flash(NOT_EMPTY)
            return redirect("/today", 303)
        import_id = add_samples(uow, today(), now())
        uow.account.change_preferences(samples=str(import_id))
        uow.commit()
    return htmx.saved_with_undo("/today", ADDED, Undo(f"/import/{import_id}/undo", []))


@blueprint.post("/today/samples/remove")
@sign_in_required
def empty_of_samples() -> Response:
    """Remove the sample data, and keep what the person added beside it."""
    with unit_of_work() as uow:
        remove_samples(uow, now())
        uow.commit()
    flash(REMOVED)
    return redirect("/today", 303)
