"""W5: after an erasure and `tmr upkeep`, nothing that this installation knows of opens what was erased."""

import datetime as dt
import shutil
from pathlib import Path

import pytest

from tests.support.backups import YES, another_machine, quiet
from tests.support.servers.forensics import Installation, opened, wrapping_keys
from tmr.operations.backups.recovery_kit import identity_file
from tmr.wiring.commands import keep_up
from tmr.wiring.restoring import Opening, restore_backup
from tmr.wiring.services import publish_erasures


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "first")


def test_w5_p26_a_restore_destroys_the_key_of_erased_data_again(installation: Installation, tmp_path: Path) -> None:
    """Seen failing with the rows alone erased again: their key was in use, and the disk's old pages opened."""
    job_context = installation.start()
    owner = installation.add(job_context, "a@example.org")
    installation.stop()
    keep_up(installation.settings, quiet)
    job_context = installation.start()
    now = dt.datetime.now(dt.UTC)
    with job_context.repository.for_owner(owner) as uow:
        uow.erase_data(now)
        uow.commit()
    publish_erasures(installation.settings, job_context.repository, now)
    installation.stop()
    there = another_machine(installation.settings, tmp_path, with_ledger=True)
    identity = tmp_path / "identity.txt"
    shutil.copy(identity_file(installation.settings), identity)

    done = restore_backup(there, str(installation.settings.backup_target), Opening(identity), None, quiet, YES)
    assert done.erased_again == 1
    assert opened(there.data_dir, wrapping_keys(there), owner, range(2, 3)) == {"records"}  # the control
    keep_up(there, quiet)

    keys = wrapping_keys(there)
    assert opened(there.data_dir, keys, owner, range(2, 3)) == set()
    assert opened(there.data_dir, keys, owner, range(1, 2)) == {"account"}
    assert opened(there.data_dir, keys, owner, range(3, 4)) == {"records"}
