"""Keys are rotated while people work: the keyring's and the accounts' own, with the work killed at random moments."""

import contextlib
import json
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError

from tests.conftest import libpq
from tests.support.backups import YES, another_machine, backups, opened_by_age, quiet
from tests.support.backups import Keys as AgeKeys
from tests.support.factories import application, new_account, one_of_each
from tests.support.people import Person
from tests.support.servers.served import Crowd, Served, Writer, until
from tmr.config import load_settings
from tmr.crypto.envelope import RECORDS
from tmr.crypto.errors import KeyringError
from tmr.domain.fields.own import OwnField
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.saved_views import SavedView
from tmr.operations.backups.targets import Directory
from tmr.operations.database.embedded import EmbeddedServer
from tmr.operations.jobs.housekeeping import forget_what_is_due, reseal
from tmr.operations.keys import Keys
from tmr.repository.access.calendar_feeds import Feed
from tmr.repository.database.across_owners import AcrossOwners, KeyInUseError
from tmr.repository.database.connections import across_owners_engine
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.keys.keyring_store import KeyringStore
from tmr.repository.queue.mails import Mail
from tmr.wiring.keyring import check_keys, load_keyring, make_keyring
from tmr.wiring.restoring import Opening, restore_backup
from tmr.wiring.services import build, publish_erasures


class Installation:
    """A keyring of its own on the database of the tests."""

    def __init__(self, folder: Path, server) -> None:
        self.settings = load_settings({"TMR_DATA_DIR": str(folder / "var")})
        make_keyring(self.settings)
        self.server = server
        self.across_owners = AcrossOwners(across_owners_engine(server.migration_url))
        self.services = self.again()
        self.keys = self.rotation()

    def again(self):
        """Another process of it."""
        return build(self.settings, self.server.app_url, pool_size=2)

    def rotation(self) -> Keys:
        store = KeyringStore(load_keyring(self.settings), self.settings.keyring_file, None)
        return Keys(store, self.across_owners, self.again().repository)

    def wraps(self) -> dict[str, int]:
        return {key.kek_id: key.wraps for key in self.across_owners.wrapping_keys()}


@pytest.fixture
def installation(database, tmp_path) -> Installation:
    return Installation(tmp_path, database)


def everything_of(services, owner) -> list[str]:
    with services.repository.for_owner(owner) as uow:
        return [record.values["company"] for record in uow.records.everything(APPLICATION)]


@pytest.fixture
def owner(installation, clock):
    made = installation.services.repository.add_account(new_account("o@example.org"), clock())
    with installation.services.repository.for_owner(made) as uow:
        uow.records.add(APPLICATION, application(company="Globex"), clock())
        uow.mails.add(Mail("o@example.org", "notice", {}), clock())
        uow.commit()
    return made


def test_k5_a_key_is_added_takes_over_and_goes_while_another_process_works_on(installation, owner, clock) -> None:
    with installation.services.repository.installation() as of_all:
        of_all.mails.add(Mail("o@example.org", "farewell", {}), clock())
        of_all.commit()

    added = installation.keys.add(clock(), is_primary=True)
    before = installation.wraps()
    newcomer = installation.services.repository.add_account(new_account("p@example.org"), clock())
    left = installation.rotation().rewrap(quiet)
    installation.rotation().retire("k1")

    assert before == {"k1": 3, added: 0}
    assert left == 0
    assert installation.wraps() == {added: 5}
    assert everything_of(installation.services, owner) == ["Globex"]  # the process that began before the key was added
    assert everything_of(installation.again(), owner) == ["Globex"]
    assert everything_of(installation.again(), newcomer) == []
    assert set(json.loads(installation.settings.keyring_file.read_text())["wrapping"]) == {added}
    assert installation.settings.keyring_file.stat().st_mode & 0o777 == 0o600


def test_k5_nothing_is_wrapped_under_a_key_that_was_retired(installation, owner, clock) -> None:
    late = installation.again()
    late.repository._keyring.follow(
        installation.settings.keyring_file.with_name("unknown"), None
    )  # as one with TMR_KEYRING
    installation.keys.add(clock(), is_primary=True)
    installation.rotation().rewrap(quiet)
    installation.rotation().retire("k1")

    with pytest.raises(IntegrityError):
        late.repository.add_account(new_account("p@example.org"), clock())


def test_k5_a_key_that_is_needed_or_primary_stays(installation, owner, clock) -> None:
    with pytest.raises(KeyringError, match="primary"):
        installation.keys.retire("k1")
    with pytest.raises(KeyringError, match="There is no key k9"):
        installation.keys.retire("k9")
    installation.keys.add(clock(), is_primary=True)
    held = installation.settings.keyring_file.read_text()

    with pytest.raises(KeyInUseError, match="rewrap"):
        installation.rotation().retire("k1")
    assert installation.settings.keyring_file.read_text() == held


def test_k5_on_many_machines_a_key_stands_by_until_all_of_them_have_it(installation, owner, clock) -> None:
    added = installation.keys.add(clock(), is_primary=False)
    first = installation.again().repository.add_account(new_account("p@example.org"), clock())
    installation.rotation().promote(added, clock())
    second = installation.again().repository.add_account(new_account("q@example.org"), clock())

    assert installation.wraps() == {"k1": 4, added: 2}
    assert everything_of(installation.services, first) == everything_of(installation.services, second) == []
    with pytest.raises(KeyringError, match="no key k9"):
        installation.rotation().promote("k9", clock())


def test_k4_a_keyring_whose_primary_key_the_database_does_not_know_stops_the_start(installation, owner, clock) -> None:
    old = installation.settings.keyring_file.read_text()
    installation.keys.add(clock(), is_primary=True)
    installation.rotation().rewrap(quiet)
    installation.rotation().retire("k1")
    both = json.loads(installation.settings.keyring_file.read_text())
    both["wrapping"].update(json.loads(old)["wrapping"])
    installation.settings.keyring_file.write_text(json.dumps({**both, "primary": "k1"}))

    with pytest.raises(KeyringError, match="does not know k1"):
        check_keys(load_keyring(installation.settings), installation.across_owners)


def test_k10_a_changed_keyring_that_others_can_read_is_not_taken_in(installation, owner, clock, caplog) -> None:
    working = installation.again()
    added = installation.keys.add(clock(), is_primary=True)
    installation.settings.keyring_file.chmod(0o644)
    for name in "pq":
        working.repository.add_account(new_account(f"{name}@example.org"), clock())
    before = installation.wraps()
    installation.settings.keyring_file.chmod(0o600)
    working.repository.add_account(new_account("r@example.org"), clock())

    assert before == {"k1": 6, added: 0}
    assert installation.wraps() == {"k1": 6, added: 2}
    assert caplog.text.count("readable by others") == 1


def test_the_keyring_in_the_environment_is_changed_into_a_new_file(installation, owner, clock, tmp_path) -> None:
    text = installation.settings.keyring_file.read_text()
    store = KeyringStore(load_keyring(installation.settings), installation.settings.keyring_file, text)
    keys, new = Keys(store, installation.across_owners, installation.again().repository), tmp_path / "new.keyring"

    with pytest.raises(KeyringError, match="--to"):
        keys.add(clock(), is_primary=True)
    added = keys.add(clock(), is_primary=True, to=new)

    assert installation.settings.keyring_file.read_text() == text
    assert json.loads(new.read_text())["primary"] == added
    assert new.stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeyringError, match="already"):
        keys.add(clock(), is_primary=True, to=new)


def test_a_copy_of_the_keyring_opens_with_age_and_is_known(installation, owner, clock, tmp_path) -> None:
    age, sealed = AgeKeys(tmp_path), tmp_path / "keyring.age"

    before = installation.keys.list()
    installation.keys.back_up(age.recipient, sealed, clock())

    assert before[0].backed_up_at is None
    assert installation.keys.list()[0].backed_up_at == clock()
    assert opened_by_age(sealed, age).decode() == installation.settings.keyring_file.read_text()
    assert installation.settings.keyring_file.read_text() not in sealed.read_bytes().decode("latin-1")


def key_ids(admin, table: str) -> set[int]:
    return {row[0] for row in admin.execute(f"SELECT DISTINCT key_id FROM {table}")}


def test_k5_a_renewed_data_key_seals_what_is_new_and_in_time_all_that_was(installation, owner, clock, admin) -> None:
    with installation.services.repository.for_owner(owner) as uow:
        made = one_of_each(uow, clock())
        changed = uow.records.get_for_edit(APPLICATION, made["applications"].id)
        uow.records.write(changed, {"company": "Changed"}, None, clock())
        uow.saved_views.add(SavedView("applications", "x", "q=x"), clock())
        uow.own_fields.add(OwnField("applications", "own_x", "Mascot", "text"), clock())
        uow.feeds.add(Feed("Phone", "busy"), clock())
        uow.commit()
    with installation.services.repository.for_owner(owner) as uow:
        assert uow._owner_keys.newest(RECORDS).key_id == 2  # a request that is under way
        installation.keys.renew(owner, clock(), quiet)
        uow.records.add(APPLICATION, application(company="Late"), clock())
        reseal(installation.services.repository, owner, clock)
        reread = [record.values["company"] for record in uow.records.everything(APPLICATION)]
        uow.commit()
    left = key_ids(admin, "records")
    reseal(installation.services.repository, owner, clock)

    assert sorted(reread) == ["Changed", "Globex", "Late"]
    assert left == {2, 3}
    outside = ("saved_views", "own_fields", "private_settings")
    for table in ("records", "record_versions", "undo_steps", *outside, "files", "file_chunks"):
        assert key_ids(admin, table) == {3}, table
    assert sorted(everything_of(installation.services, owner)) == ["Changed", "Globex", "Late"]
    with installation.services.repository.for_owner(owner) as uow:
        [document] = uow.records.everything(made["documents"].kind)
        [file_id] = [value for name, value in document.values.items() if name == "file"]
        assert b"".join(uow.files.content(UUID(file_id))) == b"secret file"
        [earlier] = uow.records.history.of(uow.records.get(APPLICATION, made["applications"].id))
        assert earlier["company"] == "A application"
        assert len(uow.steps.list()) == 3
        assert [field.label for field in uow.own_fields.declared] == ["Mascot"]
        assert [listed.feed.label for listed in uow.feeds.list()] == ["Phone"]


def test_k5_the_earlier_data_key_goes_after_thirty_days_and_not_while_it_seals_something(
    installation, owner, clock, admin, job_context
) -> None:
    job_context.repository, job_context.across_owners = installation.services.repository, installation.across_owners
    installation.keys.renew(owner, clock(), quiet)
    clock.turn(days=29)
    forget_what_is_due(job_context)
    early = key_ids(admin, "data_keys")
    clock.turn(days=2)
    admin.execute("DELETE FROM procrastinate_jobs")
    forget_what_is_due(job_context)
    needed = key_ids(admin, "data_keys")
    queued = admin.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'reseal'").fetchone()
    reseal(installation.services.repository, owner, clock)
    clock.turn(days=31)
    forget_what_is_due(job_context)

    assert early == needed == {1, 2, 3}
    assert queued == (1,)
    assert key_ids(admin, "data_keys") == {1, 3}
    assert everything_of(installation.again(), owner) == ["Globex"]


def test_k7_what_does_not_open_keeps_its_key_and_the_rest_is_resealed(
    installation, owner, clock, admin, caplog
) -> None:
    with installation.services.repository.for_owner(owner) as uow:
        for _ in range(3):
            uow.records.add(APPLICATION, application(company="Initech"), clock())
        uow.commit()
    admin.execute(
        "UPDATE records SET summary_sealed = set_byte(summary_sealed, 20, 1 # get_byte(summary_sealed, 20)) "
        "WHERE id = (SELECT id FROM records ORDER BY id LIMIT 1)"
    )
    installation.keys.renew(owner, clock(), quiet)

    reseal(installation.services.repository, owner, clock)

    counts = admin.execute("SELECT key_id, count(*) FROM records GROUP BY key_id ORDER BY key_id").fetchall()
    assert counts == [(2, 1), (3, 3)]
    assert "does not open: records row" in caplog.text


def test_an_erasure_destroys_a_key_that_was_renewed_in_between(installation, owner, clock, admin) -> None:
    with installation.services.repository.for_owner(owner) as uow:
        installation.keys.renew(owner, clock(), quiet)
        uow.erase_data(clock())
        uow.commit()

    assert admin.execute("SELECT key_id FROM data_keys WHERE purpose = 'records'").fetchall() == [(4,)]


def test_k5_a_backup_from_before_a_rotation_restores_with_the_new_keyring(installation, owner, clock, tmp_path) -> None:
    age, target = AgeKeys(tmp_path), Directory(tmp_path / "backups")
    publish_erasures(installation.settings, installation.services.repository, clock())
    made = backups(installation.settings, installation.server, target)
    made.create(age.recipient, clock, quiet)
    installation.keys.renew(owner, clock(), quiet)
    reseal(installation.services.repository, owner, clock)
    installation.keys.add(clock(), is_primary=True)
    installation.rotation().rewrap(quiet)
    clock.turn(minutes=1)
    installation.rotation().retire("k1")
    made.publish_keys(age.recipient, clock, quiet)
    elsewhere = another_machine(installation.settings, tmp_path)

    restore_backup(elsewhere, str(tmp_path / "backups"), Opening(age.file), None, quiet, YES)

    restored = EmbeddedServer(elsewhere.data_dir)
    restored.join()
    try:
        check_keys(load_keyring(elsewhere), AcrossOwners(across_owners_engine(restored.migration_url)))
        assert everything_of(build(elsewhere, restored.app_url, pool_size=1), owner) == ["Globex"]
    finally:
        restored.leave()


# Over 20 seconds: the keys of hundreds of accounts change while others write, and ten commands are started.
def test_k5_rotation_while_writers_run_and_the_job_is_killed_at_random(tmp_path) -> None:
    """Three people edit over the network, accounts are made, and the keys change under all of them."""
    chance = random.Random(6)
    with Served(tmp_path / "var") as served:
        settings = load_settings(served.environ)
        embedded = EmbeddedServer(settings.data_dir)
        embedded.join()
        services = build(settings, embedded.app_url, pool_size=2)
        others = [
            services.repository.add_account(new_account(f"n{n}@example.org"), services.clock()) for n in range(400)
        ]
        people = [Person(served, f"w{number}@example.org").sign_up() for number in range(3)]
        writers = [Writer(person, reads_every=10) for person in people]
        added: list[str] = []

        def join() -> None:
            services.repository.add_account(new_account(f"late{len(added)}@example.org"), services.clock())
            added.append("")
            time.sleep(0.1)  # some during each step, and not so many that renewing all of them takes a minute

        with Crowd(*(writer.write for writer in writers), join, pause_seconds=0.02) as crowd:
            assert served.tmr("keys", "add").returncode == 0
            for _ in range(4):
                broken_off(served, chance.uniform(0.3, 1.5), "keys", "rewrap")
            until(lambda: served.tmr("keys", "rewrap").returncode == 0, 180, served.log)
            retired = served.tmr("keys", "retire", "k1")
            renewed = served.tmr("keys", "renew", "--all")
            for _ in range(3):
                time.sleep(chance.uniform(0.1, 1))
                for worker in served.workers():
                    worker.kill()
            with psycopg.connect(libpq(embedded.admin_url), autocommit=True) as admin:
                until(lambda: old_rows(admin) == 0, 180, served.log)
        listed = served.tmr("keys", "list").stdout
        answers = [writer.stored() for writer in writers]
        embedded.leave()

    assert retired.returncode == renewed.returncode == 0, retired.stderr + renewed.stderr
    assert crowd.errors == []
    assert {status for writer in writers for status in writer.statuses} == {303}
    assert answers == [writer.acknowledged for writer in writers]
    assert min(writer.acknowledged for writer in writers) > 20
    assert re.match(r"k2\.\w{8}  primary", listed)
    assert "k1" not in listed
    assert len(others) == 400


def old_rows(admin: psycopg.Connection) -> int:
    query = "SELECT count(*) FROM records r JOIN data_keys d USING (owner_id, key_id) WHERE d.retired_at IS NOT NULL"
    return admin.execute(query).fetchone()[0]


def broken_off(served: Served, seconds: float, *arguments: str) -> None:
    environ = {**os.environ, **served.environ}
    process = subprocess.Popen([sys.executable, "-m", "tmr", *arguments], env=environ, stderr=subprocess.DEVNULL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.kill()
    process.wait()


def test_k5_an_id_never_comes_back(installation, owner, clock) -> None:
    first = installation.keys.add(clock(), is_primary=False)
    installation.rotation().retire(first)

    assert installation.rotation().add(clock(), is_primary=False) != first


def test_k7_one_key_that_does_not_open_keeps_no_other_from_being_rewrapped(installation, owner, clock, admin) -> None:
    others = [installation.services.repository.add_account(new_account(f"{n}@example.org"), clock()) for n in range(3)]
    installation.keys.add(clock(), is_primary=True)
    broken = "UPDATE key_wraps SET wrapped_key = set_byte(wrapped_key, 20, 1 # get_byte(wrapped_key, 20)) "
    admin.execute(broken + "WHERE owner_id = %s", [others[1]])

    assert installation.rotation().rewrap(quiet) == 2
    assert installation.wraps()["k1"] == 2


@pytest.fixture
def refused(installation, clock, admin):
    """An account whose data keys the database refuses to change."""
    owners = [installation.services.repository.add_account(new_account(f"{n}@example.org"), clock()) for n in range(3)]
    admin.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$"
    )
    for table in ("data_keys", "key_wraps"):
        admin.execute(
            f"CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW "
            f"WHEN (NEW.owner_id = '{owners[1]}') EXECUTE FUNCTION refuse()"
        )
    yield owners[1]
    admin.execute("DROP FUNCTION refuse() CASCADE")


def test_k5_one_account_that_fails_keeps_no_other_from_a_rotation(installation, owner, clock, refused, caplog) -> None:
    renewed = installation.keys.renew(None, clock(), quiet)
    installation.keys.add(clock(), is_primary=True)
    left = installation.rotation().rewrap(quiet)

    assert renewed == (3, 1)
    assert left == 2
    assert f"the data key of {refused} could not be renewed: RaiseException" in caplog.text
    assert f"the data keys of {refused} could not be rewrapped: RaiseException" in caplog.text


def test_k5_the_time_of_the_earlier_key_begins_when_it_seals_nothing_any_more(
    installation, owner, clock, admin
) -> None:
    installation.keys.renew(owner, clock(), quiet)
    clock.turn(days=5)
    reseal(installation.services.repository, owner, clock)

    assert admin.execute("SELECT retired_at FROM data_keys WHERE key_id = 2").fetchone() == (clock(),)


def test_a_renewal_that_comes_after_the_erasure_makes_no_key(installation, owner, clock, admin) -> None:
    with installation.services.repository.for_owner(owner) as late:
        with installation.services.repository.for_owner(owner) as uow:
            uow.erase_account(clock())
            uow.commit()
        with pytest.raises(RecordNotFoundError):
            late.renew_records_key(clock())

    assert admin.execute("SELECT count(*) FROM data_keys").fetchone() == (0,)
