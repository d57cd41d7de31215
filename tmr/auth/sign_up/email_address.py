"""Email addresses: what is accepted, and the single spelling that look-ups use. Pure, no Flask."""

import unicodedata

LONGEST = 254


def canonical(address: str) -> str | None:
    """Return the canonical spelling, or None if ``address`` is not an email address.

    It is trimmed and in NFC, its domain in lower-case IDNA, its local part in ASCII lower case (RFC 5321, RFC 5891).
    """
    if len(address) > LONGEST * 4:  # checked first: normalising takes time that grows with the square of the length
        return None
    # Imported here: its patterns take long to compile, and few commands are about an address.
    import email_validator

    # In a private network people have addresses at names such as .local, which the public internet reserves.
    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
    try:
        valid = email_validator.validate_email(
            unicodedata.normalize("NFC", address.strip()),
            check_deliverability=False,
            globally_deliverable=False,
        )
    except email_validator.EmailNotValidError:
        return None
    local = "".join(char.lower() if char.isascii() else char for char in valid.local_part)
    text = f"{local}@{(valid.ascii_domain or valid.domain).lower()}"
    return text if len(text) <= LONGEST else None


def deliverable(address: str) -> str:
    """Return an address that was accepted as mail servers take it: as it was typed, but its domain in IDNA (RFC 5891).

    Few servers take other letters there (RFC 6531), and however a domain is spelled, mail goes to the same place.
    """
    spelled = canonical(address)
    return f"{address.rpartition('@')[0]}@{spelled.rpartition('@')[2]}" if spelled else address
