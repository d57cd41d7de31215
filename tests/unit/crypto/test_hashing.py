"""Codes that people read aloud, tokens, and what is kept of them."""

from collections import Counter

from tmr.crypto.hashing import new_code, new_token, plain_code, token_hash

LETTERS = "abcdefghjkmnpqrstuvwxyz123456789"


def test_a12_every_letter_of_a_code_is_chosen_by_chance_from_all_32() -> None:
    """Broken: a shift, a mask or an alphabet that gives fewer: some would show at no place, or more often."""
    codes = [plain_code(new_code(10)) for _ in range(3_000)]

    assert len(set(codes)) == len(codes)
    assert {len(code) for code in codes} == {16}
    for place in range(16):
        seen = Counter(code[place] for code in codes)
        assert set(seen) == set(LETTERS)
        assert max(seen.values()) < 3 * min(seen.values())
    for left in range(15):  # two places that share bits would go together
        pairs = {(code[left], code[left + 1]) for code in codes}
        assert len(pairs) > 900


def test_a12_a_code_of_20_bytes_has_32_letters_in_groups_of_four() -> None:
    code = new_code(20)

    assert [len(group) for group in code.split("-")] == [4] * 8
    assert plain_code(f" {code.upper()} ") == code.replace("-", "")


def test_a12_tokens_are_256_bits_and_their_hash_is_the_sha_256() -> None:
    assert {len(new_token()) for _ in range(50)} == {43}
    assert token_hash("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert len(token_hash("\ud800")) == 32
