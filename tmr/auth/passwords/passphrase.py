"""A random password that people can read, remember and type."""

import secrets

_CONSONANTS, _VOWELS = "bdfghjklmnprstvz", "aeiou"
WORDS, SYLLABLES = 4, 3


def new_passphrase() -> str:
    """Return four words that mean nothing, of 75 random bits: ``mibato-kurevi-sodapu-lenogi``."""
    return "-".join("".join(_syllable() for _ in range(SYLLABLES)) for _ in range(WORDS))


def _syllable() -> str:
    return secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS)
