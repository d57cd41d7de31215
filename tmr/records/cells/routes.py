"""Many cells of one list, set in one request."""

from uuid import UUID

import msgspec
from flask import request
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import Kind
from tmr.records.blueprint import blueprint
from tmr.records.cells.answer import cells_answer
from tmr.records.cells.setting import RowEdit, set_cells
from tmr.records.editing.origin import read_origin
from tmr.records.grid.list_answer import refused_for_many
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.storage_limit import stores

MAX_RECORDS, MAX_CELLS = 1_000, 12_000
TOO_MANY = f"At most {MAX_RECORDS:,} rows and {MAX_CELLS:,} cells can be set at once. Nothing was changed."
UNREADABLE = "These cells can’t be read. Reload the page and try again. Nothing was changed."
NONE = "There is no cell to set. Nothing was changed."


@blueprint.post("/<kind:kind>/cells")
@sign_in_required
@stores
def change_cells(kind: Kind) -> Response:
    """Set cells as the grid sends them: ``cells`` is JSON, a list of [id, version, {field: text}]."""
    origin, at = read_origin(kind), now()
    edits, error = _edits(kind)
    with unit_of_work() as uow:
        if error:
            return refused_for_many(uow, error, origin)
        return cells_answer(uow, edits, set_cells(uow, kind, edits, at), at, origin)


def _edits(kind: Kind) -> tuple[list[RowEdit], str]:
    """Return what was sent, or an error; texts for one record that was sent twice are put together."""
    try:
        sent = msgspec.json.decode(request.form.get("cells", ""), type=list[tuple[UUID, int, dict[str, str]]])
    except (msgspec.DecodeError, UnicodeEncodeError):
        return [], UNREADABLE
    versions: dict[UUID, int] = {}
    cells: dict[UUID, dict[str, str]] = {}
    for record_id, version, texts in sent:
        versions[record_id] = version
        cells.setdefault(record_id, {}).update(texts)
    edits = [RowEdit(record_id, versions[record_id], texts) for record_id, texts in cells.items() if texts]
    if len(edits) > MAX_RECORDS or sum(len(edit.texts) for edit in edits) > MAX_CELLS:
        return [], TOO_MANY
    if any(name not in kind.by_name for edit in edits for name in edit.texts):
        return [], UNREADABLE
    return edits, "" if edits else NONE
