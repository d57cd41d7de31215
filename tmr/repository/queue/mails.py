"""Mail that waits to be sent: sealed, and queued in the transaction of the change that it is about."""

import datetime as dt
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import Connection, delete, insert, select

from tmr.crypto.envelope import ACCOUNT
from tmr.crypto.errors import DecryptionError
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.queue.jobs import Jobs
from tmr.repository.schema import outgoing_mails

MAIL_KEPT = dt.timedelta(days=7)
TELL_OF_RECORDS = {"morning", "reminder", "reminders"}  # templates whose values may hold words of records
# Someone waits at the screen for these, and they work for ten minutes. The two about a taken address go as fast as what
# an unknown one gets.
AWAITED = {"code", "sign_up", "sign_up_taken", "reset", "confirm_address", "address_taken"}
FIRST, NEXT, LAST = 30, 10, -5


class Mail(msgspec.Struct):
    """A mail by the name of its template, with what the template is filled with; kept sealed."""

    to: str
    template: str
    values: dict[str, str]


def notice_mail(to: str, words: str, now: dt.datetime) -> Mail:
    """Return the mail to ``to`` that says what happened to the account, in ``words``, and when."""
    return Mail(to, "notice", {"what": words, "when": f"{now:%Y-%m-%d %H:%M} UTC"})


class WaitingMail(msgspec.Struct, frozen=True):
    """A mail that was not sent yet. Its id makes the Message-ID, so that a receiver recognises a second delivery."""

    id: UUID
    created_at: dt.datetime
    mail: Mail


def priority_of(mail: Mail) -> int:
    """Return how soon a mail leaves: codes and links first, then notices, and what was asked for regularly last."""
    return FIRST if mail.template in AWAITED else LAST if mail.template in TELL_OF_RECORDS else NEXT


class OutgoingMails:
    """The waiting mails of the owner that a unit of work is bound to."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys, jobs: Jobs) -> None:
        self._connection = connection
        self._owner_keys = owner_keys
        self._jobs = jobs

    def add(self, mail: Mail, now: dt.datetime) -> None:
        """Send ``mail`` once this transaction has committed."""
        mail_id, key_id = uuid4(), self._owner_keys.newest(ACCOUNT).key_id
        sealed = self._owner_keys.seal_json(key_id, mail, "outgoing_mails", "mail_sealed", mail_id.bytes)
        row = {"owner_id": self._owner_keys.owner, "id": mail_id, "created_at": now, "key_id": key_id}
        self._connection.execute(insert(outgoing_mails).values(**row, mail_sealed=sealed))
        self._jobs.defer("mail", lock=mail_id, priority=priority_of(mail), mail_id=mail_id)

    def take(self, mail_id: UUID) -> WaitingMail | None:
        """Return a waiting mail and lock it until the end; None if it was sent or another transaction has it."""
        this_mail = (outgoing_mails.c.owner_id == self._owner_keys.owner) & (outgoing_mails.c.id == mail_id)
        query = select(outgoing_mails).where(this_mail).with_for_update(skip_locked=True)
        row = self._connection.execute(query).first()
        if row is None:
            return None
        content = self._owner_keys.unseal_json(
            row.key_id, row.mail_sealed, "outgoing_mails", "mail_sealed", row.id.bytes
        )
        return WaitingMail(row.id, row.created_at, msgspec.convert(content, Mail))

    def forget_expired(self, now: dt.datetime) -> None:
        """Delete mails that have waited for a week: no server has taken them, and none will."""
        expired = (outgoing_mails.c.owner_id == self._owner_keys.owner) & (
            outgoing_mails.c.created_at <= now - MAIL_KEPT
        )
        self._connection.execute(delete(outgoing_mails).where(expired))

    def remove_those_about_records(self) -> None:
        """Forget waiting mails that may tell of records, and those that do not open."""
        is_owners = outgoing_mails.c.owner_id == self._owner_keys.owner
        for mail_id in self._connection.scalars(select(outgoing_mails.c.id).where(is_owners)).all():
            try:
                waiting = self.take(mail_id)
            except DecryptionError:
                self.remove(mail_id)
                continue
            if waiting and waiting.mail.template in TELL_OF_RECORDS:
                self.remove(mail_id)

    def remove(self, mail_id: UUID) -> None:
        """Delete a mail that was sent, or never will be."""
        this_mail = (outgoing_mails.c.owner_id == self._owner_keys.owner) & (outgoing_mails.c.id == mail_id)
        self._connection.execute(delete(outgoing_mails).where(this_mail))
