"""The saved views that our own export brings along."""

import datetime as dt
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from tmr.domain.columns.order import in_order
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import is_text
from tmr.domain.listing import parse_criteria
from tmr.domain.saved_views import LONGEST_NAME, LONGEST_QUERY, SavedView
from tmr.repository.unit_of_work import UnitOfWork


def bring_views(uow: UnitOfWork, kinds: Mapping[str, Kind], views: Iterable[SavedView], now: dt.datetime) -> None:
    """Keep the views whose names are not there yet; what makes no sense in them, and what is too much, is left out."""
    known = {(kept.view.kind, kept.view.name) for kept in uow.saved_views.all()}
    for view in views:
        kind, name = kinds.get(view.kind), " ".join(view.name.split())[:LONGEST_NAME]
        if kind is None or not name or not is_text(name) or "\0" in name or (view.kind, name) in known:
            continue
        shape = parse_criteria(kind, MultiDict(parse_qsl(view.query[:LONGEST_QUERY])).getlist).shape
        columns = tuple(field.name for field in in_order(kind, view.columns)) if view.columns else ()
        if uow.saved_views.add(SavedView(view.kind, name, shape, columns), now):
            known.add((view.kind, name))
            uow.account.change_preferences(has_saved_views=True)
