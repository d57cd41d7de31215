"""AES-256-GCM: published vectors, round trips, and every way to tamper."""

import re
from pathlib import Path

import cryptography_vectors
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.support.paths import ROOT
from tmr.crypto.aead import FORMAT, OVERHEAD_BYTES, Cipher, derive_key, random_key
from tmr.crypto.errors import DecryptionError

VECTORS = Path(cryptography_vectors.__file__).parent / "ciphers" / "AES" / "GCM"


def vectors(name: str) -> list[dict[str, str]]:
    """Read NIST's response files (SP 800-38D), those with the sizes that we use."""
    all_vectors, group, current = [], {}, {}
    for line in (VECTORS / name).read_text().splitlines():
        if line.startswith("["):
            key, _, value = line.strip("[]").partition("=")
            group[key.strip()] = value.strip()
        elif line.startswith("Count"):
            current = {**group}
            all_vectors.append(current)
        elif "=" in line:
            key, _, value = line.partition("=")
            current[key.strip()] = value.strip()
        elif line.strip() == "FAIL":
            current["FAIL"] = "yes"
    return [vector for vector in all_vectors if vector.get("IVlen") == "96" and vector.get("Taglen") == "128"]


def test_k1_nist_vectors_of_encryption_hold() -> None:
    cases = vectors("gcmEncryptExtIV256.rsp")

    for case in cases:
        sealed = AESGCM(bytes.fromhex(case["Key"])).encrypt(
            bytes.fromhex(case["IV"]), bytes.fromhex(case["PT"]), bytes.fromhex(case["AAD"])
        )
        assert sealed.hex() == case["CT"] + case["Tag"]

    assert len(cases) > 300


def test_k1_nist_vectors_of_decryption_hold_and_forged_ones_fail() -> None:
    cases = vectors("gcmDecrypt256.rsp")
    outcomes = {True: 0, False: 0}

    for case in cases:
        cipher = Cipher(bytes.fromhex(case["Key"]))
        sealed = FORMAT + bytes.fromhex(case["IV"] + case["CT"] + case["Tag"])
        is_forged = "FAIL" in case
        outcomes[is_forged] += 1
        if is_forged:
            with pytest.raises(DecryptionError):
                cipher.unseal(sealed, bytes.fromhex(case["AAD"]))
        else:
            assert cipher.unseal(sealed, bytes.fromhex(case["AAD"])).hex() == case["PT"]

    assert outcomes[True] > 50
    assert outcomes[False] > 50


def test_k1_every_flipped_bit_is_refused() -> None:
    cipher, aad = Cipher(random_key()), b"where it belongs"
    sealed = cipher.seal(b"Globex", aad)

    for position in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(DecryptionError):
            cipher.unseal(bytes(changed), aad)


@pytest.mark.parametrize("length", [0, 1, 12, 13, 28])
def test_k1_every_truncation_is_refused(length: int) -> None:
    cipher = Cipher(random_key())
    sealed = cipher.seal(b"Globex", b"aad")

    with pytest.raises(DecryptionError):
        cipher.unseal(sealed[:length], b"aad")


def test_k1_other_aad_and_other_key_are_refused() -> None:
    key = random_key()
    sealed = Cipher(key).seal(b"Globex", b"aad")

    with pytest.raises(DecryptionError):
        Cipher(key).unseal(sealed, b"other")
    with pytest.raises(DecryptionError):
        Cipher(random_key()).unseal(sealed, b"aad")


def test_empty_content_comes_back() -> None:
    cipher = Cipher(random_key())

    assert cipher.unseal(cipher.seal(b"", b"aad"), b"aad") == b""


@pytest.mark.parametrize("length", [0, 1, 4096])
def test_a_box_is_longer_than_its_content_by_what_the_inspection_expects(length: int) -> None:
    assert len(Cipher(random_key()).seal(bytes(length), b"")) - length == OVERHEAD_BYTES == 29


def test_k1_nonces_do_not_repeat() -> None:
    cipher = Cipher(random_key())

    nonces = {cipher.seal(b"", b"")[1:13] for _ in range(100_000)}

    assert len(nonces) == 100_000


def test_k3_a_format_from_the_future_is_an_error() -> None:
    cipher = Cipher(random_key())
    sealed = cipher.seal(b"Globex", b"aad")

    with pytest.raises(DecryptionError):
        cipher.unseal(b"\x02" + sealed[1:], b"aad")


def test_purposes_have_keys_of_their_own() -> None:
    key = random_key()

    assert derive_key(key, "tmr/account/v1") != derive_key(key, "tmr/records/v1")
    assert derive_key(key, "tmr/records/v1") == derive_key(key, "tmr/records/v1")


def test_only_one_module_imports_a_cipher() -> None:
    source = ROOT / "tmr"

    importing = {path.name: path.read_text() for path in source.rglob("*.py") if "cryptography" in path.read_text()}
    imports = {name for name, code in importing.items() if re.search(r"^\s*(from|import) cryptography", code, re.M)}
    ciphers = {name for name, code in importing.items() if "cryptography.hazmat.primitives.ciphers" in code}

    assert imports == {"aead.py", "certificates.py"}  # the other one makes certificates and seals nothing
    assert ciphers == {"aead.py"}
