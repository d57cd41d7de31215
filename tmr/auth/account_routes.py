"""The first page of the settings: the account's name, email address, time zone, locale and colours."""

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
from tmr.domain.fields.types.times import ZONES
from tmr.domain.locales.locale import OFFERED
from tmr.domain.security_events import EMAIL_RESPELLED
from tmr.repository.errors import EmailTakenError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.locales import example, guessed_locale
from tmr.web.event_log import note
from tmr.web.services import now, services
from tmr.web.session.current import is_confirmed, unit_of_work
from tmr.web.session.guards import confirmation_required, sign_in_required
from tmr.web.session.throttling import ADDRESS_CHANGE_BY_ACCOUNT, VERIFY_MAIL_BY_ACCOUNT, count

PAGE = "/settings"
SAVED = "Saved."
MAILED = "Check your email at both addresses. Your address changes once you confirm both links."
CHANGED = "Your email address is changed, and all your other devices are signed out."
TAKEN = "That address can't be used. Do you have another account with it?"
CONFIRM_FIRST = "Confirm that it is you before you change the address. Nothing is saved yet."


@blueprint.get(PAGE)
@sign_in_required
def show_account() -> Response:
    """Show the account's settings, with what is stored filled in."""
    uow = unit_of_work()
    preferences = uow.account.preferences()
    form = Profile(
        preferences.name,
        uow.account.email(),
        zone=preferences.zone,
        locale=preferences.locale,
        theme=preferences.theme,
        has_letter_keys=preferences.has_letter_keys,
    )
    return _render_account(uow, form, 200)


@blueprint.post(f"{PAGE}/profile")
@sign_in_required
def save_profile() -> Response:
    """Save the name and settings, and start a change of address, which needs a recent confirmation."""
    uow = unit_of_work()
    form = Profile.parse(request.form, uow.account.preferences(), uow.account.email())
    is_new_address = form.canonical_email != canonical(uow.account.email())
    is_new_spelling = not is_new_address and form.email != uow.account.email()
    if not form.errors and (is_new_address or is_new_spelling) and not is_confirmed():
        form.errors["email"] = CONFIRM_FIRST
    if form.errors:
        return _render_account(uow, form, 422)
    uow.account.rename(form.name)
    _change_zone_and_theme(uow, ZONES.get(fold(form.zone), ""), form.theme)
    uow.account.change_preferences(locale=form.locale, has_letter_keys=form.has_letter_keys)
    if is_new_spelling:
        count(ADDRESS_CHANGE_BY_ACCOUNT, str(uow.owner))
        note(uow, EMAIL_RESPELLED)  # mailed to the earlier spelling: another one may lead nowhere
        uow.account.set_email(form.email, form.canonical_email)
    return _change_address(uow, form) if is_new_address else _commit_and_redirect(uow, SAVED)


@blueprint.post(f"{PAGE}/profile/keep-address")
@confirmation_required(PAGE)
def cancel_move() -> Response:
    """Cancel a pending change of address, so that its links stop working."""
    uow = unit_of_work()
    uow.hold_account()
    email_change.cancel(uow)
    return _commit_and_redirect(uow, "Your email address stays the same.")


@blueprint.post(f"{PAGE}/zone")
@sign_in_required
def note_zone() -> Response:
    """Save this browser's time zone, unless the account has one, and the locale that goes with it."""
    uow = unit_of_work()
    preferences = uow.account.preferences()
    zone = ZONES.get(fold(request.form.get("time_zone", "")), "")
    if zone and not preferences.zone:
        _change_zone_and_theme(uow, zone, preferences.theme)
        if not preferences.locale:
            uow.account.change_preferences(locale=guessed_locale(zone))
        uow.commit()
    return Response(status=204)


def _change_zone_and_theme(uow: UnitOfWork, zone: str, theme: str) -> None:
    before = uow.account.preferences()
    uow.account.change_preferences(zone=zone, theme=theme)
    if before.zone != zone and before.morning:
        uow.reminders.wake(now())  # they were planned in the old zone


def _change_address(uow: UnitOfWork, form: Profile) -> Response:
    if services().settings.sends_mail:
        count(VERIFY_MAIL_BY_ACCOUNT, f"{uow.owner} move")
        count(
            VERIFY_MAIL_BY_ACCOUNT, form.canonical_email
        )  # as sign-up does: accounts cost nothing, this mailbox has one
        uow.hold_account()
        email_change.begin(uow, form.email)
        return _commit_and_redirect(uow, MAILED)
    count(ADDRESS_CHANGE_BY_ACCOUNT, str(uow.owner))
    try:
        email_change.change_now(uow, form.email)
    except EmailTakenError:
        form.errors["email"] = TAKEN
        return _render_account(uow, form, 422)
    end_all_else(uow, Event.EMAIL_CHANGED)
    flash(CHANGED)
    return redirect(PAGE, 303)


def _commit_and_redirect(uow: UnitOfWork, notice: str) -> Response:
    uow.commit()
    flash(notice)
    return redirect(PAGE, 303)


def _render_account(uow: UnitOfWork, form: Profile, status: int) -> Response:
    context: dict[str, Any] = {"form": form, "email": uow.account.email(), "change": email_change.waiting(uow)}
    context |= {"standing": uow.account.standing(), "themes": list(THEMES.items())}
    context |= {"locales": list(OFFERED.items()), "example": example(request.args.get("locale", form.locale))}
    return htmx.render("auth/account.html", status=status, is_confirmed=is_confirmed(), **context)
