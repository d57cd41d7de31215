"""An id and a log line for each request, without its content; and who may see the figures."""

import hmac
import json
import logging
import secrets
import time
from ipaddress import ip_address

from flask import Flask, Response, g, has_request_context, request

from tmr.config import Settings

logger = logging.getLogger(__name__)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
# A request with one of these came through a proxy, so a loopback address says nothing about where it is from.
FORWARDING = ("X-Forwarded-For", "Forwarded", "Via", "X-Real-Ip", "Cf-Connecting-Ip", "Fly-Client-Ip")


class JsonLines(logging.Formatter):
    """Writes one JSON object a line: time, level, where, what, request id. No logged text can start a new line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return ``record`` as one line of JSON in ASCII."""
        line: dict[str, object] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "from": record.name,
            "says": record.getMessage(),
        }
        if has_request_context() and "request_id" in g:
            line["request"] = g.request_id
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__  # its message may quote what a person typed
        return json.dumps(line, ensure_ascii=True)


def log_as_json() -> None:
    """Write the log to standard error as JSON: warnings, and a line for each request."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logger.setLevel(logging.INFO)


def init_observation(app: Flask) -> None:
    """Give every request an id, which the ``X-Request-Id`` of its answer names, and log each answer."""

    @app.before_request
    def begin() -> None:
        g.request_id, g.arrived = secrets.token_hex(8), time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        if "request_id" in g:
            response.headers["X-Request-Id"] = g.request_id
            fields = {"route": request.endpoint, "method": method(), "status": response.status_code}
            milliseconds = round((time.perf_counter() - g.arrived) * 1000, 1)
            logger.info("answered", extra={"fields": {**fields, "ms": milliseconds}})
        return response


def method() -> str:
    """Return the method of this request; ``other`` for an unknown one, which may be any text that a client sends."""
    return request.method if request.method in METHODS else "other"


def may_see_figures(settings: Settings) -> bool:
    """Whether this request has the metrics token, or comes from this machine directly and not through a proxy on it."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.metrics_token and kind.lower() == "bearer":
        return hmac.compare_digest(token.encode(), settings.metrics_token.encode())
    if any(name in request.headers for name in FORWARDING):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
