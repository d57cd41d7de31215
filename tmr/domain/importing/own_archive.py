"""Our own export ZIP: checked against its manifest, unpacked within limits, in memory."""

import hashlib
import io
import lzma
import zipfile
import zlib

import msgspec

from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.kinds import Kind

MAX_ENTRIES = 100
MAX_UNPACKED = 64 * 1024 * 1024
SIGNATURE = b"PK\x03\x04"
# What zipfile and the decompressors raise for a broken or hostile file; NotImplementedError is a RuntimeError.
DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, RuntimeError, EOFError, ValueError, LookupError)
NOT_OURS = "This ZIP is not an export of TrackMyRoles. Unpack it and import the CSV file inside."


class _Entry(msgspec.Struct):
    sha256: str


class _Manifest(msgspec.Struct):
    format: str
    files: dict[str, _Entry]


def is_zip(content: bytes) -> bool:
    """Whether ``content`` is a ZIP, whatever its name says."""
    return content.startswith(SIGNATURE)


def unpack(kind: Kind, content: bytes) -> bytes:
    """Return the CSV of ``kind`` in an export.

    Raises:
        FileRefusedError: not our export, damaged, changed since it was made, or far larger than any export.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as zipped:
            return _checked(zipped, f"{kind.plural}.csv")
    except DAMAGE as error:
        if isinstance(error, FileRefusedError):
            raise
        raise FileRefusedError("This ZIP is damaged and cannot be opened.") from None


def _checked(zipped: zipfile.ZipFile, name: str) -> bytes:
    names = zipped.namelist()
    if "[Content_Types].xml" in names:
        raise FileRefusedError("This is an Excel or Word file. Save the sheet as CSV (UTF-8) and import that.")
    if len(names) > MAX_ENTRIES or len(set(names)) != len(names) or not {"manifest.json", name} <= set(names):
        raise FileRefusedError(NOT_OURS)
    manifest = msgspec.json.decode(_read(zipped, "manifest.json"), type=_Manifest)
    if not manifest.format.startswith("tmr-export/1") or name not in manifest.files:
        raise FileRefusedError(NOT_OURS)
    content = _read(zipped, name)
    if hashlib.sha256(content).hexdigest() != manifest.files[name].sha256:
        raise FileRefusedError(f"{name} in this ZIP differs from what was exported: its checksum is another one.")
    return content


def _read(zipped: zipfile.ZipFile, name: str) -> bytes:
    """Read one entry up to the limit, without believing the size that it claims."""
    with zipped.open(name) as file:
        content = file.read(MAX_UNPACKED + 1)
    if len(content) > MAX_UNPACKED:
        raise FileRefusedError("This ZIP unpacks to far more than an export has. Nothing was changed.")
    return content
