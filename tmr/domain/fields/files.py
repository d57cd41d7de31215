"""What type a document is, decided by its content and never by its name.

Signatures are from the formats' own specifications: ISO 32000 (PDF), RFC 2083 (PNG), ISO/IEC 10918 (JPEG), RTF 1.9,
MS-CFB (old Office files), ECMA-376 and ODF 1.2 part 3 (ZIP packages), APPNOTE 6.3 (ZIP). Libraries were tried: of the
two common ones, one takes every ZIP for a Word file, and the other has had no release for years.
"""

import codecs
import io
import re
import struct
import unicodedata
from collections.abc import Iterator
from typing import IO

MAX_FILE_MB = 10  # of one document
MAX_FILE_BYTES = MAX_FILE_MB * 1024 * 1024
PDF = "application/pdf"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FILE_TYPES = {
    PDF: "PDF",
    _WORD: "Word",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
    "application/msword": "Word (old)",
    "application/vnd.oasis.opendocument.text": "OpenDocument",
    "application/vnd.oasis.opendocument.spreadsheet": "OpenDocument",
    "application/vnd.oasis.opendocument.presentation": "OpenDocument",
    "application/rtf": "Rich text",
    "application/zip": "ZIP",
    "image/png": "Picture",
    "image/jpeg": "Picture",
    "image/webp": "Picture",
    "text/plain": "Text",
}
_SIGNATURES = (
    (re.compile(rb"\A.{0,1000}%PDF-", re.DOTALL), PDF),
    (re.compile(rb"\A\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\A\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"\ARIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"\A\{\\rtf"), "application/rtf"),
    (re.compile(rb"\A\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "application/msword"),
    (re.compile(rb"\APK\x03\x04.{26}mimetype(application/vnd\.oasis\.opendocument\.\w+)", re.DOTALL), ""),
)
_PACKAGES = (  # by the folder that a package has at its top
    (b"word/", _WORD),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_ENDINGS = {
    "pdf": (PDF,),
    "docx": (_WORD,),
    "png": ("image/png",),
    "jpg": ("image/jpeg",),
    "jpeg": ("image/jpeg",),
    "rtf": ("application/rtf",),
    "doc": ("application/msword", "application/rtf"),
}
_TEXT_ENDINGS = ("txt", "text", "md", "csv", "tsv", "log")
_PACKAGE_LIST = b"[content_types].xml"  # which every package of ECMA-376 has; names differ by case in some
_END_OF_ZIP = struct.Struct("<4s4H2LH")
_ZIP_ENTRY = struct.Struct("<4s24x3H12x")
_LONGEST_ZIP_END = _END_OF_ZIP.size + 0xFFFF  # with its comment
# A document has some dozens of entries. What has more than fit in here is only a ZIP.
_LONGEST_DIRECTORY = 1024 * 1024
REFUSED = "This type of file can't be added. Use PDF, Word, OpenDocument, rich text, plain text, a picture or ZIP."
NOT_TEXT = (
    "This file is named .{ending}, but its text can't be read. Save it as UTF-8 (in Notepad: Save as, Encoding: UTF-8) "
    "and add it again."
)
DIFFERS = "This file is named .{ending}, but its content is something else. Save it again in the program it came from."
LONGEST_NAME_READ = 1_000


class FileTypeRefusedError(ValueError):
    """A file of a type that cannot be added, or not of the type that its name says; the message says which."""


def file_type_of(head: bytes, name: str, file: IO[bytes] | io.RawIOBase | None = None) -> str:
    """Return the media type of a file by its first 8 kB, a key of ``FILE_TYPES``.

    With ``file``, of which the head was read, a ZIP is looked into as well: its directory is at its end, and ``file``
    is left at the position that it came with.

    Raises:
        FileTypeRefusedError: not a type that can be added, or not what the ending of ``name`` says.
    """
    ending = name.rpartition(".")[2].lower()
    media_type = _by_signature(head) or _by_package(head, file) or _if_text(head, ending)
    if media_type not in FILE_TYPES:
        raise FileTypeRefusedError(NOT_TEXT.format(ending=ending) if ending in _TEXT_ENDINGS else REFUSED)
    if ending in _ENDINGS and media_type not in _ENDINGS[ending]:
        raise FileTypeRefusedError(DIFFERS.format(ending=ending))
    return media_type


def plain_name(name: str) -> str:
    """Return a file's name without folders, controls and what systems, headers or lists cannot take; never empty."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name[-LONGEST_NAME_READ:]))[-1]
    kept = "".join(char if char.isprintable() and char not in '<>:"|?*;' else "_" for char in last)
    kept = " ".join(kept.split()).strip(". ")
    stem, dot, ending = kept.rpartition(".")
    short = f"{stem[: 150 - len(ending)]}.{ending}" if dot and len(ending) < 10 else kept[:150]
    return short or "document"


def start_of_text(head: bytes) -> str:
    """Return the text that a file of plain text begins with, in the encoding that it was taken to be in."""
    for encoding in ("utf-8", _other_encoding(head)):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        return text.removeprefix("\ufeff").replace("\r\n", "\n")
    return ""


def _by_signature(head: bytes) -> str:
    for signature, media_type in _SIGNATURES:
        if match := signature.search(head):
            return media_type or match[1].decode("ascii")
    return ""


def _by_package(head: bytes, file: IO[bytes] | io.RawIOBase | None) -> str:
    if not head.startswith(b"PK\x03\x04"):
        return ""
    names = _zip_names(file) if file else []
    if not names:  # without a directory, what the beginning shows must do
        return next((media_type for folder, media_type in _PACKAGES if folder in head), "application/zip")
    if _PACKAGE_LIST not in names:
        return "application/zip"
    folders = {name.partition(b"/")[0] + b"/" for name in names if b"/" in name}
    return next((media_type for folder, media_type in _PACKAGES if folder in folders), "application/zip")


def _zip_names(file: IO[bytes] | io.RawIOBase) -> list[bytes]:
    """Return the names in the directory of a ZIP, in small letters; none if it is broken, or too long for a document.

    Nothing is unpacked, and at most a megabyte is read.
    """
    position = file.tell()
    try:
        size = file.seek(0, io.SEEK_END)
        end = _read(file, max(0, size - _LONGEST_ZIP_END), _LONGEST_ZIP_END)
        for at in _places_from_the_end(end, b"PK\x05\x06"):
            if len(end) - at < _END_OF_ZIP.size:
                continue
            *_, length, _offset, comment = _END_OF_ZIP.unpack_from(end, at)
            if at + _END_OF_ZIP.size + comment != len(end):
                continue  # these bytes are a part of the comment
            start = size - len(end) + at - length
            is_sound = start >= 0 and length <= _LONGEST_DIRECTORY
            return [name.lower() for name in _names_in(_read(file, start, length))] if is_sound else []
        return []
    finally:
        file.seek(position)


def _read(file: IO[bytes] | io.RawIOBase, start: int, length: int) -> bytes:
    """Read ``length`` bytes, or what there is of them; a raw file gives less at a time than it is asked for."""
    file.seek(start)
    content = bytearray()
    while piece := file.read(length - len(content)):
        content += piece
    return bytes(content)


def _places_from_the_end(content: bytes, wanted: bytes) -> Iterator[int]:
    at = content.rfind(wanted)
    while at >= 0:
        yield at
        at = content.rfind(wanted, 0, at)


def _names_in(directory: bytes) -> Iterator[bytes]:
    at = 0
    while at + _ZIP_ENTRY.size <= len(directory):
        signature, name, extra, comment = _ZIP_ENTRY.unpack_from(directory, at)
        if signature != b"PK\x01\x02":
            return
        start = at + _ZIP_ENTRY.size
        yield directory[start : start + name].replace(b"\\", b"/").removeprefix(b"/")
        at = start + name + extra + comment


def _if_text(head: bytes, ending: str) -> str:
    """Return the type of plain text, else nothing.

    UTF-8 is known for sure. UTF-16 and Windows-1252, in which Windows saves notes, could be anything: they need a name
    that says text.
    """
    is_text = _is_text(head, "utf-8")
    if not is_text and ending in _TEXT_ENDINGS:
        is_text = _is_text(head, _other_encoding(head))
    return "text/plain" if is_text else ""


def _other_encoding(head: bytes) -> str:
    return "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "cp1252"


def _is_text(head: bytes, encoding: str) -> bool:
    """Whether these bytes are text without controls in an encoding; the last character may be cut off."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return False
    return not any(unicodedata.category(char) == "Cc" and char not in "\t\r\n\f" for char in text)
