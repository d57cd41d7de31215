"""Sample data for a person who wants to look around first; one click removes it."""

from flask import flash, redirect
from werkzeug.wrappers import Response

from tmr.domain.kinds import KINDS
from tmr.records.blueprint import blueprint
from tmr.records.editing.undo_button import Undo
from tmr.records.samples.adding import add_samples
from tmr.web import htmx
from tmr.web.display.zone import today
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required

NOT_EMPTY = "You already have records, so no sample data was added."


@blueprint.post("/today/samples")
@sign_in_required
def fill_with_samples() -> Response:
    """Fill an empty account with sample data; an account with records is left alone."""
    with unit_of_work() as uow:
        uow.account.locked_preferences()  # two clicks at once wait for each other
        if any(uow.records.counts.of(kind) for kind in KINDS.values()):
            flash(NOT_EMPTY)
            return redirect("/today", 303)
        import_id = add_samples(uow, today(), now())
        uow.commit()
    notice = "Sample data added. Remove it any time with Undo, or in Import."
    return htmx.saved_with_undo("/today", notice, Undo(f"/import/{import_id}/undo", []))
