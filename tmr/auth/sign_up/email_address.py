"""Email addresses: what is accepted, and the one form that look-ups use. Pure, no Flask."""

import unicodedata

import email_validator
from email_validator import EmailNotValidError, validate_email

LONGEST = 254
# A server in a private network has people at names that the public one reserves.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def canonical(address: str) -> str | None:
    """Return the canonical form, or None when ``address`` is no email address.

    Trimmed, NFC, the domain in lower-case IDNA, the local part in ASCII lower case (RFC 5321, RFC 5891).
    """
    if len(address) > LONGEST * 4:  # before any work that grows with the square of the length
        return None
    try:
        found = validate_email(
            unicodedata.normalize("NFC", address.strip()),
            check_deliverability=False,
            globally_deliverable=False,
        )
    except EmailNotValidError:
        return None
    local = "".join(char.lower() if char.isascii() else char for char in found.local_part)
    text = f"{local}@{(found.ascii_domain or found.domain).lower()}"
    return text if len(text) <= LONGEST else None
