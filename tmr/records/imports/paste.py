"""Rows of a spreadsheet, pasted into the grid: they become records by the same import as a file."""

from flask import request
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import Kind
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.headers import known_headers
from tmr.domain.importing.reading.bundle import INLINE_ROWS, Bundle
from tmr.domain.importing.reading.choices import open_questions
from tmr.domain.importing.reading.file import ReadFile
from tmr.records.blueprint import blueprint
from tmr.records.editing.origin import read_origin
from tmr.records.editing.undo_button import undo_of_import
from tmr.records.grid.list_answer import list_answer
from tmr.records.grid.view import shown_columns
from tmr.records.imports.proposal.kept_preview import keep_preview
from tmr.records.imports.run import Preview, carry_out, preview
from tmr.records.imports.staged_file import Source
from tmr.records.imports.staging import keep, read_without_connection
from tmr.repository.errors import TooManyRecordsError
from tmr.repository.records.imports import Import
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.locales import number
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.session.reading import reading_turn
from tmr.web.session.throttling import PASTE_BY_ACCOUNT, count
from tmr.web.storage_limit import stores

NOTHING = "There were no rows to add. Nothing was changed."


@blueprint.post("/<kind:kind>/paste")
@sign_in_required
@stores
def paste_rows(kind: Kind) -> Response:
    """Add the rows at once; if something must be decided first, show them as a proposed import instead."""
    owner = unit_of_work().owner
    count(PASTE_BY_ACCOUNT, str(owner))
    with reading_turn(owner):
        try:
            return _add(kind, read_without_connection(_table(unit_of_work(), kind), "utf-8", kind.plural))
        except (FileRefusedError, TooManyRecordsError) as error:
            return _answer_refused(kind, str(error))


def _add(kind: Kind, read: ReadFile) -> Response:
    uow = unit_of_work()
    proposed, bundle, would = _proposed(uow, read)
    if would.result.noted * 2 > min(bundle.rows, INLINE_ROWS):  # other columns than those shown: by their values, then
        uow.imports.forget_content(proposed.id)
        read = read_without_connection(_pasted(), "utf-8", kind.plural)
        uow = unit_of_work()
        proposed, bundle, would = _proposed(uow, read)
    import_id, result = proposed.id, would.result
    is_clear = not (result.rejected or result.skipped or result.asides or result.unread)
    if open_questions(uow.kinds, bundle) or not is_clear or not bundle.is_small:
        made = would if bundle.is_small else preview(uow, Source(uow, import_id), bundle)
        keep_preview(uow, proposed, bundle, made, now().date())
        uow.commit()
        return htmx.go(f"/import/{import_id}")
    uow.imports.change_state(import_id, ("proposed",), "queued")
    carry_out(uow, uow.imports.get(import_id), now())
    origin = read_origin(kind)
    noted = f" In {number(result.noted)} of them, values that did not fit went into the notes." if result.noted else ""
    return list_answer(uow, origin, f"{number(result.added)} added.{noted}", undo_of_import(import_id, origin))


def _proposed(uow: UnitOfWork, read: ReadFile) -> tuple[Import, Bundle, Preview]:
    """Keep what was pasted; return its proposal, and what its first rows would do: all, if they are few."""
    proposed = uow.imports.get(keep(uow, read, now()))
    return proposed, read.bundle, preview(uow, Source(uow, proposed.id), read.bundle, INLINE_ROWS)


def _pasted() -> bytes:
    return request.form.get("rows", "").replace("\0", "").strip("\r\n").encode(errors="replace")


def _table(uow: UnitOfWork, kind: Kind) -> bytes:
    """Return the pasted rows as a table; without a header, they are taken to be in the order of the columns shown.

    Raises:
        FileRefusedError: nothing was pasted.
    """
    text = _pasted().decode()
    if not text.strip():
        raise FileRefusedError(NOTHING)
    first = text.splitlines()[0].split("\t")
    if known_headers(first, kind) * 2 >= len(first):  # at least half are known words: the first row is a header
        return text.encode(errors="replace")
    columns = [field for field in shown_columns(uow, kind, read_origin(kind).criteria) if not field.is_fixed]
    start = next((at for at, field in enumerate(columns) if field.name == request.form.get("from")), 0)
    names = [field.name for field in columns[start:]] + [kind.catch_all] * 200
    width = max(len(line.split("\t")) for line in text.splitlines())
    return ("\t".join(names[: max(width, 2)]) + "\n" + text).encode(errors="replace")


def _answer_refused(kind: Kind, error: str) -> Response:
    page, fragment = "records/imports/paste/refused.html", "records/grid/bulk/refused.fragment.html"
    return htmx.into_messages(htmx.render(page, fragment, 422, error=error, kind=kind))
