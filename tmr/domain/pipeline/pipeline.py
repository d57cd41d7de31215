"""The stages that a person's applications go through, in their order."""

from collections.abc import Iterable, Mapping
from functools import cached_property

import msgspec

from tmr.domain.fields.folding import fold
from tmr.domain.pipeline.category import CATEGORIES, CATEGORY, CATEGORY_NAMES, CATEGORY_OF_WORD
from tmr.domain.pipeline.stage import Stage


class Pipeline(msgspec.Struct, frozen=True, dict=True):
    """The stages of one person, in their order."""

    stages: tuple[Stage, ...]

    @cached_property
    def by_key(self) -> Mapping[str, Stage]:
        """Every stage by its key, retired ones too."""
        return {stage.key: stage for stage in self.stages}

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The position of each stage."""
        return {stage.key: position for position, stage in enumerate(self.stages)}

    @cached_property
    def active(self) -> tuple[Stage, ...]:
        """The stages that an application can be moved to."""
        return tuple(stage for stage in self.stages if not stage.is_retired)

    def first_of(self, category: str) -> Stage | None:
        """Return the first active stage of a category, or None."""
        return next((stage for stage in self.active if stage.category == category), None)

    def name_of(self, category: str) -> str:
        """Return what a person calls a category: the name of its only stage, else the category's own name."""
        labels = [stage.label for stage in self.active if stage.category == category]
        return labels[0] if len(labels) == 1 else CATEGORY_NAMES[category]

    def category_of(self, key: object) -> str:
        """Return the category of a stage, even of a built-in one that was removed; empty for what never was a stage."""
        stage = self.by_key.get(str(key))
        return stage.category if stage else (str(key) if key in CATEGORIES else "")

    def find(self, word: str) -> Stage | None:
        """Return the active stage that ``word`` names: by key, by name, else by any word known for its category."""
        return self._by_word.get(fold(word))

    def may_begin_with(self, word: str) -> bool:
        """Whether some word or words that ``find`` knows can begin with the folded ``word``: a quick first look."""
        return word[:3] in self._beginnings

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        return frozenset(word[:length] for word in self._by_word for length in (1, 2, 3))

    @cached_property
    def _by_word(self) -> dict[str, Stage]:
        first = {category: stage for category in CATEGORIES if (stage := self.first_of(category))}
        known = {fold(word): first[category] for word, category in CATEGORY_OF_WORD.items() if category in first}
        labels = {fold(stage.label): stage for stage in reversed(self.active)}  # reversed: the first of two wins
        return {**known, **labels, **{fold(stage.key): stage for stage in self.active}}  # keys win: forms send them


DEFAULT_PIPELINE = Pipeline(tuple(Stage(key, category.label, key) for key, category in CATEGORY.items()))


def pipeline_of(stages: Iterable[Stage] | None) -> Pipeline:
    """Return the pipeline of these stages, or the default one if there are none."""
    return Pipeline(tuple(stages)) if stages else DEFAULT_PIPELINE
