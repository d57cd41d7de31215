"""A forgotten password: the mail with the link. The queue makes it, so that every address takes the same time."""

import datetime as dt
from collections.abc import Sequence

from tmr.auth.revocation import RESET
from tmr.domain.security_events import RESET_ASKED, SIGN_IN_REFUSED
from tmr.repository.accounts.security_log import SecurityEvent, refusal_to_note
from tmr.repository.accounts.sessions import Device
from tmr.repository.queue.mails import Mail
from tmr.repository.queue.rate_limits import Limits
from tmr.repository.repository import Repository

LASTS = dt.timedelta(minutes=10)


def send_reset(repository: Repository, hashes: Sequence[bytes], now: dt.datetime) -> None:
    """Mail the owner of an address a link to set a new password; does nothing without an account, or a disabled one."""
    owner = repository.find_owner_by_hashes(hashes)
    if owner is None:
        return
    with repository.for_owner(owner) as uow:
        uow.account.hold()
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
    """Write to the log of an address's owner that a wrong password was entered, as often as the log takes it."""
    owner = repository.find_owner_by_hashes(hashes)
    event = refusal_to_note(SIGN_IN_REFUSED, limits, str(owner), now) if owner else None
    if owner is None or event is None:
        return
    with repository.for_owner(owner) as uow:
        uow.note(event, SecurityEvent(event.name, Device("", "")), now, sends_mail=sends_mail)
        uow.commit()
