"""The security page of the settings, and the account's own log."""

import csv
import io
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.checkup import show_checkup
from tmr.auth.sign_in.credentials import NewPassword
from tmr.auth.sign_in.device_names import coarse_address, device_name
from tmr.domain.fields.formula_escaping import neutralise
from tmr.domain.security_events import WORDS
from tmr.repository.accounts.security_log import LoggedEvent
from tmr.web import htmx
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required

PAGE = "/settings/security"
PER_PAGE = 100


@blueprint.get(PAGE)
@sign_in_required
def show_security() -> Response:
    """Show the check-up of the account, with an empty form for a new password."""
    return show_checkup(NewPassword())


@blueprint.get(f"{PAGE}/log")
@sign_in_required
def show_log() -> Response:
    """Show the account's log, newest first, and whether an entry is missing: 100 entries, or all with ``?all``."""
    uow = unit_of_work()
    limit = None if "all" in request.args else PER_PAGE
    events = [_described(entry) for entry in uow.log.list(limit)]
    context: dict[str, Any] = {"events": events, "count": uow.log.count(), "is_whole": uow.log.is_whole()}
    return htmx.render("auth/log.html", **context)


@blueprint.get(f"{PAGE}/log.csv")
@sign_in_required
def export_log() -> Response:
    """Download the whole log as CSV (RFC 4180), oldest entry first."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["number", "time", "event", "device", "address"])
    for entry in reversed(unit_of_work().log.list()):
        words = _described(entry)
        cells = (neutralise(str(words[name])) for name in ("what", "device", "address"))
        writer.writerow([entry.position, entry.happened_at.isoformat(), *cells])
    headers = {"Content-Disposition": 'attachment; filename="security-log.csv"'}
    # Without the byte order mark, Excel reads UTF-8 as the system's old code page.
    return Response("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _described(entry: LoggedEvent) -> dict[str, object]:
    event, device = entry.event, entry.event.device
    is_known = bool(device.user_agent or device.address)
    return {
        "what": WORDS.get(event.name, event.name) + (f": {event.about}" if event.about else ""),
        "when": entry.happened_at,
        "device": device_name(device.user_agent) if is_known else "",
        "address": coarse_address(device.address) if is_known else "",
    }
