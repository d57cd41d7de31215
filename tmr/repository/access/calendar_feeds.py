"""Private calendar feeds, each with a token of its own, of which the database has the hash."""

import datetime as dt
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from tmr.crypto.envelope import ACCOUNT
from tmr.crypto.hashing import new_token, token_hash
from tmr.repository.accounts.owner_lookups import FEED, add_lookup, remove_lookup
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.schema import calendar_feeds

NOTED_EVERY = dt.timedelta(hours=1)


class Feed(msgspec.Struct, frozen=True):
    """What a feed is for, in its owner's words, and how much it tells: ``busy``, ``role`` or ``full``."""

    label: str
    level: str


class ListedFeed(msgspec.Struct, frozen=True):
    """A feed as its owner sees it: the token is shown once and never again."""

    id: UUID
    created_at: dt.datetime
    read_at: dt.datetime | None
    feed: Feed


class CalendarFeeds:
    """The feeds of the owner that a unit of work is bound to."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys) -> None:
        self._connection = connection
        self._owner_keys = owner_keys

    def add(self, feed: Feed, now: dt.datetime) -> str:
        """Make a feed and return its token, 256 random bits; only the hash is kept."""
        token, feed_id, key_id = new_token(), uuid4(), self._owner_keys.newest(ACCOUNT).key_id
        hashed = token_hash(token)
        sealed = self._owner_keys.seal_json(key_id, feed, "calendar_feeds", "feed_sealed", feed_id.bytes)
        row = {"id": feed_id, "token_hash": hashed, "created_at": now, "key_id": key_id, "feed_sealed": sealed}
        self._connection.execute(insert(calendar_feeds).values(owner_id=self._owner_keys.owner, **row))
        add_lookup(self._connection, FEED, [hashed], self._owner_keys.owner)
        return token

    def list(self) -> list[ListedFeed]:
        """Return all feeds, oldest first."""
        rows = self._connection.execute(
            select(calendar_feeds).where(self._is_owners()).order_by(calendar_feeds.c.created_at)
        )
        return [ListedFeed(row.id, row.created_at, row.read_at, self._open_row(row)) for row in rows]

    def read(self, token: str, now: dt.datetime) -> Feed | None:
        """Return the feed that a token opens, or None; that it was read is noted once an hour at most.

        The note locks the row until the transaction ends, so that should be at once.
        """
        query = select(calendar_feeds).where(self._is_owners(), calendar_feeds.c.token_hash == token_hash(token))
        row = self._connection.execute(query).first()
        if row is None:
            return None
        if row.read_at is None or row.read_at <= now - NOTED_EVERY:
            seen = update(calendar_feeds).where(self._is_owners(), calendar_feeds.c.id == row.id).values(read_at=now)
            self._connection.execute(seen)
        return self._open_row(row)

    def remove(self, feed_id: UUID) -> None:
        """Revoke a feed: its address stops working; raise ``RecordNotFoundError`` if there is no such feed."""
        query = delete(calendar_feeds).where(self._is_owners(), calendar_feeds.c.id == feed_id)
        hashed = self._connection.scalar(query.returning(calendar_feeds.c.token_hash))
        if hashed is None:
            raise RecordNotFoundError
        remove_lookup(self._connection, FEED, [hashed])

    def remove_all(self) -> None:
        """Revoke every feed."""
        for listed in self.list():
            self.remove(listed.id)

    def _open_row(self, row: object) -> Feed:
        feed_id, key_id, sealed = row.id, row.key_id, row.feed_sealed  # type: ignore[attr-defined]
        content = self._owner_keys.unseal_json(key_id, sealed, "calendar_feeds", "feed_sealed", feed_id.bytes)
        return msgspec.convert(content, Feed)

    def _is_owners(self) -> ColumnElement[bool]:
        return calendar_feeds.c.owner_id == self._owner_keys.owner
