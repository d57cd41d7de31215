"""A test that failed gets a second try by itself, and nothing that fails there is let through.

Seen failing with every failure let through, and with any number tried again.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STEADY = "def test_steady():\n    pass\n"
BROKEN = "def test_broken():\n    assert False\n"
LATE_ONCE = """
def test_late_once():
    from pathlib import Path
    came = Path("came")
    is_first, _ = not came.exists(), came.touch()
    assert not is_first
"""
BROKEN_FIXTURE = """
import pytest
@pytest.fixture
def broken():
    yield
    raise OSError
def test_with_a_broken_fixture(broken):
    pass
"""
FOUR_LATE_ONCE = "".join(
    LATE_ONCE.replace("late_once", f"late_once_{name}").replace('"came"', f'"came-{name}"') for name in "abcd"
)


def run(folder: Path, text: str) -> "subprocess.CompletedProcess[str]":
    (folder / "test_made.py").write_text(text)
    command = [sys.executable, "-m", "tests.support.running.second_try", "-q", "-n0", "-p", "no:cacheprovider"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    environ.pop("PYTEST_ADDOPTS", None)
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def test_a_test_that_passes_by_itself_is_let_through_and_named(tmp_path: Path) -> None:
    done = run(tmp_path, STEADY + LATE_ONCE)
    assert done.returncode == 0
    assert "1 failed, 1 passed" in done.stdout
    assert "UNSTEADY: test_made.py::test_late_once failed first, and passed by itself." in done.stdout


def test_nothing_is_tried_again_where_nothing_failed(tmp_path: Path) -> None:
    done = run(tmp_path, STEADY)
    assert done.returncode == 0
    assert "second try" not in done.stdout


@pytest.mark.parametrize("text", [BROKEN, LATE_ONCE + BROKEN, BROKEN_FIXTURE, FOUR_LATE_ONCE, "import nothing_here"])
def test_a_run_fails_with_a_test_that_fails_twice_with_four_or_with_one_that_cannot_be_read(
    tmp_path: Path, text: str
) -> None:
    done = run(tmp_path, STEADY + text)
    assert done.returncode not in (0, 4), done.stdout
    assert "UNSTEADY" not in done.stdout
