"""What belongs to the installation and to no account: mails, security reports, and the mirror of the erasure ledger."""

import datetime as dt
import logging
from collections.abc import Iterable
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from tmr.crypto.address import length_prefixed
from tmr.crypto.errors import DecryptionError
from tmr.crypto.keyring import Keyring
from tmr.crypto.padding import pad_to_block, unpad
from tmr.repository.queue.jobs import defer
from tmr.repository.queue.mails import MAIL_KEPT, Mail, WaitingMail
from tmr.repository.schema import erasures, house_mails, security_reports

logger = logging.getLogger(__name__)

ANSWERED_WITHIN = dt.timedelta(hours=24)
ALL_DATA, ACCOUNT = "data", "account"


class Erasure(msgspec.Struct, frozen=True, order=True):
    """An erasure as the ledger keeps it: when, of what, and a keyed hash of whose."""

    erased_at: dt.datetime
    erased: str
    account_hash: str


class Installation:
    """One transaction on what has no owner. Without ``commit()`` nothing stays."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self.mails = InstallationMails(connection, keyring)
        self.erasures = Erasures(connection, keyring)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def commit(self) -> None:
        """Keep what was done, and end."""
        self._connection.commit()
        self._connection.close()

    def add_report(self, now: dt.datetime) -> UUID:
        """Note that a security report came in, to be answered within 24 hours; what it says is in its mail only."""
        report_id = uuid4()
        row = {"id": report_id, "received_at": now, "due_at": now + ANSWERED_WITHIN}
        self._connection.execute(insert(security_reports).values(**row))
        return report_id


class InstallationMails:
    """Mails that no account sends: sealed under the keyring's own key, since theirs may be destroyed."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def add(self, mail: Mail, at: dt.datetime) -> None:
        """Let ``mail`` leave at that time, or once this transaction has committed if that is later."""
        mail_id = uuid4()
        kek_id, sealed = self._keyring.wrap(pad_to_block(msgspec.json.encode(mail)), _place(mail_id))
        row = {"id": mail_id, "created_at": at, "kek_id": kek_id, "mail_sealed": sealed}
        self._connection.execute(insert(house_mails).values(**row))
        defer(self._connection, "house-mail", {"mail_id": str(mail_id)}, str(mail_id), at=at)

    def take(self, mail_id: UUID) -> WaitingMail | None:
        """Return a waiting mail and hold it until the transaction ends; None if it has left or another holds it."""
        query = select(house_mails).where(house_mails.c.id == mail_id).with_for_update(skip_locked=True)
        row = self._connection.execute(query).first()
        if row is None:
            return None
        content = unpad(self._keyring.unwrap(row.kek_id, row.mail_sealed, _place(mail_id)))
        return WaitingMail(row.id, row.created_at, msgspec.json.decode(content, type=Mail))

    def rewrap(self) -> int:
        """Seal waiting mails under the primary key of the keyring; return how many are left: they are leaving now."""
        others = house_mails.c.kek_id != self._keyring.primary
        query = select(house_mails).where(others).with_for_update(skip_locked=True)
        for row in self._connection.execute(query).all():
            try:
                content = self._keyring.unwrap(row.kek_id, row.mail_sealed, _place(row.id))
            except DecryptionError:
                logger.error("a sealed value does not open: house_mails.mail_sealed row %s", row.id.hex)
                continue
            kek_id, sealed = self._keyring.wrap(content, _place(row.id))
            mine = house_mails.c.id == row.id
            self._connection.execute(update(house_mails).where(mine).values(kek_id=kek_id, mail_sealed=sealed))
        return self._connection.scalar(select(func.count()).select_from(house_mails).where(others)) or 0

    def forget_expired(self, now: dt.datetime) -> None:
        """Delete mails that have waited for a week."""
        self._connection.execute(delete(house_mails).where(house_mails.c.created_at <= now - MAIL_KEPT))

    def remove(self, mail_id: UUID) -> None:
        """Forget a mail: it has left, or never will."""
        self._connection.execute(delete(house_mails).where(house_mails.c.id == mail_id))


class Erasures:
    """The mirror, in the database, of the erasure ledger."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def add(self, owner: UUID, erased: str, now: dt.datetime) -> None:
        """Note an erasure in the transaction that does it, and queue telling the backups.

        Whose it was cannot be told without the ledger's key.
        """
        row = {"account_hash": account_hash(self._keyring, owner), "erased": erased, "erased_at": now}
        self._connection.execute(insert(erasures).values(**row))
        defer(self._connection, "publish", {}, "publish")

    def list(self) -> list[Erasure]:
        """Return every erasure that is noted, the oldest first."""
        rows = self._connection.execute(select(erasures).order_by(erasures.c.erased_at, erasures.c.account_hash))
        return [Erasure(row.erased_at.astimezone(dt.UTC), row.erased, row.account_hash.hex()) for row in rows]

    def put(self, found: Iterable[Erasure]) -> None:
        """Note erasures that only the ledger's file knew; those that are known stay."""
        rows = [
            {"account_hash": bytes.fromhex(one.account_hash), "erased": one.erased, "erased_at": one.erased_at}
            for one in found
        ]
        if rows:
            self._connection.execute(upsert(erasures).on_conflict_do_nothing(), rows)

    def forget(self, before: dt.datetime) -> None:
        """Delete what was noted before that time."""
        self._connection.execute(delete(erasures).where(erasures.c.erased_at < before))


def account_hash(keyring: Keyring, owner: UUID) -> bytes:
    """Return the keyed hash by which the erasure ledger names an account."""
    return keyring.keyed_hash("ledger", owner.bytes)


def account_hashes(keyring: Keyring, owner: UUID) -> list[bytes]:
    """Return every keyed hash by which the ledger may name an account: under the newest key, and under earlier ones."""
    return [keyring.keyed_hash("ledger", owner.bytes, key_id) for key_id in keyring.key_ids("ledger")]


def _place(mail_id: UUID) -> bytes:
    return length_prefixed(b"house_mails", b"mail_sealed", mail_id.bytes)
