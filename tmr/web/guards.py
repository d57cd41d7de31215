"""Who may call a route. Every route names its rule; one that names none stops the start."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, Response, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from tmr.web.htmx import is_htmx

Handler = Callable[..., Any]


class UnguardedRouteError(Exception):
    """A route has no access marker."""


def public(handler: Handler) -> Handler:
    """Mark a route that anyone may call."""
    handler.access = "public"  # type: ignore[attr-defined]
    return handler


def sign_in_required(handler: Handler) -> Handler:
    """Let a route be called by a signed-in person only; others are sent to sign in."""

    @wraps(handler)
    def guarded(*args: object, **kwargs: object) -> Any:
        if not current_user.is_authenticated:
            return ask_to_sign_in()
        return handler(*args, **kwargs)

    guarded.access = "signed in"  # type: ignore[attr-defined]
    return guarded


def ask_to_sign_in() -> BaseResponse:
    """Send a signed-out visitor to the sign-in page, back here afterwards if this page can be read."""
    here = request.full_path.rstrip("?") if request.method == "GET" and not is_htmx() else None
    address = url_for("auth.sign_in", next=here)
    if not is_htmx():
        return redirect(address, 303)
    return Response(status=401, headers={"HX-Redirect": address})


def check_every_route(app: Flask) -> None:
    """Raise ``UnguardedRouteError`` for the first route without a marker: denied by default."""
    for rule in app.url_map.iter_rules():
        if not hasattr(app.view_functions[rule.endpoint], "access"):
            raise UnguardedRouteError(f"{rule.rule} ({rule.endpoint}) has no access marker.")
