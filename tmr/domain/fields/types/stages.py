"""Fields that hold a stage of a person's pipeline."""

from collections.abc import Callable, Sequence

from tmr.domain.fields.folding import searchable
from tmr.domain.fields.type import FieldType, Names, ValueRefusedError, Wire
from tmr.domain.fields.types.choices import Choice, shortened
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE, Pipeline

OPEN, CLOSED = "open", "closed"  # in a filter: every stage that is still open, and every one that is not


class StageChoice(Choice):
    """A stage of a person's pipeline, by any word that names it."""

    display = "stage"
    keeps_what_is_shown = True
    has_blank = False

    def __init__(self, pipeline: Pipeline = DEFAULT_PIPELINE) -> None:
        super().__init__()
        self.pipeline = pipeline
        self.options = tuple((stage.key, stage.label) for stage in pipeline.active)
        self._labels = {stage.key: stage.label for stage in pipeline.stages}
        self._order = dict(pipeline.order)

    def parse(self, text: str) -> Wire:
        if not text.strip():
            return None
        stage = self.pipeline.find(text)
        if stage is None:
            raise ValueRefusedError(f"Choose one of: {', '.join(label for _, label in self.options)}.")
        return stage.key

    def bound(self, pipeline: Pipeline) -> FieldType:
        return type(self)(pipeline)

    @property
    def quick_options(self) -> Sequence[tuple[str, str]]:
        stages = [(stage.key, stage.label) for stage in self.pipeline.active if stage.is_open]
        return [(OPEN, "Open"), *stages, (CLOSED, "Closed")]

    def filter_word(self, word: str) -> str | None:
        return word if word in (OPEN, CLOSED, *self.pipeline.by_key) else super().filter_word(word)

    def filter_test(self, words: Sequence[str]) -> Callable[[Wire], bool]:
        groups = {OPEN: True, CLOSED: False}
        accepted = {
            key
            for word in words
            for key, stage in self.pipeline.by_key.items()
            if key == word or (word in groups and stage.is_open == groups[word])
        }
        return accepted.__contains__

    def keys_with(self, term: str, _names: Names) -> set[str] | None:
        return {key for key in self.pipeline.by_key if term in searchable(self.label(key))}

    def control_options(self, value: str) -> Sequence[tuple[str, str]]:
        """Return the stages to choose from, with the current one even if it is retired."""
        is_listed = not value or any(value == key for key, _ in self.options)
        return self.options if is_listed else [(value, shortened(self.label(value))), *self.options]


class PastStage(StageChoice):
    """A stage that an application was in once: retired ones, and those of another pipeline, are kept as they are."""

    def parse(self, text: str) -> Wire:
        if text in self.pipeline.by_key:
            return text
        stage = self.pipeline.find(text)
        return stage.key if stage else (self._within_length(" ".join(text.split()))[:60] or None)
