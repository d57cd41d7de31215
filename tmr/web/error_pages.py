"""The answer to every error, in the app's words: what was saved, and what to do next."""

import logging
import secrets

import msgspec
from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask_login import current_user
from werkzeug.exceptions import HTTPException, TooManyRequests

from tmr.repository.errors import (
    DatabaseError,
    DecryptionError,
    FieldsBusyError,
    PoolTimeoutError,
    RecordNotFoundError,
    TooManyRecordsError,
    is_key_gone,
    is_outage,
)
from tmr.web.bearer.problems import is_for_script, problem
from tmr.web.htmx import into_messages, is_htmx
from tmr.web.session.csrf import CSRFError, csrf_token

logger = logging.getLogger(__name__)
OUTAGE_SECONDS = 5
# After these the database has no trouble, so the page may ask it who is there. The others go by what is known already.
HARMLESS = (403, 404, 405)


class Words(msgspec.Struct, frozen=True):
    """What an error page says."""

    title: str
    text: str


WORDS = {
    400: Words("Something was wrong with that request", "Nothing was changed. Go back and try again."),
    403: Words(
        "This page is out of date",
        "Nothing was changed. You may have signed in or out in another tab: reload the page and try again.",
    ),
    404: Words("Page not found", "It may have been deleted."),
    405: Words("That doesn't work here", "This page does not take that kind of request. Nothing was changed."),
    409: Words(
        "Too late",
        "This has changed since you opened it, or it is too late for that. Nothing was changed. Reload the page to see "
        "what is there now.",
    ),
    411: Words(
        "Something was wrong with that request",
        "The request did not say how long it is, so part of it may be missing. Nothing was changed.",
    ),
    413: Words("Too large", "That is more than one request can hold. Nothing was changed."),
    429: Words("Too many attempts", "Please wait a little: this keeps password guessers out. Nothing was changed."),
    503: Words(
        "Back in a moment",
        "The server is very busy. Nothing was changed. Try again in a few seconds.",
    ),
}
TOO_MANY_CALLS = Words("Too many requests", "Nothing was changed. Retry-After says when to go on.")
# Whether a change was kept is unknown when the answer to its commit never came.
OUTAGE = Words(
    "Back in a moment",
    "The database did not answer in time, or a large change of yours is still running. Try again in a few seconds. If "
    "you were saving something, check first whether it was saved.",
)
FIELDS_BUSY = Words(
    "Not just now",
    "An import or another change is writing into fields of yours. Nothing was changed. Try again once that is done.",
)
KEY_GONE = Words(
    "Not just now",
    "Your records were being sealed under another key in this moment. Nothing was changed. Try again.",
)
MANY_RECORDS = "Your account is full"
UNKNOWN = Words("Something went wrong", "It is our fault, and it has been logged. Everything you saved before is safe.")


def init_errors(app: Flask) -> None:
    """Give every error its page."""
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(CSRFError, _answer_stale_token)
    app.register_error_handler(RecordNotFoundError, lambda _error: answer(404))
    app.register_error_handler(TooManyRecordsError, lambda error: answer(413, words=Words(MANY_RECORDS, str(error))))
    app.register_error_handler(FieldsBusyError, lambda _error: answer(503, words=FIELDS_BUSY))
    app.register_error_handler(DecryptionError, _answer_unreadable)
    app.register_error_handler(DatabaseError, _answer_database_error)
    app.register_error_handler(PoolTimeoutError, lambda _error: answer(503, words=OUTAGE if g.get("is_kept") else None))
    app.register_error_handler(Exception, _answer_unexpected)


def answer(
    status: int, reference: str | None = None, words: Words | None = None, address: str | None = None
) -> Response:
    """Return the error page, with the menu for a person who is signed in, or for htmx only the message.

    ``reference`` is what the log calls this error. With ``address`` the page leads there, not to the start.
    """
    words = words or WORDS.get(status, UNKNOWN)
    if is_for_script():
        words = TOO_MANY_CALLS if status == 429 else words
        return with_retry(problem(status, words.text, words.title), status, g.get("retry_after"))
    name = "layouts/error.fragment.html" if is_htmx() else "layouts/error.html"
    retry_after = g.get("retry_after")
    is_retried = status == 503 and request.method == "GET" and not is_htmx()
    context = {"reference": reference, "retry_after": retry_after, "retries": is_retried, "address": address}
    context["has_menu"] = not is_htmx() and not address and _is_signed_in(status)
    response = into_messages(make_response(render_template(name, words=words, status=status, **context), status))
    if is_retried:  # works without scripts; only a GET, so that nothing that was typed is sent twice
        response.headers["Refresh"] = str(OUTAGE_SECONDS)
    return with_retry(response, status, retry_after)


def with_retry(response: Response, status: int, retry_after: int | None) -> Response:
    """Say in ``Retry-After`` when to come back, where that is known."""
    if status == 503:
        retry_after = OUTAGE_SECONDS
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _is_signed_in(status: int) -> bool:
    """Whether this request is known to be of a person who is signed in. The menu itself needs no database."""
    if status not in HARMLESS:
        return "counts" in g  # the session was claimed before the error
    try:
        return bool(current_user.is_authenticated)
    except (DatabaseError, PoolTimeoutError):
        return False


def _answer_http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    if isinstance(error, TooManyRequests):
        return answer(429)
    response = answer(error.code or 500)
    if error.code == 405:
        response.headers["Allow"] = ", ".join(error.valid_methods or ())  # type: ignore[attr-defined]
    return response


def _answer_stale_token(_error: CSRFError) -> Response:
    response = answer(403)
    # Lets an open editor go on after a sign-in in another tab. Only a page of this origin can read the header.
    response.headers["X-CSRF-Token"] = csrf_token()
    return response


def _answer_unreadable(error: Exception) -> Response:
    return _log_and_answer(error, "a record does not open", 500)


def _answer_database_error(error: Exception) -> Response:
    status, words = (503, OUTAGE) if is_outage(error) else (503, KEY_GONE) if is_key_gone(error) else (500, None)
    return _log_and_answer(error, "the database refused or went away", status, words)


def _answer_unexpected(error: Exception) -> Response:
    return _log_and_answer(error, "unexpected", 500)


def _log_and_answer(error: Exception, what: str, status: int, words: Words | None = None) -> Response:
    reference = secrets.token_hex(4)
    # The message of an error may quote what a person typed, so the log gets only its class and where it was raised.
    logger.error("%s [%s]: %s", what, reference, type(error).__name__, exc_info=current_app.debug)
    _log_places(error, reference)
    return answer(status, reference, words)


def _log_places(error: Exception, reference: str) -> None:
    trace = error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        logger.error("  [%s] %s:%d in %s", reference, code.co_filename, trace.tb_lineno, code.co_name)
        trace = trace.tb_next
