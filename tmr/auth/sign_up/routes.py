"""Signing up: an email address and a password, nothing else."""

from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.sign_in import pending
from tmr.auth.sign_in.credentials import Credentials
from tmr.auth.sign_in.pending import Pending
from tmr.auth.sign_in.steps import complete_sign_in, go_to, register
from tmr.auth.sign_up.completion import is_confirmed_address, mail_sign_up
from tmr.auth.sign_up.invitations import INVITATION, NOT_INVITED, is_invited
from tmr.domain.security_events import SIGNED_UP
from tmr.repository.errors import EmailTakenError
from tmr.web import htmx
from tmr.web.event_log import note
from tmr.web.services import now, services
from tmr.web.session.guards import public
from tmr.web.session.throttling import VERIFY_MAIL_BY_ACCOUNT, count, count_sign_up

TAKEN = "There is already an account with this address. Sign in, or use another address."


@blueprint.get("/signup")
@public
def new_account() -> Response:
    """Show the sign-up form, with the invitation that the link carries."""
    return _render_sign_up(Credentials(), request.args.get(INVITATION, ""), 200)


@blueprint.post("/signup")
@public
def create_account() -> Response:
    """Make the account and sign in; where mail is configured, only after a mailed code or link is confirmed."""
    count_sign_up()
    form, invitation = Credentials.parse_new(request.form), request.form.get(INVITATION, "")
    if not form.errors and not is_invited(form.canonical_email, invitation):
        form.errors["email"] = NOT_INVITED
    if form.errors:
        return _render_sign_up(form, invitation, 422)
    return _wait_for_mail(form) if services().settings.mail_url else _sign_up_at_once(form, invitation)


def _sign_up_at_once(form: Credentials, invitation: str) -> Response:
    try:
        owner = register(form, is_claimed=True)
    except EmailTakenError:
        form.errors["email"] = TAKEN
        return _render_sign_up(form, invitation, 422)
    services().repository.forget_invitations(now(), form.canonical_email)
    with services().repository.for_owner(owner) as uow:
        note(uow, SIGNED_UP)
        return complete_sign_in(uow, url_for("records.home"), keep=False, is_new_account=True)


def _wait_for_mail(form: Credentials) -> Response:
    """Make an account that no address leads to yet; work and answer are the same if its address is taken."""
    count(VERIFY_MAIL_BY_ACCOUNT, form.canonical_email)
    is_taken = is_confirmed_address(form.canonical_email)
    with services().repository.for_owner(register(form, is_claimed=False)) as uow:
        note(uow, SIGNED_UP)
        mail_sign_up(uow, Pending(pending.SIGN_UP, url_for("records.home")), is_taken=is_taken)
        uow.commit()
    return go_to("/login/2fa")


def _render_sign_up(form: Credentials, invitation: str, status: int) -> Response:
    is_closed = services().settings.registration == "closed"
    is_invited_only = services().settings.registration == "invite" and not invitation
    context: dict[str, Any] = {
        "form": form,
        "invitation": invitation,
        "is_closed": is_closed,
        "is_invited_only": is_invited_only,
    }
    return htmx.render("auth/sign_up/sign_up.html", status=status, **context)
