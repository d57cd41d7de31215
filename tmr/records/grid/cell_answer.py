"""Answers to an edit in a cell of the grid; they are for htmx only."""

from typing import Any

from werkzeug.wrappers import Response

from tmr.domain.fields.type import Field
from tmr.domain.record import Record
from tmr.records import said
from tmr.records.editing.links import names_for
from tmr.records.editing.origin import Origin
from tmr.records.editing.undo_button import Undo
from tmr.records.grid.rows_answer import figures_after
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx


def cell_answer(
    uow: UnitOfWork, record: Record, stored: Record, field: Field, origin: Origin, undo: Undo | None
) -> Response:
    """Commit, and answer with the cell and with any others in its row that changed along with it."""
    names, rows = names_for(uow, [record]), figures_after(uow, origin, field) if undo else None
    uow.commit()
    edited = {field.name, *field.together}
    others = [
        column
        for column in record.kind.columns
        if column.name not in edited
        and (stored[column.name] != record[column.name] or edited.intersection(column.units))
    ]
    context: dict[str, Any] = {"record": record, "field": field, "others": others, "names": names, "undo": undo}
    context |= {"kind": record.kind, "rows": rows, "view": rows.view if rows else None}
    response = htmx.render("", "records/grid/cells/saved.fragment.html", notice=said.saved(record, field), **context)
    return htmx.trigger(response, "tmr:saved", id=str(record.id), version=record.version)


def cell_conflict(field: Field, context: dict[str, Any]) -> Response:
    """Answer with both values of the cell, and a choice; ``context`` is that of the record's page."""
    by_name = context["kind"].by_name
    fields = [by_name[name] for name in field.together or (field.name,)]
    return htmx.render("", "records/grid/cells/conflict.fragment.html", status=409, fields=fields, **context)
