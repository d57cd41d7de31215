"""Writes what happens in a request to the account's security log; ``UnitOfWork.note`` says what is mailed."""

from tmr.domain.security_events import EventType
from tmr.repository.accounts.security_log import SecurityEvent
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.services import now, services
from tmr.web.session.current import device


def note(uow: UnitOfWork, event_type: EventType, about: str = "") -> None:
    """Log what the account's owner did on this device, and queue the mail if it has one. The caller commits."""
    session = str(uow.session_id) if uow.session_id else ""
    note_for(uow, event_type, SecurityEvent(event_type.name, device(), session, about))


def note_for(uow: UnitOfWork, event_type: EventType, event: SecurityEvent) -> None:
    """Log ``event``, such as what another person did, and queue the mail if it has one. The caller commits."""
    uow.note(event_type, event, now(), sends_mail=services().settings.sends_mail)
