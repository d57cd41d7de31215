"""The rows that an import did not take, as a file to mend and bring again."""

import csv
import io
from uuid import UUID

import msgspec
from flask import abort
from werkzeug.wrappers import Response

from tmr.domain.fields.formula_escaping import neutralise
from tmr.records.blueprint import blueprint
from tmr.records.imports.tables.results import LeftRows, Result
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required

NAME = "rows-to-mend.csv"


@blueprint.get("/import/<uuid:import_id>/left/<int:position>")
@sign_in_required
def download_left_rows(import_id: UUID, position: int) -> Response:
    """Return the rows of one table that were not imported; ``position`` counts the tables that have any, from 0."""
    with unit_of_work() as uow:
        stored_import = uow.imports.get(import_id)
        uow.commit()
    result = msgspec.convert(stored_import.result, Result) if stored_import.result else Result()
    tables = result.tables_with_rows_left
    if position >= len(tables):
        abort(404)
    headers = {"Content-Disposition": f'attachment; filename="{NAME}"'}
    return Response(as_csv(tables[position]), content_type="text/csv; charset=utf-8", headers=headers)


def as_csv(table: LeftRows) -> bytes:
    """Return the rows as UTF-8 CSV with a byte order mark, so that Excel reads it right; the last column says why."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(map(neutralise, table.header))
    width = len(table.header) - 1
    for _, why, cells in table.rows:
        writer.writerow(map(neutralise, [*cells[:width], *[""] * (width - len(cells)), why, *cells[width:]]))
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", errors="replace")
