"""The request: its size is limited before any of it is decoded, and uploads never reach the disk unsealed."""

import binascii
import re
from collections.abc import Iterator
from typing import IO, Any

from flask import Request, abort, request
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.wrappers import Response

from tmr.domain.fields.files import MAX_FILE_BYTES
from tmr.repository.files.sealed_upload import SealedUpload
from tmr.web.bearer.access import has_token
from tmr.web.bearer.problems import PATHS as SCRIPT_PATHS
from tmr.web.bearer.problems import is_for_script
from tmr.web.session.cookies import SESSION, read_cookie
from tmr.web.session.current import has_session
from tmr.web.session.guards import ask_to_sign_in
from tmr.web.transport.bodies import body_of

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
MAX_VISITOR_BYTES = 64 * 1024  # from people who are not signed in: their longest form is a security report
MAX_TYPED_BYTES = 1024 * 1024  # a form: two texts of 50,000 characters, each written as nine bytes, fit
MAX_FIELDS = 4_000  # of a plain form: a proposal of an import has up to three for each of 600 columns, and some more
MAX_FORM_BYTES = 2 * 1024 * 1024
MAX_MAIL_BYTES = 6 * 1024 * 1024  # a saved mail: its attachments are not read, but come along
MAX_IMPORT_BYTES = 32 * 1024 * 1024
MAX_DOCUMENT_BYTES = MAX_FILE_BYTES + 1024 * 1024  # the file, and the form about it
_ESCAPES_NOTHING = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class FormParser(FormDataParser):
    """Decodes a plain form once, in a time that grows with its length only, and takes only what is UTF-8."""

    def _parse_urlencoded(self, stream: IO[bytes], *_args: object) -> Any:
        try:
            return stream, self.cls(_pairs(stream.read())), self.cls()
        except UnicodeDecodeError:
            abort(400)


class BoundedRequest(Request):
    """A request whose uploads are sealed while they wait: a temporary file would hold them in plain text."""

    form_data_parser_class = FormParser
    max_form_memory_size = MAX_FORM_BYTES
    max_form_parts = 2_000

    @property  # type: ignore[misc]
    def max_content_length(self) -> int:  # type: ignore[override]
        """The most bytes that a body may have: more on the few routes that take files, if it is not a plain form."""
        if self.mimetype == URLENCODED:
            return MAX_TYPED_BYTES
        if self.path.startswith(SCRIPT_PATHS):
            return MAX_TYPED_BYTES
        if self.path == "/import":
            return MAX_IMPORT_BYTES
        if self.path == "/capture/read":
            return MAX_MAIL_BYTES
        return MAX_DOCUMENT_BYTES if self.path.startswith("/documents") else MAX_FORM_BYTES

    def _get_file_stream(self, *_args: object, **_kwargs: object) -> IO[bytes]:
        return SealedUpload()  # type: ignore[return-value]

    def _load_form_data(self) -> None:
        if self.mimetype == URLENCODED and self.get_data().count(b"&") >= MAX_FIELDS:
            abort(413)  # reading half a million fields takes seconds, and so does a page that holds them all
        try:
            super()._load_form_data()
        except HTTPException:
            raise
        except (ValueError, LookupError):  # a part with broken headers, or in an unknown character set
            abort(400)
        if None in self.form or None in self.files:  # a part without a name
            abort(400)


def refuse_unearned_body() -> Response | None:
    """Refuse more than a small plain form from people who are not signed in, before any of it is read.

    None of the forms that are open to everyone holds files, and to take a form of many parts to pieces costs much.
    While many requests wait for their bodies, the session is checked for small ones too: the last places for waiting
    are kept for people who are signed in.
    """
    if not request.content_length:
        return None
    body = body_of(request.environ)
    is_small = request.content_length <= MAX_VISITOR_BYTES
    has_parts = request.mimetype == MULTIPART and not is_for_script()
    if is_small and not has_parts and not body.is_crowded:
        return None
    body.is_earned = has_token() if is_for_script() else has_session()
    if body.is_earned or (is_small and not has_parts):
        return None
    if is_for_script():
        abort(413)
    # People whose session has ended still have the text on their page: they can sign in and send it again.
    return ask_to_sign_in() if read_cookie(SESSION) else abort(403 if is_small else 413)


def refuse_bad_text() -> None:
    """Answer 400 to a query or a form that is not UTF-8: broken characters would be stored as escape codes."""
    try:
        query = _unescaped(request.query_string)
    except UnicodeDecodeError:
        abort(400)
    if "\0" in query:
        abort(400)
    if request.mimetype == URLENCODED:
        _ = request.form  # decodes it, or refuses it; each field reports a NUL in it


def _pairs(sent: bytes) -> Iterator[tuple[str, str]]:
    """Yield the fields of a plain form as ``urllib.parse.parse_qsl`` does, or raise ``UnicodeDecodeError``."""
    for part in sent.replace(b"+", b" ").split(b"&"):
        if part:
            name, _, value = part.partition(b"=")
            yield _unescaped(name), _unescaped(value)


def _unescaped(sent: bytes) -> str:
    """Return the text that ``sent`` escapes with ``%``, or raise ``UnicodeDecodeError``.

    ``urllib`` takes long for a form that is all escapes, or all ``%`` that escape nothing. Quoted-printable (RFC 2045,
    6.7) differs in nothing but the sign that escapes, and the standard library decodes it without a step of Python.
    """
    if b"%" not in sent:
        return sent.decode()
    sent = sent.replace(b"%%", b"%25%").replace(b"%%", b"%25%")  # what the first leaves of a row, the second takes
    sent = _ESCAPES_NOTHING.sub(b"%25", sent)
    return binascii.a2b_qp(sent.replace(b"=", b"=3D").replace(b"%", b"=")).decode()
