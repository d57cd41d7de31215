"""The promises in plain words, how each is kept, and how anyone can check it; read from its page."""

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
    """How long one sort of data is stored."""

    what: str
    duration: str


class Limit(msgspec.Struct, frozen=True):
    """One thing that is not promised."""

    words: str


class Promises(msgspec.Struct, frozen=True):
    """All that the page says; its fields are named like the tables of the file."""

    promise: tuple[Promise, ...]
    retention: tuple[Retention, ...]
    limit: tuple[Limit, ...]


@cache
def promises() -> Promises:
    """Return what is promised, how long data is stored, and what is not promised, all in the order of the page."""
    return msgspec.convert(tomllib.loads(PAGE.read_text(encoding="utf-8")), Promises)
