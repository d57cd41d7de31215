"""The page that drafts an email about an application: choose a template and a person, open it, log it once sent."""

import datetime as dt
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from tmr.domain.drafts.draft import (
    LANGUAGES,
    LONGEST_LINK,
    TEMPLATE,
    Draft,
    Language,
    draft_of,
    is_plain_address,
    language_of,
)
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.contact import CONTACT
from tmr.domain.kinds.document import DOCUMENT
from tmr.domain.kinds.event import EVENT
from tmr.domain.record import Record
from tmr.records.blueprint import blueprint
from tmr.records.editing.changes import add_record, change_record
from tmr.records.editing.undo_button import undo_of_step
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.locales import current_locale
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.session.reading import scan_turn
from tmr.web.storage_limit import stores

MOST_TEMPLATES = 50
LONGEST_SUBJECT = 300
FOLLOWED_UP = "Followed up"


@blueprint.get("/applications/<uuid:record_id>/draft")
@sign_in_required
def show_draft(record_id: UUID) -> Response:
    """Show the email that the chosen template makes of this application, with a link that opens it."""
    with scan_turn(), unit_of_work() as uow:
        application = uow.records.get(uow.kinds[APPLICATION.plural], record_id)
        people, templates = uow.records.linked(uow.kinds[CONTACT.plural], record_id), _templates(uow)
        me = uow.account.preferences().name
        uow.commit()
    person = _chosen(people, "contact") or next(iter(people), None)
    usual = LANGUAGES.get(request.args.get("template", ""))
    template = None if usual else _chosen(templates, "template") or next(iter(templates), None)
    usual = usual or LANGUAGES["en"]
    text = str(template["notes"] or "") if template else usual.text
    draft = draft_of(text, _values(application, person, me, language_of(text)))
    address = str(person["email"] or "") if person else ""
    context: dict[str, Any] = {
        "application": application,
        "people": [(str(one.id), one.title) for one in people],
        "person": person,
        "templates": [(str(one.id), one.title) for one in templates] + _built_in(),
        "choice": str(template.id) if template else next(code for code, one in LANGUAGES.items() if one == usual),
        "template": template,
        "draft": draft,
        "link": _link(draft, address),
        "is_whole": _is_whole(draft, address),
        "address": address if is_plain_address(address) else "",
        "usual": (usual.title, TEMPLATE, usual.text),
    }
    return htmx.render("records/drafts/index.html", **context)


@blueprint.post("/applications/<uuid:record_id>/draft")
@sign_in_required
@stores
def log_draft(record_id: UUID) -> Response:
    """Log a draft that was sent, by its ``subject``; a date to follow up on is met by that. Undo takes both back."""
    at = now()
    with unit_of_work() as uow:
        application = uow.records.get_for_edit(uow.kinds[APPLICATION.plural], record_id)
        field = application.kind.by_role["follow_up"]
        subject = "".join(filter(str.isprintable, " ".join(request.form.get("subject", "").split())))
        event = {
            "application_id": str(record_id),
            "type": "email",
            "text": f"{FOLLOWED_UP}: {subject[:LONGEST_SUBJECT]}",
        }
        add_record(uow, uow.kinds[EVENT.plural], {**EVENT.defaults(), **event}, at)
        if application[field.name]:
            change_record(uow, application, {field.name: None}, None, at)
        step_id = uow.records.notes.step_id
        uow.commit()
    place = f"/applications/{record_id}"
    return htmx.saved_with_undo(place, f"{FOLLOWED_UP}.", undo_of_step(step_id, back=place))


def _built_in() -> list[tuple[str, str]]:
    """Return the templates that come with the app, by the codes of their languages."""
    return [(code, f"{one.title} ({one.name})") for code, one in LANGUAGES.items()]


def _templates(uow: UnitOfWork) -> list[Record]:
    """Return the documents that are templates, the last changed first."""
    kind = uow.kinds[DOCUMENT.plural]
    number = kind.by_name["kind"].number
    ids = [UUID(bytes=row.id) for row in uow.records.scan(kind) if row.summary[number] == TEMPLATE]
    return uow.records.get_many(kind, ids[:MOST_TEMPLATES], with_detail=True)


def _chosen(records: list[Record], name: str) -> Record | None:
    return next((record for record in records if str(record.id) == request.args.get(name)), None)


def _values(application: Record, person: Record | None, me: str, language: Language) -> dict[str, str]:
    """Return what the placeholders stand for; a date is written as the language of the template does."""
    applied = application[application.kind.by_role["applied"].name]
    day = _date(dt.date.fromisoformat(applied), language) if isinstance(applied, str) else ""
    contact = str(person["name"] or "") if person else ""
    words = {name: str(application[name] or "") for name in ("company", "title", "location", "url")}
    return {
        **words,
        "link": words["url"],
        "applied": day,
        "contact": contact,
        "first name": contact.split(" ")[0],
        "me": me,
    }


def _date(day: dt.date, language: Language) -> str:
    return day.strftime(language.date_pattern) if language.date_pattern else current_locale().date(day)


def _link(draft: Draft, address: str) -> str:
    """Return the link of a draft; only with its subject where the whole is longer than mail programs take."""
    return draft.link(address) if _is_whole(draft, address) else Draft(draft.subject[:200], "").link(address)


def _is_whole(draft: Draft, address: str) -> bool:
    return len(draft.link(address)) <= LONGEST_LINK
