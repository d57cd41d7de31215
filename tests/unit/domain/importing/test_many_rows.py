"""[W1] One import takes so many rows in all: tables that have no room are left out, named, and can be chosen.

Seen failing: 12 tables of 19,000 rows, 2 MB as a ZIP, kept a web process busy for 16 s at every look at their proposal.
"""

import io
import zipfile

import pytest

from tmr.domain.importing.reading import bundle as bundles
from tmr.domain.importing.reading.bundle import Bundle
from tmr.domain.importing.reading.choices import apply_choices
from tmr.domain.importing.reading.file import ReadFile, read_file
from tmr.domain.importing.reading.staged import StagedBytes
from tmr.domain.kinds import KINDS
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE

ROWS = 4


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> ReadFile:
    """Three tables with four rows each, where an import takes nine."""
    monkeypatch.setattr(bundles, "MOST_ROWS", 9)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as zipped:
        for name in "abc":
            zipped.writestr(f"{name}.csv", "company,title\n" + "".join(f"C{name}{at},T\n" for at in range(ROWS)))
    return read_file(DEFAULT_PIPELINE, made.getvalue(), "")


def used(bundle: Bundle) -> str:
    return "".join(plan.name for plan in bundle.used)


def test_w1_tables_beyond_the_rows_of_one_import_are_left_out(read: ReadFile) -> None:
    assert used(read.bundle) == "ab"
    assert [plan.is_beyond for plan in read.bundle.plans] == [False, False, True]
    assert read.bundle.rows == 2 * ROWS


def test_w1_a_person_chooses_which_tables_these_are(read: ReadFile) -> None:
    said = apply_choices(KINDS, read.bundle, {"use": "no", "2.use": "yes"}, StagedBytes(read.content))

    assert said == []
    assert used(read.bundle) == "bc"


def test_w1_choosing_more_than_that_is_said_and_not_done(read: ReadFile) -> None:
    said = apply_choices(KINDS, read.bundle, {"2.use": "yes"}, StagedBytes(read.content))

    assert len(said) == 1
    assert "“c” with 4 rows is left out" in said[0]
    assert used(read.bundle) == "ab"
