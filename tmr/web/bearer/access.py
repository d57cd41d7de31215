"""Who is asking, for scripts: the access token in the ``Authorization`` header, and nothing else.

A session's cookie opens nothing here, and a token opens no page: neither can be used in the place of the other.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

from flask import abort, g, request

from tmr.repository.access.access_tokens import ListedToken
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.bearer.problems import problem
from tmr.web.display.zone import zone_named
from tmr.web.event_log import called
from tmr.web.services import now, services
from tmr.web.session.current import use_unit_of_work
from tmr.web.session.guards import Handler
from tmr.web.session.throttling import SCRIPT_BY_ADDRESS, SCRIPT_BY_TOKEN, client_network, count

LONGEST = 200  # characters; a token has 47
UNKNOWN = "Send an access token that you made under Settings, Scripts: Authorization: Bearer tmr_…"
NO_FACTOR = "This server asks for a second factor. Add one in a browser first."
WRONG_SCOPE = {"read": "This token may add records, not read them.", "add": "This token may read records, not add any."}


def token_required(scope: str) -> Callable[[Handler], Handler]:
    """Let only scripts with an access token for ``scope``, ``read`` or ``add``, call a route."""

    def mark(handler: Handler) -> Handler:
        @wraps(handler)
        def guarded(*args: object, **kwargs: object) -> Any:
            uow = _claim(scope)
            if "kind" in kwargs:  # from here on with the stages and own fields of this account
                kwargs["kind"] = uow.kinds[kwargs["kind"].plural]  # type: ignore[attr-defined]
            return handler(*args, **kwargs)

        guarded.access = f"access token, {scope}"  # type: ignore[attr-defined]
        return guarded

    return mark


def has_token() -> bool:
    """Whether this request has a token that leads to an account; nothing stays open, and nothing is counted."""
    secret = _secret()
    return bool(secret) and services().repository.find_by_access_token(secret) is not None


def _claim(scope: str) -> UnitOfWork:
    """Set up this request's unit of work for the owner of its token, or answer why not."""
    secret = _secret()
    owner = services().repository.find_by_access_token(secret) if secret else None
    if owner is None:
        _refuse(401, UNKNOWN)
    count(SCRIPT_BY_ADDRESS, client_network())
    count(SCRIPT_BY_TOKEN, secret)
    uow, listed = _open(secret)
    use_unit_of_work(uow)  # which also ends it, whatever the answer is
    if not listed.token.may(scope):
        _refuse(403, WRONG_SCOPE[scope])
    if services().settings.requires_factor and not (uow.totp.exists() or uow.passkeys.list()):
        _refuse(403, NO_FACTOR)
    if uow.access_tokens.note_use(listed, now()):
        uow.commit()
        uow, _listed = _open(secret)
        use_unit_of_work(uow)
    g.claim_again = lambda: _open(secret)[0]
    g.zone, g.script = zone_named(uow.account.preferences().zone), called(uow, listed.token.label, listed.created_at)
    return uow


def _open(secret: str) -> tuple[UnitOfWork, ListedToken]:
    """Return a unit of work for the token's owner, and the token as it is now: it may have just been revoked."""
    repository = services().repository
    owner = repository.find_by_access_token(secret)
    if owner is None:
        _refuse(401, UNKNOWN)
    try:
        uow = repository.in_share(owner)
    except RecordNotFoundError:  # erased just now
        _refuse(401, UNKNOWN)
    try:
        listed = uow.access_tokens.find(secret, now())
        if listed is None or uow.account.standing().disabled_at:
            _refuse(401, UNKNOWN)
        uow.counts_at_claim = uow.records.counts.all()
    except BaseException:
        uow.close()
        raise
    return uow, listed


def _secret() -> str:
    """Return the token that the request came with; nothing if it has none."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip()[:LONGEST] if scheme.lower() == "bearer" else ""


def _refuse(status: int, detail: str) -> NoReturn:
    response = problem(status, detail)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="TrackMyRoles"'
    abort(response)
