"""Changing a pipeline: renaming, reordering, adding and retiring stages; keys never change, so that records follow."""

from collections.abc import Callable, Sequence

import msgspec

from tmr.domain.folding import fold
from tmr.domain.pipeline import CATEGORIES, DEFAULT_PIPELINE, Pipeline, Stage

MAX_STAGES = 30
MAX_LABEL = 40
MAX_WAIT = 365
NEEDS_NAME = "A stage needs a name."
TOO_LONG = f"A stage's name has at most {MAX_LABEL} characters."
TWICE = "Two stages cannot have the same name."
ANOTHERS = "Another stage is known by that word, whatever it is called now."
NO_CATEGORY = "Choose what the stage counts as."
NO_WAIT = f"Write the days as a whole number from 0 to {MAX_WAIT}, or leave it empty."
TOO_MANY = f"At most {MAX_STAGES} stages fit."
LAST_OPEN = "At least one open stage must stay."


class PipelineRefusedError(ValueError):
    """A pipeline cannot be so; ``field`` names what is wrong, and the message says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def edited(pipeline: Pipeline, text: Callable[[str], str | None]) -> Pipeline:
    """Return the pipeline with what was typed: ``text`` returns the value of ``label.KEY``, ``category.KEY`` and
    ``wait.KEY``, or None for what was not sent.

    Raises:
        PipelineRefusedError: a name is empty, too long or there twice, a category or a number is none.
    """
    stages = [_edited(stage, text) for stage in pipeline.stages]
    return checked(stages)


def added(pipeline: Pipeline, label: str, category: str) -> Pipeline:
    """Return the pipeline with a new stage behind the last one of its category; raises ``PipelineRefusedError``."""
    if fold(label) in {fold(stage.label) for stage in pipeline.stages}:
        raise PipelineRefusedError("label", TWICE)
    new = Stage(_free_key(pipeline, label), _label("label", label), _category("category", category))
    places = [at for at, stage in enumerate(pipeline.stages) if CATEGORIES.index(stage.category) <= _rank(new)]
    at = places[-1] + 1 if places else 0
    return checked([*pipeline.stages[:at], new, *pipeline.stages[at:]])


def joined(pipeline: Pipeline, others: Sequence[Stage]) -> Pipeline:
    """Return the pipeline with those of ``others`` behind it that it has neither by key nor by name, while they fit.

    Whoever has changed nothing yet gets the others as they are.
    """
    if pipeline == DEFAULT_PIPELINE and (own := _whole(others)):
        return own
    stages = list(pipeline.stages)
    for stage in others:
        keys, labels = {one.key for one in stages}, {fold(one.label) for one in stages}
        is_known = stage.category in CATEGORIES and 0 < len(stage.key) <= MAX_LABEL and stage.key.isprintable()
        if is_known and stage.key not in keys and fold(stage.label) not in labels and len(stages) < MAX_STAGES:
            stages.append(msgspec.structs.replace(stage, label=_label("label", stage.label[:MAX_LABEL])))
    return Pipeline(tuple(stages))


def _whole(stages: Sequence[Stage]) -> Pipeline | None:
    """Return the pipeline of these stages as they are, or None when it cannot be one."""
    try:
        for stage in stages:
            _label("label", stage.label)
            _category("category", stage.category)
        is_sound = all(0 < len(stage.key) <= MAX_LABEL and stage.key.isprintable() for stage in stages)
        is_single = len({stage.key for stage in stages}) == len(stages)
        return checked(stages) if is_sound and is_single else None
    except PipelineRefusedError:
        return None


def moved(pipeline: Pipeline, key: str, by: int) -> Pipeline:
    """Return the pipeline with one stage a place earlier (``by`` -1) or later (1); at the ends nothing changes."""
    stages = list(pipeline.stages)
    at = pipeline.order.get(key, -1)
    if 0 <= at < len(stages) and 0 <= at + by < len(stages):
        stages[at], stages[at + by] = stages[at + by], stages[at]
    return Pipeline(tuple(stages))


def retired(pipeline: Pipeline, key: str, *, is_retired: bool) -> Pipeline:
    """Return the pipeline with one stage retired, or back in use; raises ``PipelineRefusedError``."""
    stages = [
        msgspec.structs.replace(stage, is_retired=is_retired) if stage.key == key else stage
        for stage in pipeline.stages
    ]
    return checked(stages)


def checked(stages: Sequence[Stage]) -> Pipeline:
    """Return the pipeline of these stages, or raise ``PipelineRefusedError``."""
    if len(stages) > MAX_STAGES:
        raise PipelineRefusedError("label", TOO_MANY)
    seen: set[str] = set()
    for stage in stages:
        if fold(stage.label) in seen:
            raise PipelineRefusedError(f"label.{stage.key}", TWICE)
        if any(fold(stage.label) == fold(other.key) and other is not stage for other in stages):
            raise PipelineRefusedError(f"label.{stage.key}", ANOTHERS)
        seen.add(fold(stage.label))
    if not any(stage.is_open and not stage.is_retired for stage in stages):
        raise PipelineRefusedError("label", LAST_OPEN)
    return Pipeline(tuple(stages))


def _edited(stage: Stage, text: Callable[[str], str | None]) -> Stage:
    label, category, wait = (text(f"{name}.{stage.key}") for name in ("label", "category", "wait"))
    return msgspec.structs.replace(
        stage,
        label=stage.label if label is None else _label(f"label.{stage.key}", label),
        category=stage.category if category is None else _category(f"category.{stage.key}", category),
        wait_days=stage.wait_days if wait is None else _wait(f"wait.{stage.key}", wait),
    )


def _label(field: str, text: str) -> str:
    label = " ".join(text.split())
    if not label or not fold(label) or not label.isprintable():
        raise PipelineRefusedError(field, NEEDS_NAME)
    if len(label) > MAX_LABEL:
        raise PipelineRefusedError(field, TOO_LONG)
    return label


def _category(field: str, text: str) -> str:
    if text not in CATEGORIES:
        raise PipelineRefusedError(field, NO_CATEGORY)
    return text


def _wait(field: str, text: str) -> int | None:
    bare = text.strip()
    if not bare:
        return None
    if not bare.isascii() or not bare.isdigit() or int(bare[:6]) > MAX_WAIT:
        raise PipelineRefusedError(field, NO_WAIT)
    return int(bare)


def _free_key(pipeline: Pipeline, label: str) -> str:
    stem = "".join(char for char in fold(label) if char.isalnum())[:20] or "stage"
    taken, number, key = {*pipeline.by_key, *CATEGORIES}, 1, stem
    while key in taken:
        number += 1
        key = f"{stem}{number}"
    return key


def _rank(stage: Stage) -> int:
    return CATEGORIES.index(stage.category)
