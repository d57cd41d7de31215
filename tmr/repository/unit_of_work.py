"""One transaction, bound to one owner: everything inside it can only be that owner's."""

import datetime as dt
from types import TracebackType
from typing import Self
from uuid import UUID

from sqlalchemy import Connection, delete

from tmr.crypto.envelope import RECORDS
from tmr.repository.accounts import Accounts, SealedAccount
from tmr.repository.data_keys import replace_data_keys
from tmr.repository.imports import Imports
from tmr.repository.jobs import Jobs
from tmr.repository.records import Records
from tmr.repository.schema import record_counts, record_versions, records
from tmr.repository.sealing import KeyChest
from tmr.repository.sessions import Sessions


class UnitOfWork:
    """A transaction with its collections. Without ``commit()`` nothing stays."""

    def __init__(
        self,
        connection: Connection,
        chest: KeyChest,
        session_id: UUID | None = None,
        account: SealedAccount | None = None,
    ) -> None:
        self._connection = connection
        self._chest = chest
        self.owner = chest.owner
        self.session_id = session_id
        self.records = Records(connection, chest)
        self.account = Accounts(connection, chest, account)
        self.sessions = Sessions(connection, chest)
        self.imports = Imports(connection, chest)
        self.jobs = Jobs(connection, chest.owner)

    def __repr__(self) -> str:
        return f"UnitOfWork(owner={self.owner})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def commit(self) -> None:
        """Keep what was done, and end: nothing more can be read or written."""
        self._connection.commit()
        self.close()

    def commit_if_open(self) -> None:
        """Keep what was done unless this unit of work has ended already."""
        if not self._connection.closed:
            self.commit()

    def close(self) -> None:
        """End the transaction; what was not committed is gone."""
        self._connection.close()

    def erase_data(self, now: dt.datetime) -> None:
        """Erase every record, version and import, destroy the key that sealed them, and make a new one."""
        self.imports.remove_all()
        for table in (record_versions, records, record_counts):
            self._connection.execute(delete(table).where(table.c.owner_id == self.owner))
        replace_data_keys(self._connection, self._chest, RECORDS, now)
