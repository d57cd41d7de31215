"""Reads what the words of a sentence mean, in whichever language and order they stand: ``ideas.toml``.

A sentence is parted into words, and each word looked up, so that reading takes a time that grows with the text.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files

import msgspec

from tmr.domain.fields.folding import searchable

NEAR = "~"  # between two ideas that stand close together
_NEAREST = 8  # words
_WORD = re.compile(r"[^\W_]+|[:;!?()–—…]")
_SPELLED_OUT = re.compile("[aou]e")  # “fuer”
_ANY, _NOTHING = "*", "nothing"
_SHORTEST_STEM, _LONGEST_STEM, _LONGEST_WORD = 2, 20, 60
_MOST_WORDS = 150  # of a sentence


class _Phrase(msgspec.Struct, frozen=True):
    """What follows the first word of a phrase, and what the whole means in a language."""

    rest: tuple[str, ...]
    language: str
    idea: str


class _Index(msgspec.Struct, frozen=True):
    """Phrases by their first word, by the stem that it begins with, and by a part of it."""

    words: dict[str, list[_Phrase]]
    stems: dict[str, list[_Phrase]]
    parts: dict[str, list[_Phrase]]


def ideas_in(sentence: str, pairs: Iterable[str] = ()) -> tuple[frozenset[str], ...]:
    """Return what the words of a sentence mean, by the languages that have them.

    ``pairs`` are ideas that count as another one where they stand close together, such as “not~go_on”.
    """
    words = [word[:_LONGEST_WORD] for word in _WORD.findall(searchable(sentence))[:_MOST_WORDS]]
    found: dict[str, dict[str, list[int]]] = {}
    at = 0
    while at < len(words):
        phrases = list(_phrases_at(words, at))
        skipped = max((1 + len(phrase.rest) for phrase in phrases if phrase.idea == _NOTHING), default=0)
        for phrase in () if skipped else phrases:
            found.setdefault(phrase.language, {}).setdefault(phrase.idea, []).append(at)
        at += skipped or 1
    parted = [at for at, word in enumerate(words) if not word.isalnum()]
    return tuple(frozenset([*places, *_near_each_other(places, parted, pairs)]) for places in found.values())


def _near_each_other(places: dict[str, list[int]], parted: Sequence[int], pairs: Iterable[str]) -> Iterator[str]:
    """Yield pairs of ideas that stand close together, with no sign between them that parts them."""
    for pair in pairs:
        one, other = (places.get(idea, []) for idea in pair.split(NEAR))
        if any(_is_near(first, second, parted) for first in one for second in other):
            yield pair


def _is_near(first: int, second: int, parted: Sequence[int]) -> bool:
    low, high = min(first, second), max(first, second)
    return high - low <= _NEAREST and not any(low < at < high for at in parted)


def _phrases_at(words: Sequence[str], at: int) -> Iterator[_Phrase]:
    for phrase in _that_begin(words[at]):
        rest = words[at + 1 : at + 1 + len(phrase.rest)]
        if len(rest) == len(phrase.rest) and all(map(_is_like, phrase.rest, rest)):
            yield phrase


def _that_begin(word: str) -> Iterator[_Phrase]:
    for spelling in {word, _SPELLED_OUT.sub(_first_letter, word)}:
        yield from _that_begin_as(spelling)


def _first_letter(match: re.Match[str]) -> str:
    return match[0][0]


def _that_begin_as(word: str) -> Iterator[_Phrase]:
    index = _index()
    yield from index.words.get(word, ())
    for size in range(_SHORTEST_STEM, min(len(word), _LONGEST_STEM) + 1):
        yield from index.stems.get(word[:size], ())
    for part, phrases in index.parts.items():
        if part in word:
            yield from phrases


def _is_like(pattern: str, word: str) -> bool:
    spellings = (word, _SPELLED_OUT.sub(_first_letter, word))
    return any(one.startswith(pattern[:-1]) if pattern.endswith(_ANY) else one == pattern for one in spellings)


@cache
def _index() -> _Index:
    index = _Index({}, {}, {})
    said = tomllib.loads((files(__package__) / "ideas.toml").read_text(encoding="utf-8"))
    for idea, by_language in said.items():
        for language, phrases in by_language.items():
            for first, *rest in filter(None, map(str.split, phrases.split(","))):
                of_kind = (
                    index.parts if first.startswith(_ANY) else index.stems if first.endswith(_ANY) else index.words
                )
                of_kind.setdefault(first.strip(_ANY), []).append(_Phrase(tuple(rest), language, idea))
    return index
