"""What went wrong, for a script: problem details as JSON (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from flask import Response, request

PATHS = "/api/"
TYPE = "application/problem+json"


def is_for_script() -> bool:
    """Whether this request is to an address that scripts use, where errors are JSON and no page."""
    return request.path.startswith(PATHS)


def problem(status: int, detail: str, title: str = "", errors: Mapping[str, str] | None = None) -> Response:
    """Return a problem with this status; ``errors`` says what is wrong with each field."""
    content = {"type": "about:blank", "title": title or HTTPStatus(status).phrase, "status": status, "detail": detail}
    if errors:
        content["errors"] = dict(errors)
    return Response(msgspec.json.encode(content), status, content_type=TYPE)
