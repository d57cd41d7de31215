"""Importing a file: upload it, agree to a mapping, see the result, undo it."""

from typing import Any
from uuid import UUID

import msgspec
from flask import redirect, request
from werkzeug.wrappers import Response

from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.readers.encodings.detection import ENCODINGS
from tmr.domain.importing.reading.bundle import Bundle
from tmr.domain.importing.reading.choices import open_questions
from tmr.domain.kinds import KINDS
from tmr.domain.kinds.application import APPLICATION
from tmr.records.blueprint import blueprint
from tmr.records.editing.origin import list_to_return_to, read_origin
from tmr.records.grid.list_answer import list_answer
from tmr.records.imports import run as import_run
from tmr.records.imports.apart.reader import reader
from tmr.records.imports.proposal.kept_preview import kept_preview, renew_preview
from tmr.records.imports.proposal.page_room import in_short
from tmr.records.imports.proposal.view import ImportView
from tmr.records.imports.room import lack_of_room, may_lack_room
from tmr.records.imports.run import Preview
from tmr.records.imports.staging import choose_without_connection, keep, read_without_connection
from tmr.records.imports.tables.results import Result
from tmr.repository.errors import ImportStateError
from tmr.repository.records.imports import Import
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.session.reading import reading_turn
from tmr.web.session.throttling import IMPORT_BY_ACCOUNT, PREVIEW_BY_ACCOUNT, count
from tmr.web.storage_limit import stores

NO_FILE = "Choose a file first."
RUNNING = {"queued": "import", "undoing": "undo-import"}  # states, and the task of each


@blueprint.get("/import")
@sign_in_required
def new_import() -> Response:
    """Ask for a file, and list recent imports."""
    reader.start()  # it is ready when the file comes
    with unit_of_work() as uow:
        done = list(uow.imports.list("done"))
        uow.commit()
    return _new_page(done, "", 200)


@blueprint.post("/import")
@sign_in_required
@stores
def create_import() -> Response:
    """Propose how to import a file; it is kept, sealed, until the person agrees or a week has passed."""
    sent, owner = request.files.get("file"), unit_of_work().owner
    if not sent or not sent.filename:
        return _refused(NO_FILE)
    count(IMPORT_BY_ACCOUNT, str(owner))
    with reading_turn(owner):
        try:
            content, wanted = sent.stream.read(), request.form.get("kind", "")
            read = read_without_connection(content, request.form.get("encoding", ""), wanted)
            uow = unit_of_work()
            import_id = keep(uow, read, now())
            renew_preview(uow, uow.imports.get(import_id), read.bundle, now().date())
        except FileRefusedError as error:
            return _refused(str(error))
        uow.commit()
    return htmx.go(f"/import/{import_id}")


def _refused(error: str) -> Response:
    with unit_of_work() as uow:
        return _new_page(list(uow.imports.list("done")), error, 422)


@blueprint.get("/import/<uuid:import_id>")
@sign_in_required
def show_import(import_id: UUID) -> Response:
    """Show the proposal, the progress, or the result."""
    known = unit_of_work().imports.get(import_id)
    if known.state == "proposed":
        bundle = import_run.bundle_of(unit_of_work(), known)
        if kept := kept_preview(unit_of_work(), known, bundle, now().date()):
            with unit_of_work() as uow:
                return _proposal_page(uow, known, bundle, [], kept)
        count(PREVIEW_BY_ACCOUNT, str(unit_of_work().owner))
        with reading_turn(unit_of_work().owner), unit_of_work() as uow:
            stored_import = uow.imports.get(import_id)
            if stored_import.state == "proposed":
                return _proposal_page(uow, stored_import, import_run.bundle_of(uow, stored_import), [])
            return redirect(f"/import/{import_id}", 303)  # it was accepted during the wait
    with unit_of_work() as uow:
        stored_import = uow.imports.get(import_id)
        is_running, is_here = stored_import.state in RUNNING, uow.lock.is_on
        trouble = uow.jobs.trouble("import_id", import_id) if is_running and not is_here else None
        uow.commit()
    context = {**_context(stored_import), "trouble": trouble, "runs_here": is_running and is_here}
    return htmx.render("records/imports/progress.html", "records/imports/progress.fragment.html", **context)


@blueprint.post("/import/<uuid:import_id>/retry")
@sign_in_required
def retry_import(import_id: UUID) -> Response:
    """Try an import or its undo again at once, without waiting for the queue's next attempt."""
    with unit_of_work() as uow:
        task = RUNNING.get(uow.imports.get(import_id).state)
        if task and not uow.lock.is_on:
            uow.jobs.try_again(task, "import_id", import_id)
        uow.commit()
    return htmx.go(f"/import/{import_id}")


@blueprint.post("/import/<uuid:import_id>")
@sign_in_required
@stores
def accept_import(import_id: UUID) -> Response:
    """Apply the choices; if nothing is left to decide, carry the import out, else show the proposal again."""
    owner = unit_of_work().owner
    count(PREVIEW_BY_ACCOUNT, str(owner))
    with reading_turn(owner):
        proposed = unit_of_work().imports.get(import_id)
        if proposed.state != "proposed":
            return redirect(f"/import/{import_id}", 303)
        before = import_run.bundle_of(unit_of_work(), proposed)
        try:
            bundle, questions = choose_without_connection(import_id, before, request.form.to_dict())
        except FileRefusedError as error:
            bundle, questions = before, [str(error)]
        with unit_of_work() as uow:
            proposed = uow.imports.get(import_id)
            if proposed.state != "proposed":  # accepted in another window during the reading
                return redirect(f"/import/{import_id}", 303)
            # Of another kind, encoding or header, its columns were mapped again: the person has to see that first.
            is_other = [plan.shape for plan in before.plans] != [plan.shape for plan in bundle.plans]
            questions = questions or _lack_of_room(uow, proposed, bundle)
            if questions or is_other or request.form.get("only") == "preview":
                return _proposal_page(uow, proposed, bundle, questions)
            return _answer_accepted(uow, proposed, bundle)


def _lack_of_room(uow: UnitOfWork, proposed: Import, bundle: Bundle) -> list[str]:
    if not may_lack_room(uow, bundle):
        return []
    today = now().date()
    would = kept_preview(uow, proposed, bundle, today) or renew_preview(uow, proposed, bundle, today)
    return lack_of_room(uow, would.result)


def _answer_accepted(uow: UnitOfWork, proposed: Import, bundle: Bundle) -> Response:
    try:
        accept(uow, proposed, bundle)
    except FileRefusedError as error:  # a document in it that is opened only now
        return _new_page([], str(error), 422)
    except ImportStateError:
        pass  # it was clicked twice: the first click carries it out
    return htmx.go(f"/import/{proposed.id}")


@blueprint.post("/import/<uuid:import_id>/undo")
@sign_in_required
def undo_import(import_id: UUID) -> Response:
    """Undo the whole import."""
    with unit_of_work() as uow:
        stored_import = uow.imports.get(import_id)
        try:
            is_done = import_run.undo(uow, stored_import, now())
        except ImportStateError:
            return redirect(f"/import/{import_id}", 303)
        kind = list_to_return_to(uow.kinds) if is_done else None
        if kind is not None:
            return list_answer(uow, read_origin(kind), "Import undone.")
        uow.commit()
    return htmx.go(f"/import/{import_id}")


def accept(uow: UnitOfWork, proposed: Import, bundle: Bundle) -> None:
    """Carry an import out, and commit: at once, or through the queue if it is large.

    Nothing of locked records is queued: the page that shows the import has it done in a request of its own.
    """
    uow.imports.set_plan(proposed.id, bundle)
    uow.imports.change_state(proposed.id, ("proposed",), "queued")
    if bundle.is_small:
        import_run.carry_out(uow, uow.imports.get(proposed.id), now())
    else:
        uow.growth.add(bundle.bytes)  # refused here, where the person is told, and not by the worker
        if not uow.lock.is_on:
            uow.jobs.defer("import", import_id=proposed.id)
    uow.commit()


def _new_page(done: list[Import], error: str, status: int) -> Response:
    kinds = [(kind.plural, kind.heading) for kind in KINDS.values()]
    context: dict[str, Any] = {
        "done": done,
        "encodings": ENCODINGS,
        "error": error,
        "kind_choices": kinds,
        "wanted": request.values.get("kind", ""),
    }
    return htmx.render("records/imports/new.html", status=status, **context)


def _proposal_page(
    uow: UnitOfWork, proposed: Import, bundle: Bundle, questions: list[str], kept: Preview | None = None
) -> Response:
    today, kinds = now().date(), import_run.kinds_of(uow, bundle)
    preview = kept or kept_preview(uow, proposed, bundle, today) or renew_preview(uow, proposed, bundle, today)
    open_now = open_questions(kinds, bundle)
    has_links = any(plan.kind != APPLICATION.plural for plan in bundle.plans)
    names = uow.names.all_of(kinds[APPLICATION.plural]) if has_links else {}
    view = ImportView.of(proposed.id, kinds, bundle, preview, names)
    shown = list(dict.fromkeys([*questions, *lack_of_room(uow, preview.result)]))
    uow.commit()
    context: dict[str, Any] = {"view": view, "questions": in_short(shown), "open_now": in_short(open_now)}
    return htmx.render("records/imports/proposal.html", status=422 if questions else 200, **context)


def _context(stored_import: Import) -> dict[str, Any]:
    result = msgspec.convert(stored_import.result, Result) if stored_import.result else None
    return {"stored_import": stored_import, "result": result}
