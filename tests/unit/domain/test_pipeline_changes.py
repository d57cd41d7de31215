"""Stages that come with an export: those that a person changed are theirs, a release's defaults are nobody's.

Seen failing with the defaults of 0.1.0 as the only ones that are recognised.
"""

import re

import msgspec
import pytest

from tests.support.paths import ROOT
from tmr.domain.pipeline.category import CATEGORIES, CATEGORY
from tmr.domain.pipeline.changes import GENTLE_NAMES, joined
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE, Pipeline
from tmr.domain.pipeline.stage import Stage

# What releases called their stages, written out: when a category gets another name, its old one must stay known.
SHIPPED = {
    "0.1.0": "Saved Applied Screening Interviewing Offer Accepted Not_this_time Withdrawn No_answer",
    "since": "Saved Applied Screening Interviewing Offer Accepted Rejected Withdrawn No_response",
}
KEYS = ("saved", "applied", "screening", "interviewing", "offer", "accepted", "rejected", "withdrawn", "no answer")
OWN = Pipeline((*DEFAULT_PIPELINE.stages[:2], Stage("taster", "Taster day", "screening"), *DEFAULT_PIPELINE.stages[2:]))


def shipped(release: str) -> list[Stage]:
    labels = [label.replace("_", " ") for label in SHIPPED[release].split()]
    return [Stage(key, label, key) for key, label in zip(KEYS, labels, strict=True)]


@pytest.mark.parametrize("release", SHIPPED)
@pytest.mark.parametrize("pipeline", [DEFAULT_PIPELINE, OWN], ids=["defaults", "own stages"])
@pytest.mark.parametrize("missing", [None, *range(len(KEYS))])
def test_the_defaults_of_a_release_with_fewer_categories_change_nothing(release, pipeline, missing) -> None:
    """A tenth category is to today's nine what any of these is to the other eight."""
    stages = [stage for place, stage in enumerate(shipped(release)) if place != missing]

    assert joined(pipeline, stages) == pipeline


def changed(place: int, **values: object) -> list[Stage]:
    stages = list(DEFAULT_PIPELINE.stages)
    stages[place] = msgspec.structs.replace(stages[place], **values)
    return stages


@pytest.mark.parametrize(
    "stages",
    [
        changed(6, label="Not this time"),
        changed(6, label="Their loss"),
        [msgspec.structs.replace(one, label=GENTLE_NAMES.get(one.key, one.label)) for one in DEFAULT_PIPELINE.stages],
        changed(1, wait_days=3),
        changed(2, is_retired=True),
        changed(2, category="applied"),
        [*DEFAULT_PIPELINE.stages[1:], DEFAULT_PIPELINE.stages[0]],
        list(OWN.stages),
    ],
)
def test_stages_that_a_person_changed_come_along(stages: list[Stage]) -> None:
    assert joined(DEFAULT_PIPELINE, stages).stages == tuple(stages)


def test_every_category_of_this_release_has_a_default_stage() -> None:
    assert [stage.key for stage in DEFAULT_PIPELINE.stages] == list(CATEGORIES)
    assert {stage.key for stage in shipped("since")} <= set(CATEGORIES)


@pytest.mark.parametrize("category", CATEGORY.values(), ids=lambda category: category.key)
def test_a_category_has_one_colour_for_badges_and_charts(category) -> None:
    """The charts know categories by their keys, the badges by their colours: both are one class in the style sheet."""
    styles = (ROOT / "tmr" / "static" / "css" / "shared" / "status.css").read_text()

    assert category.colour == category.key.replace(" ", "-")
    assert re.search(rf"^  \.s-{category.colour}(?:,| {{)$", styles, re.M)
