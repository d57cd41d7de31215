"""Which own fields a transaction may write values of: those that are there, and stay until it ends."""

from collections.abc import Collection, Mapping

import msgspec
from sqlalchemy import Connection, select, text

from tmr.crypto.padding import unpad
from tmr.domain.fields.own import PREFIX
from tmr.domain.fields.type import Wire
from tmr.repository.errors import FieldsBusyError
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.schema import own_fields

# Shared by all who write values of own fields, and taken alone by who deletes a field for good. The latter waits for
# nothing while it holds it, and never for it: so it can't wait for someone who waits for it.
_SHARE = text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:owner, 7267004))")
_ALONE = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:owner, 7267004))")


class _Named(msgspec.Struct):
    name: str


class StandingNames:
    """The names of an owner's own fields, held against their deletion for good while values of them are written.

    A transaction that read the fields before one of them went, and writes after, would bring its values back for ever:
    nothing looks for the values of a field that has no row.
    """

    def __init__(self, connection: Connection, owner_keys: OwnerKeys) -> None:
        self._connection = connection
        self._owner_keys = owner_keys
        self._held: set[str] | None = None
        self._expected: set[str] = set()

    def hold(self) -> None:
        """Keep every field from going for good until the transaction ends; wait for one that goes just now."""
        if self._held is None:
            self._connection.execute(_SHARE, {"owner": str(self._owner_keys.owner)})
            self._held = self.read()  # after the lock, so that a field that went during the wait is not among them

    def hold_alone(self) -> None:
        """Keep others from writing values until the transaction ends.

        Raises:
            FieldsBusyError: someone writes some just now.
        """
        if not self._connection.scalar(_ALONE, {"owner": str(self._owner_keys.owner)}):
            raise FieldsBusyError

    def expect(self, names: Collection[str]) -> None:
        """Let values be written of fields that this transaction declares before it commits."""
        self._expected |= {*names}

    def read(self) -> set[str]:
        """Return the names of all fields, also of deleted ones."""
        query = select(own_fields.c.id, own_fields.c.key_id, own_fields.c.field_sealed)
        rows = self._connection.execute(query.where(own_fields.c.owner_id == self._owner_keys.owner))
        return {self._name(*row) for row in rows}

    def kept(self, values: Mapping[str, Wire]) -> dict[str, Wire]:
        """Return values as they may be written: without those of own fields that are gone for good."""
        own = {name for name, value in values.items() if value is not None and name.startswith(PREFIX)}
        if own:
            self.hold()
        gone = own - (self._held or set()) - self._expected
        if gone:  # it may have been declared since, by this transaction too
            self._held = self.read()
            gone -= self._held
        return {name: value for name, value in values.items() if name not in gone}

    def _name(self, field_id: object, key_id: int, sealed: bytes) -> str:
        row = field_id.bytes  # type: ignore[attr-defined]
        content = unpad(self._owner_keys.unseal(key_id, sealed, "own_fields", "field_sealed", row))
        return msgspec.json.decode(content, type=_Named).name  # the rest, such as a hundred choices, is not built
