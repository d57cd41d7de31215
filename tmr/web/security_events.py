"""What the account's own security log tells, in the words that its owner reads; the weighty part goes by mail too."""

import msgspec

from tmr.repository.accounts.security_log import SecurityEvent
from tmr.repository.queue.mails import Mail
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.services import now, parts
from tmr.web.session.current import device


class Happening(msgspec.Struct, frozen=True):
    """A kind of event: its name in the log, its words, and whether its owner gets a mail at once."""

    name: str
    words: str
    is_mailed: bool = False


SIGNED_UP = Happening("signed-up", "Account made")
SIGNED_IN = Happening("signed-in", "Signed in")
SIGNED_OUT = Happening("signed-out", "Signed out")
NEW_DEVICE = Happening("new-device", "Signed in from a new device")  # its mail has a link of its own
SIGN_IN_REFUSED = Happening("sign-in-refused", "Somebody gave a wrong password")
SIGN_IN_REFUSED_OFTEN = Happening("sign-in-refused-often", "More wrong passwords followed, too many to list")
FACTOR_REFUSED = Happening("factor-refused", "The password was right, the second step was not")
CONFIRMED = Happening("confirmed", "Confirmed that it is you")
SESSION_ENDED = Happening("session-ended", "A device was signed out")
SESSIONS_ENDED = Happening("sessions-ended", "All other devices were signed out")
PASSWORD_CHANGED = Happening("password-changed", "Password changed", is_mailed=True)
PASSWORD_RESET = Happening("password-reset", "Password set anew by a mailed link", is_mailed=True)
RESET_ASKED = Happening("reset-asked", "A link to set a new password was asked for")
EMAIL_CHANGED = Happening("email-changed", "Email address changed", is_mailed=True)
EMAIL_VERIFIED = Happening("email-verified", "Email address confirmed")
TOTP_ADDED = Happening("totp-added", "Authenticator app added", is_mailed=True)
TOTP_REMOVED = Happening("totp-removed", "Authenticator app removed", is_mailed=True)
RECOVERY_CODES_RENEWED = Happening("recovery-codes-renewed", "Recovery codes made anew", is_mailed=True)
RECOVERY_CODE_USED = Happening("recovery-code-used", "A recovery code was used", is_mailed=True)
PASSKEY_ADDED = Happening("passkey-added", "Passkey added", is_mailed=True)
PASSKEY_REMOVED = Happening("passkey-removed", "Passkey removed", is_mailed=True)
IDENTITY_LINKED = Happening("identity-linked", "Sign-in provider linked", is_mailed=True)
IDENTITY_UNLINKED = Happening("identity-unlinked", "Sign-in provider unlinked", is_mailed=True)
KIND_EXPORTED = Happening("kind-exported", "Records of one kind were exported as CSV", is_mailed=True)
FEED_MADE = Happening("feed-made", "A calendar feed was made", is_mailed=True)
FEED_REVOKED = Happening("feed-revoked", "A calendar feed was revoked")
EXPORTED = Happening("exported", "Everything was exported", is_mailed=True)
DATA_ERASED = Happening("data-erased", "All data was erased", is_mailed=True)
SUPPORT_GRANTED = Happening("support-granted", "Support was allowed to look", is_mailed=True)
SUPPORT_REVOKED = Happening("support-revoked", "Support was shut out again")
SUPPORT_OPENED = Happening("support-opened", "Support opened what you allowed", is_mailed=True)
SUPPORT_LOOKED = Happening("support-looked", "Support looked at your account")
LEGAL_EXPORT = Happening("legal-export", "A copy of your data was made for a legal order", is_mailed=True)
LEGAL_NOTICE_DEFERRED = Happening("legal-notice-deferred", "The notice of a legal order was put off")
APPOINTED = Happening("appointed", "The operator let this account serve support")
DISMISSED = Happening("dismissed", "The operator ended this account's service for support")
FACTORS_RESET = Happening("factors-reset", "The operator removed your second factors", is_mailed=True)
OPERATOR_SIGNED_OUT = Happening("operator-signed-out", "The operator signed every device out")
DISABLED = Happening("disabled", "The operator shut the account")
ENABLED = Happening("enabled", "The operator opened the account again")

WORDS = {one.name: one.words for one in list(globals().values()) if isinstance(one, Happening)}


def note(uow: UnitOfWork, happening: Happening, about: str = "") -> None:
    """Write one entry to the log of this account, and queue the mail if there is to be one."""
    session = str(uow.session_id) if uow.session_id else ""
    note_for(uow, happening, SecurityEvent(happening.name, device(), session, about))


def note_for(uow: UnitOfWork, happening: Happening, event: SecurityEvent) -> None:
    """Write an entry of somebody else's doing to the log of an account, and queue the mail if there is to be one."""
    uow.log.add(event, now())
    if happening.is_mailed and parts().settings.sends_mail:
        uow.mails.add(notice_mail(uow.account.email(), happening), now())


def notice_mail(to: str, happening: Happening) -> Mail:
    """Return the mail that tells of an event."""
    values = {"what": happening.words, "when": f"{now():%Y-%m-%d %H:%M} UTC"}
    return Mail(to, "notice", values)
