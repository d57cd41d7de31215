"""Backups from the command line: to S3-compatible storage, killed midway, and the restore drill."""

import datetime as dt
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import boto3
import pyrage
import pytest

from tests.support.backups import YES, Keys, another_machine, backups, opened_by_age, quiet
from tests.support.factories import application, new_account
from tests.support.servers.served import until
from tmr.domain.kinds.application import APPLICATION
from tmr.operations.backups.names import name_of, recognised
from tmr.operations.backups.targets import PART_BYTES, Bucket, target_of
from tmr.repository.database.dump import BACKUP_LOCK
from tmr.repository.records.records import NewRecord
from tmr.wiring.restoring import Opening, restore_backup, verify_backup
from tmr.wiring.services import publish_erasures


@pytest.fixture
def keys(tmp_path) -> Keys:
    return Keys(tmp_path)


def tmr(data_dir: Path, *arguments: str, **extra: str) -> subprocess.CompletedProcess:
    environ = {**os.environ, "TMR_DATA_DIR": str(data_dir), **extra}
    return subprocess.run([sys.executable, "-m", "tmr", *arguments], env=environ, capture_output=True, text=True)


@pytest.fixture
def filled(services, settings, clock):
    """An account with a few records, and a ledger."""
    fill(services, clock, 20)
    publish_erasures(settings, services.repository, clock())


def fill(services, clock, count: int, email: str = "o@example.org") -> None:
    owner = services.repository.add_account(new_account(email), clock())
    values = application(notes="A note. " * 20)
    with services.repository.for_owner(owner) as uow:
        uow.records.add_many(APPLICATION, [NewRecord(values, clock(), clock()) for _ in range(count)])
        uow.commit()


def test_s3_holds_a_backup_that_verifies_restores_and_is_pruned(
    filled, storage, data_dir, settings, keys, tmp_path
) -> None:
    place = "s3://roles/backups/one"

    made = tmr(data_dir, "backup", "create", "--to", place, "--recipient", keys.recipient)
    listed = tmr(data_dir, "backup", "list", "--from", place)

    assert made.returncode == 0, made.stderr
    assert "records: 20 rows" in made.stderr
    assert re.search(r"data-\w+Z\.age: 0\.\d of 0\.\d MB sent", made.stderr)
    assert listed.stdout.count(".age") == 2
    assert verify_backup(settings, place, Opening(keys.file), quiet) == []
    done = restore_backup(another_machine(settings, tmp_path), place, Opening(keys.file), None, quiet, YES)
    assert done.rows["records"] == 20
    assert "Removed 0" in tmr(data_dir, "backup", "prune", "--from", place).stdout
    assert list((data_dir / "backup-spool").iterdir()) == []


def test_an_interrupted_upload_goes_on_where_it_stopped(storage, tmp_path) -> None:
    source = tmp_path / "data-20261125T000000Z.age"
    source.write_bytes(os.urandom(2 * PART_BYTES + 1_000))
    bucket = Bucket("roles", "x")

    class KilledError(Exception):
        pass

    def killed(_count: int) -> None:
        raise KilledError

    with pytest.raises(KilledError):
        bucket.publish(source, source.name, killed)
    assert bucket.list() == []
    assert len(storage.parts_sent()) == 1
    bucket.publish(source, source.name, lambda _count: None)

    assert len(storage.parts_sent()) == 3
    with bucket.opened(source.name) as file:
        assert file.read() == source.read_bytes()
    assert bucket.list() == [(source.name, 2 * PART_BYTES + 1_000)]


@pytest.mark.parametrize("name", ["erasures", "keys-20261125T000000Z.age", "data-20261125T000000Z.age"])
def test_p26_nothing_of_an_earlier_upload_is_taken_for_other_content_of_the_same_name(storage, tmp_path, name) -> None:
    source, bucket, client = tmp_path / name, Bucket("roles", "y"), boto3.client("s3")
    place = {"Bucket": "roles", "Key": f"y/{name}"}
    waiting = client.create_multipart_upload(**place)["UploadId"]
    client.upload_part(**place, UploadId=waiting, PartNumber=1, Body=b"before an erasure")
    source.write_bytes(b"after the erasure")

    bucket.publish(source, name, lambda _count: None)

    with bucket.opened(name) as file:
        assert file.read() == b"after the erasure"
    bucket.remove(name)
    client.abort_multipart_upload(**place, UploadId=waiting) if name == "erasures" else bucket.tidy()


def test_an_upload_of_a_process_that_was_killed_is_finished_by_the_next_one_and_leaves_nothing_behind(
    services, storage, data_dir, settings, keys, clock, tmp_path
) -> None:
    fill(services, clock, 8_000)
    publish_erasures(settings, services.repository, clock())
    command = ["backup", "create", "--to", "s3://killed", "--recipient", keys.recipient]
    client = boto3.client("s3")
    client.create_bucket(Bucket="killed")
    client.create_multipart_upload(Bucket="killed", Key="data-20261101T000000Z.age")  # whose spool is long gone
    client.create_multipart_upload(Bucket="killed", Key="holiday.mov")  # someone else's
    environ = {**os.environ, "TMR_DATA_DIR": str(data_dir)}
    quietly = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([sys.executable, "-m", "tmr", *command], env=environ, **quietly)
    while process.poll() is None and len(storage.parts_sent()) < 2:
        time.sleep(0.002)
    process.kill()
    process.wait()
    [sealed_upload_of] = (data_dir / "backup-spool").glob("data-*")
    size, sent = sealed_upload_of.stat().st_size, len(storage.parts_sent())
    assert client.list_objects_v2(Bucket="killed").get("Contents", []) == []

    done = tmr(data_dir, *command)

    assert done.returncode == 0, done.stderr
    sizes = {entry["Key"]: entry["Size"] for entry in client.list_objects_v2(Bucket="killed")["Contents"]}
    assert sizes[sealed_upload_of.name] == size
    uploads = [query.rpartition("uploadId=")[2].partition("&")[0] for query in storage.parts_sent()]
    of_the_killed = [upload for upload in uploads if upload == uploads[0]]
    assert sent <= len(of_the_killed) <= -(-size // PART_BYTES) + 1  # at most the part under way is sent twice
    assert [upload["Key"] for upload in client.list_multipart_uploads(Bucket="killed")["Uploads"]] == ["holiday.mov"]
    assert verify_backup(settings, "s3://killed", Opening(keys.file), quiet) == []


def test_p26_two_backups_at_once_take_turns_and_the_keys_read_last_are_those_that_stay(
    filled, settings, server, admin, keys, tmp_path, clock
) -> None:
    place = tmp_path / "away"
    made, said = backups(settings, server, target_of(str(place))), []
    admin.execute(f"SELECT pg_advisory_lock({BACKUP_LOCK})")
    late = clock()
    waiting = threading.Thread(target=lambda: made.publish_keys(keys.recipient, lambda: late, said.append))
    waiting.start()
    until(lambda: bool(said), 120)
    (ahead := place / name_of("keys", clock() + dt.timedelta(hours=3))).parent.mkdir()
    ahead.write_bytes(b"published in between, by a machine whose clock is ahead")
    sealed_upload_of = settings.data_dir / "backup-spool" / name_of("keys", clock() - dt.timedelta(hours=1))
    sealed_upload_of.parent.mkdir(exist_ok=True)
    sealed_upload_of.write_bytes(b"read before something was erased")
    assert [path.name for path in place.iterdir()] == [ahead.name]
    admin.execute(f"SELECT pg_advisory_unlock({BACKUP_LOCK})")
    waiting.join(120)
    made.publish_spooled(clock, quiet)

    assert said[0] == "Another backup of this database is under way: waiting for it."
    [left] = place.glob("keys-*")
    assert left.name > ahead.name
    assert b"wrapping_keys" in opened_by_age(left, keys)


def test_a_finished_backup_that_was_not_sent_is_sent_by_the_next_run(
    filled, settings, server, keys, tmp_path, clock
) -> None:
    made = backups(settings, server, target_of(str(tmp_path / "away")))

    class Unreachable:
        def tidy(self) -> None:
            raise AssertionError

        def list(self):
            return []

        def publish(self, source, name, progress) -> None:
            raise ConnectionError

    made._target, reachable = Unreachable(), made._target
    with pytest.raises(ConnectionError):
        made.create(keys.recipient, clock, quiet)
    made._target = reachable
    clock.turn(minutes=1)
    made.create(keys.recipient, clock, quiet)

    assert [backup.half for backup in recognised(reachable.list())].count("data") == 2
    assert list((settings.data_dir / "backup-spool").iterdir()) == []


def test_a_killed_backup_leaves_no_half_file_under_a_final_name(
    services, settings, data_dir, keys, tmp_path, clock
) -> None:
    fill(services, clock, 3_000)
    publish_erasures(settings, services.repository, clock())
    place = tmp_path / "backups"
    command = [sys.executable, "-m", "tmr", "backup", "create", "--to", str(place), "--recipient", keys.recipient]
    environ = {**os.environ, "TMR_DATA_DIR": str(data_dir)}
    spool, killed = data_dir / "backup-spool", 0
    for folder, prefix in ((spool, ".data-"), (spool, "data-"), (place, ".data-"), (spool, ".keys-"), (place, "keys-")):
        before = names_in(folder)
        process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and not any(name.startswith(prefix) for name in names_in(folder) - before):
            time.sleep(0.001)
        killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        for file in place.glob("[!.]*.age"):
            pyrage.decrypt(file.read_bytes(), [keys.identity])

    done = tmr(data_dir, *command[3:])

    assert killed > 0
    assert done.returncode == 0, done.stderr
    assert {path.name for path in place.iterdir() if path.name.startswith(".")} == set()
    assert list((data_dir / "backup-spool").iterdir()) == []
    assert verify_backup(settings, str(place), Opening(keys.file), quiet) == []


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_the_restore_drill(services, settings, data_dir, keys, tmp_path, clock) -> None:
    """50,000 records are backed up, more are written, and an empty machine gets the 50,000 back, to the byte."""
    for number in range(5):
        fill(services, clock, 10_000, f"{number}@example.org")
    publish_erasures(settings, services.repository, clock())
    place = str(tmp_path / "backups")
    assert tmr(data_dir, "backup", "create", "--to", place, "--recipient", keys.recipient).returncode == 0
    fill(services, clock, 100, "late@example.org")
    there = another_machine(settings, tmp_path)

    done = tmr(
        there.data_dir,
        *("backup", "restore", "--yes", "--from", place, "--identity", str(keys.file)),
        TMR_KEYRING_FILE=str(there.keyring_file),
    )
    verified = tmr(data_dir, "backup", "verify", "--from", place, "--identity", str(keys.file))

    assert done.returncode == 0, done.stderr
    assert "records: 50,000 rows" in done.stderr
    assert re.search(r"Lost \(RPO\): what was written in the last [\d.]+ s", done.stdout), done.stdout
    assert re.search(r"It took \(RTO\): [\d.]+ s", done.stdout)
    assert "every row is as it was" in verified.stdout, verified.stderr
    print(done.stdout)
