"""Tells of what kind the sentences of a letter are, by points for what their words mean: ``rules.toml``."""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from tmr.domain.capture.words.ideas.reading import NEAR, ideas_in

ENOUGH = 3  # points of a kind
_TIMED, _NEVER = "timed", "never"


class Score(msgspec.Struct, frozen=True):
    """How many points a letter has for a kind, and the sentence that gave most of them."""

    points: int = 0
    sentence: str = ""


class _Rule(msgspec.Struct, frozen=True):
    points: int
    needed: tuple[frozenset[str], ...]
    banned: frozenset[str]


class Meanings:
    """What the sentences of one letter mean; each is read once."""

    def __init__(self, is_timed: Callable[[str], bool]) -> None:
        """Read sentences, of which ``is_timed`` says whether they name a day and a time."""
        self._is_timed = cache(is_timed)  # each rule asks
        self._ideas: dict[str, tuple[frozenset[str], ...]] = {}

    def say(self, idea: str, *sentences: str) -> bool:
        """Return whether one of some sentences has words for an idea."""
        return any(idea in ideas for one in sentences for ideas in self._of(one))

    def score(self, kind: str, sentences: Sequence[str]) -> Score:
        """Return the points that sentences have for a kind: those of each rule that is the best for one of them."""
        told: dict[_Rule, int] = {}
        best = Score()
        for sentence in sentences:
            if rule := self._best_rule(kind, sentence):
                told[rule] = rule.points
                best = best if best.points >= rule.points else Score(rule.points, sentence)
        return Score(sum(told.values()), best.sentence)

    def told(self, kind: str, sentences: Sequence[str]) -> str:
        """Return the sentence that tells most of a kind, if enough is said for it."""
        score = self.score(kind, sentences)
        return score.sentence if score.points >= ENOUGH else ""

    def _best_rule(self, kind: str, sentence: str) -> _Rule | None:
        return next((rule for rule in _rules()[kind] if self._fulfils(sentence, rule)), None)

    def _fulfils(self, sentence: str, rule: _Rule) -> bool:
        return any(self._is_in(ideas, rule, sentence) for ideas in self._of(sentence))

    def _is_in(self, ideas: frozenset[str], rule: _Rule, sentence: str) -> bool:
        missing = [one for one in rule.needed if not one & ideas]
        if rule.banned & ideas or not all(_TIMED in one for one in missing):
            return False
        return not (missing and not self._is_timed(sentence)) and not (
            _TIMED in rule.banned and self._is_timed(sentence)
        )

    def _of(self, sentence: str) -> tuple[frozenset[str], ...]:
        if sentence not in self._ideas:
            self._ideas[sentence] = ideas_in(sentence, _pairs())
        return self._ideas[sentence]


@cache
def _pairs() -> frozenset[str]:
    named = (idea for rules in _rules().values() for rule in rules for one in rule.needed for idea in one)
    return frozenset(idea for idea in named if NEAR in idea)


@cache
def _rules() -> dict[str, tuple[_Rule, ...]]:
    """Return the rules of each kind, those of most points first."""
    said = tomllib.loads((files(__package__) / "rules.toml").read_text(encoding="utf-8"))
    return {kind: tuple(_rules_of(named, named.get(_NEVER, "").split())) for kind, named in said.items()}


def _rules_of(named: Mapping[str, Any], never: Sequence[str]) -> Iterator[_Rule]:
    for points in sorted(named.keys() - {_NEVER}, reverse=True):
        for text in named[points]:
            needed = [word for word in text.split() if not word.startswith("!")]
            banned = [word.removeprefix("!") for word in text.split() if word.startswith("!")]
            yield _Rule(int(points), tuple(frozenset(word.split("|")) for word in needed), frozenset([*banned, *never]))
