"""Which passwords are accepted, and why one is not. Pure, no Flask."""

import math
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from zxcvbn import zxcvbn
from zxcvbn.matching import L33T_TABLE

from tmr.auth.passwords.hashing import LONGEST_TYPED, turn
from tmr.domain.fields.folding import searchable

SHORTEST, PASSPHRASE, LONGEST = 12, 15, 1_024
ZXCVBN_READS = 72  # it raises above that
# It tries every way to read digits and signs as letters (4 as a, 1 as i or l): with all of them in a password that is
# hundreds of ways, and the time grows with the square of the length. The start of a password is never rated better
# than the whole of it, so that reading less refuses more and accepts nothing.
MANY_READINGS, ZXCVBN_READS_THEN = 16, 20
PRODUCT_WORDS = ("trackmyroles", "track my roles", "tmr")


class Rating(msgspec.Struct, frozen=True):
    """What is wrong with a password, or None when it is accepted, and then how strong it is: 3 or 4 of zxcvbn's 4."""

    weakness: str | None
    strength: int = 0


def rate(password: str, email: str = "", name: str = "") -> Rating:
    """Rate a password once, in turn with those who hash: it is bounded, and still may take as long as half a hash.

    Accepted: 12 to 14 characters with a letter, a digit and a symbol, or 15 and more of any kind; and rated 3 or
    better by zxcvbn with the product's name and the address as extra words; and none of the most common ones.

    Raises:
        CrowdError: too many wait for their turn.
    """
    reason = _refusal(password) or _own_words(password, email, name)
    if reason:
        return Rating(reason)
    with turn():
        rated = _rated(password, email, name)
    return Rating(_easily_guessed(rated), int(rated["score"]))


def _refusal(password: str) -> str | None:
    """Say what a look at the password alone finds wrong with it."""
    if len(password) > LONGEST_TYPED:
        return f"Use at most {LONGEST:,} characters. This has {len(password):,}."
    length = len(unicodedata.normalize("NFC", password))
    if length < SHORTEST:
        return f"Use at least {SHORTEST} characters. This has {length}."
    if length > LONGEST:
        return f"Use at most {LONGEST:,} characters. This has {length:,}."
    if length < PASSPHRASE and not _is_mixed(password):
        return f"Mix letters, digits and symbols, or use at least {PASSPHRASE} characters."
    if password.casefold() in _common():
        return "This is one of the most common passwords, so attackers try it first. Choose another."
    return None


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
    return (
        "This is mostly your email address, your name or this app's name. Choose other words."
        if len(core) < 8
        else None
    )


def _letters(text: str) -> str:
    return "".join(char for char in searchable(text) if char.isalnum())


def _easily_guessed(rating: dict[str, Any]) -> str | None:
    if rating["score"] >= 3:
        return None
    why = rating["feedback"]["warning"] or "This is easy to guess"
    return f"{why.rstrip('.')}. Try four or more words that have nothing to do with each other."


def _rated(password: str, email: str, name: str) -> dict[str, Any]:
    words = [*PRODUCT_WORDS, email, *email.replace("@", ".").split("."), *name.split()]
    reads = ZXCVBN_READS if _readings(password[:ZXCVBN_READS]) <= MANY_READINGS else ZXCVBN_READS_THEN
    rating: dict[str, Any] = zxcvbn(password[:reads], user_inputs=[word[:ZXCVBN_READS] for word in words if word][:20])
    return rating


def _readings(password: str) -> int:
    """Return how many ways there are at most to read the digits and signs of a password as letters."""
    held = set(password)
    return math.prod(max(1, len(held.intersection(signs))) for signs in L33T_TABLE.values())
