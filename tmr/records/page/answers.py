"""One answer for each thing that can happen to a record, whatever place the form was sent from."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from flask import abort, flash, redirect, request
from werkzeug.wrappers import Response

from tmr.domain.fields.type import Field
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.record import Record
from tmr.records import said
from tmr.records.board.card_answer import board_answer, card_answer, card_conflict, many_moved
from tmr.records.editing.form import RecordForm
from tmr.records.editing.links import names_for
from tmr.records.editing.origin import Origin
from tmr.records.editing.undo_button import Undo, undo_of_bulk_edit, undo_of_creation, undo_of_deletion, undo_of_edit
from tmr.records.grid.cell_answer import cell_answer, cell_conflict
from tmr.records.grid.list_answer import refused_new_in_list
from tmr.records.grid.rows_answer import added_to_list, list_in_its_order
from tmr.records.page.context import options_for, page_context, preview_of, record_context
from tmr.records.page.panels import panel_answer
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.history.undoing import Undone
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.locales import number

NO_VERSION = "Reload the page and try again: this form does not say which version it was based on."
TOO_LATE = "That can't be undone: it was edited since, was undone already, or is too long ago."
IN_TRASH = said.Aside("It stays in the ", "trash", "/trash", " for 30 days.")
CHANGED = "This was changed elsewhere. Reload the page to see it."
PAGE, PAGES = "records/page/show.html", {APPLICATION.key: "records/page/application.html"}


def added(uow: UnitOfWork, record: Record, origin: Origin) -> Response:
    """Commit a new record, and show it where it was added."""
    if origin.place == "panel":
        return panel_answer(uow, said.added(record), origin, undo_of_creation(record, origin))
    return added_to_list(uow, record, origin)


def refused_new(uow: UnitOfWork, form: RecordForm, origin: Origin) -> Response:
    """Show the form of a new record again, as it was typed, with its errors (422)."""
    if origin.place == "panel":
        return _refused_new_in_panel(uow, form, origin)
    return refused_new_in_list(uow, form, origin)


def saved(uow: UnitOfWork, record: Record, stored: Record, origin: Origin) -> Response:
    """Commit an edit, and show the record as it is now; an edit that changed nothing of ``stored`` has no undo."""
    undo = undo_of_edit(record, origin) if record.version > stored.version else None
    if origin.cell is not None:
        return cell_answer(uow, record, stored, origin.cell, origin, undo)
    if origin.place == "panel":
        return panel_answer(uow, said.saved(record), origin, undo)
    if origin.place == "card":
        return card_answer(uow, record, said.moved(record), undo)
    if origin.place == "today":
        uow.commit()
        return htmx.saved_with_undo(origin.location, said.saved(record), undo)
    return _saved_on_page(uow, record, origin, undo)


def shown(uow: UnitOfWork, record: Record, editing: str) -> Response:
    """Show a record's page; for htmx only the property that ``editing`` names, as a form.

    Raises:
        RecordNotFoundError: htmx asked for a property that the page does not have.
    """
    context = page_context(uow, record, editing)
    uow.commit()
    if htmx.is_htmx() and not context["editing"]:
        raise RecordNotFoundError
    return htmx.render(PAGES.get(record.kind.key, PAGE), "records/page/property.fragment.html", **context)


def shown_as_form(uow: UnitOfWork, record: Record, origin: Origin) -> Response:
    """Show every field of a record as one form."""
    context = record_context(uow, RecordForm.of(record, names_for(uow, [record])), origin)
    uow.commit()
    return htmx.render("records/page/edit.html", context["form_fragment"], **context)


def shown_property(uow: UnitOfWork, record: Record, name: str) -> Response:
    """Show one property as it is, in the place of its form."""
    context = page_context(uow, record)
    context["part"] = context["properties"].find(name)
    uow.commit()
    if context["part"] is None:
        raise RecordNotFoundError
    return htmx.render("", "records/page/property.fragment.html", **context)


def shown_preview(uow: UnitOfWork, record: Record) -> Response:
    """Show what can be shown of a document's file, in the place of its preview.

    Raises:
        RecordNotFoundError: nothing can be shown of it.
    """
    preview = preview_of(uow, record) if record.kind.file_field else None
    uow.commit()
    if preview is None:
        raise RecordNotFoundError
    return htmx.render("", "records/page/preview.fragment.html", preview=preview, record=record)


def refused(uow: UnitOfWork, form: RecordForm, stored: Record, origin: Origin) -> Response:
    """Show the form again, as it was typed, with its errors (422); a form without a version is an error too."""
    form.record = stored
    if not form.errors:
        form.errors["version"] = NO_VERSION
    if origin.part is not None:
        return _property_again(uow, form, stored, origin.part, 422)
    context = record_context(uow, form, origin)
    is_cell = origin.place == "cell" or "cell" in request.form  # also one of a field that is gone by now
    fragment = "records/grid/cells/refused.fragment.html" if is_cell else context["form_fragment"]
    return htmx.render("records/page/edit.html", fragment, status=422, **context)


def conflict(uow: UnitOfWork, form: RecordForm, current: Record, origin: Origin) -> Response:
    """Show what was typed beside what another request has stored since (409)."""
    form = form.beside(current)
    form.names |= names_for(uow, [current, msgspec.structs.replace(current, values=form.values)])
    if origin.part is not None:
        return _property_again(uow, form, current, origin.part, 409)
    context = {**record_context(uow, form, origin), "current": current}
    if origin.cell is not None:
        return cell_conflict(origin.cell, context)
    if origin.place == "card":
        return card_conflict(context)
    return htmx.render("records/page/edit.html", context["form_fragment"], status=409, **context)


def removed(uow: UnitOfWork, record_id: UUID, at: dt.datetime, origin: Origin) -> Response:
    """Commit a deletion made at ``at``, and show the place where the record was without it."""
    undo, notice = undo_of_deletion(at, origin), f"{origin.kind.title} deleted."
    if origin.place == "panel":
        return panel_answer(uow, notice, origin, undo, aside=IN_TRASH)
    return list_in_its_order(uow, origin, [record_id], notice, undo, aside=IN_TRASH)


def undone(uow: UnitOfWork, record: Record, origin: Origin) -> Response:
    """Commit an undo, and show the record where the change was made."""
    notice = f"Undone. {said.sentence(said.name_of(record))}"
    if origin.place == "panel":
        return panel_answer(uow, notice, origin)
    if origin.place == "card":
        return card_answer(uow, record, notice)
    if origin.place in ("page", "today"):
        uow.commit()
        flash(notice)
        return htmx.go(origin.location if origin.place == "today" else f"/{record.kind.plural}/{record.id}")
    return list_in_its_order(uow, origin, [record.id], notice)


def too_late_to_undo(origin: Origin) -> Response:
    """Refuse an undo: 409 for htmx, where the page shows its own message, else a message where the change was made."""
    if htmx.is_htmx():
        abort(409)
    flash(TOO_LATE)
    return redirect(origin.location, 303)


def many_changed(uow: UnitOfWork, notice: str, ids: Sequence[UUID], at: dt.datetime, origin: Origin) -> Response:
    """Commit one change to many records, made at ``at``, and show ``notice``."""
    if origin.place == "board":
        return many_moved(uow, notice, at, origin)
    return list_in_its_order(uow, origin, ids, notice, undo_of_bulk_edit(at, origin))


def many_removed(uow: UnitOfWork, ids: Sequence[UUID], at: dt.datetime, origin: Origin) -> Response:
    """Commit the deletion of many records, made at ``at``."""
    notice, undo = f"{number(len(ids))} deleted.", undo_of_deletion(at, origin)
    return list_in_its_order(uow, origin, ids, notice, undo, aside=IN_TRASH)


def many_undone(uow: UnitOfWork, undone: Undone, notice: str, origin: Origin, again: Undo | None = None) -> Response:
    """Commit the undo of a change, and show what the change was made on; ``again`` redoes it."""
    if origin.place == "panel":
        return panel_answer(uow, notice, origin, again)
    if origin.place in ("board", "card"):
        return board_answer(uow, notice, again)
    return list_in_its_order(uow, origin, undone.stored.step.ids_of(origin.kind.key), notice, again)


def _refused_new_in_panel(uow: UnitOfWork, form: RecordForm, origin: Origin) -> Response:
    kind = form.kind
    context: dict[str, Any] = {"kind": kind, "form": form, "panel": origin.panel, "options": options_for(uow, kind.key)}
    page, fragment = "records/grid/adding/new.html", "records/page/panels/panel_form.fragment.html"
    return htmx.render(page, fragment, status=422, **context)


def _saved_on_page(uow: UnitOfWork, record: Record, origin: Origin, undo: Undo | None) -> Response:
    if not htmx.is_htmx():
        uow.commit()
        return htmx.saved_with_undo(f"/{record.kind.plural}/{record.id}", said.saved(record), undo)
    if origin.part is not None:
        return _saved_property(uow, record, origin.part, undo)
    context = record_context(uow, RecordForm.of(record, names_for(uow, [record])), origin)
    uow.commit()
    return htmx.render("", "records/page/edit.fragment.html", notice=said.saved(record), undo=undo, **context)


def _saved_property(uow: UnitOfWork, record: Record, field: Field, undo: Undo | None) -> Response:
    context = page_context(uow, record)
    context["part"] = context["properties"].find(field.name)
    uow.commit()
    notice = said.moved(record) if field is record.kind.stage_field else said.saved(record, field)
    return htmx.render("", "records/page/saved.fragment.html", notice=notice, undo=undo, **context)


def _property_again(uow: UnitOfWork, form: RecordForm, stored: Record, field: Field, status: int) -> Response:
    """Show a property's form as it was typed; what has no property, such as a stage, only gets a message."""
    context = page_context(uow, stored, field.name, form)
    if not context["editing"] and htmx.is_htmx():
        error = next(iter(form.errors.values()), CHANGED)
        return htmx.into_messages(htmx.render("", "records/grid/bulk/refused.fragment.html", status, error=error))
    if not context["editing"]:
        context = record_context(uow, form, Origin(stored.kind, "page"))
        return htmx.render("records/page/edit.html", status=status, **context)
    page = PAGES.get(stored.kind.key, PAGE)
    return htmx.render(page, "records/page/property.fragment.html", status=status, **context)
