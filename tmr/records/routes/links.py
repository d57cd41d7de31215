"""Links between an application and existing contacts and documents, made on the application's page."""

from contextlib import suppress
from uuid import UUID

import msgspec
from flask import request
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import Kind
from tmr.domain.kinds.application import APPLICATION
from tmr.records.blueprint import blueprint
from tmr.records.editing.links import LinkRefusedError, NameIndex, unlink
from tmr.records.editing.origin import read_origin
from tmr.records.editing.undo_button import undo_of_edit
from tmr.records.page.panels import link_answer, panel_answer, refused_in_panel
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required

NOT_CLEAR = "“{word}” matches {count} of your {plural}. Choose one from the list."


@blueprint.post("/applications/<uuid:record_id>/links")
@sign_in_required
def change_links(record_id: UUID) -> Response:
    """Link a record to this application by its name or id (``add``), or remove its link (``remove``)."""
    with unit_of_work() as uow:
        application = uow.records.get(uow.kinds[APPLICATION.plural], record_id)
        kind = _shared_kind(uow)
        origin = msgspec.structs.replace(read_origin(kind), place="panel", panel=record_id)
        if "remove" in request.form:
            record = unlink(uow, kind, _id(request.form["remove"]), application, now())
            return panel_answer(uow, "Unlinked.", origin, undo_of_edit(record, origin) if record else None)
        try:
            found = _record_named(uow, kind, request.form.get("add", ""))
        except LinkRefusedError as error:
            return refused_in_panel(str(error), origin)
        return link_answer(uow, found, origin)


def _shared_kind(uow: UnitOfWork) -> Kind:
    kind = uow.kinds.get(request.form.get("kind", ""))
    field = kind.link_to(APPLICATION.key) if kind else None
    if kind is None or field is None or not field.type.is_many:  # type: ignore[attr-defined]
        raise RecordNotFoundError
    return kind


def _record_named(uow: UnitOfWork, kind: Kind, word: str) -> UUID:
    """Return the id that ``word`` is, or of the one record that it names, or raise ``LinkRefusedError``."""
    with suppress(ValueError):
        return UUID(word)
    ids = NameIndex.of(uow.names.all_of(kind)).find(word) if word.strip() else []
    if len(ids) != 1:
        raise LinkRefusedError(NOT_CLEAR.format(word=word[:60], count=len(ids) or "none", plural=kind.plural))
    return UUID(ids[0])


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise RecordNotFoundError from None
