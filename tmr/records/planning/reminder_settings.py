"""Which mails a person wants: none, unless they ask here."""

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from tmr.domain.agenda.reminder_times import DAYS, HOURS, LEADS, NAMES, SAYS
from tmr.domain.security_events import MAILS_TELL_NAMES
from tmr.records.blueprint import blueprint
from tmr.records.planning.reminders import plan_reminders
from tmr.repository.accounts.accounts import MorningMail
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.zone import current_zone
from tmr.web.event_log import note
from tmr.web.services import now, services
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.session.throttling import NAMES_IN_MAILS_BY_ACCOUNT, count

PAGE = "/settings/mails"
CHOOSE = "Choose one from the list."


@blueprint.get(PAGE)
@sign_in_required
def show_mails() -> Response:
    """Show which mails this person gets."""
    with unit_of_work() as uow:
        return _settings_page(uow, uow.account.preferences().morning, 200)


@blueprint.post(PAGE)
@sign_in_required
def change_mails() -> Response:
    """Save which mails this person wants, and plan the next one."""
    hour = request.form.get("hour", "")
    wanted = _wanted(hour)
    errors = _errors(wanted, hour)
    with unit_of_work() as uow:
        if errors:
            return _settings_page(uow, wanted, 422, errors)
        is_any = wanted.hour is not None or wanted.interview_minutes
        before = uow.account.preferences().morning
        if is_any and wanted.says == NAMES and (before is None or before.says != NAMES):
            count(NAMES_IN_MAILS_BY_ACCOUNT, str(uow.owner))
            note(uow, MAILS_TELL_NAMES)
        uow.account.change_preferences(morning=wanted if is_any else None)
        plan_reminders(uow, now())
        uow.commit()
    return htmx.saved(PAGE, "layouts/parts/_notice.html", "Saved.")


def _wanted(hour: str) -> MorningMail:
    form = request.form
    return MorningMail(
        hour=int(hour) if hour in map(str, HOURS) else None,
        days=form.get("days", DAYS[0][0]),
        interview_minutes=next(
            (minutes for minutes, _ in LEADS if str(minutes) == form.get("interview_minutes", "0")), -1
        ),
        says=form.get("says", SAYS[0][0]),
    )


def _errors(wanted: MorningMail, hour: str) -> dict[str, str]:
    wrong = {
        "hour": bool(hour) and wanted.hour is None,
        "days": wanted.days not in dict(DAYS),
        "interview_minutes": wanted.interview_minutes < 0,
        "says": wanted.says not in dict(SAYS),
    }
    return {name: CHOOSE for name, is_wrong in wrong.items() if is_wrong}


def _settings_page(
    uow: UnitOfWork, wanted: MorningMail | None, status: int, errors: dict[str, str] | None = None
) -> Response:
    leads = [(str(minutes), words) for minutes, words in LEADS]
    hours = [(str(hour), f"{hour:02}:00") for hour in HOURS]
    context: dict[str, Any] = {"wanted": wanted or MorningMail(), "days": DAYS, "says": SAYS, "leads": leads}
    context |= {"hours": hours, "email": uow.account.email(), "zone": current_zone().key, "errors": errors or {}}
    context["sends_mail"] = services().settings.sends_mail
    if status == 200:
        uow.commit()
    return htmx.render("records/planning/reminder_settings.html", status=status, **context)
