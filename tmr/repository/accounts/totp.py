"""The secret of an authenticator app, and the recovery codes that stand in for it."""

import datetime as dt
import hashlib

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from tmr.crypto.envelope import ACCOUNT
from tmr.crypto.hashing import new_code, plain_code
from tmr.repository.accounts.accounts import hold_account
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.schema import recovery_codes, totp_secrets

CODES, CODE_BYTES = 10, 10  # ten codes of 80 bits


class TotpSecrets:
    """The one secret that an account may have (RFC 6238)."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys) -> None:
        self._connection = connection
        self._owner_keys = owner_keys

    def seal_offer(self, secret: str) -> bytes:
        """Seal a secret that is shown but not yet confirmed, for this account alone."""
        return self._owner_keys.newest(ACCOUNT).seal(
            secret.encode(), "totp_secrets", "offer", self._owner_keys.owner.bytes
        )

    def unseal_offer(self, sealed: bytes) -> str:
        """Open what ``seal_offer`` sealed, or raise ``DecryptionError``."""
        key = self._owner_keys.newest(ACCOUNT)
        return key.unseal(sealed, "totp_secrets", "offer", self._owner_keys.owner.bytes).decode()

    def find(self) -> str | None:
        """Return the secret in base32, or None."""
        row = self._connection.execute(select(totp_secrets).where(self._is_owners())).first()
        if row is None:
            return None
        place = ("totp_secrets", "secret_sealed", self._owner_keys.owner.bytes)
        return str(self._owner_keys.unseal_json(row.key_id, row.secret_sealed, *place))

    def exists(self) -> bool:
        """Whether the account has a secret."""
        return self._connection.scalar(select(func.count()).where(self._is_owners())) == 1

    def set(self, secret: str, step: int, now: dt.datetime) -> None:
        """Keep a confirmed secret; ``step`` is the time step of the code that confirmed it, and is burned."""
        hold_account(self._connection, self._owner_keys.owner)  # first, as all that changes ways in
        self.remove()
        key_id = self._owner_keys.newest(ACCOUNT).key_id
        place = ("totp_secrets", "secret_sealed", self._owner_keys.owner.bytes)
        row = {"owner_id": self._owner_keys.owner, "created_at": now, "last_step": step, "key_id": key_id}
        sealed = self._owner_keys.seal_json(key_id, secret, *place)
        self._connection.execute(insert(totp_secrets).values(**row, secret_sealed=sealed))

    def burn_step(self, step: int) -> bool:
        """Burn a time step; whether it had not been burned, in one statement that only one of many can win."""
        hold_account(self._connection, self._owner_keys.owner)  # first, as all that changes ways in
        query = update(totp_secrets).where(self._is_owners(), totp_secrets.c.last_step < step).values(last_step=step)
        return bool(self._connection.execute(query).rowcount)

    def remove(self) -> None:
        """Forget the secret."""
        self._connection.execute(delete(totp_secrets).where(self._is_owners()))

    def _is_owners(self) -> ColumnElement[bool]:
        return totp_secrets.c.owner_id == self._owner_keys.owner


class RecoveryCodes:
    """Ten codes, each good once. Their hashes are kept, bound to the owner."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys) -> None:
        self._connection = connection
        self._owner_keys = owner_keys

    def renew(self) -> list[str]:
        """Void the codes there are and return ten new ones of 80 random bits, in four groups of four letters."""
        hold_account(self._connection, self._owner_keys.owner)  # first, as all that changes ways in
        self.remove()
        codes = [new_code(CODE_BYTES) for _ in range(CODES)]
        rows = [{"owner_id": self._owner_keys.owner, "code_hash": self._hash(code)} for code in codes]
        self._connection.execute(insert(recovery_codes), rows)
        return codes

    def burn(self, code: str) -> bool:
        """Use a code up; whether it was there, in one statement that only one of many can win."""
        hold_account(self._connection, self._owner_keys.owner)  # first, as all that changes ways in
        query = delete(recovery_codes).where(self._is_owners(), recovery_codes.c.code_hash == self._hash(code))
        return bool(self._connection.execute(query).rowcount)

    def left(self) -> int:
        """Return how many codes are left."""
        return int(self._connection.scalar(select(func.count()).where(self._is_owners())) or 0)

    def remove(self) -> None:
        """Void all codes."""
        self._connection.execute(delete(recovery_codes).where(self._is_owners()))

    def _hash(self, code: str) -> bytes:
        return hashlib.sha256(self._owner_keys.owner.bytes + plain_code(code).encode("utf-8", "surrogatepass")).digest()

    def _is_owners(self) -> ColumnElement[bool]:
        return recovery_codes.c.owner_id == self._owner_keys.owner
