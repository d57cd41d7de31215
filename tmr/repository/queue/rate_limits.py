"""Counters that slow down guessing: in PostgreSQL, so that all workers share them and a restart keeps them."""

import datetime as dt

import msgspec
from sqlalchemy import Engine, text

from tmr.crypto.keyring import Keyring


class Limit(msgspec.Struct, frozen=True):
    """At most ``hits`` in each ``window``, named after what it limits."""

    name: str
    hits: int
    window: dt.timedelta


# One statement, so that two workers cannot both read before either writes.
_COUNT = text(
    """
    INSERT INTO limits AS l (limit_key, resets_at, hits) VALUES (:key, :resets_at, 1)
    ON CONFLICT (limit_key) DO UPDATE SET
        hits = CASE WHEN l.resets_at <= :now THEN 1 ELSE l.hits + 1 END,
        resets_at = CASE WHEN l.resets_at <= :now THEN :resets_at ELSE l.resets_at END
    RETURNING hits, resets_at
    """
)


class Limits:
    """Counts attempts by name and subject; the subject is kept as a keyed hash only."""

    def __init__(self, engine: Engine, keyring: Keyring) -> None:
        self._engine = engine
        self._keyring = keyring

    def hit(self, limit: Limit, subject: str, now: dt.datetime) -> int:
        """Count one attempt; return 0 while within the limit, else the seconds until it resets."""
        key = self._keyring.keyed_hash("index", f"limit\0{limit.name}\0{subject}".encode("utf-8", "replace"))
        values = {"key": key, "now": now, "resets_at": now + limit.window}
        with self._engine.begin() as connection:
            row = connection.execute(_COUNT, values).one()
        return 0 if row.hits <= limit.hits else max(1, int((row.resets_at - now).total_seconds()))

    def forget_expired(self, now: dt.datetime) -> int:
        """Delete expired counters; return how many."""
        with self._engine.begin() as connection:
            return connection.execute(text("DELETE FROM limits WHERE resets_at <= :now"), {"now": now}).rowcount
