"""The fields that a person declared: sealed like the records, since their labels and choices tell as much."""

import datetime as dt
from collections.abc import Collection
from itertools import groupby
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from tmr.crypto.envelope import RECORDS
from tmr.domain.fields.own import OwnField
from tmr.repository.accounts.accounts import Accounts
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.own_fields.values import forget_values
from tmr.repository.schema import own_fields
from tmr.repository.schema.columns import is_among

FIELD_KEPT = dt.timedelta(days=30)  # after its deletion
MOST = 500  # deleted ones too, so that declaring and deleting fields over and over fills no disk


class KeptField(msgspec.Struct, frozen=True):
    """An own field with its id, and when it was deleted if it was."""

    id: UUID
    field: OwnField
    deleted_at: dt.datetime | None

    @property
    def gone_at(self) -> dt.datetime | None:
        """When a deleted field goes for good."""
        return self.deleted_at + FIELD_KEPT if self.deleted_at else None


class OwnFields:
    """The own fields of the owner that a unit of work is bound to.

    A deleted field and its values are shown nowhere, and it can be restored with them for 30 days. Then both go for
    good: from the records, those in the trash, and their earlier versions.
    """

    def __init__(self, connection: Connection, owner_keys: OwnerKeys, account: Accounts) -> None:
        self._connection = connection
        self._owner_keys = owner_keys
        self._account = account
        self._kept: list[KeptField] | None = None

    @property
    def declared(self) -> tuple[OwnField, ...]:
        """The fields that are not deleted, oldest first."""
        if not self._account.preferences().has_own_fields:
            return ()
        return tuple(kept.field for kept in self.all() if kept.deleted_at is None)

    def all(self) -> list[KeptField]:
        """Return every field, also deleted ones, oldest first; read once in a unit of work."""
        if self._kept is None:
            query = select(own_fields).where(self._are_owners()).order_by(own_fields.c.created_at, own_fields.c.id)
            rows = self._connection.execute(query)
            self._kept = [KeptField(row.id, self._open_row(row), row.deleted_at) for row in rows]
        return self._kept

    def get(self, field_id: UUID) -> KeptField:
        """Return one field, also a deleted one, or raise ``RecordNotFoundError``."""
        found = next((kept for kept in self.all() if kept.id == field_id), None)
        if found is None:
            raise RecordNotFoundError
        return found

    def hold(self) -> None:
        """Let two devices that declare fields wait for each other; what was read before is read again."""
        self._account.hold()
        self._kept = None

    def add(self, field: OwnField, now: dt.datetime) -> UUID:
        """Keep a new field; return its id. Of more than ``MOST`` the one that was deleted first goes for good."""
        deleted = sorted((kept.deleted_at, kept.id) for kept in self.all() if kept.deleted_at)
        if len(self.all()) >= MOST and deleted:
            self._forget([deleted[0][1]])
        field_id = uuid4()
        row = {"owner_id": self._owner_keys.owner, "id": field_id, "created_at": now, **self._sealed(field_id, field)}
        self._connection.execute(insert(own_fields).values(row))
        self._settle()
        return field_id

    def change(self, field_id: UUID, field: OwnField) -> None:
        """Replace what is declared of a field, or raise ``RecordNotFoundError``."""
        self._update(field_id, **self._sealed(field_id, field))

    def remove(self, field_id: UUID, now: dt.datetime) -> None:
        """Delete a field; it can be restored for 30 days. Raise ``RecordNotFoundError`` if it is not there."""
        self._update(field_id, deleted_at=now)

    def restore(self, field_id: UUID) -> None:
        """Bring a deleted field back with its values, or raise ``RecordNotFoundError``."""
        self._update(field_id, deleted_at=None)

    def forget(self, field_id: UUID) -> None:
        """Delete a deleted field for good, with its values, or raise ``RecordNotFoundError``."""
        if self.get(field_id).deleted_at is None:
            raise RecordNotFoundError
        self._forget([field_id])

    def forget_old(self, now: dt.datetime) -> None:
        """Delete for good what was deleted 30 days ago."""
        gone = own_fields.c.deleted_at <= now - FIELD_KEPT
        self._forget(list(self._connection.scalars(select(own_fields.c.id).where(self._are_owners(), gone))))

    def _forget(self, ids: Collection[UUID]) -> None:
        gone = sorted((kept.field for kept in self.all() if kept.id in ids), key=lambda field: field.kind)
        for plural, fields in groupby(gone, key=lambda field: field.kind):
            forget_values(self._connection, self._owner_keys, plural, {field.name for field in fields})
        if ids:
            self._connection.execute(delete(own_fields).where(self._are_owners(), is_among(own_fields.c.id, ids)))
            self._settle()

    def _update(self, field_id: UUID, **values: object) -> None:
        query = update(own_fields).where(self._are_owners(), own_fields.c.id == field_id)
        if not self._connection.execute(query.values(**values)).rowcount:
            raise RecordNotFoundError
        self._settle()

    def _settle(self) -> None:
        self._kept = None
        has_any = any(kept.deleted_at is None for kept in self.all())
        if self._account.preferences().has_own_fields != has_any:
            self._account.change_preferences(has_own_fields=has_any)

    def _sealed(self, field_id: UUID, field: OwnField) -> dict[str, object]:
        key_id = self._owner_keys.newest(RECORDS).key_id
        sealed = self._owner_keys.seal_json(key_id, field, "own_fields", "field_sealed", field_id.bytes)
        return {"key_id": key_id, "field_sealed": sealed}

    def _open_row(self, row: object) -> OwnField:
        field_id, key_id, sealed = row.id, row.key_id, row.field_sealed  # type: ignore[attr-defined]
        content = self._owner_keys.unseal_json(key_id, sealed, "own_fields", "field_sealed", field_id.bytes)
        return msgspec.convert(content, OwnField)

    def _are_owners(self) -> ColumnElement[bool]:
        return own_fields.c.owner_id == self._owner_keys.owner
