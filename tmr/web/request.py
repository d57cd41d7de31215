"""The request: bounded, and never spooled to disk in the clear."""

from typing import IO
from urllib.parse import unquote_to_bytes

from flask import Request, abort, request

from tmr.repository.spool import SealedSpool

MAX_FORM_BYTES = 2 * 1024 * 1024
MAX_IMPORT_BYTES = 32 * 1024 * 1024
MAX_DOCUMENT_BYTES = 11 * 1024 * 1024  # 10 MB for the file, the rest for the form about it


class BoundedRequest(Request):
    """A request whose uploads are sealed while they wait: a temporary file would hold content in the clear."""

    max_form_memory_size = MAX_FORM_BYTES
    max_form_parts = 2_000

    @property  # type: ignore[misc]
    def max_content_length(self) -> int:  # type: ignore[override]
        """The most bytes a body may have: more for the few routes that take files."""
        if self.path == "/import":
            return MAX_IMPORT_BYTES
        return MAX_DOCUMENT_BYTES if self.path.startswith("/documents") else MAX_FORM_BYTES

    def _get_file_stream(self, *_args: object, **_kwargs: object) -> IO[bytes]:
        return SealedSpool()  # type: ignore[return-value]


def refuse_bad_text() -> None:
    """Answer 400 to an address or a form that is no UTF-8, since half a character would be kept as its code."""
    _check(request.query_string, may_hold_nul=False)
    if request.mimetype == "application/x-www-form-urlencoded":
        _check(request.get_data(), may_hold_nul=True)  # each field says for itself what is wrong with it


def _check(sent: bytes, *, may_hold_nul: bool) -> None:
    if sent.isascii() and b"%" not in sent:
        return
    try:
        text = unquote_to_bytes(sent).decode()
    except UnicodeDecodeError:
        abort(400)
    if "\0" in text and not may_hold_nul:
        abort(400)
