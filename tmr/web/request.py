"""The request: bounded, and never spooled to disk in the clear."""

from io import BytesIO
from typing import IO

from flask import Request

MAX_FORM_BYTES = 2 * 1024 * 1024
MAX_UPLOAD_BYTES = 32 * 1024 * 1024
UPLOAD_PATH = "/import"


class BoundedRequest(Request):
    """A request whose uploads stay in memory: a temporary file would hold content unsealed."""

    max_form_memory_size = MAX_FORM_BYTES
    max_form_parts = 2_000

    @property  # type: ignore[misc]
    def max_content_length(self) -> int:  # type: ignore[override]
        """The most bytes a body may have: more for the one route that takes files."""
        return MAX_UPLOAD_BYTES if self.path == UPLOAD_PATH else MAX_FORM_BYTES

    def _get_file_stream(self, *_args: object, **_kwargs: object) -> IO[bytes]:
        return BytesIO()
