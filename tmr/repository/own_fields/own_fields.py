"""The fields that a person declared: sealed like the records, since their labels and choices tell as much."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, exists, insert, select, true, update

from tmr.crypto.envelope import RECORDS
from tmr.domain.fields.own import OwnField
from tmr.repository.accounts.accounts import Accounts
from tmr.repository.errors import FieldsBusyError, RecordNotFoundError
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.own_fields.standing import StandingNames
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

    def __init__(
        self,
        connection: Connection,
        owner_keys: OwnerKeys,
        account: Accounts,
        standing: StandingNames,
        forget_names: Callable[[Collection[str]], None],
    ) -> None:
        self._connection = connection
        self._owner_keys = owner_keys
        self._account = account
        self._standing = standing
        self._forget_names = forget_names  # wherever fields are named beside records
        self._kept: list[KeptField] | None = None
        self._live: list[KeptField] | None = None  # pages need no more, and there may be hundreds of deleted ones

    @property
    def declared(self) -> tuple[OwnField, ...]:
        """The fields that are not deleted, in their order."""
        if not self._account.preferences().has_own_fields:
            return ()
        if self._live is None:
            self._live = self._read(own_fields.c.deleted_at.is_(None))
        return tuple(kept.field for kept in self._live)

    def declared_since(self, instant: dt.datetime) -> set[str]:
        """Return the names of those of ``declared`` that there were not yet at that instant."""
        query = select(own_fields.c.id).where(self._are_owners(), own_fields.c.created_at > instant)
        since = set(self._connection.scalars(query)) if self.declared else set()
        return {kept.field.name for kept in self._live or () if kept.id in since}

    def all(self) -> list[KeptField]:
        """Return every field, also deleted ones, in their order; read once in a unit of work."""
        if self._kept is None:
            self._kept = self._read(true())
        return self._kept

    def _read(self, condition: ColumnElement[bool]) -> list[KeptField]:
        query = select(own_fields).where(self._are_owners(), condition)
        rows = self._connection.execute(query.order_by(own_fields.c.created_at, own_fields.c.id))
        kept = [KeptField(row.id, self._open_row(row), row.deleted_at) for row in rows]
        return sorted(kept, key=lambda one: one.field.place)

    def get(self, field_id: UUID) -> KeptField:
        """Return one field, also a deleted one, or raise ``RecordNotFoundError``."""
        found = next((kept for kept in self.all() if kept.id == field_id), None)
        if found is None:
            raise RecordNotFoundError
        return found

    def hold(self) -> None:
        """Let two devices that declare fields wait for each other; what was read before is read again."""
        self._account.hold()
        self.read_again()

    def read_again(self) -> None:
        """Let what is asked for next be as it is in the database by then."""
        self._kept = self._live = None

    def add(self, field: OwnField, now: dt.datetime) -> UUID:
        """Keep a new field, the last of its kind; return its id.

        Of more than ``MOST`` the one that was deleted first goes for good.
        """
        [field_id] = self.add_many([field], now)
        return field_id

    def add_many(self, fields: Sequence[OwnField], now: dt.datetime) -> list[UUID]:
        """Keep new fields as ``add`` does, in their order; return their ids."""
        if not fields:
            return []
        self._make_room(len(fields))
        ids = [uuid4() for _ in fields]
        rows = [
            # Each a moment later, since they are listed in the order in which they were declared.
            {"owner_id": self._owner_keys.owner, "id": field_id, "created_at": now + dt.timedelta(microseconds=place)}
            | self._sealed(field_id, field)
            for place, (field_id, field) in enumerate(zip(ids, self._placed(fields), strict=True))
        ]
        self._connection.execute(insert(own_fields), rows)
        self._settle()
        return ids

    def _placed(self, fields: Sequence[OwnField]) -> Iterator[OwnField]:
        """Yield new fields, each as the last of its kind; with place 0 where those were never put in order."""
        last: dict[str, int] = {}
        for kept in self.all():
            last[kept.field.kind] = max(last.get(kept.field.kind, 0), kept.field.place)
        for field in fields:
            if last.get(field.kind):
                last[field.kind] += 1
            yield msgspec.structs.replace(field, place=last.get(field.kind, 0))

    def change(self, field_id: UUID, field: OwnField) -> None:
        """Replace what is declared of a field, or raise ``RecordNotFoundError``."""
        self._update(field_id, **self._sealed(field_id, field))

    def move(self, field_id: UUID, by: int) -> None:
        """Move a field up (-1) or down (1) among those of its kind that are not deleted; at the end it stays."""
        order = self._order_beside(field_id)
        at = order.index(field_id)
        order.insert(max(at + by, 0), order.pop(at))
        self._arrange(order)

    def take_place(self, field_id: UUID, field: OwnField, now: dt.datetime) -> None:
        """Delete a field as ``remove`` does, and keep a new one in its place."""
        order = self._order_beside(field_id)
        self.remove(field_id, now)
        new_id = self.add(field, now)
        self._arrange([new_id if other == field_id else other for other in order])

    def _order_beside(self, field_id: UUID) -> list[UUID]:
        kind = self.get(field_id).field.kind
        return [kept.id for kept in self.all() if kept.field.kind == kind and kept.deleted_at is None]

    def _arrange(self, order: Sequence[UUID]) -> None:
        for place, kept in enumerate(map(self.get, order)):
            if kept.field.place != place:
                self.change(kept.id, msgspec.structs.replace(kept.field, place=place))

    def remove(self, field_id: UUID, now: dt.datetime) -> None:
        """Delete a field; it can be restored for 30 days. Raise ``RecordNotFoundError`` if it is not there."""
        self._update(field_id, deleted_at=now)

    def restore(self, field_id: UUID) -> None:
        """Bring a deleted field back with its values, or raise ``RecordNotFoundError``."""
        self._update(field_id, deleted_at=None)

    def forget(self, field_id: UUID) -> None:
        """Delete a deleted field for good, with its values, or raise ``RecordNotFoundError``.

        Raises:
            FieldsBusyError: values of own fields are being written, by an import for example.
        """
        if self.get(field_id).deleted_at is None:
            raise RecordNotFoundError
        self._forget([field_id])

    def forget_old(self, now: dt.datetime) -> None:
        """Delete for good what was deleted 30 days ago; raise as ``forget`` does."""
        gone = own_fields.c.deleted_at <= now - FIELD_KEPT
        self._forget(list(self._connection.scalars(select(own_fields.c.id).where(self._are_owners(), gone))))

    def forget_old_unless_busy(self, now: dt.datetime) -> None:
        """Do what ``forget_old`` does if nobody writes values of own fields just now; else nothing is changed."""
        with suppress(FieldsBusyError), self._connection.begin_nested():
            self.forget_old(now)

    def _make_room(self, new: int) -> None:
        query = select(own_fields.c.id, own_fields.c.deleted_at).where(self._are_owners())
        rows = self._connection.execute(query).all()
        deleted = sorted((row.deleted_at, row.id) for row in rows if row.deleted_at)
        self._forget([field_id for _, field_id in deleted[: max(len(rows) + new - MOST, 0)]])

    def _forget(self, ids: Collection[UUID]) -> None:
        if not ids:
            return
        self._standing.hold_alone()
        gone = [kept.field for kept in self.all() if kept.id in ids]
        self._connection.execute(delete(own_fields).where(self._are_owners(), is_among(own_fields.c.id, ids)))
        standing = self._standing.read()
        for plural in sorted({field.kind for field in gone}):
            forget_values(self._connection, self._owner_keys, plural, standing)
        self._forget_names({field.name for field in gone})
        self._settle()

    def _update(self, field_id: UUID, **values: object) -> None:
        query = update(own_fields).where(self._are_owners(), own_fields.c.id == field_id)
        if not self._connection.execute(query.values(**values)).rowcount:
            raise RecordNotFoundError
        self._settle()

    def _settle(self) -> None:
        self.read_again()
        is_live = own_fields.c.deleted_at.is_(None)
        has_any = self._connection.scalar(select(exists().where(self._are_owners(), is_live)))
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
