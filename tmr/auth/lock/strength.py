"""Which passwords may open locked records: someone who has the database and the keyring can guess at them."""

from tmr.auth.passwords.rule import rate
from tmr.auth.sign_up.email_address import canonical

LEAST_GUESSES_LOG10 = 14
TOO_EASY = "Someone who has the whole server could guess this password."


def refusal_of(password: str, email: str, name: str) -> str | None:
    """Return why a password may not open locked records, or None; it takes its turn, as rating does."""
    rating = rate(password, canonical(email) or email, name)
    if rating.weakness:
        return rating.weakness
    return None if rating.guesses_log10 >= LEAST_GUESSES_LOG10 else TOO_EASY
