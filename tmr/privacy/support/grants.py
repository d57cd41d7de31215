"""Giving support access: what it may see and for how long, the code to pass on, and ending it."""

import datetime as dt
from uuid import UUID

import msgspec
from flask import abort, request
from werkzeug.wrappers import Response

from tmr.domain.security_events import LOCK_SUPPORT_REVOKED, SUPPORT_GRANTED, SUPPORT_REVOKED
from tmr.privacy.blueprint import blueprint
from tmr.repository.access.support_grants import MOST_HOURS, RECORDS, SETTINGS, Terms
from tmr.repository.queue.mails import Mail
from tmr.web import htmx
from tmr.web.event_log import note
from tmr.web.services import now, services
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import confirmation_required, sign_in_required
from tmr.web.session.throttling import GRANT_BY_ACCOUNT, count, may_mail_about_grant

PAGE = "/settings/privacy/support-grants"
SCOPES = (
    (RECORDS, "My records: applications, interviews, contacts and so on"),
    (SETTINGS, "My settings: email address, stages, emails, how sign-in is protected"),
)
DURATIONS = (("1", "1 hour"), ("4", "4 hours"), ("24", "1 day"), ("72", "3 days"), (str(MOST_HOURS), "7 days"))
MOST_MESSAGE = 2_000
MOST_GRANTS = 5
NO_SCOPE = "Choose what support can see."
NO_HOURS = "Choose from 1 hour to 7 days."
TOO_LONG = f"Use at most {MOST_MESSAGE:,} characters."
TOO_MANY = f"You have already given access {MOST_GRANTS} times. Revoke one first."


class GrantForm(msgspec.Struct):
    """What a person grants, as typed, with an error message for each field that is refused."""

    scope: str
    hours: str
    message: str
    errors: dict[str, str]

    @classmethod
    def parse(cls, typed: dict[str, str]) -> "GrantForm":
        """Read the form; how many grants there are already is not checked here."""
        form = cls(typed.get("scope", ""), typed.get("hours", "").strip(), typed.get("message", "").strip(), {})
        if form.scope not in dict(SCOPES):
            form.errors["scope"] = NO_SCOPE
        if not (
            form.hours.isascii() and form.hours.isdigit() and len(form.hours) < 4 and 1 <= int(form.hours) <= MOST_HOURS
        ):
            form.errors["hours"] = NO_HOURS
        if len(form.message) > MOST_MESSAGE:
            form.errors["message"] = TOO_LONG
        return form


@blueprint.get(PAGE)
@sign_in_required
def ask() -> Response:
    """Show the form for a grant, with one day chosen."""
    return _render_grant_form(GrantForm("", "24", "", {}), 200)


@blueprint.post(PAGE)
@confirmation_required(PAGE)
def grant() -> Response:
    """Make a grant and show its code, which is shown only here."""
    uow = unit_of_work()
    count(GRANT_BY_ACCOUNT, str(uow.owner))
    form = GrantForm.parse(request.form)
    if not uow.has_room(lambda: uow.grants.list(now()), MOST_GRANTS):
        form.errors["scope"] = TOO_MANY
    if form.errors:
        return _render_grant_form(form, 422)
    code = uow.grants.add(Terms(form.scope, form.message), int(form.hours), now())
    note(uow, SUPPORT_GRANTED, about=form.scope)
    ends_at = uow.grants.list(now())[0].expires_at
    uow.commit()
    _tell_operator(ends_at)
    return htmx.render("privacy/support/code.html", code=code, scope=form.scope, ends_at=ends_at)


@blueprint.post(f"{PAGE}/<uuid:grant_id>/revoke")
@sign_in_required
def revoke(grant_id: UUID) -> Response:
    """End a grant at once. No confirmation is asked for: nothing may keep people from ending one."""
    uow = unit_of_work()
    has_opened = uow.grants.opens_locked(grant_id)
    if not uow.grants.revoke(grant_id):
        abort(404)
    note(uow, LOCK_SUPPORT_REVOKED if has_opened else SUPPORT_REVOKED)
    uow.commit()
    return htmx.saved("/settings/privacy", "layouts/parts/_notice.html", "Support access ended.")


def _tell_operator(ends_at: dt.datetime) -> None:
    """Mail the operator that someone asked for support; their message is shown only once the code is used."""
    settings = services().settings
    if settings.operator and settings.sends_mail and may_mail_about_grant():
        with services().repository.installation() as installation:
            due = f"{ends_at:%Y-%m-%d %H:%M} UTC"
            installation.mails.add(Mail(settings.operator, "support_asked", {"due": due}), now())
            installation.commit()


def _render_grant_form(form: GrantForm, status: int) -> Response:
    return htmx.render("privacy/support/grant.html", form=form, scopes=SCOPES, durations=DURATIONS, status=status)
