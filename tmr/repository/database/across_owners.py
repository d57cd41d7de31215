"""Work across owners: what is due, and which wrapping keys are in use. It reads no content, sealed or not."""

import datetime as dt
from uuid import UUID

import msgspec
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError

from tmr.errors import OperatorError
from tmr.repository.history.steps import STEPS_KEPT
from tmr.repository.keys.data_keys import RENEWED_KEPT
from tmr.repository.private_settings import SETTLED
from tmr.repository.queue.mails import MAIL_KEPT
from tmr.repository.records.records import TRASH_KEPT
from tmr.repository.schema import house_mails, key_wraps

_DUE = text(
    """
    SELECT owner_id FROM records WHERE deleted_at <= :deleted_before
    UNION SELECT owner_id FROM own_fields WHERE deleted_at <= :deleted_before
    UNION SELECT owner_id FROM undo_steps WHERE made_at <= :made_before
    UNION SELECT owner_id FROM imports WHERE expires_at <= :now
    UNION SELECT owner_id FROM sessions
           WHERE expires_at <= :now OR last_seen_at + make_interval(secs => idle_seconds) <= :now
    UNION SELECT owner_id FROM one_time_tokens WHERE expires_at <= :now
    UNION SELECT owner_id FROM known_devices WHERE expires_at <= :now
    UNION SELECT owner_id FROM outgoing_mails WHERE created_at <= :mailed_before
    UNION SELECT owner_id FROM exports WHERE expires_at <= :now
    UNION SELECT owner_id FROM support_grants WHERE expires_at <= :now
    UNION SELECT owner_id FROM access_tokens WHERE expires_at <= :now
    UNION SELECT owner_id FROM coach_links WHERE expires_at <= :now
    UNION SELECT owner_id FROM data_keys WHERE retired_at <= :retired_before
    UNION SELECT owner_id FROM data_keys WHERE begins_again_at <= :now
    UNION SELECT owner_id FROM key_wraps
           WHERE expires_at <= :now OR used_at + make_interval(secs => idle_seconds) <= :now
    UNION SELECT f.owner_id FROM files f
           WHERE NOT EXISTS (SELECT FROM record_links l WHERE l.owner_id = f.owner_id AND l.target_id = f.id)
             AND NOT EXISTS (SELECT FROM version_files v WHERE v.owner_id = f.owner_id AND v.file_id = f.id)
    """
)
_TOLD = text("SELECT DISTINCT owner_id FROM legal_orders WHERE notified_at IS NULL AND notify_at <= :now")
_REMINDED = text("SELECT DISTINCT owner_id FROM reminders WHERE due_at <= :now")
# These two read tables of owners together with others. A spread database joins no such two tables, but it does join
# what comes out of grouped subqueries, which it plans by themselves.
# A sign-up that was never confirmed has an account to which no address leads.
_ABANDONED = text(
    """
    SELECT a.owner_id FROM accounts a
      LEFT JOIN (SELECT owner_id FROM account_emails GROUP BY owner_id) e ON e.owner_id = a.owner_id
     WHERE a.created_at <= :before AND e.owner_id IS NULL
    """
)
_UNSETTLED = text(
    """
    SELECT a.owner_id FROM accounts a
      LEFT JOIN (SELECT owner_id, max(settled) AS settled FROM private_settings GROUP BY owner_id) p
        ON p.owner_id = a.owner_id
     WHERE p.owner_id IS NULL OR p.settled < :settled
    UNION SELECT owner_id FROM access_tokens WHERE is_named_here
    UNION SELECT owner_id FROM coach_links WHERE is_named_here
     ORDER BY owner_id
    """
)
_WRAPPING = text(
    """
    SELECT k.kek_id, k.created_at, k.backed_up_at, coalesce(w.keys, 0) + coalesce(m.mails, 0)
      FROM wrapping_keys k
      LEFT JOIN (SELECT kek_id, count(*) AS keys FROM key_wraps GROUP BY kek_id) w ON w.kek_id = k.kek_id
      LEFT JOIN (SELECT kek_id, count(*) AS mails FROM house_mails GROUP BY kek_id) m ON m.kek_id = k.kek_id
     ORDER BY k.created_at, k.kek_id
    """
)


class KeyInUseError(OperatorError):
    """A key is still needed and cannot be taken away; the message says by what."""


class WrappingKey(msgspec.Struct, frozen=True):
    """A wrapping key in use: since when, when a copy of it was made, and how many keys and mails it wraps."""

    kek_id: str
    created_at: dt.datetime
    backed_up_at: dt.datetime | None
    wraps: int


class Count(msgspec.Struct, frozen=True):
    """A figure: how many accounts it covers, and their total. Both are None for fewer than ten accounts."""

    what: str
    accounts: int | None
    total: int | None


class Report(msgspec.Struct, frozen=True):
    """When a security report came, is due and was answered."""

    id: UUID
    received_at: dt.datetime
    due_at: dt.datetime
    answered_at: dt.datetime | None


class SupportRequest(msgspec.Struct, frozen=True):
    """When a support grant was made and expires, and nothing that its owner wrote."""

    id: UUID
    created_at: dt.datetime
    expires_at: dt.datetime


class AcrossOwners:
    """Work across owners, for the worker and the command line only: each transaction enters the role ``tmr_keeper``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def owners_with_due(self, now: dt.datetime) -> list[UUID]:
        """Return the owners of rows that have expired."""
        before = {"deleted_before": now - TRASH_KEPT, "made_before": now - STEPS_KEPT, "mailed_before": now - MAIL_KEPT}
        return self._select(_DUE, now=now, retired_before=now - RENEWED_KEPT, **before)

    def owners_to_remind(self, now: dt.datetime) -> list[UUID]:
        """Return the owners of reminders whose time has come."""
        return self._select(_REMINDED, now=now)

    def owners_to_tell(self, now: dt.datetime) -> list[UUID]:
        """Return the owners who should have been told about a legal order by now."""
        return self._select(_TOLD, now=now)

    def owners_to_settle(self) -> list[UUID]:
        """Return the owners whose private settings have no row yet or an earlier release's, or with names elsewhere.

        Those are new accounts, and accounts that an earlier release wrote to.
        """
        return self._select(_UNSETTLED, settled=SETTLED)

    def appoint(self, owner: UUID, *, is_support: bool) -> None:
        """Make an account a support account from its next request on, or end that."""
        with self._engine.begin() as connection:
            connection.execute(text("SET LOCAL ROLE tmr_keeper"))
            query = text("UPDATE accounts SET is_support = :value WHERE owner_id = :owner")
            connection.execute(query, {"value": is_support, "owner": owner})

    def counts(self) -> list[Count]:
        """Return the figures of the installation: those of the one function that the role ``tmr_stats`` may call."""
        with self._engine.begin() as connection:
            connection.execute(text("SET LOCAL ROLE tmr_stats"))
            return [Count(*row) for row in connection.execute(text("SELECT * FROM tmr_counts()"))]

    def reports(self) -> list[Report]:
        """Return the times of the security reports, the newest first, and nothing of what they say."""
        query = text("SELECT id, received_at, due_at, answered_at FROM security_reports ORDER BY received_at DESC")
        with self._engine.begin() as connection:
            connection.execute(text("SET LOCAL ROLE tmr_keeper"))
            return [Report(*row) for row in connection.execute(query)]

    def support_requests(self) -> list[SupportRequest]:
        """Return the open requests for support, the newest first."""
        query = text("SELECT id, created_at, expires_at FROM support_grants ORDER BY created_at DESC")
        with self._engine.begin() as connection:
            connection.execute(text("SET LOCAL ROLE tmr_keeper"))
            return [SupportRequest(*row) for row in connection.execute(query)]

    def answer_report(self, report_id: UUID, now: dt.datetime) -> bool:
        """Note that a report was answered; return whether it was open."""
        query = text("UPDATE security_reports SET answered_at = :now WHERE id = :id AND answered_at IS NULL")
        with self._engine.begin() as connection:
            connection.execute(text("SET LOCAL ROLE tmr_keeper"))
            return bool(connection.execute(query, {"now": now, "id": report_id}).rowcount)

    def forget_reports(self, before: dt.datetime) -> None:
        """Delete the reports that were answered before that time."""
        with self._engine.begin() as connection:
            connection.execute(text("SET LOCAL ROLE tmr_keeper"))
            connection.execute(text("DELETE FROM security_reports WHERE answered_at < :before"), {"before": before})

    def abandoned_accounts(self, before: dt.datetime) -> list[UUID]:
        """Return the owners of sign-ups from before that time whose address was never confirmed."""
        return self._select(_ABANDONED, before=before)

    def kek_ids(self) -> set[str]:
        """Return the ids of all wrapping keys that something is wrapped under."""
        return {
            kek_id for table in (key_wraps, house_mails) for kek_id in self._select(select(table.c.kek_id).distinct())
        }

    def wrapping_keys(self) -> list[WrappingKey]:
        """Return every registered wrapping key, the oldest first, and how much is wrapped under each."""
        with self._engine.begin() as connection:
            connection.execute(text("SET LOCAL ROLE tmr_keeper"))
            return [WrappingKey(*row) for row in connection.execute(_WRAPPING)]

    def erased_at(self) -> list[dt.datetime]:
        """Return when accounts and data were erased, and sign-ups forgotten, in the last 30 days."""
        return self._select(text("SELECT erased_at FROM erasures ORDER BY erased_at"))

    def register(self, kek_id: str, now: dt.datetime) -> None:
        """Register a wrapping key, so that keys may be wrapped under it."""
        values = "INSERT INTO wrapping_keys (kek_id, created_at) VALUES (:kek_id, :now) ON CONFLICT DO NOTHING"
        self._run(values, kek_id=kek_id, now=now)

    def withdraw(self, kek_id: str) -> None:
        """Remove a wrapping key, so that nothing can be wrapped under it any longer.

        Raises:
            KeyInUseError: something is wrapped under it.
        """
        try:
            self._run("DELETE FROM wrapping_keys WHERE kek_id = :kek_id", kek_id=kek_id)
        except IntegrityError as error:
            raise KeyInUseError(f"Something is still wrapped under {kek_id}: run `tmr keys rewrap` first.") from error

    def note_key_backup(self, kek_ids: frozenset[str], now: dt.datetime) -> None:
        """Note that a copy of these wrapping keys was made."""
        statement = "UPDATE wrapping_keys SET backed_up_at = :now WHERE kek_id = ANY(:kek_ids)"
        self._run(statement, kek_ids=list(kek_ids), now=now)

    def passwords_with(self, pepper_id: str) -> int:
        """Return how many passwords were hashed with this pepper."""
        return self._count("SELECT count(*) FROM accounts WHERE starts_with(password_hash, :id || '$')", id=pepper_id)

    def has_erasures(self) -> bool:
        """Whether the erasure ledger holds anything."""
        return bool(self._count("SELECT count(*) FROM erasures WHERE erased <> 'sign-up'"))

    def has_accounts(self) -> bool:
        """Whether there is any account."""
        return bool(self._count("SELECT count(*) FROM accounts"))

    def _count(self, query: str, **values: object) -> int:
        with self._engine.begin() as connection:
            connection.execute(text("SET LOCAL ROLE tmr_backup"))
            return int(connection.scalar(text(query), values) or 0)

    def owners_not_under(self, kek_id: str) -> list[UUID]:
        """Return the owners of keys that are wrapped under any other wrapping key."""
        return self._select(text("SELECT DISTINCT owner_id FROM key_wraps WHERE kek_id <> :kek_id"), kek_id=kek_id)

    def owners(self) -> list[UUID]:
        """Return the owner of every account."""
        return self._select(text("SELECT owner_id FROM accounts ORDER BY owner_id"))

    def _run(self, statement: str, **values: object) -> None:
        with self._engine.begin() as connection:
            connection.execute(text("SET LOCAL ROLE tmr_keeper"))
            connection.execute(text(statement), values)

    def _select(self, statement, **values: object) -> list:  # type: ignore[no-untyped-def, type-arg]
        with self._engine.begin() as connection:
            connection.execute(text("SET LOCAL ROLE tmr_keeper"))
            return list(connection.scalars(statement, values))
