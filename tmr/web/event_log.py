"""Writes what happens in a request to the account's security log; ``UnitOfWork.note`` says what is mailed."""

import datetime as dt

from tmr.domain.security_events import CONFIRMATION_REFUSED, EventType
from tmr.repository.accounts.security_log import SecurityEvent, refusal_to_note
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.services import now, services
from tmr.web.session.current import device, unit_of_work, without_connection


def note(uow: UnitOfWork, event_type: EventType, about: str = "") -> None:
    """Log what the account's owner did on this device, and queue the mail if it has one. The caller commits."""
    session = str(uow.session_id) if uow.session_id else ""
    note_for(uow, event_type, SecurityEvent(event_type.name, device(), session, about))


def note_refused_confirmation() -> None:
    """Log that whoever is signed in did not show who they are, and commit; the request goes on in a new unit of work.

    These count apart from refused sign-ins, so that strangers' guesses don't hide them.
    """
    uow = unit_of_work()
    if event_type := refusal_to_note(CONFIRMATION_REFUSED, services().limits, f"{uow.owner} signed in", now()):
        note(uow, event_type)
    without_connection(lambda: None)  # commits


def called(uow: UnitOfWork, label: str, made_at: dt.datetime) -> str:
    """Return what the log calls something that was handed out: its name, or where that is locked when it was made.

    The log itself is never locked, so that its owner sees at any time who came in.
    """
    return f"made {made_at:%Y-%m-%d %H:%M} UTC" if uow.lock.is_on else label


def note_for(uow: UnitOfWork, event_type: EventType, event: SecurityEvent) -> None:
    """Log ``event``, such as what another person did, and queue the mail if it has one. The caller commits."""
    uow.note(event_type, event, now(), sends_mail=services().settings.sends_mail)
