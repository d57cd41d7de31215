"""Turns requests away that are too much: they get 503 at once; ``admission.py`` decides which."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from markupsafe import escape

from tmr.web.bearer.problems import PATHS, TYPE
from tmr.web.error_pages import WORDS
from tmr.web.monitoring.admission import Admission
from tmr.web.transport.headers import static_headers
from tmr.web.transport.networks import network_of

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

RETRY_SECONDS = 2
FREE = ("/healthz", "/readyz", "/metrics")
UNASKED = ("QUERY_STRING", "CONTENT_TYPE", "HTTP_COOKIE")  # what none of those reads, and a stranger may make long


def admitted(application: WSGI, admission: Admission, *, is_secure: bool) -> WSGI:
    """Return ``application`` so that it gets only the requests that are taken in; the others get 503 at once."""
    page, notice = _answers()
    words = WORDS[503]
    problem = {"type": "about:blank", "title": words.title, "status": 503, "detail": words.text}
    for_scripts = msgspec.json.encode(problem)

    def run(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if _is_free(environ):
            return application({name: environ[name] for name in environ if name not in UNASKED}, start_response)
        ticket = admission.enter(network_of(environ.get("REMOTE_ADDR") or "unknown", 48))
        if ticket is None:
            is_htmx = environ.get("HTTP_HX_REQUEST") == "true" and environ.get("HTTP_HX_REQUEST_TYPE") != "full"
            is_for_script = environ.get("PATH_INFO", "").startswith(PATHS)
            body = for_scripts if is_for_script else notice if is_htmx else page
            headers = _headers(environ, body, is_htmx=is_htmx, is_secure=is_secure)
            if is_for_script:
                headers |= {"Content-Type": TYPE}
                headers.pop("Refresh", None)
            start_response("503 Service Unavailable", [*headers.items()])
            return [body]
        with admission.working(ticket):
            return application(environ, start_response)

    return run


def _is_free(environ: dict[str, Any]) -> bool:
    """Whether a request only asks how the server is; one with a body is let in like any other."""
    is_asking = environ.get("PATH_INFO") in FREE and environ.get("REQUEST_METHOD") in ("GET", "HEAD")
    return is_asking and environ.get("CONTENT_LENGTH", "") in ("", "0") and "HTTP_TRANSFER_ENCODING" not in environ


def _headers(environ: dict[str, Any], body: bytes, *, is_htmx: bool, is_secure: bool) -> dict[str, str]:
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))}
    headers |= {"Retry-After": str(RETRY_SECONDS), "Cache-Control": "no-store"}
    static_headers(headers, is_secure=is_secure)
    if is_htmx:
        headers |= {"HX-Retarget": "#messages", "HX-Reswap": "innerHTML"}
    elif environ.get("REQUEST_METHOD") == "GET":  # nothing that was typed is sent twice
        headers["Refresh"] = str(RETRY_SECONDS + 3)
    return headers


def _answers() -> tuple[bytes, bytes]:
    """Return the page and the notice, written without a template, which would take as long as many a page."""
    title, text = escape(WORDS[503].title), escape(WORDS[503].text)
    head = f'<meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{title}</title>'
    page = f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body><h1>{title}</h1><p>{text}</p></body></html>\n'
    notice = f'<div class="notice bad" role="alert" data-error="503">{title}. {text}</div>\n'
    return page.encode(), notice.encode()
