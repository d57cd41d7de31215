"""The counts in the menu after a change that htmx asked for: the menu itself stays as it is then."""

from flask import g
from werkzeug.wrappers import Response

from tmr.domain.kinds import BY_KEY
from tmr.web import htmx


def tell_counts(response: Response) -> Response:
    """Tell the page, by an event, how many records there are now of each kind that records were added to or removed."""
    uow = g.get("unit_of_work")
    if uow is None or not htmx.is_htmx() or response.status_code != 200:
        return response
    changes = {key: change for key, change in uow.records.counts.changes.items() if change}
    if not changes:
        return response
    counts = {BY_KEY[key].plural: g.counts.get(key, 0) + change for key, change in changes.items()}
    return htmx.trigger(response, "tmr:counted", **counts)  # type: ignore[arg-type]
