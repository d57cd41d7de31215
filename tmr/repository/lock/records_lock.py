"""Whether the records of an account are locked, what opens them, and in which sessions they are open.

The lock is on when the newest key of the records has no wrap under the keyring alone. Nothing that opens it stays in a
process: each request joins a row of the database with its cookie.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from tmr.crypto.envelope import RECORDS, DataKey, WrappedKey, new_data_key, unwrap_from_slot
from tmr.crypto.errors import DecryptionError
from tmr.crypto.lock.slot import COACH, GRANT, PENDING, TOKEN, UNLOCK, Slot
from tmr.crypto.lock.slot_keys import random_key_of
from tmr.repository.errors import LockedError
from tmr.repository.keys.data_keys import (
    add_key_row,
    destroy_key,
    hold_keys,
    hold_unchanged_keys,
    retire,
    wrapped_keys_in_slot,
)
from tmr.repository.keys.owner_keys import OwnerKeys, SessionSecret, SlotSecret
from tmr.repository.keys.resealing import EVERYTHING, Resealing
from tmr.repository.keys.rotation_due import RotationNotes, make_rotation_due
from tmr.repository.lock.kept_slots import KeptSlot, SlotKey, SlotKeys
from tmr.repository.lock.progress import Progress, progress_of
from tmr.repository.queue.jobs import defer
from tmr.repository.schema import data_keys, key_wraps

OFF, RESEALING, LOCKED = "off", "resealing", "locked"
LONGEST = dt.timedelta(hours=12)
IDLE = dt.timedelta(minutes=30)
# A slot of what a person hands out goes with the row of it, which this column names.
HANDED_OUT = {TOKEN: key_wraps.c.token_id, COACH: key_wraps.c.coach_link_id, GRANT: key_wraps.c.grant_id}
Carried = list[WrappedKey]  # the keys of the records for a sign-in that waits for its second step


class RecordsLock:
    """The lock of the account that a unit of work is bound to."""

    def __init__(
        self,
        connection: Connection,
        owner_keys: OwnerKeys,
        rotation_notes: RotationNotes,
        when_begun: Callable[[], None],
    ) -> None:
        self._connection, self._rotation_notes = connection, rotation_notes
        self._owner_keys = owner_keys
        self._when_begun = when_begun  # called when the lock is turned on

    @property
    def is_on(self) -> bool:
        """Whether the server needs a person to open the records."""
        return self._owner_keys.is_locked(RECORDS)

    @property
    def state(self) -> str:
        """``open`` or ``closed`` here if the lock is on; an empty text if it is off, or the account is being erased."""
        if not self._owner_keys.ids(RECORDS) or not self.is_on:
            return ""
        return "open" if self.is_open else "closed"

    @property
    def is_open(self) -> bool:
        """Whether this unit of work opens the records: always, if the lock is off."""
        return self._owner_keys.is_open(RECORDS)

    @property
    def phase(self) -> str:
        """Whether the lock is off, is being turned on, or is on with all that opened the records before destroyed."""
        if not self.is_on:
            return OFF
        return RESEALING if self.is_begun else LOCKED

    @property
    def is_begun(self) -> bool:
        """Whether the lock is on, and what was sealed before may still be under an earlier key."""
        return self.is_on and len(self._owner_keys.ids(RECORDS)) > 1

    def progress(self) -> Progress:
        """Return how far the turning on is, or the renewal of the key."""
        return progress_of(self._connection, self._owner_keys)

    def check_open(self) -> None:
        """Raise ``LockedError`` if the records are closed here, before anything is noted that needs them."""
        if not self.is_open:
            raise LockedError

    def slots(self) -> list[KeptSlot]:
        """Return what opens the records and lasts, the oldest first; sessions in which they are open are none of it."""
        query = select(key_wraps.c.kind, key_wraps.c.slot_id, key_wraps.c.made_at, key_wraps.c.stretching).distinct()
        rows = self._connection.execute(query.where(self._are_slots(), key_wraps.c.kind != UNLOCK))
        kept = [KeptSlot(Slot(row.kind, row.slot_id), row.made_at, row.stretching) for row in rows]
        return sorted(kept, key=lambda each: (each.made_at, each.slot.kind, each.slot.id))

    def begin(self, slots: SlotKeys, now: dt.datetime) -> None:
        """Turn the lock on: what is written from now on is sealed under a key that the keyring has never wrapped.

        What earlier keys sealed is resealed by the caller, who then calls ``finish``.

        Raises:
            ValueError: the lock is on already, or no slot would open it.
        """
        self._when_begun()
        hold_keys(self._connection, self._owner_keys, waits_for_writers=True)
        if self.is_on or not slots:
            raise ValueError("The lock is on already, or nothing would open it.")
        self._make_newest(slots, (), now)

    def renew(self, slots: SlotKeys, now: dt.datetime) -> None:
        """Begin to seal under another key, since someone may know this one; nothing but these slots opens either.

        The caller opens the records in its session again, and goes on as after ``begin``.

        Raises:
            LockedError: the records are closed.
            ValueError: the lock is off, or not finished, or no slot would open it.
        """
        self._when_begun()
        hold_keys(self._connection, self._owner_keys, waits_for_writers=True)
        if self.phase != LOCKED or not slots:
            raise ValueError("The lock is off, or not finished, or nothing would open it.")
        earlier = self._opened()
        self._connection.execute(delete(key_wraps).where(self._are_slots()))
        self._make_newest(slots, earlier, now)
        self._note_destroyed_wrap(now)

    def _make_newest(self, slots: SlotKeys, earlier: Iterable[DataKey], now: dt.datetime) -> None:
        retire(self._connection, self._owner_keys, now)
        newest = new_data_key(self._owner_keys.owner, self._owner_keys.next_id(), RECORDS)
        add_key_row(self._connection, newest, now)
        for slot, slot_key in slots.items():
            for key in (*earlier, newest):
                wrapped = self._keep(key, slot, slot_key.key, made_at=now, stretching=slot_key.stretching)
                self._owner_keys.put(key, wrapped)

    def reseal(self, now: dt.datetime) -> int:
        """Reseal the next rows for the lock that was begun; return how many were looked at, 0 at the end.

        Raises:
            LockedError: the records are closed.
        """
        resealing = Resealing(EVERYTHING, gives_up=True)
        looked = resealing.step(self._connection, self._owner_keys)
        if not looked:  # what began to write before the lock did may still do so, until it is waited for
            hold_keys(self._connection, self._owner_keys, waits_for_writers=True)
            looked = resealing.step(self._connection, self._owner_keys)
        if not looked:
            self._change_newest(resealed_at=now)
        return looked

    def finish(self, now: dt.datetime) -> int:
        """Destroy the earlier keys, now that nothing is sealed under them; return how many.

        A rotation of the wrapping key is due from then on: their wraps are still on the disk.

        Raises:
            IntegrityError: something is still sealed under one of them.
        """
        earlier = sorted(self._owner_keys.ids(RECORDS))[:-1] if self.is_on else []
        for key_id in earlier:
            destroy_key(self._connection, self._owner_keys, key_id)
        if earlier:
            self._note_destroyed_wrap(now)
            defer(self._connection, "publish", {}, "publish")  # a keys file of the backups that has them no more
        return len(earlier)

    def end(self) -> bool:
        """Turn the lock off: the keyring opens the records again, and every slot is gone; return False if it was off.

        Raises:
            LockedError: the records are closed.
        """
        hold_keys(self._connection, self._owner_keys, waits_for_writers=False)
        if not self.is_on:
            return False
        keys = self._opened()
        for key in keys:
            wrapped = key.wrap(self._owner_keys.keyring)
            row = {"owner_id": key.owner, "key_id": key.key_id, "kind": "keyring"}
            self._connection.execute(
                insert(key_wraps).values(**row, kek_id=wrapped.kek_id, wrapped_key=wrapped.wrapped)
            )
        self._connection.execute(delete(key_wraps).where(self._are_slots()))
        self._change_newest(resealed_at=None, wrap_destroyed_at=None)
        self._owner_keys.refresh()
        return True

    def add(self, slot: Slot, slot_key: SlotKey, now: dt.datetime) -> None:
        """Let one more thing open the records; one of the same kind and id is replaced, and its wraps with it.

        Raises:
            LockedError: the records are closed.
        """
        self.hold()
        keys = self._opened()
        self.remove(slot, now)
        for key in keys:
            self._keep(key, slot, slot_key.key, made_at=now, stretching=slot_key.stretching)

    def replace(self, slot: Slot, slot_key: SlotKey, now: dt.datetime) -> None:
        """Let this open the records, and nothing else of its kind any more.

        Raises:
            LockedError: the records are closed.
        """
        self.hold()
        for kept in self.slots():
            if kept.slot.kind == slot.kind and kept.slot != slot:
                self.remove(kept.slot, now)
        self.add(slot, slot_key, now)

    def open_here(self, slot: Slot, slot_key: bytes) -> None:
        """Open the records by a slot for the rest of this unit of work, and in no session.

        Raises:
            DecryptionError: the slot's key is another one, or there is no such slot.
        """
        for key in self._taken_out(slot, slot_key):
            self._owner_keys.put(key, key.wrap_in(self._owner_keys.keyring, slot, slot_key))

    def hand_out(self, secret: SlotSecret, now: dt.datetime) -> None:
        """Let what a person hands out, such as an access token, open the records, if the lock is on.

        Raises:
            LockedError: the records are closed.
        """
        self.hold()
        if self.is_on:
            self.add(secret.slot, SlotKey(secret.key(self._owner_keys.owner)), now)

    def open_by(self, secret: SlotSecret) -> None:
        """Let ``secret`` open the records in this unit of work, if it has a slot; else they stay as they are."""
        if self.is_on:
            owner = self._owner_keys.owner
            self._owner_keys.open_by(secret, lambda: wrapped_keys_in_slot(self._connection, owner, secret.slot))

    def take_back(self, kind: str, ids: Collection[UUID]) -> bool:
        """Let what was handed out open nothing any more, once the wrapping key has rotated; return whether it did."""
        these = (key_wraps.c.kind == kind, key_wraps.c.slot_id.in_(ids))
        gone = self._connection.execute(delete(key_wraps).where(self._are_slots(), *these)).rowcount
        if gone:
            self._note_destroyed_wrap(self._time())
        return bool(gone)

    def remove(self, slot: Slot, now: dt.datetime) -> bool:
        """Let a slot open nothing any more, once the wrapping key has rotated; return whether there was one."""
        gone = self._connection.execute(delete(key_wraps).where(self._are_slots(), *_is(slot))).rowcount
        if gone:
            self._note_destroyed_wrap(now)
        return bool(gone)

    def hold(self) -> None:
        """Let whatever else changes the lock wait until this ends: of two, neither would see the slots of the other."""
        hold_unchanged_keys(self._connection, self._owner_keys)

    def _note_destroyed_wrap(self, now: dt.datetime) -> None:
        self._change_newest(wrap_destroyed_at=now)
        make_rotation_due(self._connection, now)

    def _change_newest(self, **values: dt.datetime | None) -> None:
        newest = max(self._owner_keys.ids(RECORDS))
        this_key = (data_keys.c.owner_id == self._owner_keys.owner, data_keys.c.key_id == newest)
        self._connection.execute(update(data_keys).where(*this_key).values(**values))

    def open_for(
        self, session: SessionSecret, slot: Slot, slot_key: bytes, now: dt.datetime, idle: dt.timedelta = IDLE
    ) -> None:
        """Open the records in a session by a slot, until it is idle for ``idle`` or 12 hours have passed.

        The caller gives the session a new secret in the same transaction, named here. It holds the account since before
        it asked whether the slot's key is right, as what removes slots or closes sessions does.

        Raises:
            DecryptionError: the slot's key is another one, or there is no such slot.
        """
        self.hold()
        self._open(session, self._taken_out(slot, slot_key), now, idle)

    def _open(self, session: SessionSecret, keys: Iterable[DataKey], now: dt.datetime, idle: dt.timedelta) -> None:
        self.close(session.id)
        times = {"used_at": now, "idle_seconds": int(idle.total_seconds()), "expires_at": now + LONGEST}
        for key in keys:
            wrapped = self._keep(key, session.slot, session.key(self._owner_keys.owner), made_at=now, **times)
            self._owner_keys.put(key, wrapped)

    def is_right(self, slot: Slot, slot_key: bytes) -> bool:
        """Whether this slot is there, and this is its key."""
        try:
            return bool(self._taken_out(slot, slot_key))
        except DecryptionError:
            return False

    def carried(self, slot: Slot, slot_key: bytes, token: str) -> Carried:
        """Return the keys that a slot opens, wrapped for whoever holds ``token``: a sign-in waits for its second step.

        They are in two boxes as in a slot, and in no row of their own. However that sign-in ends, the bytes of its row
        stay on the disk for a while, so a rotation of the wrapping key is due.
        """
        self._rotation_notes.note(self._time())
        pending = Slot(PENDING, uuid4())
        key = random_key_of(self._owner_keys.owner, pending, token.encode())
        return [taken.wrap_in(self._owner_keys.keyring, pending, key) for taken in self._taken_out(slot, slot_key)]

    def open_carried(
        self,
        session: SessionSecret,
        carried: Iterable[WrappedKey],
        token: str,
        now: dt.datetime,
        idle: dt.timedelta = IDLE,
    ) -> None:
        """Open the records in a session by what ``carried`` returned, or raise ``DecryptionError``."""
        self.hold()
        owner, keyring = self._owner_keys.owner, self._owner_keys.keyring
        there = set(self._owner_keys.ids(RECORDS))
        keys = [
            unwrap_from_slot(keyring, owner, wrapped, random_key_of(owner, wrapped.slot, token.encode()))
            for wrapped in carried
            if wrapped.slot and wrapped.key_id in there
        ]
        self._open(session, keys, now, idle)

    def close(self, session_id: UUID | None) -> bool:
        """Close the records in one session; return whether they were open. The caller renews its secret."""
        return bool(self._remove_unlocks(key_wraps.c.session_id == session_id))

    def close_everywhere(self, *, besides: UUID | None = None) -> int:
        """Close the records in every session, or every other one; return in how many rows that was noted.

        The caller has held the account since the beginning: an unlock under way is there to be closed.
        """
        return self._remove_unlocks(key_wraps.c.session_id != besides)

    def open_elsewhere(self, session_id: UUID | None, now: dt.datetime) -> int:
        """Return in how many other sessions the records are open."""
        query = select(func.count(key_wraps.c.session_id.distinct())).where(self._are_slots(), ~_is_over(now))
        is_other = (key_wraps.c.kind == UNLOCK) & (key_wraps.c.session_id != session_id)
        return self._connection.execute(query.where(is_other)).scalar_one()

    def forget_expired(self, now: dt.datetime) -> None:
        """Close the records in sessions that were idle for too long, or open for long enough."""
        self._remove_unlocks(_is_over(now))

    def note_end_of_sessions(self) -> None:
        """Make a rotation due: sessions end in which records may be open, and the bytes of their rows stay."""
        if self.is_on:
            self._rotation_notes.note(self._time())

    def _remove_unlocks(self, which: ColumnElement[bool]) -> int:
        unlocks = delete(key_wraps).where(self._are_slots(), key_wraps.c.kind == UNLOCK, which)
        gone = self._connection.execute(unlocks).rowcount
        if gone:  # their bytes are still on the disk, and open with a stolen cookie until the wrapping key has rotated
            self._rotation_notes.note(self._time())
        self._owner_keys.refresh()
        return gone

    def _time(self) -> dt.datetime:
        return self._connection.execute(select(func.now())).scalar_one()

    def _opened(self) -> list[DataKey]:
        """Return the keys that only slots open, opened."""
        plain = self._owner_keys.plain_ids(RECORDS)
        return [self._owner_keys.by_id(key_id) for key_id in self._owner_keys.ids(RECORDS) if key_id not in plain]

    def _taken_out(self, slot: Slot, slot_key: bytes) -> list[DataKey]:
        columns = (key_wraps.c.key_id, data_keys.c.purpose, key_wraps.c.kek_id, key_wraps.c.wrapped_key)
        query = select(*columns).join(data_keys).where(self._are_slots(), *_is(slot))
        wraps = [WrappedKey(*row, slot) for row in self._connection.execute(query)]
        keyring, owner = self._owner_keys.keyring, self._owner_keys.owner
        if not wraps:
            raise DecryptionError
        return [unwrap_from_slot(keyring, owner, wrapped, slot_key) for wrapped in wraps]

    def _keep(self, key: DataKey, slot: Slot, slot_key: bytes, **more: Any) -> WrappedKey:
        wrapped = key.wrap_in(self._owner_keys.keyring, slot, slot_key)
        row = {"owner_id": key.owner, "key_id": key.key_id, "kind": slot.kind, "slot_id": slot.id}
        if slot.kind in HANDED_OUT:
            row[HANDED_OUT[slot.kind].name] = slot.id
        row |= {"session_id": slot.session_id, "kek_id": wrapped.kek_id, "wrapped_key": wrapped.wrapped}
        self._connection.execute(insert(key_wraps).values(**row, **more))
        return wrapped

    def _are_slots(self) -> ColumnElement[bool]:
        return (key_wraps.c.owner_id == self._owner_keys.owner) & (key_wraps.c.kind != "keyring")


def _is(slot: Slot) -> tuple[ColumnElement[bool], ...]:
    return key_wraps.c.kind == slot.kind, key_wraps.c.slot_id == slot.id


def _is_over(now: dt.datetime) -> ColumnElement[bool]:
    has_idled = key_wraps.c.used_at + func.make_interval(0, 0, 0, 0, 0, 0, key_wraps.c.idle_seconds) <= now
    return has_idled | (key_wraps.c.expires_at <= now)
