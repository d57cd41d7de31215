"""The account of one owner: address, password hash, preferences."""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from tmr.crypto.envelope import ACCOUNT, RECORDS
from tmr.crypto.keyring import Keyring
from tmr.domain.pipeline.stage import Stage
from tmr.repository.database.owner import set_owner
from tmr.repository.errors import EmailTakenError
from tmr.repository.keys.data_keys import make_data_key
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.schema import account_emails, accounts


class EmailChange(msgspec.Struct):
    """An address that will replace the present one once both addresses have confirmed it."""

    email: str
    expires_at: dt.datetime
    confirmed: list[str] = []


class MorningMail(msgspec.Struct, frozen=True, omit_defaults=True):
    """When a person wants a mail about their day, and how much it may say; off by default."""

    hour: int | None = None
    days: str = "workdays"
    interview_minutes: int = 0
    says: str = "counts"


class Preferences(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person set for their own view; kept sealed."""

    columns: list[str] | None = None  # of applications, from before ``views``
    views: dict[str, list[str]] = {}  # columns of lists, by the kind and, where it is known, the width of the screen
    widths: dict[str, dict[str, int]] = {}  # how wide these columns are, by the same
    has_saved_views: bool = False  # so that a list without any need not look
    has_own_fields: bool = False  # so that a page without any need not look
    per_page: int = 25
    zone: str = ""
    locale: str = ""  # a code of ``OFFERED``
    theme: str = ""
    has_letter_keys: bool = True  # whether single letters are shortcuts
    stages: list[Stage] | None = None  # from before ``KeptSettings``
    morning: MorningMail | None = None
    unlock_minutes: int = 30  # how long unlocked records stay open without a request
    snoozed: dict[str, str] = {}  # lines of Today, from before they were in ``KeptSettings``
    name: str = ""
    password_strength: int = 0  # 3 or 4, as zxcvbn rated it when it was set
    email_change: EmailChange | None = None
    samples: str = ""  # the import that added sample data, while that is there

    @property
    def has_screens(self) -> bool:
        """Whether what lists show depends on the width of the screen."""
        return any(" " in key for key in (*self.views, *self.widths))


class SealedAccount(msgspec.Struct, frozen=True):
    """The sealed columns of an account, as they come with the look-up of a session."""

    key_id: int
    email_sealed: bytes
    preferences_sealed: bytes


class Standing(msgspec.Struct, frozen=True):
    """The plain side of an account."""

    created_at: dt.datetime
    verified_at: dt.datetime | None
    disabled_at: dt.datetime | None
    password_set_at: dt.datetime | None
    is_support: bool
    has_password: bool


class NewAccount(msgspec.Struct, frozen=True):
    """What a new account needs. Until it is claimed no address leads to it."""

    email: str
    canonical_email: str
    password_hash: str | None
    password_strength: int = 0
    is_claimed: bool = True
    is_verified: bool = False


class Accounts:
    """The account that a unit of work is bound to."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys, known: SealedAccount | None = None) -> None:
        self._connection = connection
        self._owner_keys = owner_keys
        self._known = known
        self._opened: tuple[SealedAccount, Preferences] | None = None

    def password_hash(self) -> str | None:
        """Return the stored hash, or None for an account without a password."""
        query = select(accounts.c.password_hash).where(accounts.c.owner_id == self._owner_keys.owner)
        return self._connection.scalar(query)

    def renew_password_hash(self, stored: str, password_hash: str) -> bool:
        """Replace the hash ``stored`` by another one of the same password; False if it has changed since."""
        query = update(accounts).where(self._is_owners(), accounts.c.password_hash == stored)
        return bool(self._connection.execute(query.values(password_hash=password_hash)).rowcount)

    def set_password(self, password_hash: str | None, strength: int, now: dt.datetime) -> None:
        """Replace the password; None removes it."""
        self._update(password_hash=password_hash, password_set_at=now if password_hash else None)
        self.change_preferences(password_strength=strength)

    def rename(self, name: str) -> None:
        """Set the person's name."""
        self.change_preferences(name=name)

    def standing(self) -> "Standing":
        """Return what is plain about the account: when it was created, confirmed and disabled."""
        times = (accounts.c.created_at, accounts.c.verified_at, accounts.c.disabled_at, accounts.c.password_set_at)
        is_whether = (accounts.c.is_support.is_(True), accounts.c.password_hash.is_not(None))
        query = select(*times, *is_whether).where(self._is_owners())
        return Standing(*self._connection.execute(query).one())

    def is_claimed(self) -> bool:
        """Whether an address leads to this account; locked until the transaction ends, so that none can begin to."""
        self.hold()
        query = select(account_emails.c.owner_id).where(account_emails.c.owner_id == self._owner_keys.owner)
        return self._connection.execute(query).first() is not None

    def verify(self, now: dt.datetime) -> None:
        """Note that the owner has confirmed the address."""
        self._update(verified_at=now)

    def disable(self, now: dt.datetime | None) -> None:
        """Disable the account, or with None enable it again."""
        self._update(disabled_at=now)

    def email(self) -> str:
        """Return the address as it was typed."""
        row = self._row()
        return self._owner_keys.unseal_json(  # type: ignore[return-value]
            row.key_id, row.email_sealed, "accounts", "email_sealed", self._owner_keys.owner.bytes
        )

    def known_email(self) -> str:
        """Return the address if it came with the session, also after the unit of work has ended; else nothing."""
        return self.email() if self._known else ""

    def set_email(self, email: str, canonical_email: str) -> None:
        """Replace the address; sign-in finds the account by the new one only, and it counts as unconfirmed.

        Another spelling of the same address stays confirmed.

        Raises:
            EmailTakenError: the address leads to another account.
        """
        self.hold()
        if not self._leads_here(canonical_email):
            # What confirmed the earlier address says nothing about this one, whose owner may be someone else.
            self._update(verified_at=None)
        self._connection.execute(delete(account_emails).where(account_emails.c.owner_id == self._owner_keys.owner))
        claim_email(self._connection, self._owner_keys, canonical_email)
        self._update(email_sealed=_seal(self._owner_keys, self._row().key_id, "email_sealed", email))

    def _leads_here(self, canonical_email: str) -> bool:
        hashes = email_hashes(self._owner_keys.keyring, canonical_email)
        return find_by_email(self._connection, hashes) == self._owner_keys.owner

    def hold(self) -> None:
        """Lock the account until the transaction ends, and read it again."""
        hold_account(self._connection, self._owner_keys.owner)
        self._known = None

    def reindex(self, canonical_email: str) -> None:
        """Re-index the address under the newest key of the keyring alone."""
        index = email_hashes(self._owner_keys.keyring, canonical_email)[0]
        query = update(account_emails).where(account_emails.c.owner_id == self._owner_keys.owner)
        self._connection.execute(query.values(email_index=index))

    def preferences(self) -> Preferences:
        """Return what the person set, opened once for all that asks of one row; it is not to be changed."""
        row = self._row()
        if self._opened is None or self._opened[0] is not row:
            place = ("accounts", "preferences_sealed", self._owner_keys.owner.bytes)
            content = self._owner_keys.unseal_json(row.key_id, row.preferences_sealed, *place)
            self._opened = row, msgspec.convert(content, Preferences)
        return self._opened[1]

    def locked_preferences(self) -> Preferences:
        """Return what the person set, and lock it until the transaction ends."""
        self.hold()
        return self.preferences()

    def change_preferences(self, **changes: Any) -> None:
        """Set some of what the person set; the rest stays as it is now, even if it was changed since it was read."""
        preferences = msgspec.structs.replace(self.locked_preferences(), **changes)
        self._update(preferences_sealed=_seal(self._owner_keys, self._row().key_id, "preferences_sealed", preferences))

    def forget_fields(self, gone: Collection[str]) -> None:
        """Take fields that are gone for good out of the columns that the person chose, and out of their widths."""
        known = self.locked_preferences()
        views = {key: [name for name in names if name not in gone] for key, names in known.views.items()}
        widths = {
            key: {name: width for name, width in wide.items() if name not in gone} for key, wide in known.widths.items()
        }
        columns = known.columns and [name for name in known.columns if name not in gone]
        if (views, widths, columns) != (known.views, known.widths, known.columns):
            self.change_preferences(views=views, widths=widths, columns=columns)

    def _row(self) -> SealedAccount:
        if self._known is None:
            columns = (accounts.c.key_id, accounts.c.email_sealed, accounts.c.preferences_sealed)
            query = select(*columns).where(accounts.c.owner_id == self._owner_keys.owner)
            self._known = SealedAccount(*self._connection.execute(query).one())
        return self._known

    def _is_owners(self) -> ColumnElement[bool]:
        return accounts.c.owner_id == self._owner_keys.owner

    def _update(self, **values: object) -> None:
        self._known = None
        self._connection.execute(update(accounts).where(self._is_owners()).values(**values))


def add_account(connection: Connection, keyring: Keyring, new: NewAccount, now: dt.datetime) -> UUID:
    """Make an account with its two data keys.

    Raises:
        EmailTakenError: the address has an account.
    """
    owner = uuid4()
    set_owner(connection, owner)
    owner_keys = OwnerKeys(owner, keyring, ())
    if new.is_claimed:
        claim_email(connection, owner_keys, new.canonical_email)
    key_id = make_data_key(connection, owner_keys, ACCOUNT, now)
    make_data_key(connection, owner_keys, RECORDS, now)
    connection.execute(insert(accounts).values(**_row(owner_keys, key_id, new, now)))
    return owner


def _row(owner_keys: OwnerKeys, key_id: int, new: NewAccount, now: dt.datetime) -> dict[str, object]:
    preferences = Preferences(password_strength=new.password_strength)
    return {
        "owner_id": owner_keys.owner,
        "created_at": now,
        "verified_at": now if new.is_verified else None,
        "password_hash": new.password_hash,
        "password_set_at": now if new.password_hash else None,
        "key_id": key_id,
        "email_sealed": _seal(owner_keys, key_id, "email_sealed", new.email),
        "preferences_sealed": _seal(owner_keys, key_id, "preferences_sealed", preferences),
    }


def claim_email(connection: Connection, owner_keys: OwnerKeys, canonical_email: str) -> None:
    """Let an address lead to this account at sign-in.

    Raises:
        EmailTakenError: it leads to another one.
    """
    hashes = email_hashes(owner_keys.keyring, canonical_email)
    query = upsert(account_emails).values(email_index=hashes[0], owner_id=owner_keys.owner).on_conflict_do_nothing()
    is_taken = len(hashes) > 1 and find_by_email(connection, hashes) is not None
    if is_taken or connection.execute(query.returning(account_emails.c.owner_id)).first() is None:
        raise EmailTakenError("There is an account with this address already.")


def find_by_email(connection: Connection, hashes: Iterable[bytes]) -> UUID | None:
    """Return the owner of the account that an address leads to, by any of its hashes."""
    return connection.scalar(select(account_emails.c.owner_id).where(account_emails.c.email_index.in_(hashes)))


def email_hashes(keyring: Keyring, canonical_email: str) -> list[bytes]:
    """Return the keyed hashes under which an address is looked up, the newest first."""
    return keyring.keyed_hashes("index", b"email\0" + canonical_email.encode())


def _seal(owner_keys: OwnerKeys, key_id: int, column: str, value: object) -> bytes:
    return owner_keys.seal_json(key_id, value, "accounts", column, owner_keys.owner.bytes)


def hold_account(connection: Connection, owner: UUID) -> None:
    """Lock an account until the transaction ends, so that what is counted after this is not added to by others.

    Those wait who hold it as well, which all that adds or ends a way in does first, and all that writes to its log. Who
    stores a record does not: such a transaction may hold what this one waits for.
    """
    query = select(accounts.c.owner_id).where(accounts.c.owner_id == owner)
    connection.execute(query.with_for_update(key_share=True))
