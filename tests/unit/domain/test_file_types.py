"""What a document is: decided by its content, as far as its name does not say otherwise."""

import io
import os
import struct
import tracemalloc
import zipfile

import pytest

from tests.support.measuring.processor_time import takes_at_most
from tests.support.paths import SAMPLES
from tmr.domain.fields.files import FILE_TYPES, FileTypeRefusedError, file_type_of

HEAD = 8 * 1024
CASES = SAMPLES / "import-cases"
PICTURE = os.urandom(20_000)
TYPES = "[Content_Types].xml"


def package(*names: str, first: bytes = PICTURE, comment: bytes = b"") -> bytes:
    """A ZIP whose first file is larger than what is read of the beginning."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as zipped:
        zipped.writestr("docProps/thumbnail.jpeg", first)
        for name in names:
            zipped.writestr(name, "<x/>")
        zipped.comment = comment
    return content.getvalue()


def kind_of(content: bytes, name: str) -> str:
    return FILE_TYPES[file_type_of(content[:HEAD], name, io.BytesIO(content))]


@pytest.mark.parametrize("comment", [b"", b"x" * 65_535, b"PK\x05\x06 in a comment"])
@pytest.mark.parametrize(
    ("folder", "ending", "kind"), [("word", "docx", "Word"), ("xl", "xlsx", "Excel"), ("ppt", "pptx", "PowerPoint")]
)
def test_an_office_file_that_begins_with_a_picture_is_known_by_its_directory(folder, ending, kind, comment) -> None:
    content = package(TYPES, "_rels/.rels", f"{folder}/document.xml", comment=comment)

    assert kind_of(content, f"x.{ending}") == kind


def test_f1_the_letter_of_the_cases_is_a_word_file() -> None:
    assert kind_of((CASES / "f1-letter.docx").read_bytes(), "f1-letter.docx") == "Word"


@pytest.mark.parametrize(
    "content",
    [
        package("a.txt"),
        package("word/document.xml"),  # without the list of types it is a folder of that name
        package(TYPES, "xl/workbook.xml", "xl/embeddings/word/document.xml"),
        package(TYPES, "a.txt", first=b"word/document.xml" + PICTURE),
        package(TYPES, "notes/word/document.xml"),
    ],
)
def test_a_zip_that_is_no_word_file_is_refused_under_its_name(content: bytes) -> None:
    with pytest.raises(FileTypeRefusedError, match=r"named \.docx, but its content is something else. Save it again"):
        kind_of(content, "letter.docx")


def with_directory(length: int, count: int = 1) -> bytes:
    return b"PK\x03\x04" + bytes(9_000) + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, length, 0, 0)


@pytest.mark.parametrize(
    "content",
    [
        with_directory(0),
        with_directory(46),
        with_directory(0xFFFFFFFF, 0xFFFF),
        b"PK\x03\x04",
        b"PK\x03\x04PK\x05\x06",
        package(TYPES, "word/document.xml")[:-30],
    ],
)
def test_a_zip_with_a_broken_directory_is_no_word_file_and_no_error(content: bytes) -> None:
    assert kind_of(content, "x.zip") == "ZIP"
    with pytest.raises(FileTypeRefusedError):
        kind_of(content, "x.docx")


def test_f2_a_directory_of_a_hundred_thousand_names_costs_little() -> None:
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *[0] * 6, *[0] * 3, 50, *[0] * 4, 0, 0) + b"n" * 50
    names = entry * 100_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(names), 0, 0)
    file = io.BytesIO(b"PK\x03\x04" + names + end)

    tracemalloc.start()
    with takes_at_most(hashes=8):
        media_type = file_type_of(file.read(HEAD), "bomb.zip", file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert media_type == "application/zip"
    assert peak < 8 * 1024 * 1024


def test_f2_the_windows_letter_of_the_cases_is_text() -> None:
    assert kind_of((CASES / "f2-brief-windows.txt").read_bytes(), "f2-brief-windows.txt") == "Text"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
@pytest.mark.parametrize("length", [1, 1_000])
def test_text_is_taken_in_the_encodings_of_windows_too(encoding: str, length: int) -> None:
    text = "Sehr geehrte Damen und Herren,\r\n\r\nmit großer Freude – nein: mit „Neugier“ … 5 €\r\n"
    text = text.translate({ord(char): "-" for char in "–„“…€"}) if encoding == "latin-1" else text

    assert kind_of((text * length).encode(encoding), "Brief.TXT") == "Text"


def test_big_endian_text_and_a_character_cut_in_two_are_taken() -> None:
    assert kind_of(b"\xfe\xff" + ("x" * 4_094 + "😀" * 9).encode("utf-16-be"), "a.txt") == "Text"


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\0\x03" + bytes(99),
        "こんにちは、世界。".encode("shift-jis"),
        b"caf\xe9 \x9d",
        b"caf\xe9\0",
        b"\xff\xfe" + "a\0b".encode("utf-16-le"),
        b"\xff\xfe\x00\xd8a\0",
    ],
)
def test_what_is_no_text_says_what_to_do(content: bytes) -> None:
    with pytest.raises(FileTypeRefusedError, match="Save it as UTF-8"):
        kind_of(content, "notes.txt")


@pytest.mark.parametrize("content", ["Größe".encode("cp1252"), "Größe".encode("utf-16")])
def test_bytes_that_only_might_be_text_are_text_only_by_name(content: bytes) -> None:
    with pytest.raises(FileTypeRefusedError, match="This type of file can't be added"):
        kind_of(content, "x.bin")
