"""Answers to changes that were kept: the list as it is now, the record's page, a card of the board."""

import msgspec
from flask import flash
from werkzeug.wrappers import Response

from tmr.domain.agenda.agenda import Fact
from tmr.domain.fields.kind import Kind
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.record import Record
from tmr.records.board.board import Card
from tmr.records.editing.form import RecordForm
from tmr.records.editing.links import names_for
from tmr.records.editing.undo_button import Undo
from tmr.records.grid.view import grid_view, posted_criteria
from tmr.records.page.context import record_context
from tmr.records.page.panels import timeline_of
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.zone import today


def list_answer(uow: UnitOfWork, kind: Kind, notice: str, undo: Undo | None = None) -> Response:
    """Commit, and answer with the list that the form was sent from."""
    criteria = posted_criteria(kind)
    view = grid_view(uow, kind, criteria)
    uow.commit()
    location = f"/{kind.plural}?{criteria.query()}"
    if not htmx.is_htmx():
        return htmx.saved_with_undo(location, notice, undo)
    context = {"kind": kind, "view": view, "new_form": RecordForm(kind)}
    return htmx.saved(location, "records/grid/changed.fragment.html", notice, undo=undo, **context)


def page_answer(uow: UnitOfWork, record: Record, notice: str) -> Response:
    """Commit, and answer with the record's page drawn anew."""
    uow.commit()
    flash(notice)
    return htmx.go(f"/{record.kind.plural}/{record.id}")


def kept_answer(uow: UnitOfWork, record: Record, undo: Undo | None) -> Response:
    """Commit, and answer with the record's form as it is stored now."""
    undo = undo and msgspec.structs.replace(undo, fields=[*undo.fields, ("sheet", "1")])
    if not htmx.is_htmx():
        uow.commit()
        return htmx.saved_with_undo(f"/{record.kind.plural}/{record.id}", "Saved.", undo)
    context = record_context(uow, RecordForm.of(record, names_for(uow, [record])))
    context["timeline"] = timeline_of(uow, record) if record.kind.key == APPLICATION.key else None
    uow.commit()
    return htmx.render("", "records/page/show.fragment.html", notice="Saved.", undo=undo, **context)


def card_answer(uow: UnitOfWork, record: Record, notice: str, undo: Undo | None = None) -> Response:
    """Commit, and answer with the card of the board where it stands now."""
    uow.commit()
    if not htmx.is_htmx():
        return htmx.saved_with_undo("/board", notice, undo)
    # An undo comes from a notice and not from the board: then the whole board is drawn anew.
    if undo is None:
        flash(notice)
        return htmx.go("/board")
    undo = msgspec.structs.replace(undo, fields=[*undo.fields, ("card", "1")])
    card = Card(Fact(record.kind, record.id, record.values), record.version)
    return htmx.render("", "records/board/card.fragment.html", card=card, today=today(), notice=notice, undo=undo)
