"""Which records a list shows: what an address asks for, with a saved view behind it, and what matches."""

from collections.abc import Iterable, Sequence
from urllib.parse import parse_qs

import msgspec
from flask import request

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field
from tmr.domain.listing import Criteria, asks_for_nothing, parse_criteria, select
from tmr.domain.record import Scanned
from tmr.domain.searching import find, text_filter
from tmr.repository.records.saved_views import KeptView
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.typed_values import current_typing
from tmr.web.display.zone import current_zone
from tmr.web.services import now

ALL = "all"  # in place of a view: the list as it is without one


def requested_criteria(uow: UnitOfWork, kind: Kind) -> Criteria:
    """Read the criteria from this request's address; a view alone stands for all it has, none for the default."""
    values = request.args.getlist
    criteria = parse_criteria(kind, values, current_typing())
    if criteria.view == ALL or not asks_for_nothing(kind, values):
        return criteria
    chosen = view_of(uow, kind, criteria.view)
    return criteria_of(kind, chosen, criteria.page) if chosen else criteria


def criteria_with_view(uow: UnitOfWork, kind: Kind) -> Criteria:
    """Read the criteria from this request's address; without a view, none stands behind them."""
    return requested_criteria(uow, kind) if request.args.get("view") else parse_criteria(kind, _asked, current_typing())


def _asked(name: str) -> Sequence[str]:
    return request.args.getlist(name)


def criteria_of(kind: Kind, kept: KeptView, page: int = 1) -> Criteria:
    """Return the criteria of a saved view."""
    sent = parse_qs(kept.view.query)

    def values(name: str) -> Sequence[str]:
        return {"view": [str(kept.id)], "page": [str(page)]}.get(name, sent.get(name, []))

    return parse_criteria(kind, values, current_typing())


def views_of(uow: UnitOfWork, kind: Kind) -> list[KeptView]:
    """Return the views of a kind that this person saved."""
    return uow.saved_views.of(kind.plural) if uow.account.preferences().has_saved_views else []


def view_of(uow: UnitOfWork, kind: Kind, view_id: str) -> KeptView | None:
    """Return the view with this id, or the one that the list begins with if there is no id; None without one."""
    return next(
        (kept for kept in views_of(uow, kind) if (str(kept.id) == view_id if view_id else kept.view.is_default)), None
    )


def matching(uow: UnitOfWork, kind: Kind, criteria: Criteria, keep: Iterable[Field] = ()) -> list[Scanned]:
    """Return the records that a list shows, on all of its pages, in its order, with the values of ``keep``."""
    needs_all = bool(criteria.sort or criteria.conditions)
    q = " ".join(criteria.q.split())
    linked = uow.names.linked_by(kind, "" if needs_all else q) if needs_all or q else {}
    if q and (texts := uow.records.with_texts(kind)) is not None:
        found = find(kind, texts, criteria.q, linked)
        return select(kind, found, msgspec.structs.replace(criteria, q=""), linked, current_zone(), now(), keep)
    rows = uow.records.search(kind, text_filter(kind, criteria.q, linked))
    return select(kind, rows, criteria, linked, current_zone(), now(), keep)
