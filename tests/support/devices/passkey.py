"""An authenticator in software: makes a passkey and signs with it, as browsers hand it over (WebAuthn Level 3)."""

import base64
import hashlib
import json
import secrets
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.people import Browser, Person

ORIGIN = "http://localhost:8000"
PRESENT, VERIFIED, ATTESTED = 1, 4, 64


def encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class SoftAuthenticator:
    """Signs for one site. What it claims can be bent, to see what is refused."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.count = 0
        self.is_counting = True  # the passkeys of phones do not count
        self.origin = ORIGIN
        self.rp_id = "localhost"
        self.flags = PRESENT | VERIFIED

    def create(self, options: dict[str, Any]) -> str:
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(public)
        data = self._data(self.flags | ATTESTED) + attested
        answer = {
            "clientDataJSON": encode(self._client_data("webauthn.create", options)),
            "attestationObject": encode(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal"],
        }
        return self._credential(answer)

    def get(self, options: dict[str, Any]) -> str:
        self.count += self.is_counting
        data, client = self._data(self.flags), self._client_data("webauthn.get", options)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        answer = {
            "clientDataJSON": encode(client),
            "authenticatorData": encode(data),
            "signature": encode(signature),
            "userHandle": None,
        }
        return self._credential(answer)

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin}).encode()

    def _credential(self, answer: dict[str, Any]) -> str:
        kept = {"id": encode(self.id), "rawId": encode(self.id), "type": "public-key", "response": answer}
        return json.dumps({**kept, "clientExtensionResults": {}, "authenticatorAttachment": "platform"})


PASSKEYS = "/settings/security/passkeys"


def add_passkey(person: Person, key: SoftAuthenticator | None = None, label: str = "Phone"):
    """Add a passkey through the real routes; return it with the answer."""
    key = key or SoftAuthenticator()
    options = person.post(f"{PASSKEYS}/options").json
    answer = person.post(PASSKEYS, credential=key.create(options), label=label)
    return key, answer


def use_passkey(browser: Browser, key: SoftAuthenticator, path: str = "/login/passkey", page: str = "/login", **fields):
    options = browser.post("/login/passkey/options", page=page).json
    return browser.post(path, page=page, credential=key.get(options), **fields)
