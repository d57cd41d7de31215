"""A file to import, in memory, which can be read many times: a table, or a ZIP with tables and documents."""

import io
import zipfile
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Protocol, TextIO

from tmr.domain.importing.plan import Plan
from tmr.domain.importing.readers.archives import Archive
from tmr.domain.importing.readers.encodings.detection import open_text


class Staged(Protocol):
    """A file to import, wherever it is kept."""

    def text(self, plan: Plan) -> TextIO:
        """Return the text of a table, from its beginning."""

    def pieces(self) -> Iterable[bytes]:
        """Return the file, a piece at a time."""

    def file(self, path: str) -> bytes | None:
        """Return a document of our own export, or None if it has none at this path."""


class StagedBytes:
    """A file to import that is in memory."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def text(self, plan: Plan) -> TextIO:
        """Return the text of a table, from its beginning."""
        return open_text([self._archive.read(plan.entry) if plan.entry else self._content], plan.encoding)

    def pieces(self) -> Iterable[bytes]:
        """Return the file, in one piece."""
        return [self._content]

    def file(self, path: str) -> bytes | None:
        """Return a document of our own export, or None if it has none at this path."""
        if not path.startswith("documents/") or not self._archive.is_own or path not in self._archive.names:
            return None
        return self._archive.read_file(path)

    @cached_property
    def _archive(self) -> Archive:
        return Archive(io.BytesIO(self._content))


def opener(source: Staged, plan: Plan) -> Callable[[], TextIO]:
    """Return a function that opens a staged table from its beginning, any number of times."""
    return lambda: source.text(plan)


def packed(tables: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a ZIP with these tables, each under its name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in tables:
            zipped.writestr(name, content)
    return made.getvalue()
