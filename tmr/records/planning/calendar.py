"""The calendar: a month, or what comes next as a list, in the person's own zone."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from flask import request
from werkzeug.wrappers import Response

from tmr.domain.agenda.agenda import EVER, Entry, Fact, Window
from tmr.domain.agenda.months import month_of
from tmr.domain.fields.types.links import link_ids
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.listing import Criteria
from tmr.records.blueprint import blueprint
from tmr.records.planning.dated_records import dated_entries
from tmr.repository.records.saved_views import KeptView
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.listed import criteria_of, matching, views_of
from tmr.web.display.locales import current_locale
from tmr.web.display.zone import current_zone, today
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.session.reading import scan_turn, scan_turn_in_a_change

LAYOUTS = ("agenda", "day")
AGENDA_DAYS = 60
PER_PAGE = 500  # entries of a list


class Chosen(msgspec.Struct, frozen=True):
    """What a calendar shows: everything, or what belongs to the applications of a saved view."""

    views: list[KeptView]
    criteria: Criteria
    applications: set[str] | None = None

    def of(self, entries: list[Entry]) -> list[Entry]:
        """Return the entries that are shown."""
        if self.applications is None:
            return entries
        return [entry for entry in entries if not self.applications.isdisjoint(_applications_of(entry.fact))]

    def address(self, layout: str = "", **parameters: object) -> str:
        """Return an address of the calendar with the view."""
        named = {"view": self.criteria.view, "as": layout}
        query = urlencode({**{name: value for name, value in named.items() if value}, **parameters})
        return f"/calendar?{query}" if query else "/calendar"


@blueprint.get("/calendar")
@sign_in_required
def show_calendar() -> Response:
    """Show one month; as ``agenda`` what is overdue or comes in the next weeks, as ``day`` one day."""
    here, layout = today(), _layout()
    first = requested_month(here)
    if not layout:
        with scan_turn(), unit_of_work() as uow:
            month = month_context(uow, first)
            uow.commit()
        return htmx.render("records/planning/calendar/index.html", zone=current_zone().key, entries=[], **month)
    with scan_turn(), unit_of_work() as uow:
        chosen = chosen_view(uow)
        everything = dated_entries(uow, current_zone(), _window(layout, first, here))
        may_try_samples = not everything and not uow.records.counts.of(APPLICATION)
        uow.commit()
    entries = chosen.of(everything)
    if layout == "agenda":
        until = here + dt.timedelta(days=AGENDA_DAYS)
        entries = [entry for entry in entries if entry.date <= until and not (entry.ends and entry.ends < now())]
    else:
        entries = [entry for entry in entries if entry.date.isoformat() == request.args.get("day")]
    context: dict[str, Any] = {"today": here, "zone": current_zone().key, "month": None, "view": layout}
    context["late"] = sum(entry.date < here for entry in entries) if layout == "agenda" else 0
    entries, context["turn"] = _page_of(entries, chosen, layout)
    context |= {"may_try_samples": may_try_samples, "showing": chosen}
    return htmx.render("records/planning/calendar/index.html", entries=entries, **context)


def _layout() -> str:
    """Return ``agenda`` or ``day`` if that is asked for as ``as``, or in ``view``, as addresses had it at first."""
    asked = [*request.args.getlist("as"), *request.args.getlist("view")]
    return next((layout for layout in asked if layout in LAYOUTS), "")


def chosen_view(uow: UnitOfWork) -> Chosen:
    """Return what the calendar of this request shows: ``view`` is the id of a saved view of applications."""
    kind = uow.kinds[APPLICATION.plural]
    views = [kept for kept in views_of(uow, kind) if kept.view.query]
    asked = request.values.getlist("view")
    kept = next((kept for kept in views if str(kept.id) in asked), None)
    criteria = criteria_of(kind, kept) if kept else Criteria()
    if kept is None or not criteria.is_filtered:
        return Chosen(views, criteria)
    with scan_turn_in_a_change(uow, criteria.q):
        return Chosen(views, criteria, {str(UUID(bytes=row.id)) for row in matching(uow, kind, criteria)})


def _applications_of(fact: Fact) -> list[str]:
    """Return the ids of the applications that a record belongs to, or is."""
    if fact.kind.key == APPLICATION.key:
        return [str(fact.id)]
    link = fact.kind.link_to(APPLICATION.key)
    return link_ids(fact.values.get(link.name)) if link else []


def _page_of(entries: list[Entry], chosen: Chosen, layout: str) -> tuple[list[Entry], dict[str, str]]:
    """Return one page of a list, and the addresses of those beside it by what the links to them say."""
    text = request.args.get("page", "")
    number = max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    start = (number - 1) * PER_PAGE
    there = {
        "Show earlier": number - 1 if number > 1 else 0,
        "Show later": number + 1 if entries[start + PER_PAGE :] else 0,
    }
    day = {"day": request.args["day"]} if "day" in request.args else {}
    turn = {words: chosen.address(layout, **day, page=page) for words, page in there.items() if page}
    return entries[start : start + PER_PAGE], turn


def month_context(uow: UnitOfWork, first: dt.date) -> dict[str, Any]:
    """Return what the template of the month that begins on ``first`` needs."""
    here, chosen = today(), chosen_view(uow)
    everything = dated_entries(uow, current_zone(), _window("", first, here))
    may_try_samples = not everything and not uow.records.counts.of(APPLICATION)
    month = month_of(first, chosen.of(everything), current_locale())
    context: dict[str, Any] = {"month": month, "weekdays": current_locale().weekdays, "today": here}
    return {**context, "may_try_samples": may_try_samples, "showing": chosen}


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
