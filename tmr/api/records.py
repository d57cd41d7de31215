"""Records as JSON: a page of a list, and adding one."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from flask import Response, abort, request

from tmr.api.blueprint import blueprint
from tmr.api.query import not_understood
from tmr.domain.exporting import instant, json_value
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field
from tmr.domain.listing import Criteria, parse_criteria
from tmr.domain.record import Record
from tmr.records.editing.changes import add_record, room_errors
from tmr.records.editing.form import RecordForm
from tmr.records.editing.links import link_errors
from tmr.repository.access.access_tokens import ADD, READ
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.bearer.access import token_required
from tmr.web.bearer.problems import problem
from tmr.web.display.listed import matching
from tmr.web.services import now, services
from tmr.web.session.current import unit_of_work, without_connection
from tmr.web.session.downloads import at_work, send_slowly
from tmr.web.session.reading import scan_turn
from tmr.web.storage_limit import stores

PATH, JSON = "/api/v1/<kind:kind>", "application/json"
PER_PAGE, MOST_PER_PAGE = 25, 100
Sent = dict[str, str | int | float | bool | list[str] | None]
UNKNOWN_FIELD = "There is no such field, or it can't be set."


@blueprint.get(PATH)
@token_required(READ)
def index(kind: Kind) -> Response:
    """Answer one page of records, whole, chosen and ordered as the list in a browser is."""
    criteria, per_page = parse_criteria(kind, request.args.getlist), _per_page()
    if refused := not_understood(kind, list(request.args), request.args.getlist, criteria):
        abort(problem(422, "Nothing was read.", errors=refused))
    # The records of a page may hold 40 MB of long texts, so few pages are made at the same time.
    with ExitStack() as places:
        owner = unit_of_work().owner
        without_connection(lambda: places.enter_context(at_work(owner)))  # which may have to wait for others
        places.enter_context(scan_turn(criteria.q))
        uow = places.enter_context(unit_of_work())
        ids, total = _page(uow, kind, criteria, per_page)
        records = uow.records.get_many(kind, ids, with_detail=True)
        items = [shown(kind, record) for record in records]
        uow.commit()
    pages = max(1, -(-total // per_page))
    following = _address(kind, criteria.page + 1) if criteria.page < pages else None
    content = {"items": items, "total": total, "page": criteria.page, "pages": pages, "next": following}
    return send_slowly(owner, msgspec.json.encode(content), JSON)


@blueprint.post(PATH)
@token_required(ADD)
@stores
def create(kind: Kind) -> Response:
    """Add a record from a JSON object of its fields, with what follows from it, as the form does."""
    sent = _sent()
    with unit_of_work() as uow:
        form = _form(uow, kind, sent)
        if form.errors:
            abort(problem(422, "Nothing was added.", errors=form.errors))
        record = add_record(uow, kind, form.values, now(), sent)
        uow.commit()
    response = _json(shown(kind, record), 201)
    response.headers["Location"] = f"{services().settings.base_url}/{kind.plural}/{record.id}"
    return response


def shown(kind: Kind, record: Record) -> dict[str, object]:
    """Return a record as scripts see it: its fields by their names, files left out."""
    values = {field.name: json_value(field, record.values[field.name]) for field in readable(kind)}
    times = {"created_at": instant(record.created_at), "updated_at": instant(record.updated_at)}
    return {"id": str(record.id), "version": record.version, **times, **values}


def readable(kind: Kind) -> list[Field]:
    """Return the fields that scripts read."""
    return [field for field in kind.fields if field not in kind.file_links]


def writable(kind: Kind) -> list[Field]:
    """Return the fields that scripts set."""
    return [field for field in kind.editable if field not in kind.file_links]


def _page(uow: UnitOfWork, kind: Kind, criteria: Criteria, per_page: int) -> tuple[Sequence[UUID], int]:
    start = (criteria.page - 1) * per_page
    if criteria.is_plain:
        records, total = uow.records.page(kind, start, per_page)
        return [record.id for record in records], total or uow.records.counts.of(kind)
    rows = matching(uow, kind, criteria)
    return [UUID(bytes=row.id) for row in rows[start : start + per_page]], len(rows)


def _per_page() -> int:
    sent = request.args.get("per_page", "")
    return min(max(int(sent), 1), MOST_PER_PAGE) if sent.isascii() and sent.isdigit() and len(sent) < 5 else PER_PAGE


def _address(kind: Kind, page: int) -> str:
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
    return f"{services().settings.base_url}/api/v1/{kind.plural}?{urlencode([*kept, ('page', page)])}"


def _sent() -> Sent:
    if request.mimetype != JSON:
        abort(problem(415, "Send JSON, with Content-Type: application/json."))
    try:
        return msgspec.json.decode(request.get_data(), type=Sent)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        abort(problem(400, "Send one JSON object whose values are texts, numbers, lists of texts or null."))


def _form(uow: UnitOfWork, kind: Kind, sent: Sent) -> RecordForm:
    """Return the form of a new record; values are read as they are stored, and not as any locale writes them."""
    fields = {name: field for field in writable(kind) for name in (field.name, *field.aliases)}
    texts = dict.fromkeys((field.name for field in writable(kind)), "")
    texts |= {fields[name].name: _text(value) for name, value in sent.items() if name in fields}
    values, errors = kind.parse(texts)
    empty = {field.name: None for field in kind.editable if field.name not in texts}
    form = RecordForm(kind, texts, {**empty, **values}, errors)
    form.errors |= {**link_errors(uow, form, None), **room_errors(uow, kind)}
    form.errors |= dict.fromkeys((name for name in sent if name not in fields), UNKNOWN_FIELD)
    return form


def _text(value: str | int | float | bool | list[str] | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ";".join(value)
    return "" if value is None else str(value)


def _json(content: Mapping[str, object], status: int) -> Response:
    return Response(msgspec.json.encode(content), status, content_type=JSON)
