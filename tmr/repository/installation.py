"""What belongs to the installation and to no account: mails, security reports, and the mirror of the erasure ledger."""

import datetime as dt
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4

from sqlalchemy import Connection, insert

from tmr.crypto.keyring import Keyring
from tmr.repository.erasure import Erasures
from tmr.repository.queue.installation_mails import InstallationMails
from tmr.repository.schema import security_reports

ANSWERED_WITHIN = dt.timedelta(hours=24)


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
        """Commit and end."""
        self._connection.commit()
        self._connection.close()

    def add_report(self, now: dt.datetime) -> UUID:
        """Note that a security report came in, to be answered within 24 hours; its text is only in its mail."""
        report_id = uuid4()
        row = {"id": report_id, "received_at": now, "due_at": now + ANSWERED_WITHIN}
        self._connection.execute(insert(security_reports).values(**row))
        return report_id
