"""Calendar feeds of locked records: copies that are prepared while these are open, and opened by the address alone."""

import datetime as dt
import re

import pytest
from sqlalchemy import create_engine

from tests.support.kinds import RecordForms
from tests.support.locked import lock
from tests.support.people import PASSWORD, Browser, Person
from tmr.crypto.envelope import ACCOUNT
from tmr.crypto.errors import DecryptionError
from tmr.domain.kinds.interview import INTERVIEW
from tmr.repository.erasure import ALL_DATA, Erasure, account_hash, erase_again
from tmr.repository.errors import LockedError

CANARY = "Kanarienvogel"
FEED = re.compile(r"/calendar/feed/([\w-]+)\.ics")


@pytest.fixture
def there(alice, services, clock) -> Person:
    """Alice, who has the lock on, in a browser in which her records are open."""
    lock(services.repository, alice.owner, clock(), PASSWORD)
    return alice.elsewhere()


def interview(there: Person, clock, days: int = 3) -> str:
    application = there.add(company=CANARY, title="Engineer")
    starts = clock().replace(hour=12, minute=0).strftime("%Y-%m-%dT%H:%M")
    record = RecordForms(there).add("interviews", application_id=application, kind="video", starts_at=starts)
    return move(there, record, clock, days)


def move(there: Person, record: str, clock, days: int) -> str:
    at = (clock() + dt.timedelta(days=days)).strftime("%Y-%m-%dT12:00")
    assert RecordForms(there).change("interviews", record, starts_at=at).status_code == 303
    return record


def subscribe(there: Person, level: str = "busy") -> str:
    """Make a feed, and return its token."""
    answer = there.post("/settings/calendar", page="/settings/calendar", label="Phone", level=level, alarm="60")
    assert answer.status_code == 200
    return FEED.search(answer.text)[1]


def read(app, token: str) -> str:
    answer = Browser(app).get(f"/calendar/feed/{token}.ics")
    assert answer.status_code == 200
    return answer.text


def test_an_address_shows_what_was_prepared_while_the_records_are_closed_everywhere(there, app, clock) -> None:
    interview(there, clock)
    busy, full = subscribe(there), subscribe(there, "full")
    there.post("/lock", page="/settings", where="everywhere")

    assert read(app, busy).count("BEGIN:VEVENT") == 1
    assert CANARY not in read(app, busy)
    assert CANARY in read(app, full)


@pytest.mark.parametrize("way", ["add", "move", "delete", "restore", "import"])
def test_each_change_prepares_it_again(there, app, clock, way: str) -> None:
    record, token = interview(there, clock), subscribe(there)
    before = read(app, token)
    if way == "add":
        interview(there, clock, 5)
    if way == "move":
        move(there, record, clock, 8)
    if way in ("delete", "restore"):
        there.post(f"/interviews/{record}/delete")
    if way == "restore":
        there.post("/undo")
    if way == "import":
        there.bring(b"company,title,follow_up_on\r\nGlobex,Engineer,2030-01-01\r\n")
    after = read(app, token)

    assert after.count("BEGIN:VEVENT") == {"add": 2, "delete": 0}.get(way, 1)
    starts = re.compile(r"DTSTART:(\S+)")
    assert (starts.findall(after) == starts.findall(before)) == (way in ("restore", "import"))


def test_proof_6_neither_the_worker_nor_the_keyring_opens_a_copy_without_the_address(
    there, services, clock, admin
) -> None:
    interview(there, clock)
    token = subscribe(there, "full")
    kept = admin.execute("SELECT key_id, copy_key_sealed, copy_sealed, id FROM calendar_feeds").fetchone()

    with services.repository.for_owner(there.owner) as uow:
        keys, feed = uow._owner_keys, kept[3]
        inner = keys.unseal(kept[0], kept[1], "calendar_feeds", "copy_key_sealed", feed.bytes)
        for secret in (keys.newest(ACCOUNT).seal, keys.keyring):
            assert CANARY.encode() not in inner + kept[2] + repr(secret).encode()
        with pytest.raises(DecryptionError):
            uow.feeds.copies.read(feed, "another-token-of-as-many-characters-as-it")
        with pytest.raises(LockedError):
            uow.feeds.list()
        with pytest.raises(LockedError):
            list(uow.records.everything(INTERVIEW))
        assert CANARY.encode() in uow.feeds.copies.read(feed, token)  # the control


def test_k2_a_copy_that_was_moved_to_another_address_does_not_open(there, admin, clock, app) -> None:
    interview(there, clock)
    one = subscribe(there)
    clock.turn(seconds=1)
    two = subscribe(there, "full")
    admin.execute(
        "UPDATE calendar_feeds SET copy_sealed = (SELECT copy_sealed FROM calendar_feeds ORDER BY created_at LIMIT 1), "
        "copy_key_sealed = (SELECT copy_key_sealed FROM calendar_feeds ORDER BY created_at LIMIT 1)"
    )

    assert Browser(app).get(f"/calendar/feed/{one}.ics").status_code == 200
    assert Browser(app).get(f"/calendar/feed/{two}.ics").status_code == 500


def test_a_revoked_address_is_gone_and_its_key_with_it(there, app, services, clock) -> None:
    token = subscribe(there)
    [revoke] = re.findall(r'action="(/settings/calendar/[0-9a-f-]+/revoke)"', there.get("/settings/calendar").text)

    there.post(revoke, page="/settings")

    assert Browser(app).get(f"/calendar/feed/{token}.ics").status_code == 404
    with services.repository.claim(there.client.get_cookie("tmr").value, clock()) as uow:
        assert uow.private.get().feed_keys == {}


def test_a_link_is_revoked_from_its_page_while_the_records_are_closed(there, app) -> None:
    """Seen failing: the page answered 423, so that nobody without an unlock could end a link that had leaked."""
    token = subscribe(there)
    there.post("/lock", page="/settings", where="everywhere")

    page = there.get("/settings/calendar").text
    assert "Phone" not in page
    assert "Revoke A link, its name is locked" in page
    there.post(re.search(r"/settings/calendar/[\w-]+/revoke", page)[0], page="/settings/calendar")

    assert "No subscribe links yet" in there.get("/settings/calendar").text
    assert Browser(app).get(f"/calendar/feed/{token}.ics").status_code == 404
    making = {"label": "Laptop", "level": "busy", "alarm": "60"}
    assert there.post("/settings/calendar", page="/settings/calendar", **making).status_code == 423


def test_a_link_from_before_the_lock_has_no_copy_and_says_that_it_is_locked(alice, app, services, clock) -> None:
    token = subscribe(alice)
    lock(services.repository, alice.owner, clock(), PASSWORD)

    assert Browser(app).get(f"/calendar/feed/{token}.ics").status_code == 423


COPIES = "SELECT count(copy_key_sealed), count(copy_sealed) FROM calendar_feeds"


def confirm(there: Person) -> None:
    there.post("/reauthenticate", page="/reauthenticate", password=PASSWORD)


def test_once_the_lock_is_off_no_copy_is_left_and_the_address_shows_the_records(
    there, app, services, admin, clock
) -> None:
    """Seen failing: copies and their keys stayed, and were never made again."""
    interview(there, clock)
    token = subscribe(there, "full")
    confirm(there)

    there.post("/settings/privacy/unlock-for-good", page="/settings/privacy/lock")
    interview(there, clock, 5)

    assert admin.execute(COPIES).fetchone() == (0, 0)
    assert read(app, token).count("BEGIN:VEVENT") == 2
    with services.repository.for_owner(there.owner) as uow:
        assert (uow.private.get().feed_keys, [*uow.private.get().feeds.values()]) == ({}, ["Phone"])


@pytest.mark.parametrize("is_open", [True, False])
def test_w5_erasing_all_data_leaves_no_copy_of_what_a_link_showed(
    there, app, services, admin, clock, is_open: bool
) -> None:
    """Seen failing: the records were gone, and who had the address and the server could still read them in the copy."""
    interview(there, clock)
    token = subscribe(there, "full")
    confirm(there)
    if not is_open:
        there.post("/lock", page="/settings")
        confirm(there)

    there.post("/settings/privacy/erase-data", page="/settings/privacy?erase=data", password=PASSWORD)

    assert admin.execute(COPIES).fetchone() == (0, 0)
    assert CANARY not in read(app, token)
    with services.repository.for_owner(there.owner) as uow:
        assert uow.private.get().feed_keys == {}


def test_w5_a_restore_of_a_backup_from_before_erases_the_copy_again(there, services, clock, admin, server) -> None:
    interview(there, clock)
    subscribe(there, "full")
    erasure = Erasure(clock(), ALL_DATA, account_hash(services.repository._keyring, there.owner).hex())

    with create_engine(server.admin_url).begin() as connection:
        assert erase_again(connection, services.repository._keyring, [erasure], clock() - dt.timedelta(days=1)) == 1

    assert admin.execute(COPIES).fetchone() == (0, 0)
