"""Streams the export: one ZIP with each kind as CSV and as JSON, the documents, and a manifest with checksums."""

import datetime as dt
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from uuid import UUID

import msgspec

from tmr.domain.exporting import References, csv_lines, instant, json_lines, json_values
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.types.links import link_ids
from tmr.domain.kinds import own_fields_of
from tmr.privacy.export.account_data import access_log, account_data
from tmr.privacy.export.references import references
from tmr.repository.errors import DecryptionError
from tmr.repository.unit_of_work import UnitOfWork

FORMAT = "tmr-export/2"
README = """This is everything that you keep at TrackMyRoles.

Each kind of record has a CSV file (RFC 4180, UTF-8) and the same content as JSON.
Records are numbered within their file; a column such as application_id names the number of another one.
What is in your trash is in trash.json, without its files: restore a document to take its file along.
The files of your documents are in documents/, your own stages, fields, views and settings in settings.json.
account.json says what is kept of the account itself, access-log.csv who had access to it, and when.
A cell that a spreadsheet would take for a formula begins with one ' that is not yours; importing takes it away again.
manifest.json holds the SHA-256 of each file, and how many records it has.
"""


class Entry(msgspec.Struct):
    """What the manifest says about one file of the archive."""

    sha256: str
    bytes: int
    records: int | None = None


class Sink(io.RawIOBase):
    """Collects what the ZIP writer writes, so that it can be sent piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        """Return True, which the ZIP writer asks for."""
        return True

    def write(self, piece: object) -> int:
        """Add a piece, and return its length in bytes."""
        content = bytes(piece)  # type: ignore[call-overload]
        self._pieces.append(content)
        return len(content)

    def take(self) -> bytes:
        """Return what was written since the last call."""
        content = b"".join(self._pieces)
        self._pieces.clear()
        return content


def archive(uow: UnitOfWork, made_at: dt.datetime) -> Iterator[bytes]:
    """Yield the ZIP in pieces; memory stays flat whatever the number of records and the size of files."""
    sink = Sink()
    entries: dict[str, Entry] = {}
    unreadable: list[UUID] = []
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
        for name, pieces in _about(uow, made_at):
            yield from write_entry(zipped, sink, entries, name, pieces)
        numbering = references(uow)
        for kind in uow.kinds.values():
            yield from _write_kind(zipped, sink, entries, uow, kind, numbering)
        if uow.trash.count():
            yield from write_entry(zipped, sink, entries, "trash.json", _trash(uow))
        for file_id, path in numbering.paths.items():
            yield from write_entry(zipped, sink, entries, path, _readable(uow, UUID(file_id), unreadable))
        # Counted last: what does not open shows only while it is read.
        damaged = {"unreadable_records": len(uow.records.damaged), "unreadable_files": len(unreadable)}
        manifest = {"format": FORMAT, "made_at": instant(made_at), "files": entries, **damaged}
        # With a dictionary that is thrown away: the manifest does not list itself.
        yield from write_entry(zipped, sink, {}, "manifest.json", [msgspec.json.format(msgspec.json.encode(manifest))])
    yield sink.take()


def _about(uow: UnitOfWork, made_at: dt.datetime) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Yield the files that are about the archive and the account, by their names."""
    yield "README.txt", [README.encode()]
    yield "settings.json", [_settings(uow)]
    yield "account.json", [account_data(uow, made_at)]
    yield "access-log.csv", access_log(uow)


def _settings(uow: UnitOfWork) -> bytes:
    """Return, as JSON, the settings of the account; its stages are what the records' statuses refer to."""
    preferences = uow.account.preferences()
    stages = next(iter(uow.kinds.values())).stages
    content = {
        "name": preferences.name,
        "time_zone": preferences.zone,
        "locale": preferences.locale,
        "theme": preferences.theme,
        "letter_keys": preferences.has_letter_keys,
        "stages": stages,
        "own_fields": own_fields_of(uow.kinds),
        "views": [kept.view for kept in uow.saved_views.all()],
    }
    return msgspec.json.format(msgspec.json.encode(content))


def _write_kind(
    zipped: zipfile.ZipFile, sink: Sink, entries: dict[str, Entry], uow: UnitOfWork, kind: Kind, numbering: References
) -> Iterator[bytes]:
    records = uow.records.everything
    csv, json = csv_lines(kind, records(kind), numbering), json_lines(kind, records(kind), numbering)
    for suffix, pieces in (("csv", csv), ("json", json)):
        name = f"{kind.plural}.{suffix}"
        yield from write_entry(zipped, sink, entries, name, pieces)
        entries[name].records = uow.records.counts.of(kind)


def _trash(uow: UnitOfWork) -> Iterator[bytes]:
    """Yield a JSON array of what is in the trash, one record a line; links are names."""
    separator = b"[\n"
    for deleted in uow.trash.everything():
        record, kind = deleted.record, uow.kinds[deleted.record.kind.plural]
        linked = {UUID(link) for field in kind.record_links for link in link_ids(record.values[field.name])}
        names = uow.names.anywhere(linked) if linked else {}
        links = {
            field.name: [names[UUID(link)] for link in link_ids(record.values[field.name]) if UUID(link) in names]
            for field in kind.record_links
        }
        files = {field.name for field in kind.file_links}
        values = {name: value for name, value in json_values(kind, record.values).items() if name not in files}
        times = {"created_at": instant(record.created_at), "updated_at": instant(record.updated_at)}
        about = {"kind": kind.plural, "deleted_at": instant(deleted.deleted_at), **times}
        yield separator + msgspec.json.encode({**about, "fields": {**values, **links}})
        separator = b",\n"
    yield b"\n]\n"


def _readable(uow: UnitOfWork, file_id: UUID, unreadable: list[UUID]) -> Iterator[bytes]:
    """Yield a file as far as it can be opened; a damaged one is counted, and does not stop the rest of the export."""
    try:
        yield from uow.files.content(file_id)
    except DecryptionError:
        unreadable.append(file_id)


def write_entry(
    zipped: zipfile.ZipFile, sink: Sink, entries: dict[str, Entry], name: str, pieces: Iterable[bytes]
) -> Iterator[bytes]:
    """Write a file of the archive, note it in ``entries``, and yield what the ZIP has become by then, in pieces."""
    digest, size = hashlib.sha256(), 0
    info = zipfile.ZipInfo(name)  # without a time: the manifest has it
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    with zipped.open(info, "w", force_zip64=True) as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            size += len(piece)
            yield sink.take()
    entries[name] = Entry(digest.hexdigest(), size)
