"""Slots while the installation's keys change: the outer box rotates without the person, and restores bring it back."""

import datetime as dt

import pytest

from tests.integration.operations.test_keys import Installation
from tests.support.backups import YES, another_machine, backups, quiet
from tests.support.backups import Keys as AgeKeys
from tests.support.factories import new_account
from tests.support.locked import Locked
from tmr.crypto.lock.slot import PRF, Slot
from tmr.operations.backups.targets import Directory
from tmr.operations.database.embedded import EmbeddedServer
from tmr.repository.access.access_tokens import AccessToken
from tmr.wiring.restoring import Opening, restore_backup
from tmr.wiring.services import build, publish_erasures

SECRET = "A" * 42 + "E"


@pytest.fixture
def installation(database, tmp_path) -> Installation:
    return Installation(tmp_path, database)


@pytest.fixture
def locked(installation, clock) -> Locked:
    owner = installation.services.repository.add_account(new_account("o@example.org"), clock())
    return Locked(installation.services, owner, clock)


def test_k5_the_outer_box_of_every_slot_rotates_while_the_records_are_open(installation, locked, admin, clock) -> None:
    opened = locked.unlock(locked.sign_in())
    passkey_id = locked.add_passkey(SECRET)
    added = installation.keys.add(clock(), is_primary=True)

    left = installation.rotation().rewrap(quiet)
    installation.rotation().retire("k1")

    assert left == 0
    assert admin.execute("SELECT kind, kek_id FROM key_wraps ORDER BY kind").fetchall() == [
        (kind, added) for kind in ("keyring", "password", "prf", "recovery", "unlock", "unlock")
    ]
    assert locked.reads(opened) == ["Narwhal"]
    assert locked.reads(locked.unlock(locked.sign_in())) == ["Narwhal"]
    assert locked.reads_by_passkey(passkey_id, SECRET) == ["Narwhal"]


def test_renewing_all_keys_leaves_locked_accounts_out_and_says_so(installation, locked, admin, clock) -> None:
    said: list[str] = []
    before = admin.execute("SELECT key_id FROM data_keys ORDER BY key_id").fetchall()

    done, left = installation.keys.renew(None, clock(), said.append)

    assert (done, left) == (0, 0)
    assert "1 of them are locked" in said[-1]
    assert admin.execute("SELECT key_id FROM data_keys ORDER BY key_id").fetchall() == before


def test_p07_a_restore_brings_a_locked_account_back_locked_and_no_session_that_was_open(
    installation, locked, clock, tmp_path
) -> None:
    """Seen failing with the slot of a passkey brought back that is in the keys and not in the data."""
    opened = locked.unlock(locked.sign_in())
    with locked.repository.claim(opened, clock()) as uow:
        uow.access_tokens.add(AccessToken("Copy", "read"), clock() + dt.timedelta(days=1), clock())
        uow.commit()
    passkey_id = locked.add_passkey(SECRET)
    age, target = AgeKeys(tmp_path), Directory(tmp_path / "backups")
    publish_erasures(installation.settings, installation.services.repository, clock())
    made = backups(installation.settings, installation.server, target)
    made.create(age.recipient, clock, quiet)
    locked.add_passkey(SECRET)  # in the keys, which are published anew, and not in the data
    clock.turn(seconds=2)
    made.publish_keys(age.recipient, clock, quiet)
    elsewhere = another_machine(installation.settings, tmp_path)

    restore_backup(elsewhere, str(tmp_path / "backups"), Opening(age.file), None, quiet, YES)

    restored = EmbeddedServer(elsewhere.data_dir)
    restored.join()
    try:
        locked.repository = build(elsewhere, restored.app_url, pool_size=1).repository
        assert locked.repository.claim(opened, clock()) is None
        with locked.unit() as uow:
            assert (uow.lock.is_on, uow.lock.is_open) == (True, False)
            assert {kept.slot for kept in uow.lock.slots()} == {*locked.keys, Slot(PRF, passkey_id)}
        assert locked.reads(locked.sign_in()) is None
        assert locked.reads(locked.unlock(locked.sign_in())) == ["Narwhal"]
        assert locked.reads_by_passkey(passkey_id, SECRET) == ["Narwhal"]
    finally:
        restored.leave()
