"""Answers to what was done on the board: the card where it is now, or the whole board."""

import datetime as dt
from typing import Any

from flask import flash
from werkzeug.wrappers import Response

from tmr.domain.agenda.agenda import Fact
from tmr.domain.record import Record
from tmr.records.board.board import Card
from tmr.records.editing.origin import Origin
from tmr.records.editing.undo_button import Undo, undo_of_bulk_edit
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.zone import today


def card_answer(uow: UnitOfWork, record: Record, notice: str, undo: Undo | None = None) -> Response:
    """Commit, and answer with the card in the column where it is now; an undo gets the whole board."""
    uow.commit()
    if not htmx.is_htmx():
        return htmx.saved_with_undo("/board", notice, undo)
    # An undo is sent from a notice, which does not know the card's place: the whole board is drawn again.
    if undo is None:
        flash(notice)
        return htmx.go("/board")
    card = Card(Fact(record.kind, record.id, record.values), record.version)
    return htmx.render("", "records/board/moved.fragment.html", card=card, today=today(), notice=notice, undo=undo)


def card_conflict(context: dict[str, Any]) -> Response:
    """Answer with a message: the card goes back, and nothing was typed that could be lost."""
    response = htmx.render("records/page/edit.html", "records/board/card_conflict.fragment.html", 409, **context)
    return htmx.into_messages(response)


def many_moved(uow: UnitOfWork, notice: str, at: dt.datetime, origin: Origin) -> Response:
    """Commit, and go to the board, which says ``notice`` and offers to undo the moves of that instant."""
    uow.commit()
    return htmx.saved_with_undo("/board", notice, undo_of_bulk_edit(at, origin))


def board_answer(uow: UnitOfWork, notice: str, again: Undo | None = None) -> Response:
    """Commit, and go to the board; ``again`` redoes what was undone."""
    uow.commit()
    return htmx.saved_with_undo("/board", notice, again)
