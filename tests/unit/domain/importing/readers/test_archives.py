"""ZIP files: which of their entries are tables, and which are passed over by name."""

import io
import zipfile

import pytest

from tests.support.paths import SAMPLES
from tests.support.workbooks import workbook
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.readers.archives import MAX_ENTRIES, Archive

CASES = SAMPLES / "import-cases"
TABLE = b"Company,Role\nA,B\n"


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def opened(files: dict[str, bytes]) -> Archive:
    return Archive(io.BytesIO(zipped(files)))


def test_of_notions_view_and_all_its_rows_only_the_rows_are_a_table() -> None:
    archive = Archive(io.BytesIO((CASES / "z1-notion-export.zip").read_bytes()))

    assert archive.tables() == ["Job Tracker 0123abcd_all.csv"]
    assert archive.passed_over == ["Job Tracker 0123abcd.csv", "Job Tracker 0123abcd/Company 1 99aa.md"]
    assert not archive.has_inner_tables


def test_a_zip_in_a_zip_is_opened_once() -> None:
    archive = Archive(io.BytesIO((CASES / "z2-notion-in-parts.zip").read_bytes()))
    [name] = archive.tables()

    assert name == "ExportBlock-0a-Part-1.zip/Job Tracker 0123abcd_all.csv"
    assert b"Company 1" in archive.read(name)
    assert archive.has_inner_tables
    with pytest.raises(FileRefusedError, match="no table that can be imported"):
        opened({"a.zip": zipped({"b.zip": zipped({"c.csv": TABLE})})}).tables()


def test_tables_may_be_text_and_sheets_and_the_rest_is_named() -> None:
    book = workbook(Jobs=[["Company", "Role"], ["A", "B"]], Empty=[])
    archive = opened(
        {
            "a.csv": TABLE,
            "b.TSV": b"Company\tRole\nA\tB\n",
            "c.txt": b"Company\tRole\nA\tB\n",
            "letter.txt": b"Dear Pat,\nthank you, and good bye.\n",
            "jobs.xlsx": book,
            "broken.xlsx": b"PK\x03\x04",
            "photo.png": b"x",
            "__MACOSX/._a.csv": b"x",
            "folder/": b"",
            "folder/.DS_Store": b"x",
        }
    )

    assert archive.tables() == ["a.csv", "b.TSV", "c.txt", "jobs.xlsx/Jobs.csv"]
    assert archive.passed_over == ["letter.txt", "jobs.xlsx/Empty (empty)", "broken.xlsx", "photo.png"]
    assert archive.read("jobs.xlsx/Jobs.csv") == b"Company,Role\r\nA,B\r\n"


def test_what_a_template_filled_in_is_named_too() -> None:
    archive = opened({"jobs.xlsx": (CASES / "x7-filled-down-rows.xlsx").read_bytes()})

    assert archive.passed_over == ["jobs.xlsx/Tracker (300 rows, filled in by the template only)"]


def test_the_only_file_inside_says_why_it_is_refused() -> None:
    with pytest.raises(FileRefusedError, match="No sheet in this workbook"):
        opened({"jobs.xlsx": workbook(Empty=[])}).tables()


def test_an_export_in_a_zip_asks_to_be_unpacked() -> None:
    export = zipped({"manifest.json": b'{"format": "tmr-export/1", "files": {}}', "applications.csv": TABLE})

    with pytest.raises(FileRefusedError, match="Unpack it once"):
        opened({"export.zip": export}).tables()


def test_a_numbers_document_says_how_to_export_it() -> None:
    with pytest.raises(FileRefusedError, match="Numbers"):
        opened({"Index/Document.iwa": b"x"}).tables()


def test_f2_only_so_many_files_inside_are_opened() -> None:
    book = workbook(Jobs=[["Company", "Role"], ["A", "B"]])
    archive = opened({f"{n}.xlsx": book for n in range(25)})

    assert len(archive.tables()) == 20
    assert archive.passed_over == [f"{n}.xlsx" for n in range(20, 25)]


def test_f2_a_manifest_of_millions_of_entries_is_refused_before_it_is_read() -> None:
    """Seen failing: it was read whole, of 64 MB, which takes hundreds of them, in the web process too."""
    many = ",".join(f'"{number}":{{"sha256":""}}' for number in range(400_000))
    more = ",".join(f'"{number}":{{"sha256":""}}' for number in range(MAX_ENTRIES + 1))
    for entries in (many, more):
        with pytest.raises(FileRefusedError):
            opened({"manifest.json": f'{{"format": "tmr-export/2", "files": {{{entries}}}}}'.encode()})


def test_f2_what_is_inside_counts_against_the_same_limits() -> None:
    large = zipped({"a.csv": TABLE * 400_000})  # 7 MB each, and too small alone to look like a bomb
    many = zipped({f"{n}.png": b"" for n in range(3_000)})

    with pytest.raises(FileRefusedError, match="far more"):
        opened({f"{n}.zip": large for n in range(12)}).tables()
    with pytest.raises(FileRefusedError):
        opened({f"{n}.zip": many for n in range(9)}).tables()
