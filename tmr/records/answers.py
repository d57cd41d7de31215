"""The answer to a change that may touch many rows: the list as it is now, and a notice."""

from werkzeug.wrappers import Response

from tmr.domain.kinds import Kind
from tmr.records.forms import RecordForm
from tmr.records.undo import Undo
from tmr.records.views import grid_view, posted_criteria
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx


def list_answer(uow: UnitOfWork, kind: Kind, notice: str, undo: Undo | None = None) -> Response:
    """Commit, and answer with the list that the form was sent from."""
    criteria = posted_criteria(kind)
    view = grid_view(uow, kind, criteria)
    uow.commit()
    location = f"/{kind.plural}?{criteria.query()}"
    if not htmx.is_htmx():
        return htmx.saved_with_undo(location, notice, undo)
    context = {"kind": kind, "view": view, "new_form": RecordForm(kind)}
    return htmx.saved(location, "records/changed.fragment.html", notice, undo=undo, **context)
