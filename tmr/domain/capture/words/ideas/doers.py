"""Whether a name is that of a role, by the word in it that says what somebody does: ``doers.toml``."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from tmr.domain.fields.folding import searchable

_AFTER_HEAD = frozenset(("of", "in", "for", "im", "fur", "with", ""))
_FOR_ALL = re.compile(r"[:(*_·].{0,10}$")
_SHORTEST, _LONGEST = 3, 40  # letters


def is_role(words: Sequence[str]) -> bool:
    """Whether a name has a word for what somebody does: its first, its last, or one before “of”."""
    folded = [searchable(word).strip("'’-") for word in words]
    last = [word for word, after in zip(folded, [*folded[1:], ""], strict=True) if after in _AFTER_HEAD]
    return _is_doer(folded[0], "first_ends") or any(_is_doer(word, "last_ends") for word in last)


def _is_doer(word: str, ends: str) -> bool:
    bare = _FOR_ALL.sub("", word[:_LONGEST])
    if bare in _lists()["none"]:
        return False
    return (len(bare) > _SHORTEST and bare.endswith(_lists()[ends])) or _is_in(bare, _lists()["words"])


def _is_in(word: str, words: Sequence[str]) -> bool:
    return any(word.startswith(one[:-1]) if one.endswith("*") else word == one for one in words)


@cache
def _lists() -> dict[str, tuple[str, ...]]:
    said = tomllib.loads((files(__package__) / "doers.toml").read_text(encoding="utf-8"))
    return {name: tuple(" ".join(words.split()).split(", ")) for name, words in said.items()}
