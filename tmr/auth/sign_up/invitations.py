"""Who may sign up: everybody, whoever was invited, or nobody."""

from tmr.web.services import now, services

INVITATION = "invitation"
NOT_INVITED = "Sign-up is by invitation only. Use the link you were given, with the email address it was made for."


def is_invited(canonical_email: str, token: str) -> bool:
    """Whether a person with this address may make an account."""
    own = services()
    if own.settings.registration == "open":
        return True
    return own.settings.registration == "invite" and own.repository.is_invitation(token, canonical_email, now())
