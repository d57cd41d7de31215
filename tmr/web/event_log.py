"""Writes to an account's security log, and queues the mail that some events send."""

from tmr.domain.security_events import EventType
from tmr.repository.accounts.security_log import SecurityEvent
from tmr.repository.queue.mails import Mail
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.services import now, services
from tmr.web.session.current import device


def note(uow: UnitOfWork, event_type: EventType, about: str = "") -> None:
    """Log what the account's owner did on this device, and queue the mail if it has one. The caller commits."""
    session = str(uow.session_id) if uow.session_id else ""
    note_for(uow, event_type, SecurityEvent(event_type.name, device(), session, about))


def note_for(uow: UnitOfWork, event_type: EventType, event: SecurityEvent) -> None:
    """Log ``event``, such as what another person did, and queue the mail if it has one. The caller commits."""
    uow.log.add(event, now())
    if event_type.is_mailed and services().settings.sends_mail:
        uow.mails.add(notice_mail(uow.account.email(), event_type), now())


def notice_mail(to: str, event_type: EventType) -> Mail:
    """Return the mail to ``to`` that says what happened, and when."""
    values = {"what": event_type.words, "when": f"{now():%Y-%m-%d %H:%M} UTC"}
    return Mail(to, "notice", values)
