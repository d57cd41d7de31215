"""The page of access tokens: each is shown once, when it is made, and can be revoked at any time."""

import datetime as dt
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.domain.security_events import LOCK_TOKEN_REVOKED, TOKEN_MADE, TOKEN_REVOKED
from tmr.repository.access.access_tokens import ADD, BOTH, READ, AccessToken
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.event_log import called, note
from tmr.web.services import now, services
from tmr.web.session.current import is_confirmed, unit_of_work
from tmr.web.session.guards import confirmation_required, sign_in_required
from tmr.web.session.throttling import TOKEN_BY_ACCOUNT, count

PAGE = "/settings/tokens"
MAX_TOKENS = 10
SCOPES = ((READ, "Read records, and export everything"), (ADD, "Add records"), (BOTH, "Read and add"))
LASTS = (("30", "30 days"), ("90", "90 days"), ("180", "180 days"), ("365", "A year"))
USUAL_DAYS = "90"
TOO_MANY = f"You already have {MAX_TOKENS} access tokens. Revoke one first."
CHOOSE_SCOPE = "Choose what the script may do."
CHOOSE_DAYS = "Choose how long the token works."


@blueprint.get(PAGE)
@sign_in_required
def show_tokens() -> Response:
    """Show the access tokens, and when each was last used."""
    with unit_of_work() as uow:
        return _page(uow, 200)


@blueprint.post(PAGE)
@confirmation_required(PAGE)
def create_token() -> Response:
    """Make an access token; it is shown in this one answer and never again."""
    count(TOKEN_BY_ACCOUNT, str(unit_of_work().owner))
    scope, days = request.form.get("scope", ""), request.form.get("days", USUAL_DAYS)
    with unit_of_work() as uow:
        errors = {"scope": CHOOSE_SCOPE} if scope not in dict(SCOPES) else {}
        errors |= {"days": CHOOSE_DAYS} if days not in dict(LASTS) else {}
        if not uow.has_room(lambda: uow.access_tokens.list(now()), MAX_TOKENS):
            errors["scope"] = TOO_MANY
        if errors:
            return _page(uow, 422, errors=errors, scope=scope, days=days)
        label = " ".join(request.form.get("label", "").split())[:60] or "Script"
        secret = uow.access_tokens.add(AccessToken(label, scope), now() + dt.timedelta(days=int(days)), now())
        note(uow, TOKEN_MADE, about=f"{called(uow, label, now())}: {dict(SCOPES)[scope].lower()}")
        return _page(uow, 200, secret=secret)


@blueprint.post(f"{PAGE}/<uuid:token_id>/revoke")
@sign_in_required
def revoke_token(token_id: UUID) -> Response:
    """Revoke an access token: it opens nothing from its next request on."""
    with unit_of_work() as uow:
        has_opened = uow.access_tokens.remove(token_id)
        note(uow, LOCK_TOKEN_REVOKED if has_opened else TOKEN_REVOKED)
        uow.commit()
    return htmx.saved(PAGE, "layouts/parts/_notice.html", "Token revoked. Scripts that use it are refused from now on.")


def _page(uow: UnitOfWork, status: int, **more: Any) -> Response:
    context = {
        "tokens": uow.access_tokens.list(now()),
        "scopes": SCOPES,
        "lasts": LASTS,
        "scope": READ,
        "days": USUAL_DAYS,
        "errors": {},
        "secret": "",
        "base_url": services().settings.base_url,
        "is_confirmed": is_confirmed(),
        **more,
    }
    if status == 200:
        uow.commit()
    return htmx.render("auth/tokens/index.html", status=status, **context)
