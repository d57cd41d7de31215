"""Adding an application from a posting: the page, what was read, and keeping it."""

from collections.abc import Sequence
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from tmr.domain.capture.posting.reader import Posting
from tmr.domain.fields.kind import Kind
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.kinds.application import APPLICATION
from tmr.records import said
from tmr.records.blueprint import blueprint
from tmr.records.capture.draft import Draft, draft_again, draft_of
from tmr.records.capture.reading import read_brought
from tmr.records.capture.review import context_of, review_of
from tmr.records.companies.earlier_applications import Earlier, earlier_applications, find_earlier
from tmr.records.editing.changes import add_record, room_errors
from tmr.records.editing.origin import Origin
from tmr.records.editing.undo_button import undo_of_creation
from tmr.records.imports.apart.reader import reader
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.session.reading import scan_turn, scan_turn_in_a_change
from tmr.web.storage_limit import stores

MOST_TYPED = 2_000  # characters of a field
PAGE, FRAGMENT = "records/capture/index.html", "records/capture/captured.fragment.html"


@blueprint.get("/capture")
@sign_in_required
def show_capture() -> Response:
    """Show the empty form. What a bookmarklet sends is in the fragment of the address, which never comes here."""
    reader.start()  # it is ready when something is brought
    return htmx.render(PAGE, None)


@blueprint.post("/capture/read")
@sign_in_required
def read_capture() -> Response:
    """Read a posting or a mail, and show what would be kept or changed. Nothing is yet."""
    try:
        captured = read_brought()
    except FileRefusedError as error:
        return htmx.render(PAGE, FRAGMENT, 422, error=str(error))
    if captured.mail is not None:
        with scan_turn(), unit_of_work() as uow:
            context = context_of(review_of(uow, captured.mail))
            uow.commit_if_open()
        return htmx.render(PAGE, FRAGMENT, **context)
    with scan_turn(), unit_of_work() as uow:
        draft = draft_of(uow.kinds[APPLICATION.plural], captured.posting or Posting({}))
        texts = draft.form.texts
        earlier = find_earlier(uow, texts["company"], texts["title"], texts.get("url", ""))
        return _proposed(uow, draft, earlier=earlier)


@blueprint.post("/capture/earlier")
@sign_in_required
def show_earlier() -> Response:
    """Show the applications that are there already for what is being typed: nothing is added."""
    company, title, url = (request.form.get(name, "").strip()[:MOST_TYPED] for name in ("company", "title", "url"))
    with scan_turn(), unit_of_work() as uow:
        earlier = find_earlier(uow, company, title, url)
        uow.commit_if_open()
    return htmx.render("records/capture/earlier.html", "records/capture/_earlier.html", earlier=earlier)


@blueprint.post("/capture")
@sign_in_required
@stores
def keep_capture() -> Response:
    """Keep the application, or show its form again with what is wrong."""
    with unit_of_work() as uow:
        kind = uow.kinds[APPLICATION.plural]
        draft = draft_again(kind, request.form)
        draft.form.errors |= room_errors(uow, kind)
        if draft.form.errors:
            return _proposed(uow, draft, 422)
        return _kept(uow, kind, draft)


def _proposed(uow: UnitOfWork, draft: Draft, status: int = 200, earlier: Sequence[Earlier] = ()) -> Response:
    uow.commit_if_open()
    context: dict[str, Any] = {
        "draft": draft,
        "kind": draft.form.kind,
        "is_window": "window" in request.form,
        "earlier": earlier,
    }
    return htmx.render(PAGE, FRAGMENT, status, **context)


def _kept(uow: UnitOfWork, kind: Kind, draft: Draft) -> Response:
    record = add_record(uow, kind, draft.form.values, now(), request.form)
    with scan_turn_in_a_change(uow):
        earlier = earlier_applications(uow, record)
    uow.commit()
    if "window" in request.form:
        return htmx.render(PAGE, FRAGMENT, kept=record, notice=said.added(record), earlier=earlier)
    location = f"/{kind.plural}/{record.id}"
    return htmx.saved_with_undo(location, said.added(record), undo_of_creation(record, Origin(kind, "list")), earlier)
