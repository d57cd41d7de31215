"""Files on their way in: upload, agree to a mapping, see the result, take it back."""

from typing import Any
from uuid import UUID

import msgspec
from flask import redirect, request
from werkzeug.wrappers import Response

from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.plan import Plan
from tmr.domain.importing.text import ENCODINGS
from tmr.records import importing
from tmr.records.blueprint import blueprint
from tmr.records.import_choices import apply_choices, open_questions
from tmr.records.import_view import ImportView
from tmr.repository.errors import ImportStateError
from tmr.repository.imports import Import
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.guards import sign_in_required
from tmr.web.identity import unit_of_work
from tmr.web.parts import now

NO_FILE = "Choose a file first."


@blueprint.get("/import")
@sign_in_required
def new_import() -> Response:
    """Ask for a file, and list what was imported lately."""
    with unit_of_work() as uow:
        done = list(uow.imports.list("done"))
        uow.commit()
    return htmx.render("records/imports/new.html", done=done, encodings=ENCODINGS, error="")


@blueprint.post("/import")
@sign_in_required
def create_import() -> Response:
    """Look through a file and keep it, sealed, until the person agrees or a week has passed."""
    sent = request.files.get("file")
    content = sent.stream.read() if sent else b""
    with unit_of_work() as uow:
        try:
            if not sent or not sent.filename:
                raise FileRefusedError(NO_FILE)
            import_id = importing.stage(uow, content, request.form.get("encoding", ""), now())
        except FileRefusedError as error:
            done = list(uow.imports.list("done"))
            return htmx.render("records/imports/new.html", status=422, done=done, encodings=ENCODINGS, error=str(error))
        uow.commit()
    return htmx.go(f"/import/{import_id}")


@blueprint.get("/import/<uuid:import_id>")
@sign_in_required
def show_import(import_id: UUID) -> Response:
    """Show the proposal, the progress, or the result."""
    with unit_of_work() as uow:
        found = uow.imports.get(import_id)
        if found.state == "proposed":
            return _proposal(uow, found, importing.plan_of(found), [])
        uow.commit()
    return htmx.render("records/imports/progress.html", "records/imports/progress.fragment.html", **_state(found))


@blueprint.post("/import/<uuid:import_id>")
@sign_in_required
def accept_import(import_id: UUID) -> Response:
    """Carry the plan out: at once, or through the queue when it is large."""
    with unit_of_work() as uow:
        found = uow.imports.get(import_id)
        if found.state != "proposed":
            return redirect(f"/import/{import_id}", 303)
        plan = importing.plan_of(found)
        questions = apply_choices(importing.KIND, plan, request.form, importing.opener(uow, found, plan))
        if questions or request.form.get("only") == "preview":
            return _proposal(uow, found, plan, questions)
        _accept(uow, found, plan)
    return htmx.go(f"/import/{import_id}")


@blueprint.post("/import/<uuid:import_id>/undo")
@sign_in_required
def undo_import(import_id: UUID) -> Response:
    """Take the whole import back."""
    with unit_of_work() as uow:
        found = uow.imports.get(import_id)
        try:
            if found.state != "done":
                raise ImportStateError(found.state)
            importing.undo(uow, found, now())
        except ImportStateError:
            return redirect(f"/import/{import_id}", 303)
        uow.commit()
    return htmx.go(f"/import/{import_id}")


def _accept(uow: UnitOfWork, found: Import, plan: Plan) -> None:
    uow.imports.set_plan(found.id, plan)
    uow.imports.change_state(found.id, ("proposed",), "queued")
    if plan.rows > importing.INLINE_ROWS:
        uow.jobs.defer("import", import_id=found.id)
    else:
        importing.carry_out(uow, uow.imports.get(found.id), now())
    uow.commit()


def _proposal(uow: UnitOfWork, found: Import, plan: Plan, questions: list[str]) -> Response:
    would = importing.preview(uow, found, plan)
    open_now = open_questions(importing.KIND, plan)
    view = ImportView(importing.KIND, found.id, plan, would)
    status = 422 if questions else 200
    context: dict[str, Any] = {"view": view, "questions": questions, "open_now": open_now}
    return htmx.render("records/imports/proposal.html", status=status, **context)


def _state(found: Import) -> dict[str, Any]:
    result = msgspec.convert(found.result, importing.Result) if found.result else None
    return {"found": found, "result": result}
