"""The request: its size is limited before any of it is decoded, and uploads never reach the disk unsealed."""

from typing import IO
from urllib.parse import unquote_to_bytes

from flask import Request, abort, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from tmr.domain.fields.files import MAX_FILE_BYTES
from tmr.repository.files.sealed_upload import SealedUpload
from tmr.web.session.cookies import SESSION, read_cookie
from tmr.web.session.current import has_session
from tmr.web.session.guards import ask_to_sign_in
from tmr.web.transport.bodies import body_of

URLENCODED = "application/x-www-form-urlencoded"
MAX_VISITOR_BYTES = 64 * 1024  # from people who are not signed in: their longest form is a security report
MAX_TYPED_BYTES = 1024 * 1024  # a form: two texts of 50,000 characters, each written as nine bytes, fit
MAX_FORM_BYTES = 2 * 1024 * 1024
MAX_IMPORT_BYTES = 32 * 1024 * 1024
MAX_DOCUMENT_BYTES = MAX_FILE_BYTES + 1024 * 1024  # the file, and the form about it


class BoundedRequest(Request):
    """A request whose uploads are sealed while they wait: a temporary file would hold them in plain text."""

    max_form_memory_size = MAX_FORM_BYTES
    max_form_parts = 2_000

    @property  # type: ignore[misc]
    def max_content_length(self) -> int:  # type: ignore[override]
        """The most bytes that a body may have: more on the few routes that take files, if it is not a plain form."""
        if self.mimetype == URLENCODED:
            return MAX_TYPED_BYTES
        if self.path == "/import":
            return MAX_IMPORT_BYTES
        return MAX_DOCUMENT_BYTES if self.path.startswith("/documents") else MAX_FORM_BYTES

    def _get_file_stream(self, *_args: object, **_kwargs: object) -> IO[bytes]:
        return SealedUpload()  # type: ignore[return-value]

    def _load_form_data(self) -> None:
        try:
            super()._load_form_data()
        except HTTPException:
            raise
        except (ValueError, LookupError):  # a part with broken headers, or in an unknown character set
            abort(400)
        if None in self.form or None in self.files:  # a part without a name
            abort(400)


def refuse_unearned_body() -> Response | None:
    """Refuse more than a small form from people who are not signed in, before any of it is read.

    While many requests wait for their bodies, the session is checked for small ones too: the last places for waiting
    are kept for people who are signed in.
    """
    if not request.content_length:
        return None
    body = body_of(request.environ)
    if request.content_length <= MAX_VISITOR_BYTES and not body.is_crowded:
        return None
    body.is_earned = has_session()
    if request.content_length <= MAX_VISITOR_BYTES or body.is_earned:
        return None
    # People whose session has ended still have the text on their page: they can sign in and send it again.
    return ask_to_sign_in() if read_cookie(SESSION) else abort(413)


def refuse_bad_text() -> None:
    """Answer 400 to a query or a form that is not UTF-8: broken characters would be stored as escape codes."""
    _refuse_unless_text(request.query_string, may_hold_nul=False)
    if request.mimetype == URLENCODED:
        _refuse_unless_text(request.get_data(), may_hold_nul=True)  # each field reports a NUL in it


def _refuse_unless_text(sent: bytes, *, may_hold_nul: bool) -> None:
    if sent.isascii() and b"%" not in sent:
        return
    try:
        text = unquote_to_bytes(sent).decode()
    except UnicodeDecodeError:
        abort(400)
    if "\0" in text and not may_hold_nul:
        abort(400)
