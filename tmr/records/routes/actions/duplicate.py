"""Another application like one that is there: the same company, place and pay, from the first stage on."""

from uuid import UUID

from werkzeug.wrappers import Response

from tmr.domain.fields.kind import pipeline_of_kind
from tmr.domain.fields.type import Wire
from tmr.domain.fields.types.dates import Date
from tmr.domain.kinds.application import APPLICATION, STATUS
from tmr.domain.pipeline.category import SAVED
from tmr.domain.record import Record
from tmr.records.blueprint import blueprint
from tmr.records.editing.changes import add_record
from tmr.records.editing.origin import read_origin
from tmr.records.editing.undo_button import undo_of_creation
from tmr.web import htmx
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.storage_limit import stores

OF_ITS_HISTORY = (STATUS, "closed_reason", "notes")


@blueprint.post("/applications/<uuid:record_id>/duplicate")
@sign_in_required
@stores
def duplicate(record_id: UUID) -> Response:
    """Add an application that says the same but for its history, and open it with its title to be edited."""
    with unit_of_work() as uow:
        kind = uow.kinds[APPLICATION.plural]
        copy = add_record(uow, kind, _without_history(uow.records.get(kind, record_id)), now())
        uow.commit()
    undo = undo_of_creation(copy, read_origin(kind))
    return htmx.saved_with_undo(f"/{kind.plural}/{copy.id}?edit=title", "Duplicated.", undo)


def _without_history(application: Record) -> dict[str, Wire]:
    kind = application.kind
    fields = [field for field in kind.editable if not isinstance(field.type, Date) and field.name not in OF_ITS_HISTORY]
    saved = pipeline_of_kind(kind).first_of(SAVED)
    return {**{field.name: application[field.name] for field in fields}, STATUS: saved.key if saved else SAVED}
