"""What a calendar feed of locked records shows: prepared while they are open, and opened by its address alone.

Each feed has a key of its own. It is sealed under HKDF of the feed's token, then under the account's key, and is among
the private settings for the requests that prepare the next copy.
"""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, select, update

from tmr.crypto.address import length_prefixed
from tmr.crypto.aead import Cipher, random_key
from tmr.crypto.lock.slot import Slot
from tmr.crypto.lock.slot_keys import random_key_of
from tmr.crypto.padding import pad_padme, unpad
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.private_settings import KeptSettings
from tmr.repository.schema import calendar_feeds

FEED = "feed"  # the kind that the key of a token is bound to; never a slot of a data key
KEY, TEXT = b"key", b"text"


class FeedCopies:
    """The copies of one owner's feeds."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys, private: KeptSettings) -> None:
        self._connection = connection
        self._owner_keys = owner_keys
        self._private = private

    def begin(self, feed_id: UUID, key_id: int, token: str) -> None:
        """Make the key of a feed's copies, whose row is sealed under the account's key of this number.

        Raises:
            LockedError: the records are closed.
        """
        key = random_key()
        self._private.keep_feed_key(feed_id, key.hex())
        inner = Cipher(self._token_key(feed_id, token)).seal(key, self._aad(KEY, feed_id))
        sealed = self._owner_keys.seal(key_id, inner, "calendar_feeds", "copy_key_sealed", feed_id.bytes)
        self._set(feed_id, copy_key_sealed=sealed)

    def renew(self, feed_ids: dict[UUID, Callable[[], bytes]]) -> None:
        """Replace the copy of each of these feeds by what is made for it; those without a key have none."""
        keys = self._private.get().feed_keys
        for feed_id, make in feed_ids.items():
            if key := keys.get(str(feed_id)):
                text = Cipher(bytes.fromhex(key)).seal(pad_padme(make()), self._aad(TEXT, feed_id))
                self._set(feed_id, copy_sealed=text)

    def forget(self) -> None:
        """Delete every copy and its key: the records are locked no longer, or what they show is erased."""
        are_owners = calendar_feeds.c.owner_id == self._owner_keys.owner
        emptied = {"copy_key_sealed": None, "copy_sealed": None}
        self._connection.execute(update(calendar_feeds).where(are_owners).values(emptied))

    def read(self, feed_id: UUID, token: str) -> bytes | None:
        """Return the copy of a feed, opened by its token; None if none was prepared."""
        columns = (calendar_feeds.c.key_id, calendar_feeds.c.copy_key_sealed, calendar_feeds.c.copy_sealed)
        row = self._connection.execute(select(*columns).where(*self._is(feed_id))).one()
        if row.copy_key_sealed is None or row.copy_sealed is None:
            return None
        place = ("calendar_feeds", "copy_key_sealed", feed_id.bytes)
        inner = self._owner_keys.unseal(row.key_id, row.copy_key_sealed, *place)
        key = Cipher(self._token_key(feed_id, token)).unseal(inner, self._aad(KEY, feed_id))
        return unpad(Cipher(key).unseal(row.copy_sealed, self._aad(TEXT, feed_id)))

    def _token_key(self, feed_id: UUID, token: str) -> bytes:
        return random_key_of(self._owner_keys.owner, Slot(FEED, feed_id), token.encode())

    def _aad(self, what: bytes, feed_id: UUID) -> bytes:
        return length_prefixed(b"feed copy 1", what, self._owner_keys.owner.bytes, feed_id.bytes)

    def _set(self, feed_id: UUID, **values: bytes) -> None:
        self._connection.execute(update(calendar_feeds).where(*self._is(feed_id)).values(**values))

    def _is(self, feed_id: UUID) -> tuple[ColumnElement[bool], ...]:
        return calendar_feeds.c.owner_id == self._owner_keys.owner, calendar_feeds.c.id == feed_id
