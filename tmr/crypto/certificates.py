"""Self-signed certificates, for a local network without a certificate authority."""

import datetime as dt
import ipaddress
from collections.abc import Iterable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tmr.private_files import write_private

VALID_FOR, RENEWED_BEFORE = dt.timedelta(days=397), dt.timedelta(days=30)
CERTIFICATE, KEY = "self-signed.pem", "self-signed.key"


def self_signed(folder: Path, names: Iterable[str], now: dt.datetime) -> tuple[Path, Path, str]:
    """Return the paths of a certificate for ``names`` and of its key, and its SHA-256 fingerprint in hex.

    An existing one is kept while it has these names and is valid for 30 more days (ECDSA P-256, 397 days).
    """
    certificate, key, wanted = folder / CERTIFICATE, folder / KEY, sorted(set(map(_plain, names)))
    if not certificate.exists() or not key.exists() or not _is_good(certificate.read_bytes(), wanted, now):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(certificate, key, wanted, now)
    issued = x509.load_pem_x509_certificate(certificate.read_bytes())
    return certificate, key, issued.fingerprint(SHA256()).hex()


def _is_good(pem: bytes, names: list[str], now: dt.datetime) -> bool:
    try:
        issued = x509.load_pem_x509_certificate(pem)
    except ValueError:
        return False
    extension = issued.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return sorted(str(name.value) for name in extension) == names and issued.not_valid_after_utc - now > RENEWED_BEFORE


def _make(certificate: Path, key: Path, names: list[str], now: dt.datetime) -> None:
    secret = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TrackMyRoles, self-signed")])
    builder = (
        x509.CertificateBuilder(subject, subject, secret.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    write_private(key, secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    write_private(certificate, builder.sign(secret, SHA256()).public_bytes(Encoding.PEM))


def _plain(name: str) -> str:
    """Return a name as a certificate has it: an address in its one form, other letters than ASCII's by IDNA."""
    try:
        return str(ipaddress.ip_address(name.partition("%")[0]))
    except ValueError:
        return name if name.isascii() else name.encode("idna").decode()


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
