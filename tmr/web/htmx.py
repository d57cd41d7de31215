"""Answers for htmx 4, and every ``HX-`` header of the server."""

import re
from typing import Any

import msgspec
from flask import Response, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

_MAIN = re.compile(r"<main\b[^>]*>(.*)</main>", re.DOTALL)


def is_htmx() -> bool:
    """Whether htmx asks for a part of a page; when it restores or boosts, it asks for the whole."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-Request-Type") != "full"


def render(page: str, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """Render ``fragment`` for htmx, or without one what is in ``<main>`` of ``page``; for everyone else, ``page``."""
    text = render_template(fragment if fragment and is_htmx() else page, **context)
    return make_response(text if fragment or not is_htmx() else _main_of(text), status)


def _main_of(page: str) -> str:
    main = _MAIN.search(page)
    return main[1] if main else page


def lead_by_header(response: Response) -> Response:
    """Turn a 303 into a redirect of the whole page for htmx, which would swap the next page into this one otherwise."""
    if is_htmx() and response.status_code == 303:
        response.headers["HX-Redirect"] = response.headers.pop("Location")
        response.status_code, response.data = 200, b""
    return response


def saved(location: str, fragment: str, notice: str, **context: Any) -> BaseResponse:
    """Answer a change that was saved: the fragment for htmx, else a redirect to ``location`` with the notice."""
    if is_htmx():
        return render(fragment, fragment, notice=notice, **context)
    flash(notice)
    return redirect(location, 303)


def saved_with_undo(
    location: str, notice: str, undo: object, earlier: object = None, choices: object = None
) -> BaseResponse:
    """Answer a change without htmx: a redirect to ``location``, which shows the notice with a button to undo it.

    ``earlier`` is what the notice says of records that were there before, ``choices`` what it offers to do next.
    """
    said = {"notice": notice, "undo": undo, "earlier": earlier, "choices": choices}
    flash(msgspec.json.encode(said).decode(), "undo")
    return redirect(location, 303)


def go(location: str) -> BaseResponse:
    """Send the browser to the page at ``location``, whether or not htmx asks."""
    if is_htmx():
        return Response(status=200, headers={"HX-Redirect": location})
    return redirect(location, 303)


def into_messages(response: Response) -> Response:
    """Let htmx show an error with the messages: it must not replace a form that someone has typed into."""
    return _retarget(response, "#messages") if is_htmx() else response


def into_rows(response: Response) -> Response:
    """Hand rows to the script of the grid, wherever the form was."""
    return _retarget(response, "#cells [data-changed]")


def _retarget(response: Response, target: str) -> Response:
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = target, "innerHTML"
    return response


def trigger(response: Response, event: str, **detail: object) -> Response:
    """Raise ``event`` with ``detail`` on the page, beside the events of before, for its scripts to react to."""
    events = msgspec.json.decode(response.headers.get("HX-Trigger", "{}"), type=dict[str, object])
    response.headers["HX-Trigger"] = msgspec.json.encode({**events, event: detail}).decode()
    return response
