"""Which passwords are accepted, and why others are not. Pure, no Flask."""

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
ZXCVBN_READS = 72  # characters; zxcvbn raises an error above that
# It tries every way to read digits and signs as letters (4 as a, 1 as i or l). A password with all of them has hundreds
# of readings, and the time grows with the square of the length. The start of a password never rates better than the
# whole, so reading less can refuse more but never accept more.
MANY_READINGS, ZXCVBN_READS_THEN = 16, 20
MOST_READINGS, ZXCVBN_READS_LEAST = 96, 12  # a random password hardly ever has more
PRODUCT_WORDS = ("trackmyroles", "track my roles", "tmr")


class Rating(msgspec.Struct, frozen=True):
    """What is wrong with a password, or None if it is accepted.

    Then ``strength`` is 3 or 4 on zxcvbn's scale to 4, and ``guesses_log10`` how many digits its guesses have.
    """

    weakness: str | None
    strength: int = 0
    guesses_log10: float = 0.0


def rate(password: str, email: str = "", name: str = "") -> Rating:
    """Rate a password, in turn with those that are hashed: although bounded, it may take half as long as a hash.

    A password is accepted if it has 12 to 14 characters with a letter, a digit and a symbol among them, or 15 and more
    of any kind; if it is not one of the most common; and if zxcvbn rates it 3 or better, knowing the product's name,
    the address and the person's name.

    Raises:
        CrowdError: too many requests wait for their turn.
    """
    reason = _refusal(password) or _refusal_for_known_words(password, email, name)
    if reason:
        return Rating(reason)
    with turn():
        rated = _rated(password, email, name)
    return Rating(_easily_guessed(rated), int(rated["score"]), float(rated["guesses_log10"]))


def _refusal(password: str) -> str | None:
    """Return what is wrong with the password by itself, or None: length, mix, and the list of common ones."""
    if len(password) > LONGEST_TYPED:
        return f"Use at most {LONGEST:,} characters. This has {len(password):,}."
    length = len(unicodedata.normalize("NFC", password))
    if length < SHORTEST:
        return f"Use at least {SHORTEST} characters. This has {length}."
    if length > LONGEST:
        return f"Use at most {LONGEST:,} characters. This has {length:,}."
    if length < PASSPHRASE and not _is_mixed(password):
        return f"Mix letters, digits and symbols, or use at least {PASSPHRASE} characters."
    if password.casefold() in _common_passwords():
        return "This is one of the most common passwords, so attackers try it first. Choose another."
    return None


@cache
def _common_passwords() -> frozenset[str]:
    """Return the 5,000 most common passwords of 12 and more characters, case folded.

    They come from the ten million that Mark Burnett put in the public domain in 2015.
    """
    return frozenset(Path(__file__).with_name("common_passwords.txt").read_text("utf-8").splitlines())


def _is_mixed(password: str) -> bool:
    has_letter = any(char.isalpha() for char in password)
    has_digit = any(char.isdigit() for char in password)
    return has_letter and has_digit and any(not char.isalnum() for char in password)


def _refusal_for_known_words(password: str, email: str, name: str) -> str | None:
    """Return why a password is refused that has little left without the product's name, the address and the name."""
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
    known = [word[:ZXCVBN_READS] for word in words if word][:20]
    rating: dict[str, Any] = zxcvbn(password[: _reads(password)], user_inputs=known)
    return rating


def _reads(password: str) -> int:
    """Return how many characters of a password zxcvbn reads."""
    readings = _readings(password[:ZXCVBN_READS])
    if readings <= MANY_READINGS:
        return ZXCVBN_READS
    return ZXCVBN_READS_THEN if readings <= MOST_READINGS else ZXCVBN_READS_LEAST


def _readings(password: str) -> int:
    """Return how many ways there are at most to read the digits and signs of a password as letters."""
    held = set(password)
    return math.prod(max(1, len(held.intersection(signs))) for signs in L33T_TABLE.values())
