"""The rows of data keys: made with an account, renewed, rewrapped, and destroyed at an erasure."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from tmr.crypto.envelope import RECORDS, DataKey, WrappedKey, new_data_key, rewrapped
from tmr.crypto.lock.slot import Slot
from tmr.repository.database.connections import read_all
from tmr.repository.errors import LockedError, RecordNotFoundError
from tmr.repository.keys.owner_keys import OwnerKeys, SessionSecret
from tmr.repository.keys.rotation_due import make_rotation_due
from tmr.repository.schema import data_keys, key_wraps

RENEWED_KEPT = dt.timedelta(days=30)
# By the driver itself: every request of an account with the lock on asks this, and building it would take longer.
_IN_SESSION = """
    SELECT d.key_id, d.purpose, p.kek_id, p.wrapped_key, u.kek_id, u.wrapped_key
      FROM data_keys d
      LEFT JOIN key_wraps p ON p.owner_id = d.owner_id AND p.key_id = d.key_id AND p.kind = 'keyring'
      LEFT JOIN key_wraps u ON u.owner_id = d.owner_id AND u.key_id = d.key_id AND u.kind = 'unlock'
            AND u.session_id = %(session)s AND u.expires_at > %(now)s
            AND u.used_at + make_interval(secs => u.idle_seconds) > %(now)s
     WHERE d.owner_id = %(owner)s
"""

# What the claim of a session reads of locked records, a text for each slot: the number of its key, and if this session
# opens it, by what, and whether its use was noted within a minute.
SLOTS_OF_SESSION = """
               SELECT CASE WHEN k.kind = 'unlock' AND k.session_id = s.session_id AND k.expires_at > %(at)s
                            AND k.used_at + make_interval(secs => k.idle_seconds) > %(at)s
                      THEN concat_ws(' ', k.key_id, k.used_at > %(at)s - interval '1 minute', k.kek_id,
                                     encode(k.wrapped_key, 'hex'))
                      ELSE k.key_id::text END
                 FROM key_wraps k
                WHERE k.owner_id = %(owner)s AND s.session_id IS NOT NULL AND k.kind <> 'keyring'"""


def is_use_to_be_noted(slots: Sequence[str]) -> bool:
    """Whether a session opens records, which was not noted within a minute; ``SLOTS_OF_SESSION`` found ``slots``."""
    return any(opened and opened[0] != "t" for _number, *opened in map(str.split, slots))


def note_use(connection: Connection, owner: UUID, session_id: UUID, now: dt.datetime) -> None:
    """Note that locked records are used now in the session in which they are open."""
    used = update(key_wraps).where(key_wraps.c.owner_id == owner, key_wraps.c.session_id == session_id)
    connection.execute(used.values(used_at=now))


def keys_in_slots(slots: Sequence[str], session: SessionSecret, by_keyring: Sequence[WrappedKey]) -> list[WrappedKey]:
    """Return the keys of records that the keyring does not open, as ``wrapped_keys_in_session`` does.

    ``slots`` is what ``SLOTS_OF_SESSION`` found.
    """
    plain, keys = {key.key_id for key in by_keyring}, dict[int, WrappedKey]()
    for slot in slots:
        number, *opened = slot.split(" ")
        key_id = int(number)
        if opened:
            _is_noted, kek_id, wrapped = opened
            keys[key_id] = WrappedKey(key_id, RECORDS, kek_id, bytes.fromhex(wrapped), session.slot)
        else:
            keys.setdefault(key_id, WrappedKey(key_id, RECORDS, "", b""))
    return [key for key_id, key in keys.items() if key_id not in plain]


def wrapped_keys(connection: Connection, owner: UUID) -> list[WrappedKey]:
    """Return every data key of ``owner`` as the keyring wraps it, closed if it does not; none without an account."""
    query = (
        select(data_keys.c.key_id, data_keys.c.purpose, key_wraps.c.kek_id, key_wraps.c.wrapped_key)
        .join(key_wraps, _wraps("keyring"), isouter=True)
        .where(data_keys.c.owner_id == owner)
    )
    return [WrappedKey(row[0], row[1], row[2] or "", row[3] or b"") for row in connection.execute(query)]


def wrapped_keys_in_session(
    connection: Connection, owner: UUID, session: SessionSecret, now: dt.datetime
) -> list[WrappedKey]:
    """Return every data key of ``owner`` as a session may open it: by the keyring, or by the row that it was opened by.

    Whether that row is used is noted by the claim of the session, and not here.
    """
    rows = read_all(connection, _IN_SESSION, {"owner": owner, "session": session.id, "now": now})
    return [
        WrappedKey(key_id, purpose, opened_by or "", opened, session.slot)
        if opened and not wrapped
        else WrappedKey(key_id, purpose, kek_id or "", wrapped or b"")
        for key_id, purpose, kek_id, wrapped, opened_by, opened in rows
    ]


def wrapped_keys_in_slot(connection: Connection, owner: UUID, slot: Slot) -> list[WrappedKey]:
    """Return every data key of ``owner`` as a slot may open it: by the keyring, or by the slot's own row."""
    in_slot = select(key_wraps).where(
        key_wraps.c.owner_id == owner, key_wraps.c.kind == slot.kind, key_wraps.c.slot_id == slot.id
    )
    rows = {row.key_id: row for row in connection.execute(in_slot)}
    return [
        WrappedKey(key.key_id, key.purpose, rows[key.key_id].kek_id, rows[key.key_id].wrapped_key, slot)
        if key.is_closed and key.key_id in rows
        else key
        for key in wrapped_keys(connection, owner)
    ]


def carry_over(connection: Connection, owner_keys: OwnerKeys, session: SessionSecret) -> bool:
    """Let the rows that open locked records for a session open them under its new secret, and its old one nothing.

    Return whether there were any.
    """
    mine = (key_wraps.c.owner_id == owner_keys.owner, key_wraps.c.session_id == session.id)
    key_ids = connection.scalars(select(key_wraps.c.key_id).where(*mine)).all()
    for key_id in key_ids:
        try:
            key = owner_keys.by_id(key_id)
        except LockedError:  # its time is over
            connection.execute(delete(key_wraps).where(*mine, key_wraps.c.key_id == key_id))
            continue
        new = key.wrap_in(owner_keys.keyring, session.slot, session.key(owner_keys.owner))
        this_wrap = update(key_wraps).where(*mine, key_wraps.c.key_id == key_id)
        connection.execute(this_wrap.values(kek_id=new.kek_id, wrapped_key=new.wrapped))
        owner_keys.put(key, new)
    owner_keys.opener = session
    return bool(key_ids)


def _wraps(kind: str) -> ColumnElement[bool]:
    same_key = (key_wraps.c.owner_id == data_keys.c.owner_id) & (key_wraps.c.key_id == data_keys.c.key_id)
    return same_key & (key_wraps.c.kind == kind)


def make_data_key(connection: Connection, owner_keys: OwnerKeys, purpose: str, now: dt.datetime) -> int:
    """Make a data key of ``purpose``, keep it wrapped, and return its number."""
    key = new_data_key(owner_keys.owner, owner_keys.next_id(), purpose)
    wrapped = key.wrap(owner_keys.keyring)
    add_key_row(connection, key, now)
    place = {"owner_id": owner_keys.owner, "key_id": key.key_id}
    connection.execute(
        insert(key_wraps).values(kind="keyring", kek_id=wrapped.kek_id, wrapped_key=wrapped.wrapped, **place)
    )
    owner_keys.put(key, wrapped)
    return key.key_id


def add_key_row(connection: Connection, key: DataKey, now: dt.datetime) -> None:
    """Note a data key; the caller wraps it."""
    row = {"owner_id": key.owner, "key_id": key.key_id, "purpose": key.purpose, "created_at": now}
    connection.execute(insert(data_keys).values(**row))


def hold_keys(connection: Connection, owner_keys: OwnerKeys, *, waits_for_writers: bool) -> None:
    """As ``wait_for_keys``, and read all of them again."""
    wait_for_keys(connection, owner_keys.owner, waits_for_writers=waits_for_writers)
    owner_keys.refresh()


def hold_unchanged_keys(connection: Connection, owner_keys: OwnerKeys) -> None:
    """As ``wait_for_keys`` without waiting for writers; all are read again if what the keyring opens is another now.

    Of a key that was begun since, only those open it that have a slot of it; where a lock was turned off, all do.
    """
    wait_for_keys(connection, owner_keys.owner, waits_for_writers=False)
    stored = {(key.key_id, key.is_plain) for key in wrapped_keys(connection, owner_keys.owner)}
    if stored != {(key.key_id, key.is_plain) for key in owner_keys.wrapped()}:
        owner_keys.refresh()


def wait_for_keys(connection: Connection, owner: UUID, *, waits_for_writers: bool) -> set[int]:
    """Lock this owner's keys until the transaction ends, and return their numbers; what changes them has ended by then.

    With ``waits_for_writers`` it waits for transactions that still write under one of them, and keeps new ones out.

    Raises:
        RecordNotFoundError: the account was erased since.
    """
    query = select(data_keys.c.key_id).where(data_keys.c.owner_id == owner).order_by(data_keys.c.key_id)
    numbers = set(connection.scalars(query.with_for_update(key_share=not waits_for_writers)))
    if not numbers:
        raise RecordNotFoundError
    return numbers


def replace_data_keys(connection: Connection, owner_keys: OwnerKeys, purpose: str, now: dt.datetime) -> None:
    """Destroy every key of ``purpose``: what it sealed is noise from then on. One new key takes their place.

    The rows that were sealed under them must be gone first; a foreign key holds that. The new key is made before the
    old ones go, so that no number is used twice: a transaction that still writes under an old key fails, as it must.
    """
    old = owner_keys.ids(purpose)
    make_data_key(connection, owner_keys, purpose, now)
    for key_id in old:
        destroy_key(connection, owner_keys, key_id)


def renew_records_key(connection: Connection, owner_keys: OwnerKeys, now: dt.datetime) -> int:
    """Make a new key for records, which seals from now on, and return its number; earlier ones are retired.

    Raises:
        LockedError: the records are locked, and the keyring must not open what is written from now on.
    """
    hold_keys(connection, owner_keys, waits_for_writers=False)
    if owner_keys.is_locked(RECORDS):
        raise LockedError
    retire(connection, owner_keys, now)
    return make_data_key(connection, owner_keys, RECORDS, now)


def retire(connection: Connection, owner_keys: OwnerKeys, now: dt.datetime) -> None:
    """Note of every key of the records that another one seals from now on."""
    unretired = (
        data_keys.c.owner_id == owner_keys.owner,
        data_keys.c.key_id.in_(owner_keys.ids(RECORDS)),
        data_keys.c.retired_at.is_(None),
    )
    connection.execute(update(data_keys).where(*unretired).values(retired_at=now))


def note_retired(connection: Connection, owner_keys: OwnerKeys, now: dt.datetime) -> None:
    """Start the 30 days of retired keys now: until now they may have sealed something."""
    retired = (data_keys.c.owner_id == owner_keys.owner, data_keys.c.retired_at.is_not(None))
    connection.execute(update(data_keys).where(*retired).values(retired_at=now))


def forget_retired(connection: Connection, owner_keys: OwnerKeys, now: dt.datetime) -> tuple[int, int]:
    """Destroy keys that were retired 30 days ago; return how many, and how many stay since they seal something."""
    old = (data_keys.c.owner_id == owner_keys.owner, data_keys.c.retired_at <= now - RENEWED_KEPT)
    gone = left = 0
    for key_id in connection.scalars(select(data_keys.c.key_id).where(*old)).all():
        try:
            with connection.begin_nested():
                destroy_key(connection, owner_keys, key_id)
            gone += 1
        except IntegrityError:  # a row is still sealed under it: it stays for another 30 days
            left += 1
            this_key = (data_keys.c.owner_id == owner_keys.owner, data_keys.c.key_id == key_id)
            connection.execute(update(data_keys).where(*this_key).values(retired_at=now))
    if gone:
        make_rotation_due(connection, now)  # their wraps are still on the disk
    return gone, left


def rewrap_keys(connection: Connection, owner_keys: OwnerKeys) -> int:
    """Rewrap every key that is not under the primary key of the keyring; return how many. Content is untouched.

    Of a key in a slot the outer box is renewed, for which nothing is needed that its person holds.
    """
    primary, done = owner_keys.keyring.primary, 0
    query = select(key_wraps, data_keys.c.purpose).join(data_keys)
    others = query.where(key_wraps.c.owner_id == owner_keys.owner, key_wraps.c.kek_id != primary)
    for row in connection.execute(others).all():
        slot = None if row.kind == "keyring" else Slot(row.kind, row.slot_id, row.session_id)
        old = WrappedKey(row.key_id, row.purpose, row.kek_id, row.wrapped_key, slot)
        new = rewrapped(owner_keys.keyring, owner_keys.owner, old)
        this_key = (key_wraps.c.owner_id == owner_keys.owner, key_wraps.c.key_id == row.key_id)
        # Only as it was read: it may have been replaced meanwhile, under whatever key was primary there.
        this_wrap = (key_wraps.c.kind == row.kind, key_wraps.c.slot_id == row.slot_id)
        as_read = (key_wraps.c.kek_id == row.kek_id, key_wraps.c.wrapped_key == row.wrapped_key)
        values = {"kek_id": new.kek_id, "wrapped_key": new.wrapped}
        query_of_one = update(key_wraps).where(*this_key, *this_wrap, *as_read)
        done += connection.execute(query_of_one.values(**values)).rowcount
    return done


def destroy_key(connection: Connection, owner_keys: OwnerKeys, key_id: int) -> None:
    """Delete a data key with every wrap of it; a foreign key keeps one that still seals something."""
    connection.execute(delete(data_keys).where(data_keys.c.owner_id == owner_keys.owner, data_keys.c.key_id == key_id))
    owner_keys.drop(key_id)
