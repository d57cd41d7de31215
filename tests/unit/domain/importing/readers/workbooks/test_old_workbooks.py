"""Workbooks of old Excel (XLS), which another process reads."""

import io
import zipfile

import pytest

from tests.support.measuring.processor_time import takes_at_most
from tests.support.paths import SAMPLES
from tests.support.workbooks import rows_of
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.readers.archives import Archive, sheets_of_old_excel
from tmr.domain.importing.readers.workbooks.excel import old

OLD = (SAMPLES / "workbooks" / "old-excel.xls").read_bytes()
FAR_APART = (SAMPLES / "workbooks" / "far-apart.xls").read_bytes()


def test_old_workbooks_are_read_like_new_ones() -> None:
    jobs, words = sheets_of_old_excel(OLD)

    assert old.is_old_excel(OLD)
    assert (jobs.name, jobs.rows, jobs.left_out) == ("Applications", 3, "")
    assert rows_of(jobs)[1] == ["Bluefin Labs", "Platform Engineer", "Applied", "2026-03-04", "", "Yes", "12.5"]
    assert (words.name, words.left_out) == ("Drop Downs", "a list of drop-down words")


def test_one_in_a_zip_is_read_too() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as zipped:
        zipped.writestr("jobs.xls", OLD)

    archive = Archive(made)

    assert archive.tables() == ["jobs.xls/Applications.csv"]
    assert archive.passed_over == ["jobs.xls/Drop Downs (3 rows, a list of drop-down words)"]


@pytest.mark.parametrize("content", [OLD[:2_000], old.SIGNATURE + bytes(5_000), FAR_APART])
def test_f2_what_is_damaged_or_takes_gigabytes_is_refused(content: bytes) -> None:
    with takes_at_most(hashes=62), pytest.raises(FileRefusedError, match="old Excel or Word file"):
        sheets_of_old_excel(content)


def test_f2_a_binary_workbook_that_is_damaged_is_refused() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as zipped:
        zipped.writestr("xl/workbook.bin", b"x")

    with pytest.raises(FileRefusedError, match="damaged"):
        Archive(made).sheets()
