"""What type a document is, decided by its content and never by its name.

Signatures are from the formats' own specifications: ISO 32000 (PDF), RFC 2083 (PNG), ISO/IEC 10918 (JPEG), RTF 1.9,
MS-CFB (old Office files), ECMA-376 and ODF 1.2 part 3 (ZIP packages). Libraries were tried: of the two common ones,
one takes every ZIP for a Word file, and the other has had no release for years.
"""

import re
import unicodedata

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
_PACKAGES = (
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
REFUSED = "This type of file can't be added. Use PDF, Word, OpenDocument, rich text, plain text, a picture or ZIP."
DIFFERS = "This file is named .{ending}, but its content is something else. Save it again in the program it came from."
LONGEST_NAME_READ = 1_000


class FileTypeRefusedError(ValueError):
    """A file of a type that cannot be added, or not of the type that its name says; the message says which."""


def file_type_of(head: bytes, name: str) -> str:
    """Return the media type of a file by its first 8 kB, a key of ``FILE_TYPES``.

    Raises:
        FileTypeRefusedError: not a type that can be added, or not what the ending of ``name`` says.
    """
    media_type = _by_signature(head) or _by_package(head) or _if_text(head)
    if media_type not in FILE_TYPES:
        raise FileTypeRefusedError(REFUSED)
    ending = name.rpartition(".")[2].lower()
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


def _by_signature(head: bytes) -> str:
    for signature, media_type in _SIGNATURES:
        if match := signature.search(head):
            return media_type or match[1].decode("ascii")
    return ""


def _by_package(head: bytes) -> str:
    if not head.startswith(b"PK\x03\x04"):
        return ""
    return next((media_type for folder, media_type in _PACKAGES if folder in head), "application/zip")


def _if_text(head: bytes) -> str:
    """Return the type of plain text for UTF-8 without controls, else nothing; the last character may be cut off."""
    text = head.decode("utf-8", errors="ignore")
    is_whole = len(text.encode()) >= len(head) - 3
    has_controls = any(unicodedata.category(char) == "Cc" and char not in "\t\r\n\f" for char in text)
    return "text/plain" if is_whole and not has_controls else ""
