"""The wrapping key rotates by itself after erasures: a forensic look at the disk opens nothing of who was erased.

Seen failing with the rotation left out, with the earlier key left in the keyring, and with the old records key left by
an erasure of all data.
"""

import datetime as dt
import json
import os
from pathlib import Path

import msgspec
import pytest

from tests.support.backups import Keys, backups, opened_by_age
from tests.support.factories import new_account
from tests.support.servers.forensics import Installation, opened, wrapping_keys
from tmr.config import load_settings
from tmr.crypto.keyring import new_keyring
from tmr.crypto.keyring_changes import replace_keyring_file
from tmr.operations.backups.targets import Directory
from tmr.operations.jobs.backups import rotate_keys
from tmr.operations.jobs.context import JobContext
from tmr.operations.key_rotation import rotation_in_words
from tmr.repository.database.installation_facts import Rotation
from tmr.repository.errors import KeyringError
from tmr.wiring.commands import keep_up
from tmr.wiring.keyring import load_keyring
from tmr.wiring.services import key_rotation, prepare


def quiet(words: str) -> None:
    """Say nothing."""


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def test_w5_p5_after_an_erasure_and_upkeep_no_key_opens_anything_of_the_account_on_the_disk(
    installation: Installation, tmp_path: Path
) -> None:
    job_context = installation.start()
    gone, stays = installation.add(job_context, "gone@example.org"), installation.add(job_context, "stays@example.org")
    with job_context.repository.for_owner(gone) as uow:
        uow.erase_account(dt.datetime.now(dt.UTC))
        uow.commit()
    installation.stop()
    var, before = installation.settings.data_dir, wrapping_keys(installation.settings)
    assert opened(var, before, gone) == {"account", "records"}  # the control: so it is found where nothing is done

    keep_up(installation.settings, lambda words: None)

    after = wrapping_keys(installation.settings)
    assert len(after) == 1
    assert not set(after.values()) & set(before.values())
    assert opened(tmp_path, after, gone) == set()
    assert opened(var, after, stays) == {"account", "records"}
    again = installation.start()
    with again.repository.for_owner(stays) as uow:
        assert uow.account.email() == "stays@example.org"
    installation.stop()


def test_w5_p24_erasing_all_data_destroys_the_records_key_and_leaves_the_other(installation: Installation) -> None:
    job_context = installation.start()
    owner = installation.add(job_context, "a@example.org")
    with job_context.repository.for_owner(owner) as uow:
        uow.erase_data(dt.datetime.now(dt.UTC))
        uow.commit()
    installation.stop()
    assert opened(installation.settings.data_dir, wrapping_keys(installation.settings), owner, range(2, 3)) == {
        "records"
    }

    keep_up(installation.settings, lambda words: None)

    keys = wrapping_keys(installation.settings)
    assert opened(installation.settings.data_dir, keys, owner, range(2, 3)) == set()
    assert opened(installation.settings.data_dir, keys, owner, range(1, 2)) == {"account"}


def test_w5_a_sign_up_that_was_forgotten_is_readable_on_no_disk_either(installation: Installation) -> None:
    """Seen failing with rotation due after erasures of the ledger only: the address of the sign-up opened."""
    job_context = installation.start()
    two_hours_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)
    new = msgspec.structs.replace(new_account("never@example.org"), is_claimed=False)
    gone = job_context.repository.add_account(new, two_hours_ago)
    installation.stop()
    var, before = installation.settings.data_dir, wrapping_keys(installation.settings)
    assert opened(var, before, gone) == {"account", "records"}

    keep_up(installation.settings, lambda words: None)

    after = wrapping_keys(installation.settings)
    assert not set(after.values()) & set(before.values())
    assert opened(var, after, gone) == set()
    assert (
        len(installation.settings.ledger_file.read_text().splitlines()) == 1
    )  # the header: a stranger fills no ledger


@pytest.fixture
def erased(alice, bob, job_context, settings, services, server, clock) -> JobContext:
    """A job context that rotates keys, with an account erased a moment ago. The keyring is put back afterwards."""
    before = settings.keyring_file.read_bytes()
    job_context.rotation = key_rotation(settings, services, server.migration_url)
    clock.turn(seconds=5)
    with services.repository.for_owner(bob.owner) as uow:
        uow.erase_account(clock())
        uow.commit()
    clock.turn(seconds=1)
    yield job_context
    os.chmod(settings.keyring_file, 0o600)
    settings.keyring_file.write_bytes(before)
    services.repository._keyring._follow_file()


def rotate(job_context: JobContext, *, waits: bool) -> Rotation:
    return rotate_keys(job_context, lambda words: None, waits=waits)


def test_w5_the_worker_waits_for_other_erasures_and_rotates_within_a_day(erased: JobContext, clock, settings) -> None:
    waiting = rotate(erased, waits=True)
    clock.turn(hours=21)
    done = rotate(erased, waits=True)

    assert waiting.due_since is not None
    assert waiting.reason == ""
    assert done.due_since is None
    assert done.last_at == clock()
    assert list(wrapping_keys(settings)) != ["k1"]


def test_w5_p26_a_rotation_replaces_the_keys_file_of_backups(
    erased: JobContext, settings, server, tmp_path, clock, bob
) -> None:
    keys = Keys(tmp_path)
    erased.backups = backups(settings, server, Directory(tmp_path / "backups"))
    erased.backup_recipient = keys.recipient

    rotate(erased, waits=False)

    [path] = (tmp_path / "backups").glob("keys-*.age")
    inside = opened_by_age(path, keys)
    assert b"\tk1\t" not in inside
    assert next(iter(wrapping_keys(settings))).encode() in inside


class Killed(BaseException):
    """A process that ends at this place: nothing after it is done."""


def test_w5_p26_a_rotation_that_is_killed_right_after_a_key_was_destroyed_still_replaces_the_keys_file(
    erased: JobContext, settings, server, tmp_path, monkeypatch
) -> None:
    """Seen failing: the next run had no key left to destroy, and took the keys file for new."""
    keys = Keys(tmp_path)
    erased.backups = backups(settings, server, Directory(tmp_path / "backups"))
    erased.backup_recipient = keys.recipient
    erased.backups.publish_keys(keys.recipient, erased.clock, quiet)
    retire = erased.rotation._keys.retire

    def retire_and_end(kek_id: str) -> None:
        retire(kek_id)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(erased.rotation._keys, "retire", retire_and_end)
        with pytest.raises(Killed):
            rotate(erased, waits=False)
    rotate(erased, waits=True)

    inside = opened_by_age(max((tmp_path / "backups").glob("keys-*.age")), keys)
    assert b"\tk1\t" not in inside
    assert next(iter(wrapping_keys(settings))).encode() in inside


def test_w5_each_way_to_forget_a_sign_up_makes_a_rotation_due(erased: JobContext, services, clock) -> None:
    rotate(erased, waits=False)
    clock.turn(seconds=1)
    new = msgspec.structs.replace(new_account("never@example.org"), is_claimed=False)
    sign_up = services.repository.add_account(new, clock())
    assert erased.rotation.standing().due_since is None

    with services.repository.for_owner(sign_up) as uow:
        uow.forget_sign_up(clock())
        uow.commit()

    assert erased.rotation.standing().due_since == clock()
    clock.turn(seconds=1)
    assert rotate(erased, waits=False).due_since is None


@pytest.mark.parametrize("how", ["read-only", "by hand"])
def test_w5_where_the_keyring_cannot_be_written_it_shows_since_when_a_rotation_is_due(
    erased: JobContext, how: str, settings, clock
) -> None:
    if how == "read-only":
        settings.keyring_file.chmod(0o400)
    else:
        erased.rotation._is_by_hand = True
    standing = rotate(erased, waits=False)
    words = rotation_in_words(standing)

    assert standing.due_since == clock() - dt.timedelta(seconds=1)
    assert standing.reason
    assert f"due since {standing.due_since:%Y-%m-%d %H:%M} UTC" in words
    assert "tmr keys add" in words
    assert list(wrapping_keys(settings)) == ["k1"]


def test_w5_rotation_is_by_hand_where_other_machines_may_share_the_keyring(tmp_path: Path) -> None:
    elsewhere = {"TMR_DATABASE_URL": "postgresql://a@localhost/x", "TMR_MIGRATION_URL": "postgresql://b@localhost/x"}
    base = {"TMR_DATA_DIR": str(tmp_path / "var")}

    assert not load_settings(base).rotates_by_hand
    assert load_settings({**base, **elsewhere}).rotates_by_hand
    assert not load_settings({**base, **elsewhere, "TMR_KEY_ROTATION": "by-itself"}).rotates_by_hand


def test_w5_a_key_on_standby_is_not_taken_for_an_earlier_one(
    erased: JobContext, clock, settings, services, server
) -> None:
    rotate(erased, waits=False)
    clock.turn(seconds=1)
    standby = erased.rotation._keys.add(clock(), is_primary=False)

    rotate(erased, waits=False)

    assert standby in wrapping_keys(settings)


def test_k5_a_name_whose_key_is_not_in_this_keyring_stays_in_the_database(erased: JobContext, admin) -> None:
    """Another machine may hold that key. Seen failing with such a key taken for one that only opens."""
    admin.execute("INSERT INTO wrapping_keys VALUES ('k0.elsewhere', now() - interval '1 day')")

    rotate(erased, waits=False)

    assert "k0.elsewhere" in {key.kek_id for key in erased.across_owners.wrapping_keys()}


def test_w5_an_old_keyring_put_back_while_the_worker_runs_keeps_its_primary_key(erased: JobContext, settings) -> None:
    """The database no longer knows that key, and nothing is wrapped under it. Seen failing with the refusal raised."""
    before = settings.keyring_file.read_bytes()
    rotate(erased, waits=False)
    settings.keyring_file.write_bytes(before)

    assert rotate(erased, waits=True).due_since is not None
    assert list(wrapping_keys(settings)) == ["k1"]


def test_w6_a_keyring_opens_its_own_installation_and_no_other(tmp_path: Path) -> None:
    first, second = (Installation(tmp_path / name) for name in ("first", "second"))
    for server in (first, second):
        server.start()
        server.stop()

    stranger = load_settings(
        {"TMR_DATA_DIR": str(second.settings.data_dir), "TMR_KEYRING_FILE": str(first.settings.keyring_file)}
    )

    with pytest.raises(KeyringError, match="another installation"):
        prepare(stranger)
    copy = tmp_path / "copied.keyring"
    copy.write_bytes(first.settings.keyring_file.read_bytes())
    copy.chmod(0o600)
    with pytest.raises(KeyringError, match="belongs to another installation than this database"):
        keep_up(msgspec.structs.replace(stranger, keyring_file=copy), quiet)
    prepare(second.settings).leave()
    assert load_keyring(first.settings).installation != load_keyring(second.settings).installation


def test_w5_a_retired_key_is_written_over_on_the_disk(tmp_path: Path) -> None:
    path, text = tmp_path / "keyring", new_keyring()
    path.write_text(text)
    path.chmod(0o600)
    with path.open("rb") as held:  # what is on the disk where the file was
        replace_keyring_file(path, new_keyring())
        assert held.read() == bytes(len(text))


def test_w5_an_installation_of_the_release_before_gets_its_id_and_its_keyring_the_same(installation) -> None:
    installation.start()
    installation.stop()
    written = msgspec.json.decode(installation.settings.keyring_file.read_bytes())
    keyring = load_keyring(installation.settings)

    assert written["installation"] == str(keyring.installation)


def test_w5_a_key_that_a_failed_publication_left_is_retired_the_next_time(erased: JobContext, clock, settings) -> None:
    published = []

    def fails() -> None:
        published.append(set(wrapping_keys(settings)))
        if len(published) == 1:
            raise OSError("the target is away")

    with pytest.raises(OSError, match="away"):
        erased.rotation.run(clock(), fails, quiet, waits=False)
    done = erased.rotation.run(clock(), fails, quiet, waits=False)
    again = erased.rotation.run(clock(), fails, quiet, waits=False)

    assert "k1" not in wrapping_keys(settings)
    assert [("k1" in keys) for keys in published] == [False, False]
    assert done.due_since is again.due_since is None


def test_w5_a_key_that_a_kill_left_in_the_keyring_is_due_and_goes(erased: JobContext, clock, settings) -> None:
    before = settings.keyring_file.read_bytes()
    rotate(erased, waits=False)
    with_k1 = json.loads(settings.keyring_file.read_bytes())
    with_k1["wrapping"] |= json.loads(before)["wrapping"]
    settings.keyring_file.write_text(json.dumps(with_k1))

    assert erased.rotation.standing().due_since is not None
    assert rotate(erased, waits=False).due_since is None
    assert "k1" not in wrapping_keys(settings)


def test_w5_what_is_due_stays_due_though_the_ledger_forgets_after_30_days(
    erased: JobContext, clock, services, settings
) -> None:
    erased.rotation._is_by_hand = True
    since = rotate(erased, waits=False).due_since
    clock.turn(days=31)
    with services.repository.installation() as installation:
        installation.erasures.forget(clock())
        installation.commit()

    assert rotate(erased, waits=False).due_since == since
    erased.rotation._is_by_hand = False
    assert rotate(erased, waits=False).due_since is None


def test_w5_a_wrap_that_does_not_open_makes_no_key_after_key(erased: JobContext, alice, admin, settings, clock) -> None:
    admin.execute("UPDATE key_wraps SET wrapped_key = '\\x0100' WHERE owner_id = %s", (alice.owner,))

    standings = [rotate(erased, waits=False) for _ in range(3)]

    assert len(wrapping_keys(settings)) == 2
    assert all(standing.due_since for standing in standings)
