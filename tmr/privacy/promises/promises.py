"""What is promised: each promise in plain words, how it is kept, and how anybody can check it; read from its page."""

import tomllib
from functools import cache
from pathlib import Path

import msgspec

PAGE = Path(__file__).with_name("promises.toml")


class Promise(msgspec.Struct, frozen=True):
    """One promise. Tests and ``tmr doctor`` name it by its id."""

    id: str
    title: str
    kept: str
    check: str


class Retention(msgspec.Struct, frozen=True):
    """How long something stays."""

    what: str
    duration: str


class Limit(msgspec.Struct, frozen=True):
    """Something that is not promised."""

    words: str


class Promises(msgspec.Struct, frozen=True):
    """The whole page."""

    promise: tuple[Promise, ...]
    retention: tuple[Retention, ...]
    limit: tuple[Limit, ...]


@cache
def promises() -> Promises:
    """Return what is promised, how long things stay, and the limits."""
    return msgspec.convert(tomllib.loads(PAGE.read_text(encoding="utf-8")), Promises)
