"""Browsers from which an account has been signed in to before: a random token there, its hash here.

Limits count each of them by itself. One that was signed out from elsewhere keeps that, and no other trust.
"""

import datetime as dt
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from tmr.crypto.hashing import new_token, token_hash
from tmr.repository.schema import known_devices

KNOWN_FOR = dt.timedelta(days=180)
MOST_DEVICES = 20  # the oldest beyond these are forgotten: each has limits of its own


class KnownDevices:
    """The known browsers of one owner."""

    def __init__(self, connection: Connection, owner: UUID) -> None:
        self._connection = connection
        self._owner = owner

    def add(self, token: str, now: dt.datetime) -> str:
        """Remember and trust the browser that holds ``token`` for another half year; return the token to hold.

        A token that this account did not issue, or has forgotten, is never accepted: the browser gets a new one.
        """
        token = token if token and self.knows(token, now) else new_token()
        values = {"owner_id": self._owner, "token_hash": self._hash(token), "expires_at": now + KNOWN_FOR}
        query = insert(known_devices).values(**values)
        renewed = {"expires_at": values["expires_at"], "is_trusted": True}
        self._connection.execute(query.on_conflict_do_update(index_elements=["owner_id", "token_hash"], set_=renewed))
        newest = select(known_devices.c.token_hash).where(self._is_owners()).order_by(known_devices.c.expires_at.desc())
        surplus = newest.offset(MOST_DEVICES).scalar_subquery()
        self._connection.execute(
            delete(known_devices).where(self._is_owners(), known_devices.c.token_hash.in_(surplus))
        )
        return token

    def knows(self, token: str, now: dt.datetime) -> bool:
        """Whether this account was signed in to from the browser that holds ``token``."""
        return self._find_trust(token, now) is not None

    def trusts(self, token: str, now: dt.datetime) -> bool:
        """Whether the browser that holds ``token`` was also not signed out from elsewhere since its last sign-in."""
        return self._find_trust(token, now) is True

    def _find_trust(self, token: str, now: dt.datetime) -> bool | None:
        query = select(known_devices.c.is_trusted).where(
            self._is_owners(), known_devices.c.token_hash == self._hash(token)
        )
        return self._connection.scalar(query.where(known_devices.c.expires_at > now))

    def remove_all(self) -> None:
        """Forget every browser."""
        self._connection.execute(delete(known_devices).where(self._is_owners()))

    def remove_others(self, token: str) -> None:
        """Forget every browser but the one that holds ``token``.

        That one keeps its token: limits count by it, and a fresh one would reset them.
        """
        others = known_devices.c.token_hash != self._hash(token)
        self._connection.execute(delete(known_devices).where(self._is_owners(), others))

    def distrust_others(self, token: str) -> None:
        """Trust no browser but the one that holds ``token``; limits go on counting each by itself."""
        others = known_devices.c.token_hash != self._hash(token)
        self._connection.execute(update(known_devices).where(self._is_owners(), others).values(is_trusted=False))

    def forget_expired(self, now: dt.datetime) -> None:
        """Forget browsers that were not used for half a year."""
        self._connection.execute(delete(known_devices).where(self._is_owners(), known_devices.c.expires_at <= now))

    def _hash(self, token: str) -> bytes:
        # The owner is part of the hash, so that the database does not show that two accounts share a browser.
        return token_hash(f"{self._owner}.{token}")

    def _is_owners(self) -> ColumnElement[bool]:
        return known_devices.c.owner_id == self._owner
