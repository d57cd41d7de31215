"""The rows of data keys: made with an account, renewed, rewrapped, and destroyed at an erasure."""

import datetime as dt
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from tmr.crypto.envelope import RECORDS, WrappedKey, new_data_key
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.keys.rotation_due import make_rotation_due
from tmr.repository.schema import data_keys, key_wraps

RENEWED_KEPT = dt.timedelta(days=30)


def wrapped_keys(connection: Connection, owner: UUID) -> list[WrappedKey]:
    """Return every data key of ``owner`` as the keyring wraps it; none if there is no such account."""
    query = (
        select(data_keys.c.key_id, data_keys.c.purpose, key_wraps.c.kek_id, key_wraps.c.wrapped_key)
        .join(key_wraps)
        .where(data_keys.c.owner_id == owner, key_wraps.c.kind == "keyring")
    )
    return [WrappedKey(*row) for row in connection.execute(query)]


def make_data_key(connection: Connection, owner_keys: OwnerKeys, purpose: str, now: dt.datetime) -> int:
    """Make a data key of ``purpose``, keep it wrapped, and return its number."""
    key = new_data_key(owner_keys.owner, owner_keys.next_id(), purpose)
    wrapped = key.wrap(owner_keys.keyring)
    place = {"owner_id": owner_keys.owner, "key_id": key.key_id}
    connection.execute(insert(data_keys).values(purpose=purpose, created_at=now, **place))
    connection.execute(
        insert(key_wraps).values(kind="keyring", kek_id=wrapped.kek_id, wrapped_key=wrapped.wrapped, **place)
    )
    owner_keys.put(key, wrapped)
    return key.key_id


def hold_keys(connection: Connection, owner_keys: OwnerKeys, *, waits_for_writers: bool) -> None:
    """Lock this owner's keys until the transaction ends, and read all of them again.

    With ``waits_for_writers`` it waits for transactions that still write under one of them, and keeps new ones out.

    Raises:
        RecordNotFoundError: the account was erased since.
    """
    query = select(data_keys.c.key_id).where(data_keys.c.owner_id == owner_keys.owner).order_by(data_keys.c.key_id)
    if not connection.execute(query.with_for_update(key_share=not waits_for_writers)).all():
        raise RecordNotFoundError
    owner_keys.refresh()


def replace_data_keys(connection: Connection, owner_keys: OwnerKeys, purpose: str, now: dt.datetime) -> None:
    """Destroy every key of ``purpose``: what it sealed is noise from then on. One new key takes their place.

    The rows that were sealed under them must be gone first; a foreign key holds that. The new key is made before the
    old ones go, so that no number is used twice: a transaction that still writes under an old key fails, as it must.
    """
    old = owner_keys.ids(purpose)
    make_data_key(connection, owner_keys, purpose, now)
    for key_id in old:
        _destroy(connection, owner_keys, key_id)


def renew_records_key(connection: Connection, owner_keys: OwnerKeys, now: dt.datetime) -> int:
    """Make a new key for records, which seals from now on, and return its number; earlier ones are retired."""
    hold_keys(connection, owner_keys, waits_for_writers=False)
    old = owner_keys.ids(RECORDS)
    unretired = (
        data_keys.c.owner_id == owner_keys.owner,
        data_keys.c.key_id.in_(old),
        data_keys.c.retired_at.is_(None),
    )
    connection.execute(update(data_keys).where(*unretired).values(retired_at=now))
    return make_data_key(connection, owner_keys, RECORDS, now)


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
                _destroy(connection, owner_keys, key_id)
            gone += 1
        except IntegrityError:  # a row is still sealed under it: it stays for another 30 days
            left += 1
            this_key = (data_keys.c.owner_id == owner_keys.owner, data_keys.c.key_id == key_id)
            connection.execute(update(data_keys).where(*this_key).values(retired_at=now))
    if gone:
        make_rotation_due(connection, now)  # their wraps are still on the disk
    return gone, left


def rewrap_keys(connection: Connection, owner_keys: OwnerKeys) -> int:
    """Rewrap every key that is not under the primary key of the keyring; return how many. Content is untouched."""
    primary, done = owner_keys.keyring.primary, 0
    for old in owner_keys.wrapped():
        if old.kek_id != primary:
            new = owner_keys.by_id(old.key_id).wrap(owner_keys.keyring)
            this_key = (key_wraps.c.owner_id == owner_keys.owner, key_wraps.c.key_id == old.key_id)
            this_wrap = (key_wraps.c.kind == "keyring", key_wraps.c.kek_id == old.kek_id)
            values = {"kek_id": new.kek_id, "wrapped_key": new.wrapped}
            done += connection.execute(update(key_wraps).where(*this_key, *this_wrap).values(**values)).rowcount
    return done


def _destroy(connection: Connection, owner_keys: OwnerKeys, key_id: int) -> None:
    connection.execute(delete(data_keys).where(data_keys.c.owner_id == owner_keys.owner, data_keys.c.key_id == key_id))
    owner_keys.drop(key_id)
