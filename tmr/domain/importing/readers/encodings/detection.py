"""From bytes to text: which encoding a file has."""

import codecs
import io
import re
from collections.abc import Iterable
from typing import Any, TextIO

from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.readers.encodings.appearance import encoding_by_appearance

ENCODINGS = (
    ("utf-8", "UTF-8"),
    ("utf-16", "UTF-16"),
    ("cp1252", "Western (Windows-1252)"),
    ("cp1250", "Central European (Windows-1250)"),
    ("cp1251", "Cyrillic (Windows-1251)"),
    ("cp1253", "Greek (Windows-1253)"),
    ("cp1254", "Turkish (Windows-1254)"),
    ("shift_jis", "Japanese (Shift JIS)"),
    ("gb18030", "Chinese (GB 18030)"),
    ("big5", "Chinese (Big5)"),
    ("euc_kr", "Korean (EUC-KR)"),
    ("mac_roman", "Western (Macintosh)"),
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = {
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"RIFF": "a picture or a sound",
    b"%PDF": "a PDF",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"\x1f\x8b": "a compressed file",
    b"7z\xbc\xaf": "a compressed file",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"SQLite format 3": "a database",
}
SAMPLE_BYTES = 256 * 1024
# What Windows calls by the same names has more letters, such as 髙 and ㈱.
_CODECS = {"utf-8": "utf-8-sig", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "cp950"}
_WORD = re.compile(r"[^\W\d_]{1,60}")


def encoding_of(content: bytes, wanted: str = "") -> str:
    """Return the name of the encoding of a whole file; ``wanted`` overrides the guess.

    Raises:
        FileRefusedError: the file is empty, of another type, or not text in that encoding.
    """
    _refuse_other_kinds(content)
    name = wanted if wanted in dict(ENCODINGS) else guess_encoding(content)
    try:
        _decode_all(content, name)
    except (UnicodeError, LookupError):
        raise FileRefusedError(
            "The characters in this file can't be read. Save it as CSV in UTF-8 and try again."
        ) from None
    return name


def open_text(chunks: Iterable[bytes], encoding: str) -> TextIO:
    """Return the text of a file that comes in chunks, with its line ends; only a chunk at a time is in memory."""
    name = _CODECS.get(encoding, encoding)
    return io.TextIOWrapper(io.BufferedReader(_Chunks(chunks), 256 * 1024), encoding=name, newline="")


def sample_of_letters(text: str, most: int = 5) -> list[str]:
    """Return the first distinct words with letters beyond ASCII: in these a person sees whether a guess is right."""
    words: dict[str, None] = {}
    for match in _WORD.finditer(text):
        if not match[0].isascii():
            words[match[0]] = None
            if len(words) == most:
                break
    return list(words)


class _Chunks(io.RawIOBase):
    """Reads from an iterator of bytes."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        super().__init__()
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")  # not bytes: a long chunk is read in many short pieces, and copied for none

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            try:
                self._rest = memoryview(next(self._chunks))
            except StopIteration:
                return 0
        piece, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


def guess_encoding(content: bytes) -> str:
    """Return the encoding: by its byte order mark, else UTF-8 if that is valid, else by what the bytes look like."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    if wide := _unmarked_utf16(content):
        return wide
    try:
        _decode_all(content, "utf-8")
    except UnicodeError:
        return encoding_by_appearance(_telling_lines(content))
    return "utf-8"


def _decode_all(content: bytes, encoding: str) -> None:
    pieces = (content[start : start + SAMPLE_BYTES] for start in range(0, len(content), SAMPLE_BYTES))
    for _ in codecs.iterdecode(pieces, _CODECS.get(encoding, encoding)):
        pass


def _telling_lines(content: bytes) -> bytes:
    """Return the lines that are not ASCII, up to a sample: only they say anything."""
    lines, size = [], 0
    for line in io.BytesIO(content):
        if not line.isascii():
            lines.append(line[:SAMPLE_BYTES])
            size += len(lines[-1])
            if size >= SAMPLE_BYTES:
                break
    return b"".join(lines)


def _unmarked_utf16(content: bytes) -> str | None:
    """Return UTF-16 if every second byte only is ever zero and the text is printable: Japanese has few zeros."""
    sample = content[: min(len(content), 4_096) // 2 * 2]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) < 2 or min(even, odd) * 20 > max(even, odd):
        return None
    name = "utf-16-le" if odd > even else "utf-16-be"
    try:
        text = codecs.getincrementaldecoder(name)().decode(sample)
    except UnicodeError:
        return None
    return name if max(even, odd) * 4 >= len(sample) or all(c.isprintable() or c in "\r\n\t" for c in text) else None


def _refuse_other_kinds(content: bytes) -> None:
    if not content.strip():
        raise FileRefusedError("This file is empty.")
    for signature, words in _SIGNATURES.items():
        if content.startswith(signature):
            raise FileRefusedError(f"This is {words}, not a table, despite its name. Export your list as CSV.")
