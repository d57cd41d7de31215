"""What an operator can do to an account from the command line. Nothing here reads or shows content."""

import datetime as dt
from collections.abc import Callable
from uuid import UUID

from tmr.auth.passwords.rule import rate
from tmr.auth.revocation import Event, revoke
from tmr.auth.sign_up.email_address import canonical
from tmr.domain.security_events import (
    APPOINTED,
    DISABLED,
    DISMISSED,
    ENABLED,
    FACTORS_RESET,
    OPERATOR_SIGNED_OUT,
    SIGNED_UP,
    EventType,
)
from tmr.errors import OperatorError
from tmr.repository.accounts.accounts import NewAccount
from tmr.repository.accounts.security_log import SecurityEvent
from tmr.repository.accounts.sessions import Device
from tmr.repository.database.across_owners import AcrossOwners
from tmr.repository.errors import EmailTakenError
from tmr.repository.repository import Repository
from tmr.repository.unit_of_work import UnitOfWork

INVITED_FOR = dt.timedelta(days=7)


class UnknownAccountError(OperatorError):
    """No account has this address."""


class AccountRefusedError(OperatorError):
    """The account cannot be made; the message says why."""


class Operator:
    """What a person who runs the installation can do, at one moment. Each action is in the account's own log."""

    def __init__(
        self, repository: Repository, across_owners: AcrossOwners, now: dt.datetime, *, sends_mail: bool
    ) -> None:
        self._repository = repository
        self._across_owners = across_owners
        self._now = now
        self._sends_mail = sends_mail

    def create(self, email: str, password: str, hash_password: Callable[[str], str]) -> None:
        """Make an account.

        Raises:
            AccountRefusedError: no address, one that has an account, or a weak password.
        """
        known = canonical(email)
        if known is None:
            raise AccountRefusedError("That is not an email address.")
        rating = rate(password, known)
        if rating.weakness:
            raise AccountRefusedError(rating.weakness)
        new = NewAccount(email.strip(), known, hash_password(password), rating.strength)
        try:
            owner = self._repository.add_account(new, self._now)
        except EmailTakenError as error:
            raise AccountRefusedError(str(error)) from error
        with self._repository.for_owner(owner) as uow:
            self._note(uow, SIGNED_UP)
            uow.commit()

    def invite(self, email: str) -> str:
        """Return the path at which this address may sign up for seven days.

        Raises:
            AccountRefusedError: no address, or it has an account.
        """
        known = canonical(email)
        if known is None:
            raise AccountRefusedError("That is not an email address.")
        if self._repository.find_owner(known):
            raise AccountRefusedError("There is an account with this address already.")
        return f"/signup?invitation={self._repository.invite(known, INVITED_FOR, self._now)}"

    def sign_out(self, email: str) -> None:
        """Sign every device out of an account and end feeds and support access, or raise ``UnknownAccountError``."""
        with self._open(email) as uow:
            revoke(uow, Event.OPERATOR_SIGNED_OUT, self._now)
            self._note(uow, OPERATOR_SIGNED_OUT)
            uow.commit()

    def disable(self, email: str) -> None:
        """Disable an account: nobody can sign in, and sessions end with their next request."""
        with self._open(email) as uow:
            uow.account.disable(self._now)
            revoke(uow, Event.DISABLED, self._now)
            self._note(uow, DISABLED)
            uow.commit()

    def enable(self, email: str) -> None:
        """Enable a disabled account."""
        with self._open(email) as uow:
            uow.account.disable(None)
            uow.reminders.wake(self._now)  # they were forgotten as they became due
            self._note(uow, ENABLED)
            uow.commit()

    def reset_factor(self, email: str) -> None:
        """Remove authenticator app, passkeys, recovery codes and linked identities, and sign every device out.

        Its owner is told by mail.

        Raises:
            AccountRefusedError: it has no password, and without mail nobody could set one.
        """
        with self._open(email) as uow:
            if not (uow.account.standing().has_password or self._sends_mail):
                raise AccountRefusedError(
                    "This account has no password, and no mail is configured by which its owner could set one: without "
                    "its passkeys and linked identities there would be no way in."
                )
            revoke(uow, Event.FACTORS_RESET, self._now)
            self._note(uow, FACTORS_RESET)
            uow.commit()

    def appoint(self, email: str) -> None:
        """Make an account a support account: it may enter codes that people give it, once it has a second factor."""
        self._set_support(email, APPOINTED, is_support=True)

    def dismiss(self, email: str) -> None:
        """End an account's support role; from its next request on it sees no other account."""
        self._set_support(email, DISMISSED, is_support=False)

    def _set_support(self, email: str, event_type: EventType, *, is_support: bool) -> None:
        with self._open(email) as uow:
            self._note(uow, event_type)
            uow.commit()
            self._across_owners.appoint(uow.owner, is_support=is_support)

    def owner_of(self, email: str) -> UUID:
        """Return the owner of the account with this address, or raise ``UnknownAccountError``."""
        owner: UUID | None = self._repository.find_owner(canonical(email) or email)
        if owner is None:
            raise UnknownAccountError("No account has this address.")
        return owner

    def _open(self, email: str) -> UnitOfWork:
        return self._repository.for_owner(self.owner_of(email))

    def _note(self, uow: UnitOfWork, event_type: EventType) -> None:
        uow.note(event_type, SecurityEvent(event_type.name, Device("", "")), self._now, sends_mail=self._sends_mail)
