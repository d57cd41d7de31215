"""Files that are being imported: kept in sealed chunks, with the plan that a person is asked to accept."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from tmr.crypto.envelope import RECORDS
from tmr.domain.importing.reading.bundle import Bundle
from tmr.repository.errors import ImportStateError, RecordNotFoundError
from tmr.repository.growth import Growth
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.queue.jobs import take_up
from tmr.repository.schema import import_chunks, imports

KEPT = dt.timedelta(days=7)
CHUNK_BYTES = 256 * 1024
MOST_LISTED = 20


class Import(msgspec.Struct, frozen=True):
    """One import: its state, progress, plan and result."""

    id: UUID
    state: str
    done_rows: int
    total_rows: int
    created_at: dt.datetime
    plan: object
    result: object | None


class Imports:
    """The imports of the owner that a unit of work is bound to.

    States: ``proposed`` (waits for the person), ``queued``, ``done``, ``failed``, ``undoing`` (queued once more),
    ``undone``.
    """

    def __init__(self, connection: Connection, owner_keys: OwnerKeys, growth: Growth) -> None:
        self._connection = connection
        self._owner_keys = owner_keys
        self._growth = growth

    def add(self, content: bytes, plan: object, total_rows: int, now: dt.datetime) -> UUID:
        """Keep a file's content in sealed chunks, with its plan; return the import's id."""
        import_id, key_id = uuid4(), self._owner_keys.newest(RECORDS).key_id
        self._growth.add(len(content))
        row = {"id": import_id, "state": "proposed", "done_rows": 0, "total_rows": total_rows}
        times = {"created_at": now, "expires_at": now + KEPT}
        sealed = {"key_id": key_id, "plan_sealed": self._seal(import_id, key_id, "plan_sealed", plan)}
        self._connection.execute(insert(imports).values(owner_id=self._owner_keys.owner, **row, **times, **sealed))
        chunks = (content[start : start + CHUNK_BYTES] for start in range(0, len(content), CHUNK_BYTES))
        for position, chunk in enumerate(chunks):
            self._add_chunk(import_id, key_id, position, chunk)
        return import_id

    def get(self, import_id: UUID) -> Import:
        """Return one import, or raise ``RecordNotFoundError``."""
        row = self._connection.execute(select(imports).where(*self._has_id(import_id))).first()
        if row is None:
            raise RecordNotFoundError
        plan = self._unseal(row.id, row.key_id, "plan_sealed", row.plan_sealed)
        result = row.result_sealed and self._unseal(row.id, row.key_id, "result_sealed", row.result_sealed)
        return Import(row.id, row.state, row.done_rows, row.total_rows, row.created_at, plan, result)

    def can_be_undone(self, import_id: UUID) -> bool:
        """Whether an import is still known, and was not undone."""
        query = select(imports.c.id).where(*self._has_id(import_id), imports.c.state == "done")
        return self._connection.scalar(query) is not None

    def list(self, state: str) -> Iterator[Import]:
        """Yield the newest imports in ``state``, up to ``MOST_LISTED``."""
        in_state = (imports.c.owner_id == self._owner_keys.owner, imports.c.state == state)
        query = select(imports.c.id).where(*in_state).order_by(imports.c.created_at.desc()).limit(MOST_LISTED)
        for import_id in self._connection.scalars(query).all():
            yield self.get(import_id)

    def unfinished_ids(self) -> Sequence[UUID]:
        """Return the ids of the imports that are being carried out or undone, or are about to be."""
        unfinished = (imports.c.owner_id == self._owner_keys.owner, imports.c.state.in_(["queued", "undoing"]))
        return self._connection.scalars(select(imports.c.id).where(*unfinished)).all()

    def content(self, import_id: UUID) -> Iterator[bytes]:
        """Yield the file, a chunk at a time."""
        owned = (import_chunks.c.owner_id == self._owner_keys.owner, import_chunks.c.import_id == import_id)
        count = self._connection.scalars(select(import_chunks.c.position).where(*owned)).all()
        for position in range(len(count)):
            query = select(import_chunks).where(*owned, import_chunks.c.position == position)
            row = self._connection.execute(query).one()
            place = _chunk_row(import_id, position)
            yield self._owner_keys.unseal(row.key_id, row.chunk_sealed, "import_chunks", "chunk_sealed", place)

    def change_state(self, import_id: UUID, old: Iterable[str], new: str) -> None:
        """Change the state from one of ``old`` to ``new``; of two that try at once only one succeeds.

        Raises:
            RecordNotFoundError: no such import.
            ImportStateError: it is in another state.
        """
        query = update(imports).where(*self._has_id(import_id), imports.c.state.in_(list(old)))
        if not self._connection.execute(query.values(state=new)).rowcount:
            raise ImportStateError(self.get(import_id).state)

    def take_up(self, import_id: UUID) -> Import:
        """Keep others from carrying an import out, or undoing it, until the transaction ends; return it as it is now.

        The row itself is not locked: its progress is written by other transactions.

        Raises:
            RecordNotFoundError: no such import.
            WorkTakenError: someone carries it out just now, or undoes it.
        """
        take_up(self._connection, import_id)
        return self.get(import_id)

    def set_plan(self, import_id: UUID, plan: object) -> None:
        """Replace the plan by the one that the person chose."""
        self._set_sealed(import_id, "plan_sealed", plan)

    def set_progress(self, import_id: UUID, done_rows: int) -> None:
        """Note how many rows have been imported."""
        self._connection.execute(update(imports).where(*self._has_id(import_id)).values(done_rows=done_rows))

    def finish(self, import_id: UUID, result: object) -> None:
        """Keep the result and delete the file."""
        self._set_sealed(import_id, "result_sealed", result)
        self.forget_content(import_id)

    def forget_content(self, import_id: UUID) -> None:
        """Delete the file."""
        owned = (import_chunks.c.owner_id == self._owner_keys.owner, import_chunks.c.import_id == import_id)
        self._connection.execute(delete(import_chunks).where(*owned))

    def forget_expired(self, now: dt.datetime) -> int:
        """Delete imports that can no longer be accepted or undone; return how many."""
        is_owners = imports.c.owner_id == self._owner_keys.owner
        return self._connection.execute(delete(imports).where(is_owners, imports.c.expires_at <= now)).rowcount

    def forget_fields(self, gone: Collection[str]) -> None:
        """Take fields that are gone for good out of every plan, and out of what an import would do or has done.

        What was worked out from a plan goes too; a file that waits stays as it is, since it is no record yet.
        """
        are_owners = imports.c.owner_id == self._owner_keys.owner
        for import_id in self._connection.scalars(select(imports.c.id).where(are_owners)).all():
            columns = (imports.c.id, imports.c.state, imports.c.key_id, imports.c.plan_sealed)
            row = self._connection.execute(select(*columns).where(*self._has_id(import_id))).one()
            kept = self._unseal(row.id, row.key_id, "plan_sealed", row.plan_sealed)
            if any(name.encode() in msgspec.json.encode(kept) for name in gone):
                bundle = msgspec.convert(kept, Bundle)
                bundle.forget_fields(gone, is_done=row.state not in ("proposed", "queued"))
                self.set_plan(row.id, bundle)

    def remove_all(self) -> None:
        """Delete every import of this owner."""
        self._connection.execute(delete(imports).where(imports.c.owner_id == self._owner_keys.owner))

    def _add_chunk(self, import_id: UUID, key_id: int, position: int, chunk: bytes) -> None:
        place = _chunk_row(import_id, position)
        sealed = self._owner_keys.seal(key_id, chunk, "import_chunks", "chunk_sealed", place)
        row = {"owner_id": self._owner_keys.owner, "import_id": import_id, "position": position, "key_id": key_id}
        self._connection.execute(insert(import_chunks).values(chunk_sealed=sealed, **row))

    def _set_sealed(self, import_id: UUID, column: str, value: object) -> None:
        # Locked, or its key could be renewed before what is sealed under the earlier one is written.
        query = select(imports.c.key_id).where(*self._has_id(import_id)).with_for_update()
        row = self._connection.execute(query).one()
        sealed = self._seal(import_id, row.key_id, column, value)
        self._connection.execute(update(imports).where(*self._has_id(import_id)).values({column: sealed}))

    def _seal(self, import_id: UUID, key_id: int, column: str, value: object) -> bytes:
        return self._owner_keys.seal_json(key_id, value, "imports", column, import_id.bytes)

    def _unseal(self, import_id: UUID, key_id: int, column: str, sealed: bytes) -> object:
        return self._owner_keys.unseal_json(key_id, sealed, "imports", column, import_id.bytes)

    def _has_id(self, import_id: UUID) -> tuple[ColumnElement[bool], ...]:
        return (imports.c.owner_id == self._owner_keys.owner, imports.c.id == import_id)


def _chunk_row(import_id: UUID, position: int) -> bytes:
    return import_id.bytes + position.to_bytes(4, "big")
