"""A forgotten password: the mail with the link. The queue makes it, so that every address takes the same time."""

import datetime as dt
from collections.abc import Sequence

from tmr.domain.security_events import RESET_ASKED, SIGN_IN_REFUSED, SIGN_IN_REFUSED_OFTEN
from tmr.repository.accounts.security_log import SecurityEvent
from tmr.repository.accounts.sessions import Device
from tmr.repository.queue.mails import Mail
from tmr.repository.queue.rate_limits import Limit, Limits
from tmr.repository.repository import Repository

RESET = "reset password"
LASTS = dt.timedelta(minutes=10)
REFUSALS_NOTED = Limit("refused sign-ins in the log", 20, dt.timedelta(days=1))
REFUSALS_SUMMED_UP = Limit("refused sign-ins summed up", 1, dt.timedelta(days=1))


def send_reset(repository: Repository, hashes: Sequence[bytes], now: dt.datetime) -> None:
    """Mail the owner of an address a link to set a new password; does nothing without an account, or a disabled one."""
    owner = repository.find_owner_by_hashes(hashes)
    if owner is None:
        return
    with repository.for_owner(owner) as uow:
        if uow.account.standing().disabled_at:
            return
        uow.tokens.remove(RESET)  # only the newest link works
        token = uow.tokens.add(RESET, None, LASTS, now)
        uow.note(RESET_ASKED, SecurityEvent(RESET_ASKED.name, Device("", "")), now, sends_mail=True)
        uow.mails.add(Mail(uow.account.email(), "reset", {"link": f"/reset/{token}"}), now)
        uow.commit()


def note_refusal(
    repository: Repository, limits: Limits, hashes: Sequence[bytes], now: dt.datetime, *, sends_mail: bool
) -> None:
    """Write to the log of an address's owner that a wrong password was entered.

    After 20 in a day, one last entry says that there were more: a stranger could fill the log otherwise.
    """
    owner = repository.find_owner_by_hashes(hashes)
    if owner is None:
        return
    event = SIGN_IN_REFUSED
    if limits.hit(REFUSALS_NOTED, str(owner), now):
        if limits.hit(REFUSALS_SUMMED_UP, str(owner), now):
            return
        event = SIGN_IN_REFUSED_OFTEN
    with repository.for_owner(owner) as uow:
        uow.note(event, SecurityEvent(event.name, Device("", "")), now, sends_mail=sends_mail)
        uow.commit()
