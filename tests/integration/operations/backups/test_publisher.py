"""Two installations never publish at one target (W6, W7).

Seen failing before the stamp at the target was read: `tmr backup create` on a copy deleted the keys file of its
original and emptied the ledger there, and a restore brought an erased account back.
"""

import datetime as dt
import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from tests.support.backups import YES, Keys, quiet
from tests.support.factories import new_account
from tmr import cli
from tmr.config import Settings, load_settings
from tmr.operations.backups.create import Backups
from tmr.operations.backups.publisher import TargetTakenError
from tmr.operations.backups.signing import Stamper
from tmr.operations.jobs.backups import back_up_when_due, rotate_keys, tell_backups
from tmr.operations.jobs.context import JobContext
from tmr.wiring.commands import examined
from tmr.wiring.restoring import Opening, restore_backup
from tmr.wiring.services import job_context_of, prepare


class Killed(BaseException):
    """As if the process had been killed there."""


class Installation:
    """An installation in a folder of its own, with its keyring beside it, that publishes at ``target``."""

    def __init__(self, folder: Path, target: str, pair: Keys) -> None:
        self.folder, self.target, self.pair = folder, target, pair

    @property
    def environ(self) -> dict[str, str]:
        return {
            "TMR_DATA_DIR": str(self.folder / "var"),
            "TMR_BACKUP_TARGET": self.target,
            "TMR_BACKUP_RECIPIENT": self.pair.recipient,
        }

    @property
    def settings(self) -> Settings:
        return load_settings(self.environ)

    def run(self, *arguments: str) -> int:
        with pytest.MonkeyPatch.context() as patched:
            for name, value in self.environ.items():
                patched.setenv(name, value)
            return cli.main(arguments)

    def working(self) -> "Working":
        return Working(self.settings)

    def copied(self, folder: Path) -> "Installation":
        subprocess.run(["cp", "-a", str(self.folder), str(folder)], check=True)  # with the owners of the files
        return Installation(folder, self.target, self.pair)

    def moved(self, folder: Path) -> "Installation":
        self.folder.rename(folder)
        return Installation(folder, self.target, self.pair)


class Working:
    """The jobs of an installation."""

    def __init__(self, settings: Settings) -> None:
        self.database = prepare(settings)
        self.job_context = job_context_of(settings, self.database)

    def __enter__(self) -> JobContext:
        return self.job_context

    def __exit__(self, *_error: object) -> None:
        self.database.leave()


IN_BOTH = pytest.mark.parametrize("target", ["folder", "s3"], indirect=True)


@pytest.fixture
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if getattr(request, "param", "folder") == "s3":
        request.getfixturevalue("storage")
        return f"s3://roles/{tmp_path.name}"  # the storage remembers what an earlier test put there
    return str(tmp_path / "target")


@pytest.fixture
def original(target: str, tmp_path: Path) -> Installation:
    """An installation with Alice in it, who is backed up."""
    (tmp_path / "original").mkdir()
    made = Installation(tmp_path / "original", target, Keys(tmp_path))
    with made.working() as job_context:
        add(job_context, "alice@example.org")
        assert back_up_when_due(job_context)
    return made


def add(job_context: JobContext, email: str) -> None:
    job_context.repository.add_account(new_account(email), dt.datetime.now(dt.UTC))


def erase(job_context: JobContext, email: str) -> None:
    with job_context.repository.for_owner(job_context.repository.find_owner(email)) as uow:
        uow.erase_account(dt.datetime.now(dt.UTC))
        uow.commit()


def go_on(installation: Installation) -> None:
    """Erase Alice, add Carol, and back that up."""
    with installation.working() as job_context:
        erase(job_context, "alice@example.org")
        add(job_context, "carol@example.org")
        rotate_keys(job_context, quiet, waits=False)
        job_context.publish_erasures(dt.datetime.now(dt.UTC))
        job_context.backups.create(installation.pair.recipient, later(), quiet)


def later() -> Callable[[], dt.datetime]:
    """A clock that goes fast, so that the next files have other names."""
    at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=30)
    return lambda: at


def digests(place: str) -> dict[str, str]:
    """Return the SHA-256 of every file at the target."""
    if not place.startswith("s3://"):
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in Path(place).iterdir()}
    client = boto3.client("s3")
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    listed = client.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    bodies = {entry["Key"]: client.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read() for entry in listed}
    return {name: hashlib.sha256(body).hexdigest() for name, body in bodies.items()}


def emails_restored(installation: Installation, folder: Path) -> set[str]:
    """Return who is there after a restore with the original's keyring."""
    folder.mkdir()
    shutil.copy(installation.folder / "var.keyring", folder / "var.keyring")
    settings = load_settings({"TMR_DATA_DIR": str(folder / "var"), "TMR_BACKUP_TARGET": "off"})
    restore_backup(settings, installation.target, Opening(installation.pair.file), None, quiet, YES)
    with Working(settings) as job_context:
        owners = [job_context.repository.find_owner(f"{name}@example.org") for name in ("alice", "carol")]
        return {name for name, owner in zip(("alice", "carol"), owners, strict=True) if owner}


@IN_BOTH
def test_w6_a_copy_never_publishes_over_its_original(
    original: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = original.copied(tmp_path / "copy")
    go_on(original)
    before = digests(original.target)

    assert copy.run("backup", "create") == 2
    assert "Set TMR_BACKUP_TARGET to an empty folder or prefix" in capsys.readouterr().err
    assert copy.run("backup", "prune") == 2
    assert copy.run("keys", "rewrap") == 2
    with copy.working() as job_context:
        for publish in (tell_backups, lambda context: context.backups.publish_spooled(later(), quiet)):
            with pytest.raises(TargetTakenError):
                publish(job_context)
    broken = [finding.what for finding in examined(copy.settings, None) if finding.state == "broken"]
    assert "target of the backups is this installation's" in broken

    assert digests(original.target) == before
    assert emails_restored(original, tmp_path / "restored") == {"carol"}


def test_w7_a_copy_that_is_first_to_publish_is_refused_beside_its_original(
    original: Installation, tmp_path: Path
) -> None:
    copy, before = original.copied(tmp_path / "copy"), digests(original.target)

    with copy.working() as job_context, pytest.raises(TargetTakenError, match="is a copy of"):
        tell_backups(job_context)

    assert digests(original.target) == before
    with original.working() as job_context:
        tell_backups(job_context)


def test_w7_an_original_whose_copy_on_another_machine_was_first_is_told(original: Installation, tmp_path: Path) -> None:
    copy = original.copied(tmp_path / "copy")
    away = original.moved(tmp_path / "another machine")  # so that the copy does not see it
    with copy.working() as job_context:
        tell_backups(job_context)
    before = digests(original.target)

    with away.working() as job_context, pytest.raises(TargetTakenError, match="copy of this one"):
        tell_backups(job_context)

    assert digests(original.target) == before


def test_w6_a_copy_with_a_target_of_its_own_publishes_there_alone(original: Installation, tmp_path: Path) -> None:
    copy, shared = original.copied(tmp_path / "copy"), original.target
    copy.target = str(tmp_path / "own target")

    with copy.working() as job_context:
        tell_backups(job_context)
        tell_backups(job_context)
    copy.target = shared
    with copy.working() as job_context, pytest.raises(TargetTakenError):
        tell_backups(job_context)


def test_w6_another_installation_does_not_publish_there(original: Installation, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other, before = Installation(tmp_path / "other", original.target, original.pair), digests(original.target)

    with other.working() as job_context, pytest.raises(TargetTakenError):
        back_up_when_due(job_context)

    assert digests(original.target) == before


@IN_BOTH
@pytest.mark.parametrize(("owner", "method"), [(Stamper, "note"), (Backups, "_publish_stamp")])
def test_w6_a_kill_between_publishing_and_noting_locks_nobody_out(
    original: Installation, monkeypatch: pytest.MonkeyPatch, owner: type, method: str
) -> None:
    def kill(*_arguments: object) -> None:
        raise Killed

    with original.working() as job_context:
        with monkeypatch.context() as patched:
            patched.setattr(owner, method, kill)
            with pytest.raises(Killed):
                tell_backups(job_context)
        tell_backups(job_context)
        tell_backups(job_context)


def test_w6_an_installation_that_was_moved_or_that_changes_its_target_goes_on(
    original: Installation, tmp_path: Path
) -> None:
    first = original.target
    moved = original.moved(tmp_path / "moved")
    for target in (first, str(tmp_path / "second"), first):
        moved.target = target
        with moved.working() as job_context:
            tell_backups(job_context)


def test_w6_without_its_stamp_a_target_is_taken_over(original: Installation, tmp_path: Path) -> None:
    copy = original.copied(tmp_path / "copy")
    go_on(original)
    (Path(original.target) / "stamp").unlink()

    with copy.working() as job_context:
        tell_backups(job_context)
    with original.working() as job_context, pytest.raises(TargetTakenError):
        tell_backups(job_context)
