"""Steps that need more than one call: signing up, checking a password."""

from uuid import UUID

from tmr.auth.forms import Credentials
from tmr.auth.passwords import needs_rehash
from tmr.web.parts import now, parts


def register(typed: Credentials) -> UUID:
    """Make an account, or raise ``EmailTakenError``."""
    own = parts()
    password_hash = own.hash_password(typed.password)
    return own.repository.add_account(typed.email, typed.canonical_email, password_hash, now())


def find_by_password(typed: Credentials) -> UUID | None:
    """Return the account that these credentials open, or None after as much work."""
    owner = parts().repository.find_owner(typed.canonical_email)
    if owner is None:
        parts().verify_password(typed.password, None)
        return None
    with parts().repository.for_owner(owner) as uow:
        stored = uow.account.password_hash()
    if not parts().verify_password(typed.password, stored):  # outside the transaction: it takes a quarter of a second
        return None
    if needs_rehash(stored or ""):
        _renew_hash(owner, typed.password)
    return owner


def _renew_hash(owner: UUID, password: str) -> None:
    own = parts()
    with own.repository.for_owner(owner) as uow:
        uow.account.set_password_hash(own.hash_password(password))
        uow.commit()
