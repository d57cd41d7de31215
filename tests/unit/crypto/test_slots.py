"""Slots: a data key in two boxes, opened by what a person holds and the keyring together, and by nothing less."""

import base64
import json
from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from tmr.crypto.aead import stretch
from tmr.crypto.envelope import ACCOUNT, RECORDS, new_data_key, rewrapped, unwrap_data_key, unwrap_from_slot
from tmr.crypto.errors import DecryptionError
from tmr.crypto.keyring import new_keyring, parse_keyring
from tmr.crypto.keyring_changes import with_key
from tmr.crypto.lock.slot import KINDS, OUTER, PASSWORD, RECOVERY, UNLOCK, KeyPlace, Slot
from tmr.crypto.lock.slot_keys import Stretching, password_key, random_key_of

OWNER, STRANGER, SESSION = UUID(int=1), UUID(int=2), UUID(int=3)
SLOT = Slot(UNLOCK, UUID(int=4), SESSION)
TEXT = new_keyring()
KEYRING = parse_keyring(TEXT)
SECRET = bytes(range(32))
KEY = random_key_of(OWNER, SLOT, SECRET)
DATA_KEY = new_data_key(OWNER, 2, RECORDS)
WRAPPED = DATA_KEY.wrap_in(KEYRING, SLOT, KEY)
CHEAP = Stretching(bytes(16), memory_kib=8, passes=1)


def test_a_slot_opens_with_its_key_and_the_keyring() -> None:
    assert unwrap_from_slot(KEYRING, OWNER, WRAPPED, KEY)._secret == DATA_KEY._secret


def test_k3_the_written_form_opens_with_its_very_bytes() -> None:
    """Put together by hand, as the decision has it: a release that writes another form opens nothing of before."""
    kek = base64.b64decode(json.loads(TEXT)["wrapping"]["k1"])

    def aad(box: bytes) -> bytes:
        parts = (b"\x02", box, OWNER.bytes, b"records", (2).to_bytes(4, "big"), b"unlock", SLOT.id.bytes, SESSION.bytes)
        return b"".join(len(part).to_bytes(4, "big") + part for part in parts)

    inner = b"\x01" + bytes(12) + AESGCM(KEY).encrypt(bytes(12), SECRET, aad(b"inner"))
    outer = b"\x01" + bytes(12) + AESGCM(kek).encrypt(bytes(12), inner, aad(b"outer") + b"k1")

    opened = unwrap_from_slot(KEYRING, OWNER, msgspec.structs.replace(WRAPPED, wrapped=outer), KEY)

    assert opened._secret == SECRET


@pytest.mark.parametrize(
    ("keyring", "slot_key"), [(KEYRING, bytes(32)), (parse_keyring(new_keyring()), KEY)], ids=["secret", "keyring"]
)
def test_the_keyring_alone_and_the_secret_alone_open_nothing(keyring, slot_key: bytes) -> None:
    with pytest.raises(DecryptionError):
        unwrap_from_slot(keyring, OWNER, WRAPPED, slot_key)


def test_what_the_keyring_opens_of_a_slot_is_still_sealed() -> None:
    inner = KEYRING.unwrap(WRAPPED.kek_id, WRAPPED.wrapped, KeyPlace(OWNER, RECORDS, 2).aad(OUTER, SLOT))

    assert DATA_KEY._secret not in inner
    assert len(inner) == len(DATA_KEY._secret) + 29


@given(st.integers(0, len(WRAPPED.wrapped) * 8 - 1))
def test_k1_a_slot_of_which_one_bit_was_changed_does_not_open(bit: int) -> None:
    changed = bytearray(WRAPPED.wrapped)
    changed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(DecryptionError):
        unwrap_from_slot(KEYRING, OWNER, msgspec.structs.replace(WRAPPED, wrapped=bytes(changed)), KEY)


@given(
    st.sampled_from([OWNER, STRANGER]),
    st.sampled_from([1, 2, 3]),
    st.sampled_from([RECORDS, ACCOUNT]),
    st.sampled_from(KINDS),
    st.sampled_from([SLOT.id, SESSION]),
    st.sampled_from([SESSION, SLOT.id, None]),
)
def test_k2_a_slot_that_was_moved_anywhere_does_not_open(owner, number, purpose, kind, slot_id, session_id) -> None:
    slot = Slot(kind, slot_id, session_id)
    moved = msgspec.structs.replace(WRAPPED, key_id=number, purpose=purpose, slot=slot)
    is_in_place = (owner, number, purpose, slot) == (OWNER, 2, RECORDS, SLOT)

    if is_in_place:
        assert unwrap_from_slot(KEYRING, owner, moved, KEY)._secret == DATA_KEY._secret
        return
    with pytest.raises(DecryptionError):
        unwrap_from_slot(KEYRING, owner, moved, KEY)
    with pytest.raises(DecryptionError):  # the outer box is bound as well: nothing can be put into a new one
        rewrapped(KEYRING, owner, moved)


def test_k2_a_slot_is_no_plain_wrap_and_a_plain_wrap_no_slot() -> None:
    plain = DATA_KEY.wrap(KEYRING)

    for unwrap in (
        lambda: unwrap_data_key(KEYRING, OWNER, WRAPPED),
        lambda: unwrap_data_key(KEYRING, OWNER, msgspec.structs.replace(WRAPPED, slot=None)),
        lambda: unwrap_from_slot(KEYRING, OWNER, plain, KEY),
        lambda: unwrap_from_slot(KEYRING, OWNER, msgspec.structs.replace(plain, slot=SLOT), KEY),
    ):
        with pytest.raises(DecryptionError):
            unwrap()


def test_k5_the_outer_box_is_renewed_without_the_person() -> None:
    both = parse_keyring(with_key(TEXT, "k2", is_primary=True))

    renewed = rewrapped(both, OWNER, WRAPPED)

    assert renewed.kek_id == "k2"
    assert unwrap_from_slot(both, OWNER, renewed, KEY)._secret == DATA_KEY._secret
    with pytest.raises(DecryptionError):
        unwrap_from_slot(KEYRING, OWNER, renewed, KEY)


def test_keys_of_slots_differ_by_everything_that_they_are_bound_to() -> None:
    slots = [SLOT, Slot(UNLOCK, SLOT.id), Slot(UNLOCK, SESSION, SESSION), Slot(RECOVERY, SLOT.id, SESSION)]
    keys = {random_key_of(owner, slot, SECRET) for owner in (OWNER, STRANGER) for slot in slots}
    split = {random_key_of(OWNER, SLOT, SECRET, b"ab"), random_key_of(OWNER, SLOT, SECRET + b"ab")}

    assert len(keys | split) == 10


@pytest.mark.parametrize(("kind", "secret"), [(RECOVERY, bytes(15)), (PASSWORD, SECRET)])
def test_a12_what_can_be_guessed_makes_no_key_by_hkdf(kind: str, secret: bytes) -> None:
    with pytest.raises(ValueError, match="128"):
        random_key_of(OWNER, Slot(kind, SLOT.id), secret)


def test_passwords_are_stretched_by_argon2id_at_64_mib_and_three_passes() -> None:
    known = "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"  # from the reference implementation

    assert stretch(b"password", b"somesalt", 65_536, 2, 1).hex() == known
    assert Stretching.new().text().startswith("argon2id$v=19$m=65536,t=3,p=1$")
    assert Stretching.new().salt != Stretching.new().salt


@given(st.binary(min_size=16, max_size=16), st.integers(8, 262_144), st.integers(1, 10))
def test_the_stored_form_of_stretching_reads_back(salt: bytes, memory: int, passes: int) -> None:
    stretching = Stretching(salt, memory, passes)

    assert Stretching.parse(stretching.text()) == stretching


@given(
    st.text() | st.from_regex(r"argon2id\$v=19\$m=\d{1,9},t=\d{1,4},p=\d{1,3}\$[A-Za-z0-9+/]{20,24}", fullmatch=True)
)
def test_w1_no_stored_form_asks_for_more_than_a_server_can_bear(text: str) -> None:
    try:
        stretching = Stretching.parse(text)
    except DecryptionError:
        return
    assert stretching.memory_kib <= 262_144
    assert stretching.passes <= 10
    assert stretching.lanes <= 4


@pytest.mark.parametrize(("memory", "lanes", "is_read"), [(7, 1, False), (8, 1, True), (31, 4, False), (32, 4, True)])
def test_w1_a_stored_form_has_the_least_memory_that_argon2_works_with(memory: int, lanes: int, is_read: bool) -> None:
    """RFC 9106, section 3.1: 8 KiB for each lane; the library would fail on less."""
    text = Stretching(bytes(16), memory, 1, lanes).text()

    assert read(text) == is_read


def read(text: str) -> bool:
    try:
        return bool(Stretching.parse(text))
    except DecryptionError:
        return False


def test_a2_passwords_that_look_alike_or_differ_late_make_the_same_key_or_another() -> None:
    composed, decomposed = password_key("Zo\u00eb", CHEAP), password_key("Zoe\u0308", CHEAP)
    others = {password_key(text, CHEAP) for text in ("Zoë ", "zoë", "Zoë\0", "x" * 72, "x" * 73, "\ud800")}

    assert composed == decomposed
    assert len(others | {composed}) == 7
