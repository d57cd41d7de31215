"""The calendar: a month, or what comes next as a list, in the person's own zone."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from flask import request
from werkzeug.wrappers import Response

from tmr.domain.agenda.agenda import EVER, Entry, Window
from tmr.domain.agenda.months import month_of
from tmr.domain.kinds.application import APPLICATION
from tmr.records.blueprint import blueprint
from tmr.records.planning.dated_records import dated_entries
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.locales import current_locale
from tmr.web.display.zone import current_zone, today
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required

AGENDA_DAYS = 60
PER_PAGE = 500  # entries of a list


@blueprint.get("/calendar")
@sign_in_required
def show_calendar() -> Response:
    """Show one month; with ``view=agenda`` what is overdue or comes in the next weeks, with ``view=day`` one day."""
    here, view = today(), request.args.get("view", "")
    first = requested_month(here)
    if view not in ("agenda", "day"):
        with unit_of_work() as uow:
            month = month_context(uow, first)
            uow.commit()
        return htmx.render("records/planning/calendar/index.html", zone=current_zone().key, entries=[], **month)
    with unit_of_work() as uow:
        entries = dated_entries(uow, current_zone(), _window(view, first, here))
        may_try_samples = not entries and not uow.records.counts.of(APPLICATION)
        uow.commit()
    if view == "agenda":
        until = here + dt.timedelta(days=AGENDA_DAYS)
        entries = [entry for entry in entries if entry.date <= until and not (entry.ends and entry.ends < now())]
    else:
        entries = [entry for entry in entries if entry.date.isoformat() == request.args.get("day")]
    context: dict[str, Any] = {"today": here, "zone": current_zone().key, "month": None, "view": view}
    context["late"] = sum(entry.date < here for entry in entries) if view == "agenda" else 0
    entries, context["turn"] = _page_of(entries)
    context["may_try_samples"] = may_try_samples
    return htmx.render("records/planning/calendar/index.html", entries=entries, **context)


def _page_of(entries: list[Entry]) -> tuple[list[Entry], dict[str, str]]:
    """Return one page of a list, and the addresses of those beside it by what the links to them say."""
    text = request.args.get("page", "")
    number = max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    start = (number - 1) * PER_PAGE
    there = {
        "Show earlier": number - 1 if number > 1 else 0,
        "Show later": number + 1 if entries[start + PER_PAGE :] else 0,
    }
    same = {name: request.args[name] for name in ("view", "day") if name in request.args}
    turn = {words: "/calendar?" + urlencode({**same, "page": page}) for words, page in there.items() if page}
    return entries[start : start + PER_PAGE], turn


def month_context(uow: UnitOfWork, first: dt.date) -> dict[str, Any]:
    """Return what the template of the month that begins on ``first`` needs."""
    here = today()
    entries = dated_entries(uow, current_zone(), _window("", first, here))
    may_try_samples = not entries and not uow.records.counts.of(APPLICATION)
    month = month_of(first, entries, current_locale())
    return {"month": month, "weekdays": current_locale().weekdays, "today": here, "may_try_samples": may_try_samples}


def _window(view: str, first: dt.date, here: dt.date) -> Window:
    """Return the days that a view needs, with a week more on either side for zones and for whole weeks."""
    if view == "agenda":
        return Window(until=(here + dt.timedelta(days=AGENDA_DAYS + 7)).isoformat())
    if view == "day":
        return EVER
    week = dt.timedelta(days=7)
    return Window(since=(first - week).isoformat(), until=(first + 6 * week).isoformat())


def requested_month(here: dt.date) -> dt.date:
    """Return the first day of the month that was asked for, or of this month; far years are brought into range."""
    try:
        asked = dt.date.fromisoformat(request.values.get("month", "") + "-01")
        return min(max(asked, dt.date(1900, 2, 1)), dt.date(2200, 11, 1))
    except ValueError:
        return here.replace(day=1)
