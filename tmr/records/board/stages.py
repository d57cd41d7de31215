"""The stages in settings: renamed, ordered, added, retired; records and their history follow."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import pipeline_of_kind
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.pipeline.category import CATEGORY_NAMES
from tmr.domain.pipeline.changes import (
    GENTLE_NAMES,
    USUAL_NAMES,
    PipelineRefusedError,
    added,
    edited,
    moved,
    renamed,
    retired,
)
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE, Pipeline
from tmr.records.blueprint import blueprint
from tmr.records.editing.changes import change_records
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.locales import number
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.session.reading import scan_turn

PAGE = "/settings/pipeline"


@blueprint.get(PAGE)
@sign_in_required
def show_pipeline() -> Response:
    """Show the stages, and how many applications are in each."""
    with scan_turn(), unit_of_work() as uow:
        return _stages_page(uow, _pipeline(uow), 200)


@blueprint.post(PAGE)
@sign_in_required
def change_pipeline() -> Response:
    """Save names, categories and waits; a row's button also moves that stage up or down."""
    key, _, way = request.form.get("move", "").rpartition(":")
    by = {"up": -1, "down": 1}.get(way, 0)
    return _change(lambda pipeline: moved(edited(pipeline, _text_if_changed), key, by), "Saved.")


def _text_if_changed(name: str) -> str | None:
    """Return what was typed into a field; None if it is as the page had it, since another tab may have changed it."""
    text = request.form.get(name)
    return None if text == request.form.get(f"was.{name}") else text


@blueprint.post(f"{PAGE}/stages")
@sign_in_required
def add_stage() -> Response:
    """Add a stage behind the others of its category."""
    label, category = request.form.get("label", ""), request.form.get("category", "")
    return _change(lambda pipeline: added(pipeline, label, category), "Added.")


@blueprint.post(f"{PAGE}/names")
@sign_in_required
def name_stages() -> Response:
    """Give the closed stages gentler names, or their usual ones again."""
    is_gentle = request.form.get("names") == "gentle"
    notice = "Your closed stages have gentler names now." if is_gentle else "Your closed stages have their usual names."
    return _change(lambda pipeline: renamed(pipeline, GENTLE_NAMES if is_gentle else USUAL_NAMES), notice)


@blueprint.post(f"{PAGE}/<stage>/retire")
@sign_in_required
def retire_stage(stage: str) -> Response:
    """Retire a stage; its applications move to the stage that ``to`` names, or stay where they are."""
    with unit_of_work() as uow:
        uow.hold_stages()
        pipeline = _pipeline(uow)
        _refuse_unknown(pipeline, stage)
        try:
            new = retired(pipeline, stage, is_retired=True)
        except PipelineRefusedError as error:
            return _stages_page(uow, pipeline, 422, {error.field: str(error)})
        target = new.find(request.form.get("to", ""))
        count = _move_all(uow, stage, target.key) if target else 0
        _store(uow, new)
        return _answer_saved(uow, f"Archived. {number(count)} moved." if count else "Archived. Its history stays.")


@blueprint.post(f"{PAGE}/<stage>/restore")
@sign_in_required
def restore_stage(stage: str) -> Response:
    """Restore a retired stage, so that applications can be moved to it again."""
    _refuse_unknown(_pipeline(unit_of_work()), stage)
    return _change(lambda pipeline: retired(pipeline, stage, is_retired=False), "Restored.")


def _change(change: Callable[[Pipeline], Pipeline], notice: str) -> Response:
    with unit_of_work() as uow:
        uow.hold_stages()
        pipeline = _pipeline(uow)
        try:
            new = change(pipeline)
        except PipelineRefusedError as error:
            return _stages_page(uow, pipeline, 422, {error.field: str(error)})
        _store(uow, new)
        return _answer_saved(uow, notice)


def _pipeline(uow: UnitOfWork) -> Pipeline:
    return pipeline_of_kind(uow.kinds[APPLICATION.plural])


def _store(uow: UnitOfWork, new: Pipeline) -> None:
    # Nothing is stored for the default stages, so that they follow what a later release calls them.
    uow.private.change(stages=None if new == DEFAULT_PIPELINE else list(new.stages))


def _refuse_unknown(pipeline: Pipeline, stage: str) -> None:
    if stage not in pipeline.by_key:
        raise RecordNotFoundError


def _move_all(uow: UnitOfWork, stage: str, target: str) -> int:
    """Move every application of a stage to another one; return how many."""
    kind = uow.kinds[APPLICATION.plural]
    slot = kind.by_name["status"].number
    ids = [UUID(bytes=row.id) for row in uow.records.each(kind) if row.summary[slot] == stage]
    return change_records(uow, kind, ids, {"status": target}, now()) if ids else 0


def _answer_saved(uow: UnitOfWork, notice: str) -> Response:
    uow.commit()
    return htmx.saved(PAGE, "layouts/parts/_notice.html", notice)


def _stages_page(uow: UnitOfWork, pipeline: Pipeline, status: int, errors: dict[str, str] | None = None) -> Response:
    kind = uow.kinds[APPLICATION.plural]
    slot = kind.by_name["status"].number
    counts: dict[str, int] = {}
    for row in uow.records.each(kind):
        counts[str(row.summary[slot])] = counts.get(str(row.summary[slot]), 0) + 1
    categories = list(CATEGORY_NAMES.items())
    context: dict[str, Any] = {"pipeline": pipeline, "counts": counts, "categories": categories, "errors": errors or {}}
    context |= {"gentle": renamed(pipeline, GENTLE_NAMES), "usual": renamed(pipeline, USUAL_NAMES)}
    context["gentle_names"] = GENTLE_NAMES
    context["typed"] = request.form if errors else {}
    if status == 200:
        uow.commit()
    return htmx.render("records/board/stages.html", status=status, kind=kind, **context)
