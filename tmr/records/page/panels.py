"""The parts of an application's page: the records that belong to it, added and changed in place."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import msgspec
from flask import flash, redirect, request
from werkzeug.wrappers import Response

from tmr.domain.agenda.called_off import ENDS_WITH_APPLICATION
from tmr.domain.fields.kind import Kind
from tmr.domain.kinds import linking_to
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.document import DOCUMENT
from tmr.domain.kinds.event import EVENT
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.record import Record
from tmr.records import said
from tmr.records.editing.links import LinkRefusedError, link, names_for
from tmr.records.editing.origin import Origin
from tmr.records.editing.sent import kept_files
from tmr.records.editing.undo_button import Choices, Undo, undo_of_edit
from tmr.records.history.ends import called_off
from tmr.records.page.kept import kept_posting, sent_on, went_out
from tmr.records.page.next_thing import NextThing, interview_name, next_thing
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.zone import current_zone, today
from tmr.web.services import now
from tmr.web.session.current import committed

ALREADY_LINKED = "This is linked already."
PER_PAGE = 50  # records of one part
# Characters: of a text, of all texts on a page, and of those beyond that. Each entry has a page of its own.
LONGEST_TEXT, MOST_TEXT, LATER_TEXT = 4_000, 80_000, 400
LONG_TEXTS = ("text", "posting")


class Turn(msgspec.Struct, frozen=True):
    """Which page of a part is shown, from 1, and whether there are others before and after it."""

    number: int
    has_newer: bool
    has_older: bool


class Panel(msgspec.Struct, frozen=True):
    """The records of one kind that belong to an application, in their order: ``all`` without their long texts.

    ``records`` are those on the page, with their long texts; ``cut`` are the texts of which only the beginning is here.
    """

    kind: Kind
    home: UUID
    all: list[Record]
    records: list[Record]
    names: dict[str, str]
    turn: Turn
    cut: frozenset[tuple[UUID, str]] = frozenset()

    @property
    def can_link(self) -> bool:
        """Whether a record can belong to several applications, so that an existing one can be linked."""
        field = self.kind.link_to(APPLICATION.key)
        return field is not None and bool(field.type.is_many)  # type: ignore[attr-defined]


def panels_of(uow: UnitOfWork, application: Record) -> list[Panel]:
    """Return every part of an application's page."""
    kinds = sorted(linking_to(APPLICATION.key), key=lambda kind: kind.place)
    asked = [(uow.kinds[kind.plural], asked_page(kind, request.args)) for kind in kinds]
    return _panels(uow, application.id, asked)


def asked_page(kind: Kind, arguments: Mapping[str, str]) -> int:
    """Return which page of a part an address asks for: ``older=events.2`` is the second one of the activity."""
    plural, _, number = arguments.get("older", "").partition(".")
    is_number = number.isascii() and number.isdigit() and len(number) < 7
    return max(int(number), 1) if plural == kind.plural and is_number else 1


def page_of_panel(uow: UnitOfWork, application: Record) -> Response:
    """Answer htmx with one page of the part that the address names.

    Raises:
        RecordNotFoundError: it names none.
    """
    plural = request.args.get("older", "").partition(".")[0]
    kind = uow.kinds.get(plural)
    if kind not in linking_to(APPLICATION.key):
        raise RecordNotFoundError
    panel = _panel(uow, uow.kinds[plural], application.id, asked_page(kind, request.args))
    context = _around(uow, panel, application)
    uow.commit()
    return htmx.render("", "records/page/panels/turn/turned.fragment.html", panel=panel, **context)


def next_of(uow: UnitOfWork, application: Record, interviews: Iterable[Record]) -> NextThing | None:
    """Return what comes next for an application; an interview with its long texts, which ``interviews`` may lack."""
    known = list(interviews)
    off = called_off(uow, known, current_zone())
    coming = next_thing(application, [one for one in known if one.id not in off])
    if coming is None or coming.interview is None:
        return coming
    whole = uow.records.get_many(coming.interview.kind, [coming.interview.id], with_detail=True)
    return msgspec.structs.replace(coming, interview=whole[0]) if whole else coming


def panel_answer(
    uow: UnitOfWork,
    notice: str,
    origin: Origin,
    undo: Undo | None = None,
    choices: Choices | None = None,
    aside: said.Aside | None = None,
) -> Response:
    """Commit, and answer with the part that was changed; without htmx, go back to the application's page.

    Raises:
        RecordNotFoundError: the form named no application, or none of this person's.
    """
    application = uow.records.get(uow.kinds[APPLICATION.plural], _home(origin))  # raises unless it is this owner's
    if not htmx.is_htmx():
        uow.commit()
        return htmx.saved_with_undo(origin.location, notice, undo, aside, choices)
    with committed() as after:
        panel = _panel(after, origin.kind, application.id, _page_before())
        found = after.records.get_many(application.kind, [application.id], with_detail=True)
        context = _beside(after, panel, found[0] if found else application)
        after.commit()
    context |= {"notice": notice, "undo": undo, "choices": choices, "earlier": aside}
    return htmx.render("", "records/page/panels/panel.fragment.html", panel=panel, **context)


def link_answer(uow: UnitOfWork, record_id: UUID, origin: Origin) -> Response:
    """Link a record of the part's kind to the application of the page, and answer as ``panel_answer`` does."""
    application = uow.records.get(uow.kinds[APPLICATION.plural], _home(origin))
    try:
        record = link(uow, origin.kind, record_id, application, now())
    except LinkRefusedError as error:
        return refused_in_panel(str(error), origin)
    undo = undo_of_edit(record, origin) if record else None
    notice = "Linked." if record else ALREADY_LINKED
    return panel_answer(uow, notice, origin, undo, _was_it_sent(uow, application, record))


def _was_it_sent(uow: UnitOfWork, application: Record, document: Record | None) -> Choices | None:
    """Return the button that keeps a document as sent, if the application went out and it is not kept yet."""
    if document is None or document.kind.key != DOCUMENT.key:
        return None
    events = uow.records.linked(EVENT, application.id)
    if document["file_sha256"] in sent_on(uow, events) or not went_out(application, events):
        return None
    fields = [("panel", application.id), ("document", document.id)]
    place = f"/applications/{application.id}/sent"
    return Choices("", place, fields, "is_sent", [("1", "This is what I sent")], "#panel-events")


def _home(origin: Origin) -> UUID:
    if origin.panel is None:
        raise RecordNotFoundError
    return origin.panel


def _around(uow: UnitOfWork, panel: Panel, application: Record) -> dict[str, Any]:
    """Return what a part shows besides its records."""
    context: dict[str, Any] = {"kept_files": kept_files, "interview_name": interview_name, "record": application}
    context |= {"application": application, "today": today().isoformat(), "sent_on": {}, "has_offers": True}
    if panel.kind.key == DOCUMENT.key:
        context["sent_on"] = sent_on(uow, uow.records.linked(EVENT, panel.home))
    context["called_off"] = called_off_in(uow, [panel])
    return context


def called_off_in(uow: UnitOfWork, panels: Iterable[Panel]) -> set[UUID]:
    """Return the ids of what is shown in these parts and ended with the application."""
    shown = [record for panel in panels if panel.kind.key in ENDS_WITH_APPLICATION for record in panel.records]
    return called_off(uow, shown, current_zone())


def _beside(uow: UnitOfWork, panel: Panel, application: Record) -> dict[str, Any]:
    """Return what a part shows besides its records, and what else on the page changes with it.

    What was sent is shown in the activity, at the documents and at the posting: each of them changes the others.
    """
    context = _around(uow, panel, application)
    if panel.kind.key == INTERVIEW.key:
        context["next"] = next_of(uow, application, panel.all)
    if panel.kind.key in (DOCUMENT.key, EVENT.key):
        other = EVENT if panel.kind.key == DOCUMENT.key else DOCUMENT
        beside = _panel(uow, uow.kinds[other.plural], panel.home)
        events = (panel if other is DOCUMENT else beside).all
        kept = kept_posting(application, events)
        context |= {"beside": beside, "sent_on": sent_on(uow, events), "posting_kept": kept}
    return context


def refused_in_panel(error: str, origin: Origin) -> Response:
    """Answer a refused change with a message that leaves everything on the page as it is (422)."""
    if htmx.is_htmx():
        return htmx.into_messages(htmx.render("", "records/grid/bulk/refused.fragment.html", 422, error=error))
    flash(error)
    return redirect(origin.location, 303)


def _panel(uow: UnitOfWork, kind: Kind, application: UUID, page: int = 1) -> Panel:
    [panel] = _panels(uow, application, [(kind, page)])
    return panel


def _panels(uow: UnitOfWork, application: UUID, asked: Sequence[tuple[Kind, int]]) -> list[Panel]:
    """Return a page of each of these kinds, read together: three statements for all of them, and not for each."""
    kinds = [kind for kind, _ in asked]
    linked = uow.records.linked_of(kinds, application)
    parts = [_page_of(kind, linked[kind.key], page) for kind, page in asked]
    whole = uow.records.whole(kinds, [one.id for _, shown, _ in parts for one in shown])
    names = names_for(uow, whole.values())
    panels = []
    for kind, (records, on_page, turn) in zip(kinds, parts, strict=True):
        shown, cut = _shortened([whole[one.id] for one in on_page if one.id in whole])
        panels.append(Panel(kind, application, records, shown, names, turn, cut))
    return panels


def _page_of(kind: Kind, records: list[Record], page: int) -> tuple[list[Record], list[Record], Turn]:
    """Return all records of a part in their order, those on the page, and which page it is."""
    records = sorted(records, key=_sort_key, reverse=kind.is_newest_first)
    page = min(page, max(-(-len(records) // PER_PAGE), 1))
    start = (page - 1) * PER_PAGE
    return records, records[start : start + PER_PAGE], Turn(page, page > 1, len(records) > start + PER_PAGE)


def _shortened(records: Sequence[Record]) -> tuple[list[Record], frozenset[tuple[UUID, str]]]:
    """Return records of which a page can show all texts, and which of these texts are only the beginning."""
    shown, cut, left = [], set(), MOST_TEXT
    for record in records:
        values = dict(record.values)
        for name in LONG_TEXTS:
            text, most = str(values.get(name) or ""), LONGEST_TEXT if left > 0 else LATER_TEXT
            if len(text) > most:
                values[name] = text[:most].rstrip()
                cut.add((record.id, name))
            left -= min(len(text), most)
        shown.append(msgspec.structs.replace(record, values=values))
    return shown, frozenset(cut)


def _page_before() -> int:
    """Return the page of the part on which an existing record was changed with htmx: it is shown again."""
    if not htmx.is_htmx() or "record_id" not in (request.view_args or {}):
        return 1
    query = dict(parse_qsl(urlsplit(request.headers.get("HX-Current-URL", "")).query))
    return max((asked_page(kind, query) for kind in linking_to(APPLICATION.key)), default=1)


def _sort_key(record: Record) -> tuple[bool, str, dt.datetime]:
    kind = record.kind
    last = "" if kind.is_newest_first else "9999"
    value = record.values[kind.sorted_by] if kind.sorted_by else None
    is_done = bool(kind.done_field) and record.values[kind.done_field] is not None
    return is_done, str(value or last), record.created_at
