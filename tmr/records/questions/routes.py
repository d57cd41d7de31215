"""The question bank: what was asked and answered in all interviews, searched, and taken into the next one."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

import msgspec
from flask import request
from werkzeug.wrappers import Response

from tmr.domain.agenda.question_bank import LONGEST_ANSWER, LONGEST_QUESTION, Question, questions_of
from tmr.domain.fields.folding import searchable
from tmr.domain.fields.kind import Kind
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.listing import MAX_QUERY
from tmr.domain.record import Scanned
from tmr.records.blueprint import blueprint
from tmr.records.editing.changes import change_record
from tmr.records.editing.links import names_for
from tmr.records.editing.origin import read_origin
from tmr.records.editing.undo_button import undo_of_edit
from tmr.records.history.ends import still_on
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.zone import current_zone, today
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.session.reading import search_turn
from tmr.web.storage_limit import stores

PATH = "/questions"
LISTS, TEXTS = ("questions",), ("preparation", "notes")  # in the first, every line is a question
TAKEN_INTO = "preparation"
MOST, MOST_NAMED, MOST_COMING, MOST_TERMS = 300, 3, 20, 20


class Kept(msgspec.Struct):
    """A question as it was answered last, how many interviews it is from, and some of these."""

    question: Question
    last: bytes
    count: int
    interviews: list[UUID]


@blueprint.get(PATH)
@sign_in_required
def show_questions() -> Response:
    """Show the questions of all interviews with the words of ``q``, those of the last changed interview first."""
    q = " ".join(request.args.get("q", "").replace("\0", "").split())[:MAX_QUERY]
    with search_turn(unit_of_work().owner), unit_of_work() as uow:
        context = _context(uow, q)
        uow.commit()
    return htmx.render("records/questions/index.html", **context)


@blueprint.post(PATH)
@sign_in_required
@stores
def take_question() -> Response:
    """Write a question with its answer into the preparation of the interview ``interview``."""
    words, answer = (request.form.get(name, "").replace("\r\n", "\n").strip() for name in ("question", "answer"))
    question = Question(words[:LONGEST_QUESTION], answer[:LONGEST_ANSWER])
    with unit_of_work() as uow:
        kind = uow.kinds[INTERVIEW.plural]
        stored = uow.records.get_for_edit(kind, _id(request.form.get("interview", "")))
        before = str(stored[TAKEN_INTO] or "")
        values, errors = kind.parse({TAKEN_INTO: f"{before}\n\n{question.written()}".strip()})
        if errors or not words:
            uow.commit()
            return htmx.saved(
                PATH, "layouts/parts/_notice.html", errors.get(TAKEN_INTO, "There is no question to add.")
            )
        record = change_record(uow, stored, values, None, now())
        uow.commit()
        return htmx.saved_with_undo(PATH, "Added to the preparation.", undo_of_edit(record, read_origin(kind)))


def _context(uow: UnitOfWork, q: str) -> dict[str, Any]:
    kind, terms = uow.kinds[INTERVIEW.plural], searchable(q).split()[:MOST_TERMS]
    found: dict[str, Kept] = {}
    beyond: set[int] = set()  # the hashes of further questions, which are only counted
    # All of each: which line is a question shows only in the text itself.
    for row in uow.records.search(kind, lambda _stored: True):
        for question in _questions(kind, row):
            if question.key and question.has_words(terms):
                if question.key in found or len(found) < MOST:
                    _keep(found, question, row.id)
                else:
                    beyond.add(hash(question.key))
    shown = list(found.values())
    coming = _coming(uow, kind)
    ids = {interview for entry in shown for interview in entry.interviews} | {*coming}
    return {"q": q, "kept": shown, "count": len(shown) + len(beyond), "names": _names(uow, kind, ids), "coming": coming}


def _names(uow: UnitOfWork, kind: Kind, ids: Collection[UUID]) -> dict[str, str]:
    """Return what interviews are called by their ids, with the application: “Phone screen” alone is many of them."""
    interviews = uow.records.get_many(kind, [*ids])
    own, of = uow.names.some({str(interview.id) for interview in interviews}), names_for(uow, interviews)
    return {
        key: ", ".join(filter(None, (own.get(key, ""), of.get(str(interview["application_id"] or ""), ""))))
        for interview in interviews
        if (key := str(interview.id))
    }


def _questions(kind: Kind, row: Scanned) -> Iterable[Question]:
    for name in (*LISTS, *TEXTS):
        number, detail = kind.by_name[name].number, row.detail or []
        if number < len(detail):
            yield from questions_of(detail[number], is_list=name in LISTS)


def _keep(found: dict[str, Kept], question: Question, interview: bytes) -> None:
    kept = found.setdefault(question.key, Kept(question, b"", 0, []))
    if interview != kept.last:  # all questions of an interview come together
        kept.last, kept.count = interview, kept.count + 1
        if kept.count <= MOST_NAMED:
            kept.interviews.append(UUID(bytes=interview))
    if question.answer and not kept.question.answer:
        kept.question = question


def _coming(uow: UnitOfWork, kind: Kind) -> list[UUID]:
    """Return the interviews from today on, the next one first."""
    starts = kind.by_name["starts_at"].number
    planned = [row for row in uow.records.scan(kind) if str(row.summary[starts] or "") >= today().isoformat()]
    coming = still_on(uow, kind, planned, current_zone())
    rows = [(str(row.summary[starts]), UUID(bytes=row.id)) for row in coming]
    return [interview for _at, interview in sorted(rows)[:MOST_COMING]]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise RecordNotFoundError from None
