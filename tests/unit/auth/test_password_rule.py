"""bcrypt over a peppered hash, and the rule of what is accepted."""

import hmac
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Timer

import bcrypt
import pytest

from tests.support.measuring.processor_time import hash_seconds, least_cpu_seconds
from tmr.auth.passwords import rule
from tmr.auth.passwords.hashing import (
    WAITING_PLACES,
    CrowdError,
    _peppered,
    hash_password,
    needs_rehash,
    verify_password,
)
from tmr.auth.passwords.rule import rate


def pepper(message: bytes, _id: str) -> bytes:
    return hmac.digest(b"p" * 32, message, "sha256")


def hashed(password: str) -> str:
    return hash_password(password, "pepper-1", pepper)


def is_right(password: str, stored: str | None) -> bool:
    return verify_password(password, stored, ["pepper-1"], pepper)


def test_a2_what_looks_alike_does_not_open() -> None:
    base = "long passphrase " * 5 + "end"
    stored = hashed(base)

    assert is_right(base, stored)
    for other in (base.upper(), base + " ", base[:-1], base[:72], base + "\0", ""):
        assert not is_right(other, stored)


@pytest.mark.parametrize("password", ["nul\0inside the passphrase", "𝒻𝑜𝓊𝓇-byte letters 🔑🔑🔑", "é" * 100, "x" * 1024])
def test_a2_unusual_characters_work(password: str) -> None:
    assert is_right(password, hashed(password))


def test_composed_and_decomposed_letters_are_one_password() -> None:
    assert is_right("cafe\u0301 au lait noir", hashed("caf\u00e9 au lait noir"))


def test_each_hash_has_a_salt_of_its_own() -> None:
    assert hashed("correct horse battery staple") != hashed("correct horse battery staple")


def test_p08_the_stored_hash_verifies_with_a_stock_bcrypt() -> None:
    stored = hashed("correct horse battery staple")

    pepper_id, _, rest = stored.partition("$")

    assert pepper_id == "pepper-1"
    assert bcrypt.checkpw(_peppered("correct horse battery staple", "pepper-1", pepper), f"${rest}".encode())


def test_k6_the_cost_is_at_least_12() -> None:
    stored = hashed("correct horse battery staple")

    assert int(stored.split("$")[2]) >= 12
    assert not needs_rehash(stored, "pepper-1")
    assert needs_rehash(stored, "pepper-2")
    assert needs_rehash(stored.replace("$12$", "$11$"), "pepper-1")


def test_another_pepper_opens_nothing() -> None:
    stored = hashed("correct horse battery staple")

    assert not verify_password("correct horse battery staple", stored, ["pepper-2"], pepper)
    assert not verify_password("correct horse battery staple", stored, ["pepper-1"], lambda message, _: message[:32])


def test_without_a_stored_hash_no_password_is_right() -> None:
    assert not is_right("correct horse battery staple", None)
    assert not is_right("", "")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "Tr0ub4dor&3xyq",
        "vK9#mqL2$zTw",
        "ü" * 3 + "kleine Katze schläft",
    ],
)
def test_p28_strong_passwords_are_accepted(password: str) -> None:
    assert rate(password).weakness is None


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short1!aaaa", "at least 12"),
        ("x" * 1025, "at most 1,024"),
        ("onlyletters", "at least 12"),
        ("onlyletterss", "Mix letters"),
        ("password1234!", "."),
        ("aaaaaaaaaaaaaaaaaaaa", "."),
        ("123456789012345", "."),
        ("trackmyroles trackmyroles", "."),
    ],
)
def test_a1_weak_passwords_are_refused_with_a_reason(password: str, why: str) -> None:
    assert why in (rate(password).weakness or "accepted")


def test_a3_the_commonest_passwords_are_refused_however_their_letters_are_cased() -> None:
    words = (Path(rule.__file__).parent / "common_passwords.txt").read_text().splitlines()

    assert len(set(words)) >= 3_000
    assert all(len(word) >= rule.SHORTEST for word in words)
    assert [word for word in words if not rate(word).weakness or not rate(word.upper()).weakness] == []
    assert "most common" in (rate("090807060504030201").weakness or "")  # which zxcvbn alone rates well


def test_a4_your_own_address_is_no_password() -> None:
    assert rate("ada.lovelace1815!", "ada.lovelace1815@example.org").weakness


def test_a4_your_own_name_is_no_password() -> None:
    assert "mostly your email address" in str(rate("Augusta-Byron-1815", "ada@example.org", "Augusta Byron").weakness)
    assert rate("Augusta-Byron-1815", "ada@example.org").weakness is None


def test_a_password_longer_than_zxcvbn_reads_is_accepted() -> None:
    assert rate("several words that do not belong together at all, " * 4).weakness is None


def test_w1_no_password_takes_as_long_to_rate_as_to_hash() -> None:
    """Seen failing with 20 characters read of every password that has many readings: the first took 1.2 hashes."""
    words = "pass.word.a1.qwer.1111@example.org"
    most = 0.8 * hash_seconds()
    for crafted in (
        "4@8({[<369!1|7$5+0%2" * 4,
        "1!1!1!i!1!1|1e1!1!@61!1!1!1!1!1!15w!4!1!1!1!1!1!1!1!1!1!1!1!2i1!1!1!1!1!",
    ):
        assert least_cpu_seconds(lambda crafted=crafted: rule._rated(crafted, words, ""), most) <= most, crafted


def test_g5_so_many_wait_for_their_turn_and_one_more_is_told_so_at_once() -> None:
    go_on = Event()
    give_up = Timer(60, go_on.set)  # in case nobody is refused
    give_up.start()

    def slow_pepper(message: bytes, _id: str) -> bytes:
        assert go_on.wait(120)
        raise InterruptedError  # it was only about the waiting

    def wait_for_a_turn(_number: int) -> bool:
        try:
            hash_password("x", "p", slow_pepper)
        except InterruptedError:
            return True
        except CrowdError:
            go_on.set()
            return False
        return True

    with ThreadPoolExecutor(WAITING_PLACES + 1) as pool:
        served = list(pool.map(wait_for_a_turn, range(WAITING_PLACES + 1)))
    give_up.cancel()

    assert served.count(False) == 1
