"""The stages of an application: a person's own, each counted by statistics under one fixed category."""

from collections.abc import Iterable, Mapping
from functools import cached_property

import msgspec

from tmr.domain.fields.folding import fold

CATEGORIES = (
    "saved",
    "applied",
    "screening",
    "interviewing",
    "offer",
    "accepted",
    "rejected",
    "withdrawn",
    "no answer",
)
# What each category is called, and its stage until a person gives it a name of their own.
CATEGORY_NAMES = {category: category.capitalize() for category in CATEGORIES} | {"no answer": "No response"}
CLOSED_CATEGORIES = ("accepted", "rejected", "withdrawn", "no answer")
SHAPES = dict(zip(CATEGORIES, ("ring", "half", "half", "diamond", "disc", "disc", "ring", "ring", "ring"), strict=True))
# Days after which silence is worth a look, by category; people can set their own for each stage.
USUAL_WAIT = {"applied": 14, "screening": 10, "interviewing": 10, "offer": 7}


class Stage(msgspec.Struct, frozen=True):
    """One stage: its key in storage, what people read, its category.

    A retired stage takes no more applications; those in it, and its history, stay as they are. ``wait_days`` is how
    long an answer usually takes there; None asks for the category's usual time, and 0 for no reminder.
    """

    key: str
    label: str
    category: str
    is_retired: bool = False
    wait_days: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether an application in this stage still wants attention."""
        return self.category not in CLOSED_CATEGORIES

    @property
    def shape(self) -> str:
        """The shape beside the word, so that colour never stands alone."""
        return SHAPES[self.category]

    @property
    def expected_wait(self) -> int:
        """Days of silence after which a person may want to ask; 0 for never."""
        return USUAL_WAIT.get(self.category, 0) if self.wait_days is None else self.wait_days


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
        """Return what a person calls a category: the name of its stage, and its own where it has several, or none."""
        labels = [stage.label for stage in self.active if stage.category == category]
        return labels[0] if len(labels) == 1 else CATEGORY_NAMES[category]

    def category_of(self, key: object) -> str:
        """Return the category of a stage, also of one that is gone; nothing for what never was a stage."""
        stage = self.by_key.get(str(key))
        return stage.category if stage else (str(key) if key in CATEGORIES else "")

    def find(self, word: str) -> Stage | None:
        """Return the active stage that ``word`` names: by key, by name, else by any word known for its category."""
        return self._by_word.get(fold(word))

    @cached_property
    def _by_word(self) -> dict[str, Stage]:
        first = {category: stage for category in CATEGORIES if (stage := self.first_of(category))}
        known = {fold(word): first[category] for word, category in _CATEGORY_OF_WORD.items() if category in first}
        labels = {fold(stage.label): stage for stage in reversed(self.active)}
        return {**known, **labels, **{fold(stage.key): stage for stage in self.active}}  # forms send keys


def rank(category: str) -> int:
    """Return how far along a category is, for what must never move backwards."""
    return CATEGORIES.index(category) if category in CATEGORIES else -1


_WORDS = {
    "saved": "wishlist bookmarked interested draft to-apply applying gemerkt vorgemerkt entwurf enregistré guardado",
    "applied": "submitted pending in-review viewed beworben eingereicht postulé candidature-envoyée postulado",
    "screening": "screen phone-screen recruiter-screen assessment telefoninterview présélection preselección",
    "interviewing": "interview shortlisted onsite final gespräch vorstellungsgespräch entretien entrevista",
    "offer": "offered negotiating angebot offre oferta",
    "accepted": "hired zusage angenommen accepté aceptado contratado",
    "rejected": "closed declined not-selected absage abgelehnt refus refusé rechazado not-this-time "
    "unsuccessful turned-down",
    "withdrawn": "withdrew not-for-me zurückgezogen retiré retirado",
    "no answer": "ghosted no-response no-reply went-quiet expired keine-antwort sans-réponse sin-respuesta",
}
_CATEGORY_OF_WORD = {word: category for category, words in _WORDS.items() for word in (category, *words.split())}

DEFAULT_PIPELINE = Pipeline(tuple(Stage(category, CATEGORY_NAMES[category], category) for category in CATEGORIES))


def pipeline_of(stages: Iterable[Stage] | None) -> Pipeline:
    """Return the pipeline of these stages, or the one that everybody begins with."""
    return Pipeline(tuple(stages)) if stages else DEFAULT_PIPELINE
