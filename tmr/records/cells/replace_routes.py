"""Find and replace in a whole list: a form, a preview, and one change that undoes as one."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import NO_NAMES, Kind
from tmr.domain.fields.type import Names
from tmr.records.blueprint import blueprint
from tmr.records.cells.answer import named, what_was_set
from tmr.records.cells.reading import CellTexts
from tmr.records.cells.replacing import LONGEST, Match, Replacement, edits, look, matches, text_fields
from tmr.records.cells.routes import MAX_RECORDS
from tmr.records.cells.setting import name_of, set_cells
from tmr.records.editing.links import names_for
from tmr.records.editing.origin import Origin
from tmr.records.editing.undo_button import undo_of_bulk_edit
from tmr.repository.errors import RecordNotFoundError
from tmr.web import htmx
from tmr.web.display.locales import number
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.session.reading import search_turn
from tmr.web.storage_limit import stores

SHOWN = 20  # matches that the preview names
NO_COUNTS: Mapping[UUID, int] = {}
NO_TEXT = "Enter the text to find."
NO_FIELD = "Choose at least one field."
NOWHERE = "That text is in none of these fields. Nothing was changed."


@blueprint.get("/<kind:kind>/replace")
@sign_in_required
def show_replace(kind: Kind) -> Response:
    """Ask what to replace, and show what that would change."""
    origin, wanted, error = _read(kind, request.args)
    if not wanted.find or error:
        return _page(origin, wanted, error if "find" in request.args else "", [], 200)
    with search_turn(unit_of_work().owner), unit_of_work() as uow:
        counts = look(uow, kind, origin.criteria, wanted)
        shown = list(islice(matches(uow, kind, counts, wanted), SHOWN))
        names = names_for(uow, [match.record for match in shown])
        uow.commit()
    return _page(origin, wanted, "" if counts else NOWHERE, shown, 200, names, counts)


@blueprint.post("/<kind:kind>/replace")
@sign_in_required
@stores
def replace(kind: Kind) -> Response:
    """Replace the text in the list, in so many records at once as one change can have."""
    origin, wanted, error = _read(kind, request.form)
    if error:
        return _page(origin, wanted, error, [], 422)
    at = now()
    with search_turn(unit_of_work().owner), unit_of_work() as uow:
        reader = CellTexts(uow, kind, {})
        counts = look(uow, kind, origin.criteria, wanted)
        rows, too_long = edits(matches(uow, kind, counts, wanted), MAX_RECORDS, partial(name_of, reader))
        more = sum(counts.values()) - sum(len(row.texts) for row in rows) - len(too_long)
        if not rows and not too_long:
            return _page(origin, wanted, NOWHERE, [], 422)
        outcome = set_cells(uow, kind, rows, at)
        outcome.left += too_long
        outcome.cells_left += len(too_long)
        uow.commit()
    undo = undo_of_bulk_edit(at, origin) if outcome.cells else None
    again = [f"{number(more)} more {'is' if more == 1 else 'are'} left: replace again."] if more else []
    said = " ".join([what_was_set(outcome), *named(outcome), *again])
    return htmx.saved_with_undo(f"/{kind.plural}?{origin.criteria.query()}", said[:1_000], undo)


def _read(kind: Kind, sent: MultiDict[str, str]) -> tuple[Origin, Replacement, str]:
    """Return the list that was looked at, what to replace in it, and an error."""
    find, new = (sent.get(name, "").replace("\0", "").replace("\r\n", "\n")[:LONGEST] for name in ("find", "with"))
    is_asked = "find" in sent or "fields" in sent
    asked = sent.getlist("fields") if is_asked else [field.name for field in kind.columns]
    fields = [field for field in text_fields(kind) if field.name in asked]
    error = NO_TEXT if not find else "" if fields else NO_FIELD
    wanted = Replacement(find, new, fields, "case" in sent, _ids(sent))
    return Origin(kind, "list", sent.get("query", "")), wanted, error


def _ids(sent: Mapping[str, str]) -> frozenset[UUID]:
    try:
        return frozenset(UUID(text) for text in sent.get("ids", "").split(",")[:MAX_RECORDS] if text)
    except ValueError:
        raise RecordNotFoundError from None  # not every record: that would be the opposite of what was chosen


def _page(
    origin: Origin,
    wanted: Replacement,
    error: str,
    shown: Sequence[Match],
    status: int,
    names: Names = NO_NAMES,
    counts: Mapping[UUID, int] = NO_COUNTS,
) -> Response:
    context: dict[str, Any] = {
        "kind": origin.kind,
        "query": origin.query,
        "is_filtered": origin.criteria.is_filtered,
        "wanted": wanted,
        "ids": ",".join(str(record_id) for record_id in sorted(wanted.ids)),
        "all_fields": text_fields(origin.kind),
        "error": error,
        "shown": shown,
        "names": names,
        "cell_count": sum(counts.values()),
        "record_count": len(counts),
    }
    return htmx.render("records/replace/index.html", status=status, **context)
