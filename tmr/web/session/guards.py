"""Who may call a route. Every route names its rule; the app does not start if one names none."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from tmr.web.htmx import go, is_htmx
from tmr.web.return_path import LONGEST_PATH
from tmr.web.session.current import is_confirmed, is_signed_in, lacks_factor, session_has_factor, unit_of_work

# A missing factor must not keep people from adding one, exporting or erasing their data, locking it, or signing out.
OPEN_WITHOUT_FACTOR = ("/settings", "/export", "/logout", "/reauthenticate", "/lock", "/unlock")
Handler = Callable[..., Any]


class UnguardedRouteError(Exception):
    """A route has no access marker."""


def public(handler: Handler) -> Handler:
    """Mark a route that anyone may call."""
    handler.access = "public"  # type: ignore[attr-defined]
    return handler


def sign_in_required(handler: Handler) -> Handler:
    """Let only people who are signed in call a route; others are sent to sign in."""

    @wraps(handler)
    def guarded(*args: object, **kwargs: object) -> Any:
        if not is_signed_in():
            return ask_to_sign_in()
        if lacks_factor() and not request.path.startswith(OPEN_WITHOUT_FACTOR):
            return go("/settings/security/totp")
        if "kind" in kwargs:  # from here on with the stages of this account
            kwargs["kind"] = unit_of_work().kinds[kwargs["kind"].plural]  # type: ignore[attr-defined]
        return handler(*args, **kwargs)

    guarded.access = "signed in"  # type: ignore[attr-defined]
    return guarded


def confirmation_required(back: str) -> Callable[[Handler], Handler]:
    """Let only people who confirmed who they are in the last ten minutes call a route.

    Others are asked to, and then sent to the path ``back``.
    """

    def mark(handler: Handler) -> Handler:
        @wraps(handler)
        def guarded(*args: object, **kwargs: object) -> Any:
            return handler(*args, **kwargs) if is_confirmed() else ask_to_confirm(back)

        confirmed = sign_in_required(guarded)
        confirmed.access = "signed in, confirmed"  # type: ignore[attr-defined]
        return confirmed

    return mark


def support_required(handler: Handler) -> Handler:
    """Let only support accounts with a second factor call a route; for others it is 404.

    What they may see depends on the grant, which the handler checks.
    """

    @wraps(handler)
    def guarded(*args: object, **kwargs: object) -> Any:
        if not is_signed_in():
            return ask_to_sign_in()
        if not unit_of_work().account.standing().is_support:
            abort(404)
        if not session_has_factor():
            return go("/settings/security/totp")
        return handler(*args, **kwargs)

    guarded.access = "support"  # type: ignore[attr-defined]
    return guarded


def support_confirmation_required(back: str) -> Callable[[Handler], Handler]:
    """As ``support_required``, and only for people who confirmed who they are in the last ten minutes.

    Others are asked to, and then sent to the path ``back``.
    """

    def mark(handler: Handler) -> Handler:
        @wraps(handler)
        def guarded(*args: object, **kwargs: object) -> Any:
            return handler(*args, **kwargs) if is_confirmed() else ask_to_confirm(back)

        confirmed = support_required(guarded)
        confirmed.access = "support, confirmed"  # type: ignore[attr-defined]
        return confirmed

    return mark


def ask_to_confirm(back: str) -> BaseResponse:
    """Send people to confirm who they are, and to the path ``back`` afterwards."""
    return go(url_for("auth.confirm", next=back))


def ask_to_sign_in() -> BaseResponse:
    """Send a visitor to sign in, and back to this page afterwards if it was asked for with a plain GET."""
    here = request.full_path.rstrip("?") if request.method == "GET" and not is_htmx() else None
    address = url_for("auth.sign_in", next=here if len(here or "") <= LONGEST_PATH else None)
    if not is_htmx():
        return redirect(address, 303)
    return Response(status=401, headers={"HX-Redirect": address})


def check_every_route(app: Flask) -> None:
    """Raise ``UnguardedRouteError`` for a route without a marker: what names no rule is not served."""
    for rule in app.url_map.iter_rules():
        if not hasattr(app.view_functions[rule.endpoint], "access"):
            raise UnguardedRouteError(f"{rule.rule} ({rule.endpoint}) has no access marker.")
