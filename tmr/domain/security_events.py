"""What an account's security log can say, in the words that its owner reads; the serious events are mailed as well."""

import msgspec


class EventType(msgspec.Struct, frozen=True):
    """A kind of event: its name in the log, its words, and whether its owner gets a mail at once."""

    name: str
    words: str
    is_mailed: bool = False


SIGNED_UP = EventType("signed-up", "Account created")
SIGNED_IN = EventType("signed-in", "Signed in")
SIGNED_OUT = EventType("signed-out", "Signed out")
NEW_DEVICE = EventType("new-device", "Signed in from a new device")  # its mail has a link of its own
SIGN_IN_REFUSED = EventType("sign-in-refused", "Someone entered a wrong password")
SIGN_IN_REFUSED_OFTEN = EventType("sign-in-refused-often", "More wrong passwords or codes followed, too many to list")
FACTOR_REFUSED = EventType("factor-refused", "Right password, but the second step failed")
CONFIRMED = EventType("confirmed", "You confirmed that it is you")
CONFIRMATION_REFUSED = EventType("confirmation-refused", "Someone who was signed in entered a wrong password or code")
RECORDS_OPENED = EventType("records-opened", "Your records were unlocked in a browser")
RECORDS_CLOSED = EventType("records-closed", "Your records were locked again")
LOCK_ON = EventType("lock-on", "The lock of your records was turned on", is_mailed=True)
LOCK_OFF = EventType("lock-off", "The lock of your records was turned off", is_mailed=True)
LOCK_KEY_RENEWED = EventType(
    "lock-key-renewed", "Your locked records are sealed under a new key, with a new recovery code", is_mailed=True
)
LOCK_CODE_USED = EventType("lock-code-used", "Your records were unlocked with their recovery code", is_mailed=True)
LOCK_CODE_RENEWED = EventType("lock-code-renewed", "A new recovery code unlocks your records", is_mailed=True)
LOCK_PASSWORD_SET = EventType("lock-password-set", "Your password was set to unlock your records", is_mailed=True)
LOCK_PASSKEY_ADDED = EventType("lock-passkey-added", "A passkey was let unlock your records", is_mailed=True)
LOCK_PASSKEY_ENDED = EventType(
    "lock-passkey-ended", "A passkey no longer unlocks your records, and still signs you in", is_mailed=True
)
BEGINNING_AGAIN = EventType(
    "beginning-again",
    "Your locked records will be deleted in seven days, unless you unlock them or stop it in Settings, Privacy, Lock",
    is_mailed=True,
)
NOT_BEGINNING_AGAIN = EventType(
    "not-beginning-again", "Your locked records stay: their deletion was stopped", is_mailed=True
)
SESSION_ENDED = EventType("session-ended", "A device was signed out")
SESSIONS_ENDED = EventType("sessions-ended", "All other devices were signed out", is_mailed=True)
PASSWORD_CHANGED = EventType("password-changed", "Password changed", is_mailed=True)
PASSWORD_RESET = EventType("password-reset", "Password reset with a link sent by email", is_mailed=True)
RESET_ASKED = EventType("reset-asked", "Someone asked for a link to reset the password")
EMAIL_CHANGED = EventType("email-changed", "Email address changed", is_mailed=True)
EMAIL_RESPELLED = EventType("email-respelled", "Your email address is spelled in another way", is_mailed=True)
EMAIL_VERIFIED = EventType("email-verified", "Email address confirmed")
TOTP_ADDED = EventType("totp-added", "Authenticator app added", is_mailed=True)
TOTP_REMOVED = EventType("totp-removed", "Authenticator app removed", is_mailed=True)
RECOVERY_CODES_RENEWED = EventType("recovery-codes-renewed", "New recovery codes created", is_mailed=True)
RECOVERY_CODE_USED = EventType("recovery-code-used", "A recovery code was used", is_mailed=True)
PASSKEY_ADDED = EventType("passkey-added", "Passkey added", is_mailed=True)
PASSKEY_REMOVED = EventType("passkey-removed", "Passkey removed", is_mailed=True)
LOCK_PASSKEY_REMOVED = EventType(
    "lock-passkey-removed", "A passkey that unlocked your records was removed", is_mailed=True
)
IDENTITY_LINKED = EventType("identity-linked", "Sign-in provider linked", is_mailed=True)
IDENTITY_UNLINKED = EventType("identity-unlinked", "Sign-in provider unlinked", is_mailed=True)
MAILS_TELL_NAMES = EventType(
    "mails-tell-names", "Your reminder emails name companies and titles from now on", is_mailed=True
)
KIND_EXPORTED = EventType("kind-exported", "Records of one kind were exported as CSV", is_mailed=True)
PROOF_EXPORTED = EventType("proof-exported", "A proof of search was downloaded as CSV", is_mailed=True)
FEED_MADE = EventType("feed-made", "A calendar link was created", is_mailed=True)
FEED_REVOKED = EventType("feed-revoked", "A calendar link was revoked")
TOKEN_MADE = EventType("token-made", "An access token for scripts was created", is_mailed=True)
TOKEN_REVOKED = EventType("token-revoked", "An access token was revoked")
LOCK_TOKEN_REVOKED = EventType(
    "lock-token-revoked", "An access token that opened your locked records was revoked", is_mailed=True
)
COACH_LINK_MADE = EventType("coach-link-made", "A link for a coach was created", is_mailed=True)
COACH_LINK_REVOKED = EventType("coach-link-revoked", "A link for a coach was revoked")
LOCK_COACH_LINK_REVOKED = EventType(
    "lock-coach-link-revoked", "A link for a coach that opened your locked records was revoked", is_mailed=True
)
COACH_OPENED = EventType("coach-opened", "Someone opened a link for a coach with its code", is_mailed=True)
COACH_LOOKED = EventType("coach-looked", "A coach looked at your search")
COACH_REFUSED = EventType("coach-refused", "Someone entered a wrong code for a coach's link")
EXPORTED = EventType("exported", "Everything was exported", is_mailed=True)
DATA_ERASED = EventType("data-erased", "All data was erased", is_mailed=True)
SUPPORT_GRANTED = EventType("support-granted", "You gave support access", is_mailed=True)
SUPPORT_REVOKED = EventType("support-revoked", "You ended support access")
LOCK_SUPPORT_REVOKED = EventType(
    "lock-support-revoked", "You ended support access that opened your locked records", is_mailed=True
)
SUPPORT_OPENED = EventType("support-opened", "Support used the access you gave", is_mailed=True)
SUPPORT_LOOKED = EventType("support-looked", "Support looked at your account")
LEGAL_EXPORT = EventType("legal-export", "A copy of your data was made for a legal order", is_mailed=True)
LEGAL_NOTICE_DEFERRED = EventType("legal-notice-deferred", "The notice of a legal order was postponed")
APPOINTED = EventType("appointed", "The operator let this account give support")
DISMISSED = EventType("dismissed", "The operator ended this account's role in support")
FACTORS_TAKEN = EventType(
    "factors-taken",
    "Your address was confirmed for the first time: authenticator app, passkeys and sign-in providers were removed",
    is_mailed=True,
)
FACTORS_RESET = EventType("factors-reset", "The operator removed your second factors", is_mailed=True)
OPERATOR_SIGNED_OUT = EventType("operator-signed-out", "The operator signed out all your devices")
DISABLED = EventType("disabled", "The operator disabled the account")
ENABLED = EventType("enabled", "The operator enabled the account again")

WORDS = {declared.name: declared.words for declared in list(globals().values()) if isinstance(declared, EventType)}
