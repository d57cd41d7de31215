"""What an operator does to accounts from the command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def tmr(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess:
    environ = {**os.environ, "TMR_DATA_DIR": str(data_dir)}
    return subprocess.run([sys.executable, "-m", "tmr", *arguments], env=environ, capture_output=True, text=True)


@pytest.mark.parametrize("spelling", ["alice@example.org", " ALICE@Example.ORG"])
def test_s6_the_operator_ends_all_sessions_of_one_account(alice, bob, data_dir: Path, spelling: str) -> None:
    other = alice.elsewhere()

    done = tmr(data_dir, "account", "sign-out", spelling)

    assert done.returncode == 0, done.stderr
    assert [one.get("/applications").status_code for one in (alice, other, bob)] == [303, 303, 200]
    assert "alice" not in done.stdout.lower()


def test_an_unknown_account_is_said_and_nobody_is_signed_out(alice, data_dir: Path) -> None:
    done = tmr(data_dir, "account", "sign-out", "nobody@example.org")

    assert done.returncode == 2
    assert done.stderr == "tmr: No account has this address.\n"
    assert alice.get("/applications").status_code == 200


def test_a_wrong_data_directory_is_said_and_none_is_made(tmp_path: Path) -> None:
    done = tmr(tmp_path / "nowhere", "account", "sign-out", "alice@example.org")

    assert done.returncode == 2
    assert "keyring" in done.stderr
    assert not (tmp_path / "nowhere").exists()
