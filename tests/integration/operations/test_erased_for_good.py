"""W5: after an erasure and `tmr upkeep`, nothing that this installation knows of opens what was erased."""

import datetime as dt
import io
import json
import shutil
import tarfile
from base64 import b64decode
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import text

from tests.support.backups import YES, Keys, another_machine, opened_by_age, quiet
from tests.support.factories import new_account
from tests.support.servers.forensics import Installation, opened, wrapping_keys
from tmr.operations.backups.recovery_kit import identity_file
from tmr.operations.jobs.housekeeping import forget_what_is_due
from tmr.operations.jobs.mails import send_installation_mail
from tmr.operations.mail import Mailer, Outbox
from tmr.repository.queue.mails import Mail, WaitingMail, notice_mail
from tmr.wiring.commands import examined, keep_up
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


def switched(installation: Installation, **environ: str) -> Installation:
    """The same installation, started with other settings."""
    return Installation(installation.settings.data_dir.parent, **environ)


@pytest.mark.parametrize("after", ["another", "off"])
def test_w5_p26_a_target_that_was_given_up_opens_nothing_of_an_erased_account(
    installation: Installation, tmp_path: Path, after: str
) -> None:
    """Seen failing with the configured target told alone: the keys file at the other one opened the account."""
    pair = Keys(tmp_path)
    first = {"TMR_BACKUP_TARGET": str(tmp_path / "one"), "TMR_BACKUP_RECIPIENT": pair.recipient}
    now_set = {"another": {**first, "TMR_BACKUP_TARGET": str(tmp_path / "two")}, "off": {"TMR_BACKUP_TARGET": "off"}}
    there = switched(installation, **first)
    job_context = there.start()
    owner, stays = (there.add(job_context, f"{name}@example.org") for name in ("gone", "stays"))
    there.stop()
    keep_up(there.settings, quiet)
    assert opens_at(tmp_path / "one", pair, owner)  # the control
    there = switched(installation, **now_set[after])
    keep_up(there.settings, quiet)
    job_context = there.start()
    with job_context.repository.for_owner(owner) as uow:
        uow.erase_account(dt.datetime.now(dt.UTC))
        uow.commit()
    there.stop()
    (tmp_path / "one").rename(tmp_path / "away")

    said: list[str] = []
    keep_up(there.settings, said.append)

    assert [line for line in said if f"{tmp_path / 'one'} could not be reached since" in line]
    unknown = [found.seen for found in examined(there.settings, None) if found.what == "backups at an earlier target"]
    assert str(tmp_path / "one") in unknown[0]
    (tmp_path / "away").rename(tmp_path / "one")
    said.clear()
    keep_up(there.settings, said.append)
    assert not [line for line in said if "could not be reached" in line]
    for place in ("one", "two"):
        assert not opens_at(tmp_path / place, pair, owner)
    assert opens_at(tmp_path / "one", pair, stays)


def test_w5_p26_a_target_that_was_given_up_and_is_still_there_is_told_at_once(
    installation: Installation, tmp_path: Path
) -> None:
    """Seen failing with earlier targets told only once they had been out of reach, which the test above let pass."""
    pair = Keys(tmp_path)
    first = {"TMR_BACKUP_TARGET": str(tmp_path / "one"), "TMR_BACKUP_RECIPIENT": pair.recipient}
    there = switched(installation, **first)
    owner = there.add(there.start(), "gone@example.org")
    there.stop()
    keep_up(there.settings, quiet)
    there = switched(installation, TMR_BACKUP_TARGET="off")
    job_context = there.start()
    with job_context.repository.for_owner(owner) as uow:
        uow.erase_account(dt.datetime.now(dt.UTC))
        uow.commit()
    there.stop()
    assert opens_at(tmp_path / "one", pair, owner)  # the control

    keep_up(there.settings, quiet)

    assert not opens_at(tmp_path / "one", pair, owner)


def opens_at(place: Path, pair: Keys, owner: UUID) -> bool:
    """Whether the keys files at a target give away a data key of an account."""
    for path in [*place.glob("keys-*.age"), *place.glob(".keys-*")]:
        with tarfile.open(fileobj=io.BytesIO(opened_by_age(path, pair))) as tar:
            files = {name: tar.extractfile(name).read() for name in tar.getnames()}
        keys = {kek_id: b64decode(key) for kek_id, key in json.loads(files["wrapping.json"])["wrapping"].items()}
        inside = place.parent / "inside" / path.name
        shutil.rmtree(inside, ignore_errors=True)
        inside.mkdir(parents=True)
        (inside / "content").write_bytes(b"".join(files.values()))
        if opened(inside, keys, owner):
            return True
    return False


def test_w5_p26_a_former_target_goes_with_its_last_data_file_or_when_it_is_said_to_be_gone(
    installation: Installation, tmp_path: Path
) -> None:
    first = {"TMR_BACKUP_TARGET": str(tmp_path / "one"), "TMR_BACKUP_RECIPIENT": Keys(tmp_path).recipient}
    there = switched(installation, **first)
    there.start()
    there.stop()
    keep_up(there.settings, quiet)
    there = switched(installation, TMR_BACKUP_TARGET="off")
    job_context = there.start()
    job_context.other_targets.prune(lambda: dt.datetime.now(dt.UTC) + dt.timedelta(days=31))

    assert list((tmp_path / "one").iterdir()) == []
    assert not job_context.other_targets.forget(str(tmp_path / "one"), dt.datetime.now(dt.UTC))
    there.stop()


@pytest.mark.parametrize("left", ["spool", "target"])
def test_w5_a_keys_file_that_a_kill_left_is_gone_after_upkeep(
    installation: Installation, tmp_path: Path, left: str
) -> None:
    """Seen failing with neither cleaned: what was sealed before an erasure stayed, and opened."""
    pair = Keys(tmp_path)
    environ = {"TMR_BACKUP_TARGET": str(tmp_path / "one"), "TMR_BACKUP_RECIPIENT": pair.recipient}
    there = switched(installation, **environ)
    job_context = there.start()
    owner = there.add(job_context, "gone@example.org")
    there.stop()
    keep_up(there.settings, quiet)
    [keys_file] = (tmp_path / "one").glob("keys-*.age")
    spool = there.settings.data_dir / "backup-spool"
    rest = spool / "keys-20260101T000000Z.age" if left == "spool" else tmp_path / "one" / ".keys-x.age.partial"
    shutil.copy(keys_file, rest)
    job_context = there.start()
    with job_context.repository.for_owner(owner) as uow:
        uow.erase_account(dt.datetime.now(dt.UTC))
        uow.commit()
    there.stop()

    keep_up(there.settings, quiet)

    assert not rest.exists()
    assert not opens_at(tmp_path / "one", pair, owner)
    assert not opens_at(spool, pair, owner)


@pytest.mark.parametrize("goes", ["sent", "expired"])
def test_w5_a_mail_of_the_installation_that_goes_makes_a_rotation_due(services, job_context, clock, goes: str) -> None:
    """The wrapping key seals it directly. Seen failing with rotations due after erasures only: once a rotation had
    sealed a farewell again, its address opened from the disk after it had left."""
    with services.repository.installation() as installation:
        installation.mails.add(Mail("gone@example.org", "farewell", {"when": "now"}), clock())
        installation.commit()
    clock.turn(days=8 if goes == "expired" else 1)
    assert job_context.across_owners.erased_at() == []

    with services.repository.installation() as installation:
        if goes == "expired":
            installation.mails.forget_expired(clock())
        else:
            [mail_id] = installation._connection.execute(text("SELECT id FROM house_mails")).scalars()
            installation.mails.remove(mail_id, clock())
        installation.commit()

    assert job_context.across_owners.erased_at() == [clock()]


def test_w5_a_renewed_key_that_is_destroyed_makes_a_rotation_due(services, job_context, owner, clock) -> None:
    """Seen failing with its row deleted alone: what it sealed opened from the disk by the key's old wrap."""
    with services.repository.for_owner(owner) as uow:
        uow.renew_records_key(clock())
        uow.commit()
    clock.turn(days=31)
    assert job_context.across_owners.erased_at() == []

    with services.repository.for_owner(owner) as uow:
        assert uow.forget_retired_keys(clock()) == 1
        uow.commit()

    assert job_context.across_owners.erased_at() == [clock()]


def test_w3_w5_an_erased_account_leaves_no_mail_in_the_outbox_but_the_last_one(
    services, job_context, alice, clock, tmp_path
) -> None:
    """Seen failing: every mail of the last week stayed there, unsealed, with the address of who was erased."""
    job_context.mailer = Mailer(services.settings, Outbox(tmp_path / "outbox"))
    job_context.mailer.send(WaitingMail(uuid4(), clock(), notice_mail("Alice@Example.org", "It happened.", clock())))
    job_context.mailer.send(WaitingMail(uuid4(), clock(), notice_mail("bob@example.org", "It happened.", clock())))
    with services.repository.for_owner(alice.owner) as uow:
        uow.erase_account(clock(), Mail(alice.email, "farewell", {"when": "now"}))
        uow.commit()
    with services.repository.installation() as installation:
        ids = installation._connection.execute(text("SELECT id FROM house_mails")).scalars().all()
    for mail_id in ids:
        send_installation_mail(job_context, mail_id)

    left = sorted(path.read_text() for path in (tmp_path / "outbox").glob("*.eml"))

    assert len([content for content in left if "lice@" in content]) == 1
    assert [content for content in left if "To: bob@example.org" in content]
    assert "is deleted" in next(content for content in left if f"To: {alice.email}" in content)


def test_w5_a_forgotten_sign_up_leaves_no_mail_in_the_outbox(services, job_context, clock, tmp_path) -> None:
    job_context.mailer = Mailer(services.settings, Outbox(tmp_path / "outbox"))
    new = msgspec.structs.replace(new_account("never@example.org"), is_claimed=False)
    services.repository.add_account(new, clock())
    job_context.mailer.send(WaitingMail(uuid4(), clock(), notice_mail("never@example.org", "It happened.", clock())))
    clock.turn(hours=2)

    forget_what_is_due(job_context)

    assert list((tmp_path / "outbox").glob("*.eml")) == []
