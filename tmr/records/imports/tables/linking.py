"""What the rows of an import link to: stored records, earlier rows of the same file, and its documents."""

import datetime as dt
import io
from uuid import UUID

from tmr.domain.fields.files import FileTypeRefusedError, file_type_of, plain_name
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.domain.fields.types.links import FILE, Link, link_ids
from tmr.domain.importing.reading.staged import Staged
from tmr.domain.importing.rows.draft import Draft
from tmr.domain.kinds import BY_KEY, linking_to
from tmr.records.editing.links import NameIndex
from tmr.repository.unit_of_work import UnitOfWork

# Names of records that words may be looked for in: a file has up to 20,000 rows with 200 words each.
MOST_LOOKED_AT = 20_000_000


class ImportLinks:
    """Finds what the rows of an import link to: stored records, and those of earlier rows in the same file.

    Without a source, as in a preview, nothing is stored, and every file is taken to be there.
    """

    def __init__(self, uow: UnitOfWork, source: Staged | None) -> None:
        self._uow = uow
        self._source = source
        self._numbers: dict[str, dict[str, str]] = {}
        self._new_names: dict[str, dict[str, str]] = {}
        self._names: dict[str, NameIndex] = {}
        self._found: dict[tuple[str, str], list[str]] = {}
        self._looked_at = 0
        self._files: dict[str, str] = {}

    def by_number(self, key: str, number: str) -> str | None:
        """Return the id of the record that has this number in the export, or of the file with this path."""
        return self._file(number) if key == FILE else self._numbers.get(key, {}).get(number)

    def by_name(self, key: str, words: str) -> list[str]:
        """Return the ids of all records of a kind that these words can mean.

        Once a great many names were looked at, only whole names count, so that a file takes seconds and not hours.
        """
        if key not in self._names:
            stored = self._uow.names.all_of(BY_KEY[key])
            self._names[key], self._found = NameIndex.of({**stored, **self._new_names.get(key, {})}), {}
        index = self._names[key]
        if (key, words) not in self._found:
            if (same := index.same_as(words)) or self._looked_at > MOST_LOOKED_AT:
                return same
            self._looked_at += len(index.all) + 100  # what is found is kept too
            self._found[key, words] = index.find(words)
        return self._found[key, words]

    def know(self, kind: Kind, draft: Draft, record_id: UUID) -> None:
        """Remember a row that was read, so that later rows can link to it."""
        if draft.number:
            self._numbers.setdefault(kind.key, {})[draft.number] = str(record_id)
        if record_id.int and linking_to(kind.key):
            self._new_names.setdefault(kind.key, {})[str(record_id)] = kind.title_of(draft.values)
        self._names.pop(kind.key, None)

    def names_in(self, kind: Kind, values: dict[str, Wire]) -> dict[str, str]:
        """Return what the stored records are called that name a row, by their ids."""
        for name in kind.name_fields:
            field_type = kind.by_name[name].type
            if isinstance(field_type, Link) and link_ids(values.get(name)):
                return self._uow.names.all_of(BY_KEY[field_type.target])
        return {}

    def _file(self, path: str) -> str | None:
        if path not in self._files:
            file_id = self._store(path)
            if file_id is None:
                return None
            self._files[path] = file_id
        return self._files[path]

    def _store(self, path: str) -> str | None:
        """Store a document of the export; return its id, or None if it is missing or of no type that is accepted."""
        if self._source is None:
            return str(UUID(int=0))
        content = self._source.file(path)
        if content is None:
            return None
        name = plain_name(path.removeprefix("documents/"))
        file_type = _type_of(content)
        if not file_type:
            return None
        file_id, _ = self._uow.files.add([content], name, file_type, dt.datetime.now(dt.UTC))
        return str(file_id)


def _type_of(content: bytes) -> str:
    try:
        # Not compared with its name: that was done when it was first uploaded.
        return file_type_of(content[:8192], "", io.BytesIO(content))
    except FileTypeRefusedError:
        return ""
