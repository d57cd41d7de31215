"""What can be taken along of an account whose records are locked and closed: the account, and sealed rows."""

import datetime as dt
import zipfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

import msgspec

from tmr.domain.exporting import instant
from tmr.privacy.export.account_data import access_log, account_data
from tmr.privacy.export.archive import Entry, Sink, write_entry
from tmr.repository.unit_of_work import UnitOfWork

FORMAT = "tmr-locked-export/1"
README = """The owner of this account has locked its records, and only they can open them.

account.json says what is kept of the account itself, access-log.csv who had access to it, and when.
The files in sealed/ have one row of the database a line, in JSON, with what is sealed in hexadecimal. No key of the
server opens it: the keys of the records are wrapped under secrets that the owner has, such as their password.
manifest.json holds the SHA-256 of each file, and how many rows it has.
"""


def closed_archive(uow: UnitOfWork, made_at: dt.datetime) -> Iterator[bytes]:
    """Yield a ZIP in pieces, as ``archive`` does, for which the records stay closed."""
    sink, entries = Sink(), dict[str, Entry]()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
        about: tuple[tuple[str, Iterable[bytes]], ...] = (
            ("README.txt", [README.encode()]),
            ("account.json", [account_data(uow, made_at)]),
            ("access-log.csv", access_log(uow)),
        )
        for name, pieces in about:
            yield from write_entry(zipped, sink, entries, name, pieces)
        for table, rows in groupby(uow.sealed_rows(), itemgetter(0)):
            name, lines = f"sealed/{table}.jsonl", [0]
            yield from write_entry(zipped, sink, entries, name, _lines(map(itemgetter(1), rows), lines))
            entries[name].records = lines[0]
        manifest = {"format": FORMAT, "made_at": instant(made_at), "files": entries}
        yield from write_entry(zipped, sink, {}, "manifest.json", [msgspec.json.format(msgspec.json.encode(manifest))])
    yield sink.take()


def _lines(rows: Iterable[dict[str, object]], counted: list[int]) -> Iterator[bytes]:
    for row in rows:
        counted[0] += 1
        yield msgspec.json.encode(row) + b"\n"
