"""The rows of data keys: made with an account, destroyed at an erasure."""

import datetime as dt

from sqlalchemy import Connection, delete, insert

from tmr.crypto.envelope import new_data_key
from tmr.repository.schema import data_keys, key_wraps
from tmr.repository.sealing import KeyChest


def make_data_key(connection: Connection, chest: KeyChest, purpose: str, now: dt.datetime) -> int:
    """Make a data key of ``purpose``, keep it wrapped, and return its number."""
    key = new_data_key(chest.owner, chest.next_id(), purpose)
    wrapped = key.wrap(chest.keyring)
    place = {"owner_id": chest.owner, "key_id": key.key_id}
    connection.execute(insert(data_keys).values(purpose=purpose, created_at=now, **place))
    connection.execute(
        insert(key_wraps).values(kind="keyring", kek_id=wrapped.kek_id, wrapped_key=wrapped.wrapped, **place)
    )
    chest.put(key, wrapped)
    return key.key_id


def replace_data_keys(connection: Connection, chest: KeyChest, purpose: str, now: dt.datetime) -> None:
    """Destroy every key of ``purpose``: what it sealed is noise from then on. One new key takes their place.

    The rows that were sealed under them must be gone first; a foreign key holds that. The new key is made before the
    old ones go, so that no number is used again: somebody who still writes under an old key fails at the foreign key.
    """
    old = chest.ids(purpose)
    make_data_key(connection, chest, purpose, now)
    for key_id in old:
        connection.execute(delete(data_keys).where(data_keys.c.owner_id == chest.owner, data_keys.c.key_id == key_id))
        chest.drop(key_id)
