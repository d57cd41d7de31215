"""Files on their way out: as attachments, streamed from their sealed chunks.

A page that shows a picture loads the same attachment as an image, and a text is read into the page as text. Only a PDF
is ever shown by itself, in a tab: a frame for it would have to be allowed in the policy of every page, and the viewers
of browsers do not run in a sandboxed frame.
"""

from urllib.parse import quote
from uuid import UUID

from flask import Response, request

from tmr.domain.fields.files import PDF
from tmr.domain.fields.type import Wire
from tmr.domain.kinds.document import DOCUMENT
from tmr.domain.kinds.event import EVENT
from tmr.records.blueprint import blueprint
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.files.files import FileMeta
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.session.current import unit_of_work
from tmr.web.session.downloads import send_stored
from tmr.web.session.guards import sign_in_required
from tmr.web.transport.headers import policy_of_this_answer

# The browser's own viewer shows a PDF, and whatever the PDF contains must run nothing and load nothing.
FILE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"


@blueprint.get("/documents/<uuid:record_id>/file")
@sign_in_required
def download(record_id: UUID) -> Response:
    """Stream a document's file as a download; with ``?view``, a PDF opens in the browser."""
    uow = unit_of_work()
    return _stream(uow, uow.records.get(DOCUMENT, record_id).values["file"])


@blueprint.get("/events/<uuid:record_id>/files/<int:number>")
@sign_in_required
def download_sent(record_id: UUID, number: int) -> Response:
    """Stream a file as it was sent with an application; ``number`` counts from 1."""
    uow = unit_of_work()
    sent = uow.records.get(EVENT, record_id).values["sent_files"]
    if not isinstance(sent, list) or not 1 <= number <= len(sent):
        raise RecordNotFoundError
    return _stream(uow, sent[number - 1])


def _stream(uow: UnitOfWork, file: Wire) -> Response:
    if not file:
        raise RecordNotFoundError
    file_id = UUID(str(file))
    meta = uow.files.meta(file_id)
    uow.commit()
    response = send_stored(uow, meta.size, lambda reading, number: reading.files.chunk(file_id, number))
    response.content_type = _content_type(meta)
    is_viewed = meta.type == PDF and "view" in request.args
    response.headers["Content-Disposition"] = disposition("inline" if is_viewed else "attachment", meta.name)
    policy_of_this_answer(FILE_POLICY)
    return response


def disposition(way: str, name: str) -> str:
    """Return a Content-Disposition with a name that every client takes (RFC 6266, RFC 8187)."""
    plain = "".join(char if (char.isascii() and char.isalnum()) or char in " -_.()" else "_" for char in name)
    return f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _content_type(meta: FileMeta) -> str:
    return "text/plain; charset=utf-8" if meta.type == "text/plain" else meta.type
