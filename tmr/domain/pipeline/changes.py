"""Changing a pipeline: renaming, reordering, adding and retiring stages; keys never change, so that records follow."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import msgspec

from tmr.domain.fields.folding import fold
from tmr.domain.pipeline.category import CATEGORIES, CATEGORY_NAMES, rank
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE, Pipeline
from tmr.domain.pipeline.stage import Stage

MAX_STAGES = 30
WORDS = ("open", "closed")  # what a list calls groups of stages
MAX_LABEL = 40
MAX_WAIT = 365
NEEDS_NAME = "Enter a name for the stage."
TOO_LONG = f"A stage name can have at most {MAX_LABEL} characters."
TWICE = "Another stage already has the same name."
ANOTHERS = "Another stage already goes by that word. Choose a different name."
NO_CATEGORY = "Choose what the stage counts as."
NO_WAIT = f"Enter the days as a whole number from 0 to {MAX_WAIT}, or leave it empty."
TOO_MANY = f"You can have at most {MAX_STAGES} stages."
LAST_OPEN = "Keep at least one open stage."
# Kinder words for the ends of a search.
GENTLE_NAMES = {"rejected": "Not this time", "withdrawn": "Not for me", "no answer": "Went quiet"}
USUAL_NAMES = {key: CATEGORY_NAMES[key] for key in GENTLE_NAMES}
# What the stages of 0.1.0 were called. Its exports carry these names even where nobody had chosen them.
_NAMES_OF_0_1_0 = {
    "saved": "Saved",
    "applied": "Applied",
    "screening": "Screening",
    "interviewing": "Interviewing",
    "offer": "Offer",
    "accepted": "Accepted",
    "rejected": "Not this time",
    "withdrawn": "Withdrawn",
    "no answer": "No answer",
}
# The names of every release that changed some, whole: who renames a category adds here what it was called before.
_SHIPPED_NAMES = (_NAMES_OF_0_1_0, CATEGORY_NAMES)


class PipelineRefusedError(ValueError):
    """A change that no pipeline allows; ``field`` names the input that is wrong, and the message says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def edited(pipeline: Pipeline, text: Callable[[str], str | None]) -> Pipeline:
    """Return the pipeline with what was typed.

    ``text`` returns the value of ``label.KEY``, ``category.KEY`` or ``wait.KEY``, or None for what was not sent.

    Raises:
        PipelineRefusedError: a name is empty, too long or used twice, or a category or a number is not valid.
    """
    stages = [_edited(stage, text) for stage in pipeline.stages]
    return checked(stages)


def added(pipeline: Pipeline, label: str, category: str) -> Pipeline:
    """Return the pipeline with a new stage behind the last one of its category; raises ``PipelineRefusedError``."""
    if fold(label) in {fold(stage.label) for stage in pipeline.stages}:
        raise PipelineRefusedError("label", TWICE)
    new = Stage(_free_key(pipeline, label), _label("label", label), _category("category", category))
    places = [at for at, stage in enumerate(pipeline.stages) if rank(stage.category) <= rank(new.category)]
    at = places[-1] + 1 if places else 0
    return checked([*pipeline.stages[:at], new, *pipeline.stages[at:]])


def joined(pipeline: Pipeline, others: Sequence[Stage]) -> Pipeline:
    """Return the pipeline followed by those of ``others`` whose key and name are new to it, as long as they fit.

    People who have changed nothing yet get the others as they are, unless those are only the defaults of some release.
    """
    if _are_defaults(others):
        return pipeline
    if pipeline == DEFAULT_PIPELINE and (whole := _whole(others)):
        return whole
    joint = pipeline
    for stage in others[:MAX_STAGES]:
        if stage.key not in joint.by_key and _is_sound(stage):
            with suppress(PipelineRefusedError):
                joint = checked([*joint.stages, stage])
    return joint


def _are_defaults(stages: Sequence[Stage]) -> bool:
    """Whether nobody has changed these stages since a release made them: its names, in its order, none retired.

    Some may be missing: a release made only the categories that it knew, and no page takes a stage away.
    """
    ranks = [rank(stage.key) for stage in stages]
    is_in_order = ranks == sorted(set(ranks))
    return is_in_order and any(
        all(stage == Stage(stage.key, names.get(stage.key, ""), stage.key) for stage in stages)
        for names in _SHIPPED_NAMES
    )


def _whole(stages: Sequence[Stage]) -> Pipeline | None:
    """Return the pipeline of exactly these stages, or None if they do not make a valid one."""
    is_single = len({stage.key for stage in stages}) == len(stages)
    if len(stages) > MAX_STAGES or not is_single or not all(map(_is_sound, stages)):
        return None
    with suppress(PipelineRefusedError):
        return checked(stages)
    return None


def _is_sound(stage: Stage) -> bool:
    """Whether a stage from an export could have been made here: it may have been written by hand."""
    is_key = stage.key in CATEGORIES or (stage.key.isalnum() and len(stage.key) <= MAX_LABEL and stage.key not in WORDS)
    is_label = stage.label == " ".join(stage.label.split()) and _is_printable(stage.label)
    is_short = 0 < len(stage.label) <= MAX_LABEL and bool(fold(stage.label))
    is_wait = stage.wait_days is None or 0 <= stage.wait_days <= MAX_WAIT
    return is_key and is_label and is_short and is_wait and stage.category in CATEGORIES


def moved(pipeline: Pipeline, key: str, by: int) -> Pipeline:
    """Return the pipeline with one stage a place earlier (``by`` -1) or later (1); at the ends nothing changes."""
    stages = list(pipeline.stages)
    at = pipeline.order.get(key, -1)
    if 0 <= at < len(stages) and 0 <= at + by < len(stages):
        stages[at], stages[at + by] = stages[at + by], stages[at]
    return Pipeline(tuple(stages))


def retired(pipeline: Pipeline, key: str, *, is_retired: bool) -> Pipeline:
    """Return the pipeline with one stage retired or restored; raises ``PipelineRefusedError``."""
    stages = [
        msgspec.structs.replace(stage, is_retired=is_retired) if stage.key == key else stage
        for stage in pipeline.stages
    ]
    return checked(stages)


def renamed(pipeline: Pipeline, names: Mapping[str, str]) -> Pipeline:
    """Return the pipeline with its closed stages called as in ``names`` (``GENTLE_NAMES`` or ``USUAL_NAMES``).

    A stage that a person named keeps that name, and so does one whose new name another stage has already.
    """
    new = pipeline
    for key, label in names.items():
        with suppress(PipelineRefusedError):
            new = checked([_renamed(stage, label) if stage.key == key else stage for stage in new.stages])
    return new


def _renamed(stage: Stage, label: str) -> Stage:
    ready_made = (GENTLE_NAMES[stage.key], USUAL_NAMES[stage.key], _NAMES_OF_0_1_0[stage.key])
    return msgspec.structs.replace(stage, label=label) if stage.label in ready_made else stage


def checked(stages: Sequence[Stage]) -> Pipeline:
    """Return the pipeline of these stages, or raise ``PipelineRefusedError`` for the first that may not be so."""
    if len(stages) > MAX_STAGES:
        raise PipelineRefusedError("label", TOO_MANY)
    labels, keys = [fold(stage.label) for stage in stages], [fold(stage.key) for stage in stages]
    counts = Counter(labels)
    for stage, label in zip(stages, labels, strict=True):
        if counts[label] > 1:
            raise PipelineRefusedError(f"label.{stage.key}", TWICE)
        if any(label == key and other is not stage for other, key in zip(stages, keys, strict=True)):
            raise PipelineRefusedError(f"label.{stage.key}", ANOTHERS)
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
    if not label or not fold(label) or not _is_printable(label):
        raise PipelineRefusedError(field, NEEDS_NAME)
    if len(label) > MAX_LABEL:
        raise PipelineRefusedError(field, TOO_LONG)
    return label


def _is_printable(label: str) -> bool:
    return label.replace("\u200d", "").isprintable()  # the joiner makes one picture of several, such as 👩‍💻


def _category(field: str, text: str) -> str:
    if text not in CATEGORIES:
        raise PipelineRefusedError(field, NO_CATEGORY)
    return text


def _wait(field: str, text: str) -> int | None:
    bare = text.strip()
    if not bare:
        return None
    if not bare.isascii() or not bare.isdigit() or len(bare) > 3 or int(bare) > MAX_WAIT:
        raise PipelineRefusedError(field, NO_WAIT)
    return int(bare)


def _free_key(pipeline: Pipeline, label: str) -> str:
    whole = "".join(char for char in fold(label) if char.isalnum())
    stem = whole if 0 < len(whole) <= 20 else f"{whole[:14] or 'stage'}{_digest(label)}"
    taken, number, key = {*pipeline.by_key, *CATEGORIES, *WORDS}, 1, stem
    while key in taken:
        number += 1
        key = f"{stem}{number}"
    return key


def _digest(label: str) -> str:
    """Return what keeps apart the keys of names that begin alike or have no letter: exports are matched by key."""
    return hashlib.sha256(label.encode()).hexdigest()[:6]
