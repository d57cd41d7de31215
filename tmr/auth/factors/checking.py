"""Checking a second factor: a code from the authenticator app, or a recovery code. Each code works once."""

from tmr.auth.factors.totp import step_of
from tmr.domain.security_events import RECOVERY_CODE_USED
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.event_log import note
from tmr.web.services import now
from tmr.web.session.throttling import count_second_factor


def account_has_factor(uow: UnitOfWork) -> bool:
    """Whether the account has an authenticator app or a passkey."""
    return uow.totp.exists() or uow.passkeys.count() > 0


def burn_code(uow: UnitOfWork, code: str) -> bool:
    """Whether ``code`` is right and was never used; if so it is burned. The caller commits."""
    count_second_factor(uow.owner)
    secret = uow.totp.find()
    step = step_of(secret, code, now()) if secret else None
    if step is not None:
        return uow.totp.burn_step(step)
    if uow.recovery_codes.burn(code):
        note(uow, RECOVERY_CODE_USED)
        return True
    return False
