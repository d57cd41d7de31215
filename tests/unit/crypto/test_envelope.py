"""Data keys: wrapped for one owner, purpose and number; content bound to one place."""

import base64
import json
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tmr.crypto.envelope import ACCOUNT, RECORDS, DataKey, WrappedKey, new_data_key, unwrap_data_key
from tmr.crypto.errors import DecryptionError
from tmr.crypto.keyring import new_keyring, parse_keyring

OWNER, STRANGER, ROW, OTHER_ROW = UUID(int=1), UUID(int=2), UUID(int=3).bytes, UUID(int=4).bytes


def test_a_wrapped_key_opens_what_it_sealed() -> None:
    keyring = parse_keyring(new_keyring())
    key = new_data_key(OWNER, 2, RECORDS)
    sealed = key.seal(b"Globex", "records", "summary_sealed", ROW)

    opened = unwrap_data_key(keyring, OWNER, key.wrap(keyring))

    assert opened.unseal(sealed, "records", "summary_sealed", ROW) == b"Globex"


def test_k3_a_key_that_was_wrapped_by_the_written_form_opens_with_its_very_bytes() -> None:
    """The form in docs and threat model, put together here by hand: a release that writes another one opens nothing."""
    text = new_keyring()
    kek, secret, nonce = base64.b64decode(json.loads(text)["wrapping"]["k1"]), bytes(range(32)), bytes(12)
    services = (b"\x01", OWNER.bytes, b"records", (7).to_bytes(4, "big"))
    aad = b"".join(len(part).to_bytes(4, "big") + part for part in services) + b"k1"
    wrapped = b"\x01" + nonce + AESGCM(kek).encrypt(nonce, secret, aad)

    key = unwrap_data_key(parse_keyring(text), OWNER, WrappedKey(7, RECORDS, "k1", wrapped))

    assert (key.key_id, key.purpose, key._secret) == (7, RECORDS, secret)


def test_k3_files_are_sealed_under_a_key_of_their_own() -> None:
    key = new_data_key(OWNER, 1, RECORDS)
    sealed = key.seal_chunk(b"%PDF", "file_chunks", "chunk_sealed", ROW)

    assert key.unseal_chunk(sealed, "file_chunks", "chunk_sealed", ROW) == b"%PDF"
    with pytest.raises(DecryptionError):
        key.unseal(sealed, "file_chunks", "chunk_sealed", ROW)


@pytest.mark.parametrize(
    ("table", "column", "row"),
    [
        ("imports", "summary_sealed", ROW),
        ("records", "detail_sealed", ROW),
        ("records", "summary_sealed", OTHER_ROW),
        ("recordss", "ummary_sealed", ROW),
    ],
)
def test_k2_a_moved_box_does_not_open(table: str, column: str, row: bytes) -> None:
    key = new_data_key(OWNER, 2, RECORDS)
    sealed = key.seal(b"Globex", "records", "summary_sealed", ROW)

    with pytest.raises(DecryptionError):
        key.unseal(sealed, table, column, row)


def test_k2_another_owner_or_key_number_does_not_open_it() -> None:
    secret = b"k" * 32
    sealed = DataKey(OWNER, 2, RECORDS, secret).seal(b"Globex", "records", "summary_sealed", ROW)

    for other in (DataKey(STRANGER, 2, RECORDS, secret), DataKey(OWNER, 3, RECORDS, secret)):
        with pytest.raises(DecryptionError):
            other.unseal(sealed, "records", "summary_sealed", ROW)


@pytest.mark.parametrize("change", ["owner", "purpose", "number", "kek"])
def test_k2_a_moved_wrap_does_not_open(change: str) -> None:
    keyring = parse_keyring(new_keyring())
    wrapped = new_data_key(OWNER, 2, RECORDS).wrap(keyring)
    moved = {
        "owner": (STRANGER, wrapped),
        "purpose": (OWNER, WrappedKey(2, ACCOUNT, wrapped.kek_id, wrapped.wrapped)),
        "number": (OWNER, WrappedKey(3, RECORDS, wrapped.kek_id, wrapped.wrapped)),
        "kek": (OWNER, WrappedKey(2, RECORDS, "k9", wrapped.wrapped)),
    }[change]

    with pytest.raises(DecryptionError):
        unwrap_data_key(keyring, *moved)


def test_k10_keys_do_not_print() -> None:
    keyring = parse_keyring(new_keyring())
    key = new_data_key(OWNER, 2, RECORDS)

    shown = f"{key!r} {key.cipher!r} {keyring!r} {key.__dict__.keys()}"

    assert key._secret.hex() not in shown
    assert repr(key._secret) not in shown
