"""Private calendar feeds, each with a token of its own, of which the database has the hash."""

import datetime as dt
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from tmr.crypto.envelope import ACCOUNT, RECORDS
from tmr.crypto.hashing import new_token, token_hash
from tmr.repository.access.feed_copies import FeedCopies
from tmr.repository.accounts.accounts import hold_account
from tmr.repository.accounts.owner_lookups import FEED, add_lookup, remove_lookup
from tmr.repository.errors import LockedError, RecordNotFoundError
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.private_settings import KeptSettings
from tmr.repository.schema import calendar_feeds

NOTED_EVERY = dt.timedelta(hours=1)


class Feed(msgspec.Struct, frozen=True):
    """What a feed is for, in its owner's words, and how much it tells: ``busy``, ``role`` or ``full``.

    The words are among the private settings; the row of a feed has them only if an earlier release made it.

    Its alarms ring so many minutes before an interview; with 0 it has none.
    """

    label: str
    level: str
    alarm_minutes: int = 0


class ListedFeed(msgspec.Struct, frozen=True):
    """A feed as its owner sees it: the token is shown once and never again."""

    id: UUID
    created_at: dt.datetime
    read_at: dt.datetime | None
    feed: Feed


class CalendarFeeds:
    """The feeds of the owner that a unit of work is bound to."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys, private: KeptSettings) -> None:
        self._connection = connection
        self._owner_keys = owner_keys
        self._private = private
        self.copies = FeedCopies(connection, owner_keys, private)

    def add(self, feed: Feed, now: dt.datetime) -> str:
        """Make a feed and return its token, 256 random bits; only the hash is kept."""
        hold_account(self._connection, self._owner_keys.owner)  # first, as all that changes ways in
        token, feed_id, key_id = new_token(), uuid4(), self._owner_keys.newest(ACCOUNT).key_id
        hashed = token_hash(token)
        content = msgspec.structs.replace(feed, label="")
        sealed = self._owner_keys.seal_json(key_id, content, "calendar_feeds", "feed_sealed", feed_id.bytes)
        row = {"id": feed_id, "token_hash": hashed, "created_at": now, "key_id": key_id, "feed_sealed": sealed}
        self._connection.execute(insert(calendar_feeds).values(owner_id=self._owner_keys.owner, **row))
        add_lookup(self._connection, FEED, [hashed], self._owner_keys.owner)
        self._private.name_feed(feed_id, feed.label)
        if self._owner_keys.is_locked(RECORDS):
            self.copies.begin(feed_id, key_id, token)
        return token

    def copy(self, token: str) -> bytes:
        """Return what the feed of a token shows of locked records, as it was prepared when they were open.

        Raises:
            RecordNotFoundError: there is no such feed.
            LockedError: none was prepared.
        """
        query = select(calendar_feeds.c.id).where(self._is_owners(), calendar_feeds.c.token_hash == token_hash(token))
        feed_id = self._connection.scalar(query)
        if feed_id is None:
            raise RecordNotFoundError
        content = self.copies.read(feed_id, token)
        if content is None:
            raise LockedError
        return content

    def list(self, *, with_names: bool = True) -> list[ListedFeed]:
        """Return all feeds, oldest first, with their names; these are sealed like records."""
        rows = self._connection.execute(
            select(calendar_feeds).where(self._is_owners()).order_by(calendar_feeds.c.created_at)
        ).all()
        names = self._private.get().feeds if rows and with_names else {}
        return [
            ListedFeed(row.id, row.created_at, row.read_at, _named(self._open_row(row), names, row)) for row in rows
        ]

    def read(self, token: str, now: dt.datetime) -> Feed | None:
        """Return the feed that a token opens, without its name, or None; that it was read is noted hourly at most.

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
        hold_account(self._connection, self._owner_keys.owner)  # first, as all that changes ways in
        self._remove(feed_id)
        self._private.forget_gone()

    def _remove(self, feed_id: UUID) -> None:
        query = delete(calendar_feeds).where(self._is_owners(), calendar_feeds.c.id == feed_id)
        hashed = self._connection.scalar(query.returning(calendar_feeds.c.token_hash))
        if hashed is None:
            raise RecordNotFoundError
        remove_lookup(self._connection, FEED, [hashed])

    def remove_all(self) -> None:
        """Revoke every feed."""
        ids = self._connection.scalars(select(calendar_feeds.c.id).where(self._is_owners())).all()
        for feed_id in ids:
            self._remove(feed_id)
        if ids:
            self._private.forget_gone()

    def _open_row(self, row: object) -> Feed:
        feed_id, key_id, sealed = row.id, row.key_id, row.feed_sealed  # type: ignore[attr-defined]
        content = self._owner_keys.unseal_json(key_id, sealed, "calendar_feeds", "feed_sealed", feed_id.bytes)
        return msgspec.convert(content, Feed)

    def _is_owners(self) -> ColumnElement[bool]:
        return calendar_feeds.c.owner_id == self._owner_keys.owner


def _named(feed: Feed, names: dict[str, str], row: object) -> Feed:
    return msgspec.structs.replace(feed, label=names.get(str(row.id), feed.label))  # type: ignore[attr-defined]
