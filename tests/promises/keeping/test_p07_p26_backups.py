"""P07, P14, P26: backups are encrypted, restore to the byte, and forget what was erased.

Seen failing with the keys in the data file, with older keys files left in place, with the ledger not replayed, with the
archive written unsealed, and with sessions in the backup.
"""

import datetime as dt
import io
import re
import subprocess
import tarfile
import uuid

import psycopg
import pyrage
import pytest

from tests.conftest import libpq
from tests.support.backups import YES, Keys, another_machine, backups, opened_by_age, quiet
from tests.support.factories import one_of_each
from tests.support.people import PASSWORD, Person
from tmr import create_app
from tmr.operations.backups.names import name_of, recognised
from tmr.operations.backups.restore import RestoreError, differing
from tmr.operations.backups.targets import Directory
from tmr.operations.database.embedded import EmbeddedServer
from tmr.operations.jobs.backups import back_up_when_due, tell_backups
from tmr.repository.database.connections import across_owners_engine
from tmr.repository.database.dump import KEYS, LEFT_OUT, ROWS
from tmr.repository.database.migrate import HEAD, downgrade, migrate
from tmr.repository.schema import metadata
from tmr.wiring.keyring import make_keyring
from tmr.wiring.restoring import Opening, restore_backup, verify_backup
from tmr.wiring.services import build, publish_erasures

CANARY = "Kanarienvogel5Bx"


@pytest.fixture
def keys(tmp_path) -> Keys:
    return Keys(tmp_path)


@pytest.fixture
def target(tmp_path) -> Directory:
    return Directory(tmp_path / "backups")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "backups"


@pytest.fixture
def search(alice, bob, services, clock) -> dict[str, uuid.UUID]:
    """Alice and Bob with a record of every kind, a file each, and the canary in Bob's."""
    owners = {}
    for person in (alice, bob):
        owners[person.email] = person.owner
        with services.repository.for_owner(owners[person.email]) as uow:
            one_of_each(uow, clock())
            uow.commit()
    bob.add(company=CANARY, notes=CANARY)
    alice.change(alice.add(company="Ørsted", title="Engineer"), notes="A quiet note")
    publish_erasures(services.settings, services.repository, clock())
    return owners


@pytest.fixture
def make(settings, server, target, keys, clock):
    def run() -> None:
        clock.turn(seconds=2)
        backups(settings, server, target).create(keys.recipient, clock, quiet)

    return run


@pytest.fixture
def restored(settings, tmp_path, place, keys, server):
    """Restores on another machine; gives the app there, its server and what was done."""
    running = []

    def run(*, with_ledger: bool = False):
        there = another_machine(settings, tmp_path, with_ledger=with_ledger)
        done = restore_backup(there, str(place), Opening(keys.file), None, quiet, YES)
        elsewhere = EmbeddedServer(there.data_dir)
        elsewhere.join()
        running.append(elsewhere)
        return create_app(build(there, elsewhere.app_url, pool_size=2)), elsewhere, done

    yield run
    for database in running:
        database.leave()


def test_p07_a_backup_opens_with_the_stock_program_and_that_key_only(search, make, place, keys, tmp_path) -> None:
    make()
    data = next(place.glob("data-*.age"))

    with tarfile.open(fileobj=io.BytesIO(opened_by_age(data, keys))) as tar:
        tables = {name.partition("/")[0] for name in tar.getnames()}
        content = b"".join(tar.extractfile(name).read() for name in tar.getnames())

    assert "records" in tables
    assert data.stat().st_mode & 0o077 == 0
    assert CANARY.encode() not in content + data.read_bytes()
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(data.read_bytes(), [pyrage.x25519.Identity.generate()])


def test_p07_keys_and_data_are_apart_and_only_the_newest_keys_are_kept(search, make, place, keys, admin) -> None:
    wrapped = [row[0] for row in admin.execute("SELECT wrapped_key FROM key_wraps").fetchall()]
    make()
    make()

    data, keyfiles = sorted(place.glob("data-*")), sorted(place.glob("keys-*"))

    assert (len(data), len(keyfiles)) == (2, 1)
    inside = opened_by_age(data[-1], keys)
    assert wrapped
    assert all(key.hex().encode() not in inside for key in wrapped)
    assert all(key.hex().encode() in opened_by_age(keyfiles[0], keys) for key in wrapped)


def test_every_table_is_backed_up_or_left_out_on_purpose(admin) -> None:
    assert {table.name for table in ROWS} | set(LEFT_OUT) | {table.name for table in KEYS} == set(metadata.tables)


def test_p14_it_restores_to_the_byte_and_everybody_signs_in_again(
    search, make, restored, alice, target, keys, admin
) -> None:
    make()
    cookie = alice.client.get_cookie("tmr").value

    app, elsewhere, done = restored()

    newest = [backup for backup in recognised(target.list()) if backup.half == "data"][-1]
    assert differing(across_owners_engine(elsewhere.migration_url), target, newest, [keys.identity]) == []
    there = Person(app, alice.email)
    there.client.set_cookie("tmr", cookie)
    assert there.get("/applications").status_code == 303
    assert there.sign_in().status_code == 303
    assert "Ørsted" in there.csv()
    assert there.csv() == alice.csv()
    assert done.left_out == done.erased_again == 0
    assert done.rows["records"] == admin.execute("SELECT count(*) FROM records").fetchone()[0]


def test_p14_a_backup_of_an_earlier_release_restores_to_the_byte_and_is_brought_up_to_date(
    search, make, restored, alice, target, keys, server, settings, place
) -> None:
    before = alice.csv()
    downgrade(server.migration_url, "0004")
    try:
        make()
        verified = verify_backup(settings, str(place), Opening(keys.file), quiet)
    finally:
        migrate(server.migration_url, server.app_url)

    app, elsewhere, done = restored()

    newest = [backup for backup in recognised(target.list()) if backup.half == "data"][-1]
    assert verified == differing(across_owners_engine(elsewhere.migration_url), target, newest, [keys.identity]) == []
    there = Person(app, alice.email)
    assert there.sign_in().status_code == 303
    assert there.csv() == before
    there.change(there.add(company="After"), notes="goes on")
    with psycopg.connect(libpq(elsewhere.admin_url)) as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)
        assert raw.execute("SELECT kek_id FROM wrapping_keys").fetchall() == [("k1",)]
        assert (
            raw.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity").fetchall()
            == []
        )
    assert done.left_out == 0


def test_p14_data_of_an_earlier_release_restores_with_the_keys_of_this_one(
    search, make, restored, alice, admin, server, settings, place, keys, clock, target
) -> None:
    downgrade(server.migration_url, "0004")
    try:
        make()
    finally:
        migrate(server.migration_url, server.app_url)
    owner = search[alice.email]
    admin.execute(
        "UPDATE data_keys SET retired_at = '2026-11-20' WHERE owner_id = %s AND purpose = 'records'", (owner,)
    )
    admin.execute("INSERT INTO wrapping_keys VALUES ('k9.00c0ffee', '2026-11-01', '2026-11-02')")
    for kind in ("password", "password", "recovery"):
        columns = "owner_id, key_id, kind, kek_id, wrapped_key, slot_id"
        row = f"INSERT INTO key_wraps ({columns}) VALUES (%s, 2, %s, 'k1', '', %s)"
        admin.execute(row, (owner, kind, uuid.uuid4()))
    slots = "SELECT owner_id, key_id, kind, kek_id, wrapped_key, slot_id FROM key_wraps ORDER BY 1, 2, 3, 6"
    wraps = admin.execute(slots).fetchall()
    clock.turn(seconds=2)
    backups(settings, server, target).publish_keys(keys.recipient, clock, quiet)

    app, elsewhere, _ = restored()

    assert Person(app, alice.email).sign_in().status_code == 303
    with psycopg.connect(libpq(elsewhere.admin_url)) as raw:
        retired = raw.execute("SELECT owner_id, retired_at::date::text FROM data_keys WHERE retired_at IS NOT NULL")
        assert retired.fetchall() == [(owner, "2026-11-20")]
        assert raw.execute(slots).fetchall() == wraps
        ring = raw.execute("SELECT kek_id, backed_up_at::date::text FROM wrapping_keys ORDER BY kek_id").fetchall()
    assert ring == [("k1", None), ("k9.00c0ffee", "2026-11-02")]


@pytest.mark.parametrize(
    ("said", "instead", "why"),
    [
        (f'"schema_version":"{HEAD}"'.encode(), b'"schema_version":"9999"', "unknown here"),
        (b'"columns":{"accounts":["owner_id"', b'"columns":{"accounts":["owner_ID"', "does not fit"),
        (b'"columns":{"accounts"', b'"columns":{"accountz"', "does not fit|damaged"),
        (b"\t2026-", b"\t20x6-", "does not fit"),
        (b'"format":"tmr-backup/1"', b'"format":"tmr-backup/2"', "does not say"),
    ],
)
def test_a_backup_that_this_release_does_not_understand_leaves_nothing(
    search, make, place, keys, settings, tmp_path, said: bytes, instead: bytes, why: str
) -> None:
    make()
    data = next(place.glob("data-*"))
    plain = opened_by_age(data, keys)
    assert said in plain
    data.write_bytes(pyrage.encrypt(plain.replace(said, instead), [pyrage.x25519.Recipient.from_str(keys.recipient)]))
    (place / "stamp").unlink()  # as of a release that had none: the sums in it would tell first
    there = another_machine(settings, tmp_path)

    with pytest.raises(RestoreError, match=why):
        restore_backup(there, str(place), Opening(keys.file), None, quiet, YES)
    assert not (there.data_dir / "postgres").exists() or accounts_in(there) == 0


def test_p26_a_deleted_account_is_in_no_restored_older_backup(
    search, make, restored, bob, alice, job_context, settings, server, target, keys, clock, place
) -> None:
    make()
    bob.post("/settings/privacy/erase-account", password=PASSWORD, email=bob.email)
    job_context.backups, job_context.backup_recipient = backups(settings, server, target), keys.recipient
    clock.turn(seconds=2)
    tell_backups(job_context)
    assert len(list(place.glob("keys-*"))) == 1

    app, elsewhere, done = restored()

    assert Person(app, bob.email).sign_in().status_code == 422
    assert Person(app, alice.email).sign_in().status_code == 303
    assert rows_of(elsewhere, search[bob.email]) == {}
    assert done.left_out > 5
    assert found_in(elsewhere, CANARY) == []


def test_p26_the_ledger_alone_makes_a_restore_forget(
    search, make, restored, bob, alice, settings, place, clock, admin
) -> None:
    """As if word of the erasure had not reached the backups in time: the keys file still opens Bob's rows."""
    make()
    clock.turn(seconds=2)
    bob.post("/settings/privacy/erase-account", password=PASSWORD, email=bob.email)
    alice.post("/settings/privacy/erase-data", password=PASSWORD)

    app, elsewhere, done = restored(with_ledger=True)

    assert done.erased_again == 2
    assert rows_of(elsewhere, search[bob.email]) == {}
    there = Person(app, alice.email)
    assert there.sign_in().status_code == 303
    assert there.ids() == set()
    there.add(company="After")


@pytest.mark.parametrize("missing", ["erasures", "keys", "data"])
def test_p26_without_its_parts_nothing_is_restored(search, make, place, keys, settings, tmp_path, missing: str) -> None:
    make()
    for path in place.glob(f"{missing}*"):
        path.unlink()

    with pytest.raises(RestoreError, match="ledger" if missing == "erasures" else f"no {missing} file"):
        restore_backup(another_machine(settings, tmp_path), str(place), Opening(keys.file), None, quiet, YES)


def test_p26_data_older_than_30_days_is_refused_and_pruned(
    search, make, place, keys, settings, server, target, tmp_path, clock
) -> None:
    make()
    old = next(place.glob("data-*"))
    old.rename(place / name_of("data", clock() - dt.timedelta(days=31)))

    with pytest.raises(RestoreError, match="older than 30 days"):
        restore_backup(another_machine(settings, tmp_path), str(place), Opening(keys.file), None, quiet, YES)
    assert len(backups(settings, server, target).prune(clock())) == 1
    assert list(place.glob("data-*")) == []


def test_a_restore_fills_an_empty_database_only(search, make, place, keys, settings) -> None:
    make()

    with pytest.raises(RestoreError, match="There are accounts"):
        restore_backup(settings, str(place), Opening(keys.file), None, quiet, YES)


def test_p14_data_whose_keys_did_not_follow_is_due_again_and_not_restored(
    search, make, place, keys, settings, server, target, tmp_path, clock
) -> None:
    make()
    made = backups(settings, server, target)
    assert not made.is_due(clock())
    [newest] = place.glob("keys-*")
    newest.rename(place / name_of("keys", clock() - dt.timedelta(hours=5)))

    assert made.is_due(clock())
    with pytest.raises(RestoreError, match="may lack its keys"):
        restore_backup(another_machine(settings, tmp_path), str(place), Opening(keys.file), None, quiet, YES)


@pytest.mark.parametrize("brought", ["another", "none"])
def test_p14_a_keyring_that_opens_nothing_restores_nothing(
    search, make, place, keys, settings, tmp_path, brought
) -> None:
    make()
    there = another_machine(settings, tmp_path)
    there.keyring_file.unlink()
    if brought == "another":
        make_keyring(there)

    with pytest.raises(RestoreError, match="is not that of" if brought == "another" else "bring that of"):
        restore_backup(there, str(place), Opening(keys.file), None, quiet, YES)
    assert not (there.data_dir / "postgres").exists() or accounts_in(there) == 0


def test_p14_files_that_a_clock_dated_ahead_or_nobody_made_are_passed_over(
    search, make, restored, place, keys, settings, server, target, clock
) -> None:
    make()
    [data] = place.glob("data-*")
    (place / name_of("data", clock() + dt.timedelta(days=900))).write_bytes(b"from a clock that was ahead")
    (place / "data-20269999T000000Z.age").write_bytes(b"no time at all")
    (place / "keys-99991231T235959Z.age").write_bytes(b"the end of time")
    made = backups(settings, server, target)

    assert not made.is_due(clock())
    assert made.is_due(clock() + dt.timedelta(hours=25))
    clock.turn(seconds=2)
    made.publish_keys(keys.recipient, clock, quiet)
    _, _, done = restored()
    assert done.made_at.strftime("%Y%m%dT%H%M%SZ") in data.name


def test_p26_data_under_a_newer_name_is_refused(search, make, place, keys, settings, tmp_path, clock) -> None:
    make()
    [data] = place.glob("data-*")
    data.rename(place / name_of("data", clock() - dt.timedelta(minutes=5)))
    (place / "stamp").unlink()

    with pytest.raises(RestoreError, match="was made at another time than its name says"):
        restore_backup(another_machine(settings, tmp_path), str(place), Opening(keys.file), None, quiet, YES)


@pytest.mark.parametrize("damage", ["cut off", "flipped", "other key", "no age file"])
def test_a_damaged_backup_leaves_nothing(search, make, place, keys, settings, tmp_path, damage: str) -> None:
    make()
    data = next(place.glob("data-*"))
    content = data.read_bytes()
    if damage == "cut off":
        data.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        data.write_bytes(content[:-30] + bytes([content[-30] ^ 1]) + content[-29:])
    elif damage == "no age file":
        data.write_bytes(b"nothing of the kind" * 100)
    else:
        keys = Keys(tmp_path)
    there = another_machine(settings, tmp_path)

    with pytest.raises(RestoreError):
        restore_backup(there, str(place), Opening(keys.file), None, quiet, YES)
    assert not (there.data_dir / "postgres").exists() or accounts_in(there) == 0


def test_p07_verify_restores_into_a_scratch_database_and_compares(search, alice, make, place, keys, settings) -> None:
    [only] = set(re.findall(r'data-id="([0-9a-f-]{36})"', alice.get("/offers").text))
    alice.post(f"/offers/{only}/delete")  # her count of offers is none, and not unknown
    make()

    assert verify_backup(settings, str(place), Opening(keys.file), quiet) == []


def test_p14_the_worker_makes_one_a_day_and_prunes(
    search, job_context, settings, server, target, keys, place, clock
) -> None:
    job_context.backups, job_context.backup_recipient = backups(settings, server, target), keys.recipient

    made = []
    for _ in range(50):
        back_up_when_due(job_context)
        made.append(len(list(place.glob("data-*"))))
        clock.turn(hours=1)

    assert made[0] == 1
    assert made[23] == 1
    assert made[24] == 2
    assert made[49] == 3
    clock.turn(days=31)
    back_up_when_due(job_context)
    assert len(list(place.glob("data-*"))) == 1


def accounts_in(there) -> int:
    server = EmbeddedServer(there.data_dir)
    server.join()
    with psycopg.connect(libpq(server.admin_url)) as admin:
        count = admin.execute("SELECT count(*) FROM accounts").fetchone()[0]
    server.leave()
    return count


def rows_of(server: EmbeddedServer, owner: uuid.UUID) -> dict[str, int]:
    with psycopg.connect(libpq(server.admin_url)) as admin:
        names = [row[0] for row in admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        query = "SELECT count(*) FROM {} t WHERE t::text LIKE %s"
        counts = {name: admin.execute(query.format(name), (f"%{owner}%",)).fetchone()[0] for name in names}
    return {name: count for name, count in counts.items() if count}


def found_in(server: EmbeddedServer, word: str) -> list[str]:
    """Where a word is in a dump and in the files of the data directory, after VACUUM and a checkpoint."""
    with psycopg.connect(libpq(server.admin_url), autocommit=True) as admin:
        admin.execute("VACUUM")
        admin.execute("CHECKPOINT")
    program = server._needed_user.binary("pg_dump")
    dump = subprocess.run([program, libpq(server.admin_url)], capture_output=True, check=True).stdout
    files = {str(path): path.read_bytes() for path in server.pgdata.rglob("*") if path.is_file()}
    return [place for place, content in {**files, "dump": dump}.items() if word.encode() in content]
