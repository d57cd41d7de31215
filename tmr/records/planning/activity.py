"""Activity: everything that has happened, by day, by week or by application."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from flask import request
from werkzeug.wrappers import Response

from tmr.domain.agenda import activity
from tmr.domain.agenda.activity import Moment, WeekFigures
from tmr.domain.fields.kind import pipeline_of_kind
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.event import EVENT
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.kinds.task import TASK
from tmr.domain.record import Record
from tmr.records.blueprint import blueprint
from tmr.records.history.ends import without_called_off
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.dates import short_date, weekday_date
from tmr.web.display.locales import current_locale
from tmr.web.display.zone import current_zone, today
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.session.reading import scan_turn

PER_PAGE = 100
LONGEST_TEXT = 600  # characters of one entry; the rest is on its own page


class Shown(msgspec.Struct, frozen=True):
    """One moment with its record, opened, and when it was, in the person's zone."""

    moment: Moment
    record: Record
    at: dt.datetime
    text: str = ""
    is_cut: bool = False
    kept: list[tuple[str, int]] = []


class Section(msgspec.Struct, frozen=True):
    """What is under one heading: a day, a week with its figures, or an application (None for tasks without one)."""

    entries: list[Shown]
    heading: str = ""
    date: dt.date | None = None
    figures: WeekFigures | None = None
    application: Record | None = None


@blueprint.get("/activity")
@sign_in_required
def show_activity() -> Response:
    """Show one page of what happened, newest first."""
    way = request.args.get("by") if request.args.get("by") in activity.WAYS else activity.DAY
    only = request.args.get("type") if request.args.get("type") in activity.TYPES else ""
    with scan_turn(), unit_of_work() as uow:
        context = _context(uow, str(way), str(only), _page())
        context["may_try_samples"] = context["is_empty"] and not uow.records.counts.of(APPLICATION)
        uow.commit()
    return htmx.render("records/planning/activity/index.html", **context)


def _page() -> int:
    text = request.args.get("page", "")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _context(uow: UnitOfWork, way: str, only: str, page: int) -> dict[str, Any]:
    zone = current_zone()
    held = without_called_off(uow, INTERVIEW, list(uow.records.scan(INTERVIEW)), zone)
    rows = {INTERVIEW.key: held, **{kind.key: uow.records.scan(kind) for kind in (EVENT, TASK)}}
    found = activity.moments(rows, now(), zone)
    listed = [moment for moment in found if moment.type == only] if only else found
    if way == activity.APPLICATION:
        listed = activity.by_application(listed)
    start = (page - 1) * PER_PAGE
    on_page = listed[start : start + PER_PAGE]
    applications = _applications(uow, on_page)
    shown = {entry.moment.row: entry for entry in _opened(uow, on_page)}
    pipeline = pipeline_of_kind(uow.kinds[APPLICATION.plural])
    sections = [
        Section(
            entries=[shown[moment.row] for moment in group.moments if moment.row in shown],
            heading=_heading(group.date, way) if group.date else "",
            date=group.date,
            figures=activity.week_figures(found, group.date, zone, pipeline)
            if group.date and way == activity.WEEK
            else None,
            application=applications.get(group.application),
        )
        for group in activity.grouped(on_page, way, zone, current_locale())
    ]
    return {
        "sections": sections,
        "applications": applications,
        "way": way,
        "only": only,
        "number": page,
        "has_older": len(listed) > start + PER_PAGE,
        "is_empty": not found,
        "ways": activity.WAYS,
        "types": activity.TYPES,
        "zone": zone.key,
    }


def _applications(uow: UnitOfWork, on_page: Sequence[Moment]) -> dict[str, Record]:
    ids = list({moment.application for moment in on_page if moment.application})
    found = uow.records.get_many(uow.kinds[APPLICATION.plural], [UUID(text) for text in ids])
    return {str(record.id): record for record in found}


def _opened(uow: UnitOfWork, on_page: Sequence[Moment]) -> list[Shown]:
    """Return the moments with their records whole; those whose record is damaged are left out."""
    records: dict[UUID, Record] = {}
    for kind in (EVENT, INTERVIEW, TASK):
        if ids := [moment.id for moment in on_page if moment.kind is kind]:
            opened = uow.records.get_many(uow.kinds[kind.plural], ids, with_detail=True)
            records |= {record.id: record for record in opened}
    return [_shown(moment, records[moment.id]) for moment in on_page if moment.id in records]


def _shown(moment: Moment, record: Record) -> Shown:
    text = str(record.values.get(record.kind.catch_all) or "").strip()  # so that it has a word to be cut at
    return Shown(
        moment,
        record,
        moment.local(current_zone()),
        text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT].rsplit(maxsplit=1)[0],
        len(text) > LONGEST_TEXT,
        activity.kept_files(record.values),
    )


def _heading(date: dt.date, way: str) -> str:
    """Write the heading of a day, or of the week from that day on, as people say it."""
    here = today()
    if way == activity.WEEK:
        ago = (current_locale().week_start(here) - date).days
        last = date + dt.timedelta(days=6)
        return {0: "This week", 7: "Last week"}.get(ago, _span(date, last))
    said = {0: "Today", 1: "Yesterday"}.get((here - date).days)
    return said or weekday_date(date)


def _span(first: dt.date, last: dt.date) -> str:
    begin, end = short_date(first.isoformat()), short_date(last.isoformat())
    is_short = first.month == last.month and current_locale().is_day_first
    return f"{first.day} – {end}" if is_short else f"{begin} – {end}"
