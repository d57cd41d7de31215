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
    """Show how this account is protected."""
    return show_checkup(NewPassword())


@blueprint.get(f"{PAGE}/log")
@sign_in_required
def show_log() -> Response:
    """Show what happened to this account, the newest first, and whether the log is whole."""
    uow = unit_of_work()
    limit = None if "all" in request.args else PER_PAGE
    events = [_shown(one) for one in uow.log.list(limit)]
    context: dict[str, Any] = {"events": events, "count": uow.log.count(), "is_whole": uow.log.is_whole()}
    return htmx.render("auth/log.html", **context)


@blueprint.get(f"{PAGE}/log.csv")
@sign_in_required
def export_log() -> Response:
    """Give the log as CSV (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["number", "time", "event", "device", "address"])
    for one in reversed(unit_of_work().log.list()):
        shown = _shown(one)
        writer.writerow([one.position, one.happened_at.isoformat(), shown["what"], shown["device"], shown["address"]])
    headers = {"Content-Disposition": 'attachment; filename="security-log.csv"'}
    return Response("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _shown(one: LoggedEvent) -> dict[str, object]:
    device = one.event.device
    is_known = bool(device.user_agent or device.address)
    return {
        "what": WORDS.get(one.event.name, one.event.name) + (f": {one.event.about}" if one.event.about else ""),
        "when": one.happened_at,
        "device": device_name(device.user_agent) if is_known else "",
        "address": coarse_address(device.address) if is_known else "",
    }
