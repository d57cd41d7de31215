"""One-time codes from authenticator apps (RFC 6238): the secret, its QR code, and checking a code. Pure, no Flask."""

import datetime as dt
import hmac

import pyotp
import segno
from markupsafe import Markup

STEP_SECONDS, DIGITS = 30, 6
WINDOW = 1  # steps to either side of now that are accepted, for clocks that are off
ISSUER = "TrackMyRoles"


def new_secret() -> str:
    """Return a random secret of 160 bits in base32, 32 letters."""
    return pyotp.random_base32(32)


def key_uri(secret: str, email: str) -> str:
    """Return the ``otpauth:`` address that authenticator apps read: SHA-1, 6 digits, 30 seconds."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def qr_code(uri: str) -> Markup:
    """Return the QR code of ``uri`` as an SVG element, dark on light in every colour scheme, with a quiet zone."""
    code = segno.make(uri, error="m", micro=False)
    # Safe as markup: the address becomes a matrix of squares, and none of its text is in there.
    return Markup(code.svg_inline(border=4, omitsize=True, svgclass="qr", light="#fff", title="QR code"))  # noqa: S704


def step_of(secret: str, code: str, now: dt.datetime) -> int | None:
    """Return the time step of ``code`` if that is now or one step to either side, else None.

    It is a step and not just a yes, so that the caller can refuse one that was used.
    """
    typed = code.replace(" ", "")
    if len(typed) != DIGITS or not typed.isascii() or not typed.isdigit():
        return None
    generator, current = pyotp.HOTP(secret), int(now.timestamp()) // STEP_SECONDS
    for step in range(current + WINDOW, current - WINDOW - 1, -1):
        if hmac.compare_digest(generator.at(step), typed):
            return step
    return None
