"""Insights: what the search adds up to, each chart with its table."""

import datetime as dt
from typing import Any

from werkzeug.wrappers import Response

from tmr.domain.fields.kind import pipeline_of_kind
from tmr.domain.fields.type import Wire
from tmr.domain.kinds.application import APPLICATION, STATUS
from tmr.domain.kinds.event import EVENT, status_changes
from tmr.domain.pipeline.category import CATEGORIES
from tmr.domain.pipeline.insights import MIN_N, Application, Move, insights, sankey_layout
from tmr.domain.pipeline.pipeline import Pipeline
from tmr.records.blueprint import blueprint
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.locales import current_locale
from tmr.web.display.zone import current_zone
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.session.reading import scan_turn

SANKEY_WIDTH, SANKEY_HEIGHT = 720.0, 320.0


@blueprint.get("/insights")
@sign_in_required
def show_insights() -> Response:
    """Show funnel, times, answers, weeks, and where applications ended."""
    with scan_turn(), unit_of_work() as uow:
        pipeline = pipeline_of_kind(uow.kinds[APPLICATION.plural])
        applications, moves = _applications(uow, pipeline), _moves(uow, pipeline)
        uow.commit()
        summary = insights(applications, moves, now().astimezone(current_zone()), current_locale())
    layout = sankey_layout(summary.flows, SANKEY_WIDTH, SANKEY_HEIGHT)
    context: dict[str, Any] = {"summary": summary, "layout": layout, "count": len(applications), "min_n": MIN_N}
    context |= {"most_in_week": max((max(week.sent, week.answered) for week in summary.weeks), default=0) or 1}
    context["names"] = {category: pipeline.name_of(category) for category in CATEGORIES}
    return htmx.render("records/board/insights/index.html", **context)


def _applications(uow: UnitOfWork, pipeline: Pipeline) -> list[Application]:
    kind = uow.kinds[APPLICATION.plural]
    status, source = (kind.by_name[name].number for name in (STATUS, "source"))
    applied = kind.by_role["applied"].number
    return [
        Application(
            id=row.id.hex(),
            category=pipeline.category_of(row.summary[status]),
            created_at=created_at,
            applied_on=_date(row.summary[applied]),
            source=str(row.summary[source] or ""),
        )
        for created_at, row in uow.records.each_with_age(kind)
    ]


def _moves(uow: UnitOfWork, pipeline: Pipeline) -> list[Move]:
    moves = []
    events = uow.records.each(uow.kinds[EVENT.plural]) if uow.records.counts.may_have(EVENT) else ()
    for change in status_changes(events):
        if to_category := pipeline.category_of(change.to_stage):
            came_from = pipeline.category_of(change.from_stage) or None
            moment = dt.datetime.fromisoformat(change.happened_at)
            moves.append(Move(change.application_id.replace("-", ""), moment, to_category, came_from))
    return moves


def _date(value: Wire) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) else None
