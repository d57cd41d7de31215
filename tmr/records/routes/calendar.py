"""The calendar: a month, or what comes next as a list, in the person's own zone."""

import datetime as dt
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from tmr.domain.months import month_of
from tmr.records.blueprint import blueprint
from tmr.records.dates import dated_entries
from tmr.web import htmx
from tmr.web.guards import sign_in_required
from tmr.web.identity import unit_of_work
from tmr.web.parts import now
from tmr.web.zone import current_zone, today

AGENDA_DAYS = 60


@blueprint.get("/calendar")
@sign_in_required
def show_calendar() -> Response:
    """Show one month, or with ``view=agenda`` what is late and what comes in the next weeks."""
    here = today()
    with unit_of_work() as uow:
        found = dated_entries(uow, current_zone())
        uow.commit()
    if request.args.get("view") == "agenda":
        until = here + dt.timedelta(days=AGENDA_DAYS)
        context: dict[str, Any] = {
            "entries": [one for one in found if one.date <= until and not (one.ends and one.ends < now())],
            "month": None,
        }
    else:
        context = {"month": month_of(_asked(here), found), "entries": []}
    return htmx.render("records/calendar/index.html", today=here, zone=current_zone().key, **context)


def _asked(here: dt.date) -> dt.date:
    """Return the first day of the month that the address names, or of this one."""
    try:
        asked = dt.date.fromisoformat(request.args.get("month", "") + "-01")
        return min(max(asked, dt.date(1900, 2, 1)), dt.date(2200, 11, 1))
    except ValueError:
        return here.replace(day=1)
