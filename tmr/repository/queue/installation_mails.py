"""Mails that belong to no account, such as the one that says that an account is erased."""

import datetime as dt
import logging
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from tmr.crypto.address import length_prefixed
from tmr.crypto.errors import DecryptionError
from tmr.crypto.keyring import Keyring
from tmr.crypto.padding import pad_to_block, unpad
from tmr.repository.keys.rotation_due import make_rotation_due
from tmr.repository.queue.jobs import defer
from tmr.repository.queue.mails import MAIL_KEPT, Mail, WaitingMail, priority_of
from tmr.repository.schema import house_mails

logger = logging.getLogger(__name__)


class InstallationMails:
    """Waiting mails of no account, sealed under the keyring's primary key: that of their account may be destroyed.

    Whatever is left of one on the disk, that key opens: so each that goes makes a rotation of it due.
    """

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def add(self, mail: Mail, at: dt.datetime) -> None:
        """Send ``mail`` at that time, or once this transaction has committed if that is later."""
        mail_id = uuid4()
        kek_id, sealed = self._keyring.wrap(pad_to_block(msgspec.json.encode(mail)), _place(mail_id))
        row = {"id": mail_id, "created_at": at, "kek_id": kek_id, "mail_sealed": sealed}
        self._connection.execute(insert(house_mails).values(**row))
        priority = priority_of(mail)
        defer(self._connection, "house-mail", {"mail_id": str(mail_id)}, str(mail_id), at=at, priority=priority)

    def take(self, mail_id: UUID) -> WaitingMail | None:
        """Return a waiting mail and lock it until the end; None if it was sent or another transaction has it."""
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
            rewrapped = update(house_mails).where(house_mails.c.id == row.id)
            self._connection.execute(rewrapped.values(kek_id=kek_id, mail_sealed=sealed))
        return self._connection.scalar(select(func.count()).select_from(house_mails).where(others)) or 0

    def forget_expired(self, now: dt.datetime) -> None:
        """Delete mails that have waited for a week."""
        self._remove(house_mails.c.created_at <= now - MAIL_KEPT, now)

    def remove(self, mail_id: UUID, now: dt.datetime) -> None:
        """Delete a mail that was sent, or never will be."""
        self._remove(house_mails.c.id == mail_id, now)

    def _remove(self, which: ColumnElement[bool], now: dt.datetime) -> None:
        if self._connection.execute(delete(house_mails).where(which)).rowcount:
            make_rotation_due(self._connection, now)


def _place(mail_id: UUID) -> bytes:
    return length_prefixed(b"house_mails", b"mail_sealed", mail_id.bytes)
