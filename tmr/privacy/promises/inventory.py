"""The data inventory: every stored column, in which form, what for, and how long; read from its page."""

import re
from functools import cache
from pathlib import Path

import msgspec

PAGE = Path(__file__).with_name("data-inventory.md")
_ROW = re.compile(r"^\| (\w+) \| (\w+) \| (sealed|hashed|plain) \| ([^|]+) \| ([^|]+) \|$", re.M)


class StoredColumn(msgspec.Struct, frozen=True):
    """One column of the database; ``form`` is sealed, hashed or plain."""

    table: str
    name: str
    form: str
    purpose: str
    kept: str


@cache
def inventory() -> tuple[StoredColumn, ...]:
    """Return every column that the page lists, in its order."""
    return tuple(StoredColumn(*row) for row in _ROW.findall(PAGE.read_text(encoding="utf-8")))
