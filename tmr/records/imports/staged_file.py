"""The staged file of an import, which can be read many times: a table, or a ZIP with tables and documents."""

import io
from collections.abc import Iterable
from functools import cached_property
from typing import IO, TextIO
from uuid import UUID

from tmr.domain.importing.plan import Plan
from tmr.domain.importing.readers.archives import Archive
from tmr.domain.importing.readers.encodings.detection import open_text
from tmr.domain.saved_views import SavedView
from tmr.repository.files.sealed_upload import SealedUpload
from tmr.repository.unit_of_work import UnitOfWork


class Source:
    """Opens what was staged. A ZIP is read at any position, so it is first copied to a sealed upload that can seek."""

    def __init__(self, uow: UnitOfWork, import_id: UUID) -> None:
        self._uow = uow
        self._import_id = import_id

    def text(self, plan: Plan) -> TextIO:
        """Return the text of a table, from its beginning."""
        if plan.entry:
            return open_text([self._archive.read(plan.entry)], plan.encoding)
        return open_text(self._uow.imports.content(self._import_id), plan.encoding)

    def pieces(self) -> Iterable[bytes]:
        """Return the staged file, a piece at a time."""
        return self._uow.imports.content(self._import_id)

    def file(self, path: str) -> bytes | None:
        """Return a document of our own export, or None if it has none at this path."""
        if not path.startswith("documents/") or not self._archive.is_own or path not in self._archive.names:
            return None
        return self._archive.read_file(path)

    def views(self) -> list[SavedView]:
        """Return the saved views that our own export brings along; the staged file has to be a ZIP."""
        return self._archive.settings().views

    @cached_property
    def _archive(self) -> Archive:
        return Archive(sealed_upload_of(self._uow.imports.content(self._import_id)))


def sealed_upload_of(pieces: Iterable[bytes]) -> IO[bytes]:
    """Return what comes in pieces as a file that can seek, sealed wherever it is kept."""
    upload = SealedUpload()
    for piece in pieces:
        upload.write(piece)
    upload.seek(0)
    return io.BufferedReader(upload, 64 * 1024)
