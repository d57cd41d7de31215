"""Seals and opens the two columns of a record."""

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from tmr.crypto.address import length_prefixed
from tmr.crypto.errors import DecryptionError
from tmr.crypto.padding import unpad
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.domain.record import Record, Scanned
from tmr.repository.errors import DamagedRecordError
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.records.codec import (
    decode_slots,
    encode_detail,
    encode_summary,
    named,
    summary_reader,
    summary_values,
)

logger = logging.getLogger(__name__)
Row = Sequence[Any]
Opened = tuple[bytes, int, bytes, bytes]  # id, key id, and both columns, opened and not decoded
ID_PREFIX = (16).to_bytes(4, "big")


class SealedColumns:
    """The sealed values of one owner's records in one table; what does not open is noted in ``damaged``."""

    def __init__(self, owner_keys: OwnerKeys, table: str = "records") -> None:
        self._owner_keys = owner_keys
        self._table = table
        self._openers: dict[int, _Opener] = {}
        self.damaged: list[UUID] = []

    def open_all(self, kind: Kind, rows: Iterable[Row]) -> list[Record]:
        """Open the rows that can be; each has id, version, created, updated, key id, summary and perhaps detail."""
        opened = []
        for row in rows:
            try:
                opened.append(self.open(kind, row))
            except DamagedRecordError:
                self.damaged.append(row[0])
        return opened

    def open(self, kind: Kind, row: Row) -> Record:
        """Open one row, or log its address and raise ``DamagedRecordError``."""
        record_id: UUID = row[0]
        version: int = row[1]
        created: dt.datetime = row[2]
        updated: dt.datetime = row[3]
        values = self.values(kind, record_id.bytes, *row[4:7])
        return Record(record_id, kind, version, created, updated, values)

    def values(
        self, kind: Kind, row_id: bytes, key_id: int, summary: bytes, detail: bytes | None = None
    ) -> dict[str, Wire]:
        """Open both columns of one record, or log its address and raise ``DamagedRecordError``."""
        try:
            opener = self._opener(key_id)
            values = summary_values(kind, opener.summary(row_id, summary))
            if detail is not None:
                values |= named(kind.detail_places, decode_slots(opener.detail(row_id, detail)))
            return values
        except (DecryptionError, msgspec.MsgspecError) as error:
            self._log(row_id, key_id)
            raise DamagedRecordError from error

    def scan(self, kind: Kind, rows: Iterable[Row]) -> Iterator[Scanned]:
        """Open rows of id, key id and summary as arrays, one by one; leave out what does not open."""
        slots_of, open_summary, known = summary_reader(kind), None, None
        for row in rows:
            row_id, key_id = row[0], row[1]
            try:
                if key_id != known or open_summary is None:
                    open_summary, known = self._opener(key_id).summary, key_id
                opened = Scanned(row_id, slots_of(open_summary(row_id, row[2])))
            except (DecryptionError, msgspec.MsgspecError):
                self._note(row_id, key_id)
                continue
            yield opened

    def open_texts(self, rows: Iterable[Row]) -> Iterator[Opened]:
        """Open rows of id, key id, summary and detail; leave out what does not open."""
        opener, known = None, None
        for row in rows:
            row_id, key_id = row[0], row[1]
            try:
                if key_id != known or opener is None:
                    opener, known = self._opener(key_id), key_id
                opened = (row_id, key_id, opener.summary(row_id, row[2]), opener.detail(row_id, row[3]))
            except DecryptionError:
                self._note(row_id, key_id)
                continue
            yield opened

    def search(
        self, kind: Kind, opened: Iterable[Opened], may_match: Callable[[str], bool] | None
    ) -> Iterator[Scanned]:
        """Yield those of ``open_texts`` as arrays whose text passes ``may_match``; without it all, with no detail."""
        slots_of = summary_reader(kind)
        for row_id, key_id, summary, detail in opened:
            try:
                if may_match is None:
                    found = Scanned(row_id, slots_of(summary))
                elif may_match((summary + detail).decode()):
                    found = Scanned(row_id, slots_of(summary), decode_slots(detail))
                else:
                    continue
            except (DecryptionError, UnicodeDecodeError, msgspec.MsgspecError):
                self._note(row_id, key_id)
                continue
            yield found

    def seal(self, kind: Kind, values: Mapping[str, Wire], row_id: bytes, key_id: int) -> dict[str, bytes]:
        """Return both columns, sealed."""
        opener = self._opener(key_id)
        return {
            "summary_sealed": opener.seal_summary(row_id, encode_summary(kind, values)),
            "detail_sealed": opener.seal_detail(row_id, encode_detail(kind, values)),
        }

    def _opener(self, key_id: int) -> "_Opener":
        if key_id not in self._openers:
            self._openers[key_id] = _Opener(self._owner_keys, self._table, key_id)
        return self._openers[key_id]

    def _note(self, row_id: bytes, key_id: int) -> None:
        self._log(row_id, key_id)
        self.damaged.append(UUID(bytes=row_id))

    def _log(self, row_id: bytes, key_id: int) -> None:
        place = (self._table, row_id.hex(), self._owner_keys.owner, key_id)
        logger.error("a sealed value does not open: %s row %s of %s under key %s", *place)


class _Opener:
    """Opens many values of one key: the parts of their addresses that do not change are joined once."""

    def __init__(self, owner_keys: OwnerKeys, table: str, key_id: int) -> None:
        key = owner_keys.by_id(key_id)
        self._cipher = key.cipher
        self._unseal = key.cipher.unseal
        self._summary = key.address(table, "summary_sealed", b"").before_row() + ID_PREFIX
        self._detail = key.address(table, "detail_sealed", b"").before_row() + ID_PREFIX
        self._key = length_prefixed(key_id.to_bytes(4, "big"))

    def summary(self, row_id: bytes, sealed: bytes) -> bytes:
        return unpad(self._unseal(sealed, self._summary + row_id + self._key))

    def detail(self, row_id: bytes, sealed: bytes) -> bytes:
        return unpad(self._unseal(sealed, self._detail + row_id + self._key))

    def seal_summary(self, row_id: bytes, content: bytes) -> bytes:
        return self._cipher.seal(content, self._summary + row_id + self._key)

    def seal_detail(self, row_id: bytes, content: bytes) -> bytes:
        return self._cipher.seal(content, self._detail + row_id + self._key)
