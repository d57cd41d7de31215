"""An authenticator in software: makes a passkey and signs with it, as browsers hand it over (WebAuthn Level 3)."""

import base64
import hashlib
import json
import re
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
        self.prf_secret = encode(secrets.token_bytes(32))  # what a browser derives of the output of its PRF

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


def passkey_ids(person: Person) -> list[str]:
    """The ids of the passkeys, as the security page lists them."""
    return re.findall(rf"{PASSKEYS}/([0-9a-f-]{{36}})/remove", person.get("/settings/security").text)


def let_in(person: Person, key: SoftAuthenticator, passkey_id: str = "", **fields: str):
    """Let a passkey, the newest if it is not said which, unlock the records through the real routes."""
    path = f"/settings/privacy/lock/passkeys/{passkey_id or passkey_ids(person)[-1]}"
    options = person.post(f"{path}/options", page="/settings").json
    return person.post(path, page="/settings", credential=key.get(options), **{"prf_secret": key.prf_secret, **fields})


def unlock_with(person: Person, key: SoftAuthenticator, **fields: str):
    """Unlock with a passkey, as the form does."""
    options = person.post("/unlock/passkey-options", page="/settings").json
    sent = {"unlock_credential": key.get(options), "unlock_secret": key.prf_secret, **fields}
    return person.post("/unlock", page="/settings", **sent)


def use_passkey(browser: Browser, key: SoftAuthenticator, path: str = "/login/passkey", page: str = "/login", **fields):
    options = browser.post("/login/passkey/options", page=page).json
    return browser.post(path, page=page, credential=key.get(options), **fields)
