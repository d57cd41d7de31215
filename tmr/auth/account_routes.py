"""The first page of the settings: the name and the address of the account."""

from typing import Any

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.revocation import Event
from tmr.auth.sign_in.credentials import THEMES, Profile
from tmr.auth.sign_in.steps import end_all_else
from tmr.auth.sign_up import email_change
from tmr.auth.sign_up.email_address import canonical
from tmr.domain.fields.folding import fold
from tmr.domain.fields.times import ZONES
from tmr.repository.errors import EmailTakenError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.services import now, services
from tmr.web.session.current import is_confirmed, unit_of_work
from tmr.web.session.guards import confirmation_required, sign_in_required
from tmr.web.session.throttling import VERIFY_MAIL_BY_ACCOUNT, count

PAGE = "/settings"
SAVED = "Saved."
MAILED = "Check your email at both addresses. Your address changes once you confirm both links."
CHANGED = "Your email address is changed, and all your other devices are signed out."
TAKEN = "That address can't be used. Do you have another account with it?"
CONFIRM_FIRST = "Confirm that it is you before you change the address. Nothing is saved yet."


@blueprint.get(PAGE)
@sign_in_required
def show_account() -> Response:
    """Show name and address."""
    uow = unit_of_work()
    own = uow.account.preferences()
    return _page(uow, Profile(own.name, uow.account.email(), "", own.zone, own.theme), 200)


@blueprint.post(f"{PAGE}/profile")
@sign_in_required
def save_profile() -> Response:
    """Keep the name; begin to change the address, which asks to confirm who one is."""
    uow = unit_of_work()
    form = Profile.parse(request.form, uow.account.preferences(), uow.account.email())
    is_moving = form.canonical_email != canonical(uow.account.email())
    if not form.errors and is_moving and not is_confirmed():
        form.errors["email"] = CONFIRM_FIRST
    if form.errors:
        return _page(uow, form, 422)
    uow.account.rename(form.name)
    _set_view(uow, ZONES.get(fold(form.zone), ""), form.theme)
    if form.email != uow.account.email() and not is_moving:
        uow.account.set_email(form.email, form.canonical_email)  # the same address, spelled otherwise
    return _move(uow, form) if is_moving else _done(uow, SAVED)


@blueprint.post(f"{PAGE}/profile/keep-address")
@confirmation_required(PAGE)
def cancel_move() -> Response:
    """Void the links of a change of address."""
    uow = unit_of_work()
    email_change.cancel(uow)
    return _done(uow, "Your email address stays the same.")


@blueprint.post(f"{PAGE}/zone")
@sign_in_required
def note_zone() -> Response:
    """Take the zone of this browser, as long as its person has not set another one."""
    uow = unit_of_work()
    zone = ZONES.get(fold(request.form.get("time_zone", "")), "")
    if zone and not uow.account.preferences().zone:
        _set_view(uow, zone, uow.account.preferences().theme)
        uow.commit()
    return Response(status=204)


def _set_view(uow: UnitOfWork, zone: str, theme: str) -> None:
    before = uow.account.preferences()
    uow.account.change_preferences(zone=zone, theme=theme)
    if before.zone != zone and before.morning:
        uow.reminders.wake(now())


def _move(uow: UnitOfWork, form: Profile) -> Response:
    if services().settings.sends_mail:
        count(VERIFY_MAIL_BY_ACCOUNT, f"{uow.owner} move")
        email_change.begin(uow, form.email)
        return _done(uow, MAILED)
    try:
        email_change.change_now(uow, form.email)
    except EmailTakenError:
        form.errors["email"] = TAKEN
        return _page(uow, form, 422)
    end_all_else(uow, Event.EMAIL_CHANGED)
    flash(CHANGED)
    return redirect(PAGE, 303)


def _done(uow: UnitOfWork, notice: str) -> Response:
    uow.commit()
    flash(notice)
    return redirect(PAGE, 303)


def _page(uow: UnitOfWork, form: Profile, status: int) -> Response:
    context: dict[str, Any] = {"form": form, "email": uow.account.email(), "change": email_change.waiting(uow)}
    context |= {"standing": uow.account.standing(), "themes": list(THEMES.items())}
    return htmx.render("auth/account.html", status=status, is_confirmed=is_confirmed(), **context)
