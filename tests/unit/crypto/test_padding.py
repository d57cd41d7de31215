"""Padding hides lengths and comes off exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmr.crypto.errors import DecryptionError
from tmr.crypto.padding import pad_padme, pad_to_block, padme_length, unpad
from tmr.domain.kinds.application import APPLICATION
from tmr.repository.records.codec import encode_summary


@given(st.binary(max_size=5_000))
def test_padding_comes_off_exactly(content: bytes) -> None:
    assert unpad(pad_to_block(content)) == content
    assert unpad(pad_padme(content)) == content


def test_blocks_are_whole() -> None:
    assert {len(pad_to_block(bytes(length))) for length in range(2_000)} == {512, 1024, 1536, 2048}


def test_a_content_as_long_as_a_padme_length_has_room_for_the_mark() -> None:
    """A deliberate break of that passed: of a content of 64 bytes no length is left for it."""
    for length in range(3_000):
        padded = pad_padme(bytes(length))
        assert len(padded) > length
        assert padme_length(len(padded)) == len(padded)


def test_padme_adds_at_most_an_eighth() -> None:
    lengths = [padme_length(length) for length in range(64, 100_000)]

    assert all(length <= padded <= length * 1.12 for length, padded in enumerate(lengths, 64))
    assert len(set(lengths)) < 250


@pytest.mark.parametrize("padded", [b"", b"\0\0", b"Globex", b"Globex\x80\0x\0"])
def test_what_was_never_padded_is_refused(padded: bytes) -> None:
    with pytest.raises(DecryptionError):
        unpad(padded)


def test_k9_titles_of_all_lengths_take_at_most_two_sizes() -> None:
    sizes = {
        len(encode_summary(APPLICATION, {**APPLICATION.defaults(), "company": "Globex", "title": "x" * length}))
        for length in range(1, 201)
    }

    assert len(sizes) <= 2
