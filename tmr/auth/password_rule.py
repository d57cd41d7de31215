"""Which passwords are accepted, and why one is not. Pure, no Flask."""

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from zxcvbn import zxcvbn

from tmr.domain.folding import searchable

SHORTEST, PASSPHRASE, LONGEST = 12, 15, 1_024
ZXCVBN_READS = 72  # it raises above that
PRODUCT_WORDS = ("trackmyroles", "track my roles", "tmr")


def weakness(password: str, email: str = "", name: str = "") -> str | None:
    """Return what is wrong with ``password``, or None when it is accepted.

    Accepted: 12 to 14 characters with a letter, a digit and a symbol, or 15 and more of any kind; and rated 3 or
    better by zxcvbn with the product's name and the address as extra words; and none of the most common ones.
    """
    length = len(unicodedata.normalize("NFC", password))
    if length < SHORTEST:
        return f"Use at least {SHORTEST} characters; this has {length}."
    if length > LONGEST:
        return f"At most {LONGEST:,} characters fit; this has {length:,}."
    if length < PASSPHRASE and not _is_mixed(password):
        return f"Mix letters, digits and symbols, or make it {PASSPHRASE} characters or longer."
    if password.casefold() in _common():
        return "This is one of the most common passwords, so it would be tried first. Choose another."
    return _own_words(password, email, name) or _easily_guessed(password, email, name)


def strength(password: str, email: str = "", name: str = "") -> int:
    """Return what zxcvbn rates a password, 0 to 4; one that ``weakness`` accepts has 3 or 4."""
    return int(_rated(password, email, name)["score"])


@cache
def _common() -> frozenset[str]:
    """Return the 5,000 commonest passwords of 12 and more characters, case folded.

    They are counted in the ten million that Mark Burnett gave to the public domain in 2015.
    """
    return frozenset(Path(__file__).with_name("common_passwords.txt").read_text("utf-8").splitlines())


def _is_mixed(password: str) -> bool:
    has_letter = any(char.isalpha() for char in password)
    has_digit = any(char.isdigit() for char in password)
    return has_letter and has_digit and any(not char.isalnum() for char in password)


def _own_words(password: str, email: str, name: str) -> str | None:
    """Say when little is left of a password without the product's name and the own address."""
    core = _letters(password)
    local, _, domain = email.partition("@")
    words = [*PRODUCT_WORDS, email, local, *local.replace("+", ".").split("."), domain, *name.split()]
    for word in sorted(map(_letters, words), key=len, reverse=True):
        core = core.replace(word, "") if len(word) > 2 else core
    return "This is mostly your address, your name or that of this app. Choose other words." if len(core) < 8 else None


def _letters(text: str) -> str:
    return "".join(char for char in searchable(text) if char.isalnum())


def _easily_guessed(password: str, email: str, name: str) -> str | None:
    rating = _rated(password, email, name)
    if rating["score"] >= 3:
        return None
    why = rating["feedback"]["warning"] or "This is easily guessed"
    return f"{why.rstrip('.')}. Try four or more words that do not belong together."


def _rated(password: str, email: str, name: str) -> dict[str, Any]:
    words = [*PRODUCT_WORDS, email, *email.replace("@", ".").split("."), *name.split()]
    rating: dict[str, Any] = zxcvbn(password[:ZXCVBN_READS], user_inputs=[word for word in words if word])
    return rating
