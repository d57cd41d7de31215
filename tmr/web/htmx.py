"""Answers for htmx 4, and every ``HX-`` header of the server."""

import re
from typing import Any

import msgspec
from flask import Response, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

_MAIN = re.compile(r"<main\b[^>]*>(.*)</main>", re.DOTALL)


def is_htmx() -> bool:
    """Whether htmx asks for a part of a page (its history restores and boosts want the whole)."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-Request-Type") != "full"


def render(page: str, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """Render ``fragment`` for htmx, or what stands in ``<main>`` of a page without one; ``page`` for everyone else."""
    text = render_template(fragment if fragment and is_htmx() else page, **context)
    return make_response(text if fragment or not is_htmx() else _main_of(text), status)


def _main_of(page: str) -> str:
    found = _MAIN.search(page)
    return found[1] if found else page


def lead_by_header(response: Response) -> Response:
    """Turn a redirect into one that htmx follows with the whole page, and not into a part of this one."""
    if is_htmx() and response.status_code == 303:
        response.headers["HX-Redirect"] = response.headers.pop("Location")
        response.status_code, response.data = 200, b""
    return response


def saved(location: str, fragment: str, notice: str, **context: Any) -> BaseResponse:
    """Answer a change that was kept: the fragment for htmx, else a redirect that shows the notice."""
    if is_htmx():
        return render(fragment, fragment, notice=notice, **context)
    flash(notice)
    return redirect(location, 303)


def saved_with_undo(location: str, notice: str, undo: object) -> BaseResponse:
    """Answer a change without htmx: a redirect whose page offers to take it back."""
    flash(msgspec.json.encode({"notice": notice, "undo": undo}).decode(), "undo")
    return redirect(location, 303)


def go(location: str) -> BaseResponse:
    """Send the browser to another page, with htmx or without."""
    if is_htmx():
        return Response(status=200, headers={"HX-Redirect": location})
    return redirect(location, 303)


def into_messages(response: Response) -> Response:
    """Let an error go where messages go: never in place of a form that somebody has typed into."""
    if is_htmx():
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#messages", "innerHTML"
    return response


def trigger(response: Response, event: str, **detail: object) -> Response:
    """Let the page's scripts know what happened."""
    response.headers["HX-Trigger"] = msgspec.json.encode({event: detail}).decode()
    return response
