"""What an operator can do to an account from the command line. Nothing here reads or shows content."""

from tmr.repository.claims import Repository


class UnknownAccountError(LookupError):
    """No account has this address."""


def sign_out(repository: Repository, canonical_email: str) -> None:
    """End every session of an account: each device is signed out on its next request.

    Raises:
        UnknownAccountError: no account has this address.
    """
    owner = repository.find_owner(canonical_email)
    if owner is None:
        raise UnknownAccountError("No account has this address.")
    with repository.for_owner(owner) as uow:
        uow.sessions.remove_all()
        uow.commit()
