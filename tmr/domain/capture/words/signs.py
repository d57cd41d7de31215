"""What tells the kind of a mail: the patterns of ``signs.toml``, by section and name."""

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files

_SIGNS = {
    section: {name: tuple(re.compile(sign, re.IGNORECASE) for sign in signs) for name, signs in named.items()}
    for section, named in tomllib.loads(
        (files("tmr.domain.capture.words") / "signs.toml").read_text(encoding="utf-8")
    ).items()
}


def has(name: str, text: str) -> bool:
    """Whether a text has a sign of those by which letters are read."""
    return _is_in(text, "reading", name)


def first_with(section: str, name: str, sentences: Sequence[str]) -> str:
    """Return the first sentence that has a sign, or ""."""
    return next((sentence for sentence in sentences if _is_in(sentence, section, name)), "")


def names_in(section: str) -> Sequence[str]:
    """Return the names of the signs in a section."""
    return tuple(_SIGNS[section])


def _is_in(text: str, section: str, name: str) -> bool:
    return any(sign.search(text) for sign in _SIGNS[section][name])
