"""What the page of one record shows: its fields, and for an application everything that belongs to it."""

from typing import Any
from uuid import UUID

import msgspec
from flask import request

from tmr.domain.fields.files import FILE_TYPES, start_of_text
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.document import DOCUMENT
from tmr.domain.kinds.event import EVENT
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.kinds.offer import OFFER
from tmr.domain.record import Record
from tmr.records.editing.form import RecordForm
from tmr.records.editing.links import names_for, target_of
from tmr.records.editing.origin import Origin
from tmr.records.editing.sent import kept_files
from tmr.records.history.ends import called_off
from tmr.records.page.kept import kept_posting, sent_on
from tmr.records.page.neighbours import neighbours_of
from tmr.records.page.next_thing import coming_interview, interview_name
from tmr.records.page.panels import called_off_in, next_of, panels_of
from tmr.records.page.properties import properties_of
from tmr.records.page.stepper import stepper_of
from tmr.repository.errors import DecryptionError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.zone import current_zone, today

MAX_OPTIONS = 50
OFFERED = ("offer", "accepted")  # the categories in which there is an offer to write down
POSTING = "job_description"
MOST_PREVIEWED = 16_000  # bytes of a text
VIEWS = ("activity", "details", "posting")  # what a phone shows one at a time


class Preview(msgspec.Struct, frozen=True):
    """The beginning of a text; without one, a picture."""

    text: str = ""
    is_cut: bool = False


def record_context(uow: UnitOfWork, form: RecordForm, origin: Origin) -> dict[str, Any]:
    """Return what the form of one record needs; all of it is read here, before the unit of work ends."""
    is_panel = origin.place == "panel"
    fragment = "records/page/panels/panel_form.fragment.html" if is_panel else "records/page/edit.fragment.html"
    context: dict[str, Any] = {"kind": form.kind, "form": form, "panel": origin.panel, "form_fragment": fragment}
    context["options"] = options_for(uow, form.kind.key) if origin.place != "cell" else {}
    return context


def page_context(uow: UnitOfWork, record: Record, editing: str = "", form: RecordForm | None = None) -> dict[str, Any]:
    """Return what the page of ``record`` shows; ``editing`` names the property that is shown as a form.

    ``form`` is what was typed into that property, if it was refused.
    """
    form = form or RecordForm.of(record, names_for(uow, [record]))
    properties = properties_of(record.kind)
    edited = properties.find(editing)
    context: dict[str, Any] = {"kind": record.kind, "record": record, "form": form, "names": form.names}
    context |= {"properties": properties, "editing": edited.name if edited else "", "today": today().isoformat()}
    context |= {"options": options_for(uow, record.kind.key), "view": _view(edited.name if edited else "")}
    context |= {"kept_files": kept_files, "interview_name": interview_name}
    context["origin_query"] = request.args.get("from", "")
    context["around"] = neighbours_of(uow, record) if not htmx.is_htmx() else None
    if record.kind.key == INTERVIEW.key:
        context["called_off"] = called_off(uow, [record], current_zone())
        context["coming"] = None if context["called_off"] else coming_interview([record])
    if record.kind.key == DOCUMENT.key:
        context["preview"] = preview_of(uow, record)
    if record.kind.key == APPLICATION.key:
        context |= _of_application(uow, record)
    return context


def _of_application(uow: UnitOfWork, application: Record) -> dict[str, Any]:
    panels = {panel.kind.plural: panel for panel in panels_of(uow, application)}
    events = panels[EVENT.plural].all
    stepper = stepper_of(application, events)
    shared = [panel.kind for panel in panels.values() if panel.can_link]
    category = stepper.now.stage.category if stepper.now else ""
    return {
        "panels": panels,
        "called_off": called_off_in(uow, panels.values()),
        "application": application,
        "stepper": stepper,
        "next": next_of(uow, application, panels[INTERVIEW.plural].all),
        "shared_options": {kind.key: uow.names.latest_of(kind, MAX_OPTIONS) for kind in shared},
        "sent_on": sent_on(uow, events),
        "posting_kept": kept_posting(application, events),
        "has_offers": bool(panels[OFFER.plural].records) or category in OFFERED,
    }


def options_for(uow: UnitOfWork, kind_key: str) -> dict[str, list[str]]:
    """Return the names to choose from for each kind that this one links to, last changed first."""
    kind = next(kind for kind in uow.kinds.values() if kind.key == kind_key)
    options: dict[str, list[str]] = {}
    for field in kind.record_links:
        target = target_of(field)
        if target.key not in options:
            options[target.key] = uow.names.latest_of(target, MAX_OPTIONS)
    return options


def preview_of(uow: UnitOfWork, document: Record) -> Preview | None:
    """Return what can be shown of a document's file within a page; None if that is nothing, or the file is damaged."""
    if document["file_type"] == FILE_TYPES["image/png"]:
        return Preview()
    if document["file_type"] != FILE_TYPES["text/plain"]:
        return None
    try:
        start = uow.files.chunk(UUID(str(document["file"])), 0)
    except DecryptionError:
        return None
    text = start_of_text((start or b"")[:MOST_PREVIEWED])
    return Preview(text, is_cut=int(str(document["file_size"])) > MOST_PREVIEWED) if text.strip() else None


def _view(editing: str) -> str:
    asked = request.args.get("show", "")
    if editing:
        return "posting" if editing == POSTING else "details"
    return asked if asked in VIEWS else VIEWS[0]
