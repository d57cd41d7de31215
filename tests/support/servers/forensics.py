"""An installation of its own, and what a look at its disk gives away."""

import base64
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.support.factories import application, new_account
from tmr.config import Settings, load_settings
from tmr.crypto.address import length_prefixed
from tmr.domain.kinds.application import APPLICATION
from tmr.operations.jobs.context import JobContext
from tmr.wiring.services import job_context_of, prepare

SEALED_KEY_BYTES = 1 + 12 + 32 + 16


class Installation:
    """An installation of its own. Its server runs between ``start`` and ``stop``."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.settings = load_settings({"TMR_DATA_DIR": str(folder / "var"), **environ})

    def start(self) -> JobContext:
        self.database = prepare(self.settings)
        return job_context_of(self.settings, self.database)

    def stop(self) -> None:
        self.database.leave()

    def add(self, job_context: JobContext, email: str) -> UUID:
        now = dt.datetime.now(dt.UTC)
        owner = job_context.repository.add_account(new_account(email), now)
        with job_context.repository.for_owner(owner) as uow:
            uow.records.add(APPLICATION, application(), now)
            uow.commit()
        return owner


def wrapping_keys(settings: Settings) -> dict[str, bytes]:
    written = msgspec.json.decode(settings.keyring_file.read_bytes())
    return {kek_id: base64.b64decode(key) for kek_id, key in written["wrapping"].items()}


def byte_strings(folder: Path) -> Iterator[bytes]:
    """Every byte string of the size of a wrapped key that begins as one does, in every file; hex and raw."""
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        content = path.read_bytes()
        for start in re.finditer(b"\x01(?=.{60})", content, re.S):
            yield content[start.start() : start.start() + SEALED_KEY_BYTES]
        for match in re.finditer(rb"(?:\\x)?(01[0-9a-f]{120})", content):
            yield bytes.fromhex(match[1].decode())


def opened(folder: Path, keys: dict[str, bytes], owner: UUID, numbers: range = range(1, 4)) -> set[str]:
    """The purposes of this account's data keys that some byte string in the folder gives away under some key."""
    tries = [
        (
            purpose,
            AESGCM(key),
            length_prefixed(b"\x01", owner.bytes, purpose.encode(), n.to_bytes(4, "big")) + kek.encode(),
        )
        for kek, key in keys.items()
        for purpose in ("account", "records")
        for n in numbers
    ]
    purposes = set()
    for sealed in set(byte_strings(folder)):
        for purpose, cipher, aad in tries:
            try:
                cipher.decrypt(sealed[1:13], sealed[13:], aad)
            except InvalidTag:
                continue
            purposes.add(purpose)
    return purposes
