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
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required

PAGE = "/settings/pipeline"


@blueprint.get(PAGE)
@sign_in_required
def show_pipeline() -> Response:
    """Show the stages, and how many applications stand in each."""
    with unit_of_work() as uow:
        return _page(uow, _own(uow), 200)


@blueprint.post(PAGE)
@sign_in_required
def change_pipeline() -> Response:
    """Save names, categories and waits; with a button of a row also move it."""
    key, _, way = request.form.get("move", "").rpartition(":")
    by = {"up": -1, "down": 1}.get(way, 0)
    return _keep(lambda own: moved(edited(own, _typed), key, by), "Saved.")


def _typed(name: str) -> str | None:
    """Return what was typed into a field; None for what stands as the page had it: another tab may have changed it."""
    text = request.form.get(name)
    return None if text == request.form.get(f"was.{name}") else text


@blueprint.post(f"{PAGE}/stages")
@sign_in_required
def add_stage() -> Response:
    """Add a stage."""
    label, category = request.form.get("label", ""), request.form.get("category", "")
    return _keep(lambda own: added(own, label, category), "Added.")


@blueprint.post(f"{PAGE}/names")
@sign_in_required
def name_stages() -> Response:
    """Give the closed stages gentler names, or their usual ones again."""
    is_gentle = request.form.get("names") == "gentle"
    notice = "Your closed stages have gentler names now." if is_gentle else "Your closed stages have their usual names."
    return _keep(lambda own: renamed(own, GENTLE_NAMES if is_gentle else USUAL_NAMES), notice)


@blueprint.post(f"{PAGE}/<stage>/retire")
@sign_in_required
def retire_stage(stage: str) -> Response:
    """Retire a stage; what stands in it moves to ``to``, or stays there."""
    with unit_of_work() as uow:
        uow.account.locked_preferences()
        own = _own(uow)
        _check(own, stage)
        try:
            new = retired(own, stage, is_retired=True)
        except PipelineRefusedError as error:
            return _page(uow, own, 422, {error.field: str(error)})
        target = new.find(request.form.get("to", ""))
        count = _empty(uow, stage, target.key) if target else 0
        _set(uow, new)
        return _saved(uow, f"Archived. {count:,} moved." if count else "Archived. Its history stays.")


@blueprint.post(f"{PAGE}/<stage>/restore")
@sign_in_required
def restore_stage(stage: str) -> Response:
    """Take a retired stage back into use."""
    _check(_own(unit_of_work()), stage)
    return _keep(lambda own: retired(own, stage, is_retired=False), "Restored.")


def _keep(change: Callable[[Pipeline], Pipeline], notice: str) -> Response:
    with unit_of_work() as uow:
        uow.account.locked_preferences()  # two devices that change stages wait for each other
        own = _own(uow)
        try:
            new = change(own)
        except PipelineRefusedError as error:
            return _page(uow, own, 422, {error.field: str(error)})
        _set(uow, new)
        return _saved(uow, notice)


def _own(uow: UnitOfWork) -> Pipeline:
    return pipeline_of_kind(uow.kinds[APPLICATION.plural])


def _set(uow: UnitOfWork, new: Pipeline) -> None:
    # Nothing is stored for the stages that everybody begins with, so that they follow what a later release calls them.
    uow.account.change_preferences(stages=None if new == DEFAULT_PIPELINE else list(new.stages))


def _check(own: Pipeline, stage: str) -> None:
    if stage not in own.by_key:
        raise RecordNotFoundError


def _empty(uow: UnitOfWork, stage: str, target: str) -> int:
    kind = uow.kinds[APPLICATION.plural]
    slot = kind.by_name["status"].number
    ids = [UUID(bytes=row.id) for row in uow.records.scan(kind) if row.summary[slot] == stage]
    return change_records(uow, kind, ids, {"status": target}, now()) if ids else 0


def _saved(uow: UnitOfWork, notice: str) -> Response:
    uow.commit()
    return htmx.saved(PAGE, "layouts/parts/_notice.html", notice)


def _page(uow: UnitOfWork, own: Pipeline, status: int, errors: dict[str, str] | None = None) -> Response:
    kind = uow.kinds[APPLICATION.plural]
    slot = kind.by_name["status"].number
    counts: dict[str, int] = {}
    for row in uow.records.scan(kind):
        counts[str(row.summary[slot])] = counts.get(str(row.summary[slot]), 0) + 1
    categories = list(CATEGORY_NAMES.items())
    context: dict[str, Any] = {"pipeline": own, "counts": counts, "categories": categories, "errors": errors or {}}
    context |= {"gentle": renamed(own, GENTLE_NAMES), "usual": renamed(own, USUAL_NAMES), "gentle_names": GENTLE_NAMES}
    context["typed"] = request.form if errors else {}
    if status == 200:
        uow.commit()
    return htmx.render("records/board/stages.html", status=status, kind=kind, **context)
