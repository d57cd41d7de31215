"""The keyring: made once, private, and refused when weak."""

import base64
import json
import stat
from pathlib import Path

import pytest

from tmr.crypto.errors import KeyringError
from tmr.crypto.keyring import make_keyring_file, new_keyring, parse_keyring, read_keyring_file
from tmr.crypto.keyring_changes import with_hashing_key, with_key


def test_k4_all_keys_of_a_new_keyring_differ() -> None:
    file = json.loads(new_keyring())

    keys = [key for purpose in file.values() if isinstance(purpose, dict) for key in purpose.values()]

    assert len(keys) == len(set(keys)) == 6
    assert all(len(base64.b64decode(key)) == 32 for key in keys)


def change(**purposes: dict[str, str] | str) -> str:
    return json.dumps({**json.loads(new_keyring()), **purposes})


SHORT = base64.b64encode(b"short").decode()
FLAT = base64.b64encode(b"a" * 32).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "\0",
        change(wrapping={"k1": SHORT}),
        change(wrapping={"k1": FLAT}),
        change(wrapping={"k1": "not base64!"}),
        change(wrapping={}),
        change(index={}),
        change(primary="k2"),
        change(format="tmr-keyring/2"),
        change(extra={}),
    ],
)
def test_k4_a_weak_or_malformed_keyring_is_refused(text: str) -> None:
    with pytest.raises(KeyringError):
        parse_keyring(text)


def test_k4_two_equal_keys_are_refused() -> None:
    file = json.loads(new_keyring())
    file["pepper"] = {"pepper-1": file["index"]["index-1"]}

    with pytest.raises(KeyringError, match="equal"):
        parse_keyring(json.dumps(file))


def test_k10_a_keyring_file_is_private_and_made_once(tmp_path: Path) -> None:
    path = tmp_path / "var.keyring"
    make_keyring_file(path)
    first = path.read_text()

    make_keyring_file(path)

    assert path.read_text() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_k10_a_keyring_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "var.keyring"
    make_keyring_file(path)
    path.chmod(mode)

    with pytest.raises(KeyringError, match="chmod 600"):
        read_keyring_file(path)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_k10_a_private_keyring_is_read(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "var.keyring"
    make_keyring_file(path)
    path.chmod(mode)

    assert read_keyring_file(path).kek_ids == {"k1"}


def test_hashes_of_two_purposes_differ() -> None:
    keyring = parse_keyring(new_keyring())

    assert keyring.keyed_hash("index", b"a") != keyring.keyed_hash("pepper", b"a")


@pytest.mark.parametrize("purpose", ["index", "pepper", "cookie", "audit", "ledger"])
def test_k5_each_new_hashing_key_has_the_next_number_and_every_earlier_one_stays(purpose: str) -> None:
    text, ids = new_keyring(), []
    hashes = [parse_keyring(text).keyed_hash(purpose, b"x")]
    assert not parse_keyring(text).was_changed(purpose)
    for _ in range(2):
        text, key_id = with_hashing_key(text, purpose)
        ids.append(key_id)
        hashes.append(parse_keyring(text).keyed_hash(purpose, b"x"))

    keyring = parse_keyring(text)
    assert ids == [f"{purpose}-2", f"{purpose}-3"]
    assert keyring.key_ids(purpose) == [f"{purpose}-3", f"{purpose}-2", f"{purpose}-1"]
    assert keyring.keyed_hashes(purpose, b"x") == hashes[::-1]
    assert len(set(hashes)) == 3
    assert keyring.was_changed(purpose)


def test_k10_a_keyring_file_that_breaks_while_it_is_followed_changes_nothing_and_is_told_once(
    tmp_path: Path, caplog
) -> None:
    path = tmp_path / "var.keyring"
    make_keyring_file(path)
    good, keyring = path.read_text(), read_keyring_file(path)

    path.write_text("{}")
    opened = [keyring.unwrap(*keyring.wrap(b"s" * 32, b""), b"") for _ in range(3)]
    told = len(caplog.records)
    path.write_text(with_key(good, "k2", is_primary=True))
    renewed, _sealed = keyring.wrap(b"s" * 32, b"")

    assert opened == [b"s" * 32] * 3
    assert told == 1
    assert renewed == "k2"
