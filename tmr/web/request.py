"""The request: bounded, and never spooled to disk in the clear."""

from typing import IO

from flask import Request

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
