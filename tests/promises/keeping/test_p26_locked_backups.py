"""P26 and P30: where backups are made, one holds what a lock resealed before the key from before goes."""

import datetime as dt

import msgspec
import pytest

from tests.integration.auth.lock.test_recovery import confirm
from tests.integration.auth.lock.test_unlocking import sees
from tests.support.backups import YES, Keys, another_machine, backups, quiet
from tests.support.locked import LOCK_PAGE, ask_for_code, state_of, type_back
from tests.support.people import Person
from tmr import create_app
from tmr.operations.backups.targets import Directory
from tmr.operations.database.embedded import EmbeddedServer
from tmr.operations.jobs.backups import finish_lock, tell_backups
from tmr.wiring.restoring import Opening, restore_backup
from tmr.wiring.services import build, publish_erasures

WAITING = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'finish-lock'"
KEYS = "SELECT array_agg(key_id ORDER BY key_id) FROM data_keys"


@pytest.fixture
def place(tmp_path):
    return tmp_path / "backups"


@pytest.fixture
def keys(tmp_path) -> Keys:
    return Keys(tmp_path)


@pytest.fixture
def elsewhere(settings, tmp_path, place, keys):
    """Restores the newest backup on another machine, and gives the app there."""
    running = []

    def restore():
        there = another_machine(settings, tmp_path)
        restore_backup(there, str(place), Opening(keys.file), None, quiet, YES)
        running.append(EmbeddedServer(there.data_dir))
        running[0].join()
        return create_app(build(there, running[0].app_url, pool_size=2))

    yield restore
    for server in running:
        server.leave()


def wait_for_backup(person: Person) -> None:
    """Turn the lock on as far as it goes without a backup."""
    confirm(person)
    type_back(person, ask_for_code(person))
    for _ in range(2):
        person.post(f"{LOCK_PAGE}/next")
    assert state_of(person) == "resealing"


def test_w1_p26_locks_make_few_backups_and_one_serves_all_who_wait(
    services, job_context, settings, server, place, keys, clock, admin
) -> None:
    """Seen failing: each lock that was turned on made a backup of the whole installation, any number an hour."""
    made = backups(settings, server, Directory(place))
    job_context.backups, job_context.backup_recipient = made, keys.recipient
    with_backups = msgspec.structs.replace(services.settings, backup_target=str(place))
    app = create_app(msgspec.structs.replace(services, settings=with_backups))
    people = [Person(app, f"{name}@example.org").sign_up() for name in ("alice", "bob", "carol")]
    publish_erasures(settings, services.repository, clock())
    for _ in range(3):
        made.create(keys.recipient, clock, quiet)
        clock.turn(minutes=5)

    for person in people:
        wait_for_backup(person)
    clock.turn(minutes=1)
    admin.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'finish-lock'")
    finish_lock(job_context, people[0].owner)
    assert state_of(people[0]) == "resealing"
    assert len(list(place.glob("data-*"))) == 3
    later = "SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'finish-lock'"
    assert admin.execute(later).fetchall() == [((clock() + dt.timedelta(minutes=44)).replace(microsecond=0),)]

    clock.turn(minutes=45)
    for person in people:
        finish_lock(job_context, person.owner)
        clock.turn(minutes=2)
    assert {state_of(person) for person in people} == {"locked due"}
    assert len(list(place.glob("data-*"))) == 4


def test_p26_p30_the_key_from_before_goes_once_a_backup_holds_what_was_resealed(
    services, job_context, settings, server, place, keys, clock, admin, elsewhere
) -> None:
    made = backups(settings, server, Directory(place))
    job_context.backups, job_context.backup_recipient = made, keys.recipient
    with_backups = msgspec.structs.replace(services.settings, backup_target=str(place))
    alice = Person(create_app(msgspec.structs.replace(services, settings=with_backups)), "alice@example.org").sign_up()
    record = alice.add(company="Narwhal")
    publish_erasures(settings, services.repository, clock())
    made.create(keys.recipient, clock, quiet)

    code = ask_for_code(alice)
    type_back(alice, code)
    finish_lock(job_context, alice.owner)  # too early: not all is resealed
    for _ in range(2):
        alice.post(f"{LOCK_PAGE}/next")
    assert state_of(alice) == "resealing"
    assert "goes once a backup is made" in " ".join(alice.get(LOCK_PAGE).text.split())
    assert admin.execute(WAITING).fetchone() == (1,)
    assert admin.execute(KEYS).fetchone() == ([1, 2, 3],)
    clock.turn(minutes=1)
    finish_lock(job_context, alice.owner)
    clock.turn(minutes=1)
    tell_backups(job_context)

    assert state_of(alice) == "locked due"
    assert admin.execute(KEYS).fetchone() == ([1, 3],)
    assert (len(list(place.glob("data-*"))), len(list(place.glob("keys-*")))) == (2, 1)
    there = Person(elsewhere(), alice.email)
    assert there.sign_in().status_code == 303
    assert sees(there, record)
    there.post("/lock", page="/settings")
    assert not sees(there, record)
    assert there.post("/unlock", page="/unlock", unlock_code=code).status_code == 303
    assert sees(there, record)
