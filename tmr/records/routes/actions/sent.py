"""“This is what I sent”: adds a document, or the posting as it reads now, to what was sent with an application."""

from uuid import UUID

import msgspec
from flask import request
from werkzeug.wrappers import Response

from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.document import DOCUMENT
from tmr.domain.kinds.event import EVENT
from tmr.domain.record import Record
from tmr.records.blueprint import blueprint
from tmr.records.editing.origin import read_origin
from tmr.records.editing.sent import SentRefusedError, add_by_hand
from tmr.records.editing.undo_button import undo_of_creation, undo_of_edit
from tmr.records.page.panels import panel_answer, refused_in_panel
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.storage_limit import stores


@blueprint.post("/applications/<uuid:record_id>/sent")
@sign_in_required
@stores
def add_to_sent(record_id: UUID) -> Response:
    """Add ``document``, or without one the posting, to what was sent; with ``replace``, in place of another posting."""
    with unit_of_work() as uow:
        application = uow.records.get(uow.kinds[APPLICATION.plural], record_id)
        origin = msgspec.structs.replace(read_origin(uow.kinds[EVENT.plural]), place="panel", panel=record_id)
        document = _linked_document(uow, application) if "document" in request.form else None
        try:
            before, entry = add_by_hand(uow, application, document, now(), replaces="replace" in request.form)
        except SentRefusedError as error:
            return refused_in_panel(str(error), origin)
        if before and before.version == entry.version:
            return panel_answer(uow, "This is kept as sent already.", origin)
        undo = undo_of_edit(entry, origin) if before else undo_of_creation(entry, origin)
        return panel_answer(uow, "Kept as sent.", origin, undo)


def _linked_document(uow: UnitOfWork, application: Record) -> Record:
    """Return the document that was sent, if it belongs to this application, or raise ``RecordNotFoundError``."""
    try:
        document = uow.records.get(DOCUMENT, UUID(request.form["document"]))
    except ValueError:
        raise RecordNotFoundError from None
    if str(application.id) not in DOCUMENT.linked_ids(document.values):
        raise RecordNotFoundError
    return document
