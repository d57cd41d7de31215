"""Who may sign up: everyone, people with an invitation, or nobody."""

from tmr.web.services import now, services

INVITATION = "invitation"
NOT_INVITED = "Sign-up is by invitation only. Use the link you were given, with the email address it was made for."


def is_invited(canonical_email: str, token: str) -> bool:
    """Whether this address may sign up here, with the invitation that ``token`` belongs to where one is needed."""
    registration = services().settings.registration
    if registration == "open":
        return True
    return registration == "invite" and services().repository.is_invitation(token, canonical_email, now())
