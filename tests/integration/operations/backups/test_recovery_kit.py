"""Backups are on from the first start, and the recovery kit of the first day brings any later one back.

Seen failing with the wrapping keys left out of the keys file, with the counter not compared, with the MAC not checked,
and with the private key left in place after it was confirmed.
"""

import datetime as dt
import io
import re
import shutil
import time
from pathlib import Path

import pytest

from tests.support.factories import application, new_account
from tmr import cli
from tmr.config import Settings, load_settings
from tmr.domain.kinds.application import APPLICATION
from tmr.operations.backups.recovery_kit import (
    counter_file,
    identity_file,
    recipient_file,
    recipient_of,
)
from tmr.operations.backups.restore import RestoreError
from tmr.operations.jobs.backups import back_up_when_due, rotate_keys, tell_backups
from tmr.operations.server.processes import announce
from tmr.repository.database.connections import across_owners_engine
from tmr.repository.database.installation_facts import BackupsState, InstallationFacts
from tmr.wiring.restoring import Knowledge, Opening, restore_backup, verify_backup
from tmr.wiring.services import backups_at, job_context_of, prepare


def quiet(words: str) -> None:
    """Say nothing."""


def await_the_next_second() -> None:
    """Let a second begin, so that the next file gets another name: names have whole seconds."""
    now = int(time.time())
    while int(time.time()) == now:
        time.sleep(0.01)


class Place:
    """An installation with the settings that nobody made, and the commands on it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.environ = {"TMR_DATA_DIR": str(folder / "var")}
        self.settings = load_settings(self.environ)
        self._monkeypatch = monkeypatch

    def run(self, *arguments: str) -> int:
        with self._monkeypatch.context() as patched:
            patched.delenv("TMR_BACKUP_TARGET", raising=False)
            for name, value in self.environ.items():
                patched.setenv(name, value)
            return cli.main(arguments)

    def kit(self, to: Path) -> Path:
        assert self.run("recovery-kit", "--to", str(to)) == 0
        return to


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(tmp_path / "first", monkeypatch)


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(tmp_path / "second", monkeypatch)


def add(job_context, email: str):
    owner = job_context.repository.add_account(new_account(email), dt.datetime.now(dt.UTC))
    with job_context.repository.for_owner(owner) as uow:
        uow.records.add(APPLICATION, application(), dt.datetime.now(dt.UTC))
        uow.commit()
    return owner


def backed_up(settings: Settings, *emails: str, erased: str = "") -> None:
    """Add accounts, erase one, rotate, and make a backup of what is left."""
    database = prepare(settings)
    job_context = job_context_of(settings, database)
    owners = {email: add(job_context, email) for email in (*emails, *([erased] if erased else []))}
    if erased:
        with job_context.repository.for_owner(owners[erased]) as uow:
            uow.erase_account(dt.datetime.now(dt.UTC))
            uow.commit()
        rotate_keys(job_context, quiet, waits=False)
    back_up_when_due(job_context)
    database.leave()


def restored_emails(settings: Settings) -> set[str]:
    database = prepare(settings)
    job_context = job_context_of(settings, database)
    emails = set()
    for owner in job_context.across_owners.owners():
        with job_context.repository.for_owner(owner) as uow:
            emails.add(uow.account.email())
            assert len(list(uow.records.scan(APPLICATION))) == 1
    database.leave()
    return emails


def test_p07_backups_are_on_from_the_first_start_for_an_identity_made_there(place: Place) -> None:
    backed_up(place.settings, "a@example.org")
    folder = Path(place.settings.backup_target)

    assert folder == place.settings.data_dir.with_name("var.backups")
    assert sorted(path.name.partition("-")[0] for path in folder.iterdir()) == ["data", "erasures", "keys", "stamp"]
    assert recipient_of(place.settings).startswith("age1")
    assert identity_file(place.settings).stat().st_mode & 0o777 == 0o600


def test_p14_the_kit_of_the_first_day_restores_what_was_backed_up_after_two_rotations(
    place: Place, away: Place, tmp_path: Path
) -> None:
    backed_up(place.settings, "a@example.org")
    kit = place.kit(tmp_path / "kit.txt")
    for number in (1, 2):
        backed_up(place.settings, f"later{number}@example.org", erased=f"gone{number}@example.org")
    database = prepare(place.settings)
    job_context = job_context_of(place.settings, database)
    job_context.backups.create(recipient_of(place.settings), job_context.clock, quiet)
    database.leave()

    target = place.settings.backup_target
    done = restore_backup(away.settings, target, Opening(kit=kit), None, quiet, Knowledge(counter=1))

    assert done.left_out == 0
    assert restored_emails(away.settings) == {"a@example.org", "later1@example.org", "later2@example.org"}
    assert not identity_file(away.settings).exists()
    assert recipient_of(away.settings) == recipient_of(place.settings)


def test_p07_the_private_key_is_deleted_once_its_code_is_read_elsewhere(place: Place, tmp_path: Path, capsys) -> None:
    backed_up(place.settings)
    kit = place.kit(tmp_path / "kit.txt")
    [code] = re.findall(r"--moved (\w+)", kit.read_text())

    assert kit.stat().st_mode & 0o777 == 0o600
    assert place.run("recovery-kit", "--moved", "00000000") == 2
    assert identity_file(place.settings).exists()
    assert place.run("recovery-kit", "--moved", code) == 0
    assert not identity_file(place.settings).exists()
    assert recipient_file(place.settings).exists()
    assert place.run("recovery-kit", "--to", "-") == 2
    assert "moved away before" in capsys.readouterr().err


def test_p07_an_old_copy_of_the_keyring_gets_the_newer_keys_from_the_backup(
    place: Place, away: Place, tmp_path: Path
) -> None:
    backed_up(place.settings, "a@example.org")
    old = tmp_path / "old.keyring"
    shutil.copy(place.settings.keyring_file, old)
    identity = tmp_path / "identity"
    shutil.copy(identity_file(place.settings), identity)
    backed_up(place.settings, "b@example.org", erased="gone@example.org")
    database = prepare(place.settings)
    job_context_of(place.settings, database).backups.create(
        recipient_of(place.settings), lambda: dt.datetime.now(dt.UTC), quiet
    )
    database.leave()
    away.settings.keyring_file.parent.mkdir(parents=True)
    shutil.copy(old, away.settings.keyring_file)

    restore_backup(away.settings, place.settings.backup_target, Opening(identity), None, quiet, Knowledge(counter=1))

    assert restored_emails(away.settings) == {"a@example.org", "b@example.org"}


@pytest.fixture
def rolled_back(place: Place, tmp_path: Path) -> Path:
    """A backup whose target was put back to before an account was erased, and a kit from after that."""
    backed_up(place.settings, "a@example.org", "gone@example.org")
    folder = Path(place.settings.backup_target)
    shutil.copytree(folder, tmp_path / "before")
    database = prepare(place.settings)
    job_context = job_context_of(place.settings, database)
    gone = job_context.repository.find_owner("gone@example.org")
    with job_context.repository.for_owner(gone) as uow:
        uow.erase_account(dt.datetime.now(dt.UTC))
        uow.commit()
    tell_backups(job_context)
    database.leave()
    return tmp_path / "before"


def test_w6_an_older_keys_file_and_ledger_are_refused_where_a_newer_counter_is_known(
    place: Place, away: Place, rolled_back: Path, tmp_path: Path
) -> None:
    kit = place.kit(tmp_path / "kit.txt")

    with pytest.raises(RestoreError, match="counter 1, and 2 is known"):
        restore_backup(away.settings, str(rolled_back), Opening(kit=kit), None, quiet, Knowledge())
    early = tmp_path / "early.txt"
    early.write_text(re.sub(r'"counter": \d+', '"counter": 0', kit.read_text()))
    with pytest.raises(RestoreError, match="counter 1, and 2 is known"):
        restore_backup(away.settings, str(rolled_back), Opening(kit=early), None, quiet, Knowledge(counter=2))
    with pytest.raises(RestoreError, match="Nothing was restored"):  # the kit alone does not know what is newest
        restore_backup(away.settings, str(rolled_back), Opening(kit=early), None, quiet, Knowledge())
    counter_file(away.settings).parent.mkdir(parents=True, exist_ok=True)
    counter_file(away.settings).write_text("2\n")
    with pytest.raises(RestoreError, match="counter 1, and 2 is known"):
        restore_backup(away.settings, str(rolled_back), Opening(kit=early), None, quiet, Knowledge())
    assert not (away.settings.data_dir / "postgres").exists()


def test_w6_where_no_counter_is_known_date_and_counter_are_shown_and_asked_about(
    place: Place, away: Place, rolled_back: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    kit = place.kit(tmp_path / "kit.txt")
    kit.write_text(re.sub(r'"counter": \d+', '"counter": 0', kit.read_text()))
    command = ("backup", "restore", "--from", str(rolled_back), "--kit", str(kit))

    for answer in ("", "no\n"):
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        assert away.run(*command) == 2
    said = capsys.readouterr().out
    assert "counter 1" in said
    assert f"{dt.datetime.now(dt.UTC):%Y-%m-%d}" in said
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    assert away.run(*command) == 0


@pytest.mark.parametrize("what", ["stamp", "keys", "no stamp"])
def test_w6_an_exchanged_file_is_refused(
    place: Place, away: Place, rolled_back: Path, tmp_path: Path, what: str
) -> None:
    kit, folder = place.kit(tmp_path / "kit.txt"), Path(place.settings.backup_target)
    if what == "stamp":
        content = (folder / "stamp").read_bytes()
        (folder / "stamp").write_bytes(content.replace(b'"counter":2', b'"counter":9'))
    elif what == "keys":
        [now], [before] = folder.glob("keys-*"), rolled_back.glob("keys-*")
        now.write_bytes(before.read_bytes())
    else:
        (folder / "stamp").unlink()

    with pytest.raises(RestoreError, match=r"not made by this installation|not the file|counter 0, and 2 is known"):
        restore_backup(away.settings, str(folder), Opening(kit=kit), None, quiet, Knowledge())


def test_w6_a_restored_installation_has_an_id_of_its_own(place: Place, away: Place, tmp_path: Path) -> None:
    backed_up(place.settings, "a@example.org")
    kit = place.kit(tmp_path / "kit.txt")
    restore_backup(away.settings, place.settings.backup_target, Opening(kit=kit), None, quiet, Knowledge(counter=1))

    def installation(settings: Settings) -> str:
        return re.search(r'"installation":"([^"]+)"', settings.keyring_file.read_text())[1]

    assert installation(away.settings) != installation(place.settings)
    assert restored_emails(away.settings) == {"a@example.org"}


def test_p07_keygen_makes_a_pair_that_backups_take(tmp_path: Path, capsys) -> None:
    assert cli.main(["keygen", "--to", str(tmp_path / "key")]) == 0
    recipient = re.search(r"TMR_BACKUP_RECIPIENT=(\S+)", capsys.readouterr().out)[1]

    made = load_settings(
        {"TMR_DATA_DIR": str(tmp_path / "var"), "TMR_BACKUP_TARGET": "/x", "TMR_BACKUP_RECIPIENT": recipient}
    )
    assert made.backup_recipient == recipient
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert "AGE-SECRET-KEY-1" in (tmp_path / "key").read_text()


SPEAKING_OF_BACKUPS = (
    "backup create",
    "backup list",
    "backup prune",
    "backup verify --identity x",
    "backup restore --identity x",
    "recovery-kit --to -",
    "recovery-kit --renew {folder}/kit.txt",
    "upkeep",
    "doctor",
)


def test_p07_backups_can_be_off_and_that_is_said(place: Place, tmp_path: Path, capsys) -> None:
    """Wherever backups are spoken of; /privacy is in `test_this_installation.py`.

    Seen failing with `tmr recovery-kit` as it was, which spoke of a key of the operator's that is not there, and with
    `off` taken for a folder's name where a recipient is set.
    """
    place.environ |= {"TMR_BACKUP_TARGET": "off"}
    settings = load_settings(place.environ)
    with_recipient = load_settings({**place.environ, "TMR_BACKUP_RECIPIENT": "age1" + "q" * 58})
    database = prepare(settings)
    job_context = job_context_of(settings, database)
    said = {}
    for command in SPEAKING_OF_BACKUPS:
        place.run(*command.format(folder=tmp_path).split())
        said[command] = "".join(capsys.readouterr())
    announce(settings, is_kit_here=False)
    said["serve"] = capsys.readouterr().out
    database.leave()

    assert {command: words for command, words in said.items() if "backups are off" not in plain(words)} == {}
    assert {made.backup_target for made in (settings, with_recipient)} == {None}
    assert job_context.backups is None
    assert recipient_of(settings) is recipient_of(with_recipient) is None
    assert [path.name for path in tmp_path.rglob("*") if "backup" in path.name or path.suffix in (".age", ".txt")] == []
    assert not identity_file(settings).exists()


def plain(said: str) -> str:
    """What was said, in small letters, with the doctor's table as a sentence."""
    return re.sub(r"backups\s+off", "backups are off", " ".join(said.split()).lower())


def test_w6_a_data_file_that_nobody_published_or_that_hides_a_newer_one_is_refused(
    place: Place, away: Place, tmp_path: Path
) -> None:
    backed_up(place.settings, "a@example.org")
    database = prepare(place.settings)
    job_context = job_context_of(place.settings, database)
    for _ in range(2):
        await_the_next_second()
        job_context.backups.create(recipient_of(place.settings), job_context.clock, quiet)
    database.leave()
    kit, folder = place.kit(tmp_path / "kit.txt"), Path(place.settings.backup_target)
    *_, before, newest = sorted(folder.glob("data-*.age"))
    content = newest.read_bytes()

    def restore(at: dt.datetime | None = None) -> None:
        restore_backup(away.settings, str(folder), Opening(kit=kit), at, quiet, Knowledge(counter=1))

    newest.write_bytes(before.read_bytes())
    with pytest.raises(RestoreError, match="is not the file that was published"):
        restore()
    newest.unlink()
    with pytest.raises(RestoreError, match="is missing from the target"):
        restore()
    newest.with_name("data-20200101T000000Z.age").write_bytes(content)
    before.unlink()
    with pytest.raises(RestoreError, match=r"is missing from the target|not among the data files"):
        restore()


def test_a_restore_that_is_refused_changes_neither_keyring_nor_ledger(place: Place, tmp_path: Path) -> None:
    backed_up(place.settings, "a@example.org")
    identity = tmp_path / "identity"
    shutil.copy(identity_file(place.settings), identity)
    copy = tmp_path / "target"
    shutil.copytree(place.settings.backup_target, copy)
    backed_up(place.settings, "b@example.org", erased="gone@example.org")
    before = place.settings.keyring_file.read_bytes(), place.settings.ledger_file.read_bytes()

    with pytest.raises(RestoreError, match="There are accounts"):
        restore_backup(place.settings, str(copy), Opening(identity), None, quiet, Knowledge(counter=1))

    assert (place.settings.keyring_file.read_bytes(), place.settings.ledger_file.read_bytes()) == before


def test_a_kit_verifies_on_an_empty_machine(place: Place, away: Place, tmp_path: Path) -> None:
    backed_up(place.settings, "a@example.org")

    assert (
        verify_backup(away.settings, place.settings.backup_target, Opening(kit=place.kit(tmp_path / "k")), quiet) == []
    )


def test_a_hashing_key_that_a_moved_kit_would_not_know_waits_for_another_kit(
    place: Place, away: Place, tmp_path: Path, capsys
) -> None:
    backed_up(place.settings, "a@example.org")
    first = place.kit(tmp_path / "first.txt")
    assert place.run("recovery-kit", "--renew", str(tmp_path / "too-early.txt")) == 2
    assert "is still here" in capsys.readouterr().err
    place.run("recovery-kit", "--moved", re.findall(r"--moved (\w+)", first.read_text())[0])

    assert place.run("keys", "add", "--for", "ledger") == 2
    assert "recovery-kit --renew" in capsys.readouterr().err
    assert place.run("recovery-kit", "--renew", str(tmp_path / "unused.txt")) == 0
    assert place.run("keys", "add", "--for", "ledger") == 0
    second = place.kit(tmp_path / "second.txt")
    await_the_next_second()
    database = prepare(place.settings)
    job_context_of(place.settings, database).backups.create(
        recipient_of(place.settings), lambda: dt.datetime.now(dt.UTC), quiet
    )
    database.leave()
    restore_backup(away.settings, place.settings.backup_target, Opening(kit=second), None, quiet, Knowledge(counter=1))
    assert restored_emails(away.settings) == {"a@example.org"}


def test_the_code_of_a_kit_that_lacks_a_later_key_does_not_delete_the_private_key(place: Place, tmp_path: Path) -> None:
    def code(kit: Path) -> str:
        return re.findall(r"--moved (\w+)", kit.read_text())[0]

    backed_up(place.settings, "a@example.org")
    outdated = place.kit(tmp_path / "outdated.txt")
    assert place.run("keys", "add", "--for", "ledger") == 0

    assert place.run("recovery-kit", "--moved", code(outdated)) == 2
    assert identity_file(place.settings).exists()
    assert place.run("recovery-kit", "--moved", code(place.kit(tmp_path / "newer.txt"))) == 0


def test_a_backup_from_before_a_renewal_restores_with_both_kits(place: Place, away: Place, tmp_path: Path) -> None:
    backed_up(place.settings, "a@example.org")
    before = dt.datetime.now(dt.UTC)
    old, new = place.kit(tmp_path / "old.txt"), tmp_path / "new.txt"
    place.run("recovery-kit", "--moved", re.findall(r"--moved (\w+)", old.read_text())[0])
    await_the_next_second()
    assert place.run("recovery-kit", "--renew", str(new)) == 0
    target = place.settings.backup_target

    with pytest.raises(RestoreError, match="does not open"):
        restore_backup(away.settings, target, Opening(kit=new), before, quiet, Knowledge(counter=1))
    restore_backup(away.settings, target, Opening(kit=new, other_kits=[old]), before, quiet, Knowledge(counter=1))
    assert restored_emails(away.settings) == {"a@example.org"}


def test_w6_a_backup_elsewhere_and_one_sent_late_confuse_no_stamp(place: Place, away: Place, tmp_path: Path) -> None:
    """Seen failing with one list of data files for all targets, and with files from the spool not noted."""
    backed_up(place.settings, "a@example.org")
    stick = tmp_path / "stick"
    database = prepare(place.settings)
    job_context = job_context_of(place.settings, database)
    engine, recipient = across_owners_engine(database.migration_url), recipient_of(place.settings)
    await_the_next_second()
    backups_at(place.settings, engine, str(stick)).create(recipient, job_context.clock, quiet)
    tell_backups(job_context)
    kit, target = place.kit(tmp_path / "kit.txt"), Path(place.settings.backup_target)

    assert verify_backup(away.settings, str(target), Opening(kit=kit), quiet) == []
    assert verify_backup(away.settings, str(stick), Opening(kit=kit), quiet) == []

    [first] = target.glob("data-*")
    spool = place.settings.data_dir / "backup-spool"
    spool.mkdir(exist_ok=True)
    [late] = stick.glob("data-*")
    shutil.copy(late, spool / late.name)  # finished, and not sent before the machine was stopped
    await_the_next_second()
    job_context.backups.create(recipient, job_context.clock, quiet)
    database.leave()
    for backup in (first, late):
        at = dt.datetime.strptime(backup.name, "data-%Y%m%dT%H%M%SZ.age").replace(tzinfo=dt.UTC)
        again = Place(tmp_path / backup.name, place._monkeypatch)
        restore_backup(again.settings, str(target), Opening(kit=kit), at, quiet, Knowledge(counter=1))
        assert restored_emails(again.settings) == {"a@example.org"}
    stamped = load_settings({"TMR_DATA_DIR": str(again.settings.data_dir)})
    database = prepare(stamped)
    assert InstallationFacts(across_owners_engine(database.migration_url)).get(BackupsState).data
    database.leave()
