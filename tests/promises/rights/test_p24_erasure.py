"""P24, P25, P26: a record, all data, or the account: each path leaves no row, no file and no key behind.

Seen failing with the queue's jobs left in place, with `key_wraps` left in place, with the ledger not written after the
erasure, and with the farewell sealed under the account's own key.
"""

import datetime as dt
import shutil
import subprocess
import uuid

import psycopg
import pytest

from tests.conftest import libpq
from tests.support.devices.authenticator import enrol
from tests.support.devices.passkey import add_passkey
from tests.support.factories import one_of_each, table
from tests.support.people import PASSWORD, Person
from tmr.domain.fields.own import OwnField
from tmr.domain.saved_views import SavedView
from tmr.operations.jobs.housekeeping import forget_what_is_due
from tmr.operations.jobs.mails import send_installation_mail
from tmr.privacy.erasure.ledger import LedgerError, bring_together, read_ledger, write_ledger
from tmr.repository.access.legal_orders import Order
from tmr.repository.accounts.provider_identities import ProviderIdentity
from tmr.repository.erasure import ACCOUNT, ALL_DATA, account_hash
from tmr.repository.schema import OWNED

ERASE = "/settings/privacy/erase-account"


@pytest.fixture
def full(alice, services, clock) -> Person:
    """Alice with a row in every table that has an owner."""
    enrol(alice, clock)
    add_passkey(alice)
    alice.upload(table({"company": "A", "title": "B"}))
    alice.post("/settings/privacy/support-grants", scope="records", hours="24", message="")
    with services.repository.for_owner(alice.owner) as uow:
        document = one_of_each(uow, clock())["documents"]
        uow.records.write(uow.records.get_for_edit(document.kind, document.id), {"name": "Other"}, None, clock())
        uow.saved_views.add(SavedView("applications", "x", "q=x"), clock())
        uow.own_fields.add(OwnField("applications", "own_x", "x", "text"), clock())
        uow.legal_orders.add(Order("x", "y"), clock(), clock())
        uow.exports.add_chunk(uow.exports.start(1, clock()), 0, b"x")
        uow.identities.add(ProviderIdentity("https://issuer.example", "4711", "x"), clock())
        uow.tokens.add("x", None, dt.timedelta(1), clock())
        uow.reminders.plan({uow.owner: clock()}, clock())
        uow.commit()
    alice.post("/settings/calendar", label="x", level="busy")
    alice.post("/settings/coach", page="/settings/coach", label="x")
    alice.post("/settings/tokens", page="/settings/tokens", scope="read")
    alice.change(alice.add(), title="Other")
    return alice


def rows_of(admin: psycopg.Connection, owner: uuid.UUID) -> dict[str, int]:
    """How many rows of each table name the owner in any column, the queue's included."""
    names = admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    query = "SELECT count(*) FROM {} t WHERE t::text LIKE %s"
    return {name: admin.execute(query.format(name), (f"%{owner}%",)).fetchone()[0] for (name,) in names}


def test_p24_deleting_the_account_leaves_no_row(full, bob, admin) -> None:
    owner, bobs = full.owner, bob.add()
    before = rows_of(admin, owner)
    assert [table.name for table in OWNED if not before[table.name]] == []

    answer = full.post(ERASE, password=PASSWORD, email="Alice@Example.org ")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert {name: count for name, count in rows_of(admin, owner).items() if count} == {}
    assert full.client.get_cookie("tmr") is None
    assert "Your account and everything in it is deleted" in full.get("/").text
    assert full.sign_in().status_code == 422
    assert bob.ids() == {bobs}


def test_p24_a_last_mail_says_so(full, admin, job_context, post_office) -> None:
    full.post(ERASE, password=PASSWORD, email=full.email)

    waiting = admin.execute("SELECT id, mail_sealed FROM house_mails").fetchall()
    assert all(b"alice" not in sealed for _, sealed in waiting)
    for mail_id, _ in waiting:
        send_installation_mail(job_context, mail_id)

    assert {letter.to for letter in post_office.letters} == {full.email, "security@localhost"}  # who asked for support
    assert "Your TrackMyRoles account is deleted" in [letter.subject for letter in post_office.letters]
    assert admin.execute("SELECT count(*) FROM house_mails").fetchone() == (0,)


def test_s5_every_other_device_is_out_at_once(full, alice, clock) -> None:
    other = Person(alice.app, alice.email)
    cookie = full.client.get_cookie("tmr").value
    other.client.set_cookie("tmr", cookie)
    assert other.get("/today").status_code == 200

    full.post(ERASE, password=PASSWORD, email=full.email)

    assert other.get("/today").headers["Location"].startswith("/login")


def test_the_address_can_sign_up_again_to_an_empty_account(full, app) -> None:
    full.post(ERASE, password=PASSWORD, email=full.email)

    again = Person(app, full.email).sign_up()

    assert again.ids() == set()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"password": "wrong password entirely", "email": "alice@example.org"}, "password-error"),
        ({"password": "", "email": "alice@example.org"}, "password-error"),
        ({"password": PASSWORD, "email": ""}, "email-error"),
        ({"password": PASSWORD, "email": "bob@example.org"}, "email-error"),
    ],
)
def test_a_wrong_word_erases_nothing(alice, fields, wrong: str) -> None:
    record_id = alice.add()

    answer = alice.post(ERASE, **fields)

    assert answer.status_code == 422
    assert f'id="{wrong}"' in answer.text
    assert "Nothing was deleted" in answer.text
    assert alice.ids() == {record_id}


def test_s7_deleting_the_account_asks_to_confirm(alice, clock) -> None:
    clock.turn(minutes=11)

    answer = alice.post(ERASE, password=PASSWORD, email=alice.email)

    assert answer.headers["Location"].startswith("/reauthenticate")
    assert alice.get("/settings/privacy?erase=account").headers["Location"].startswith("/reauthenticate")


def test_an_account_without_a_password_confirms_by_stepping_up(alice, admin) -> None:
    admin.execute("UPDATE accounts SET password_hash = NULL")

    assert 'name="password"' not in alice.get("/settings/privacy?erase=account").text
    assert alice.post(ERASE, email=alice.email).status_code == 303
    assert admin.execute("SELECT count(*) FROM accounts").fetchone() == (0,)


def test_p25_erasing_all_data_takes_waiting_exports_too_and_keeps_the_factor(full, admin) -> None:
    owner = full.owner

    assert full.post("/settings/privacy/erase-data", password=PASSWORD).status_code == 303

    left = rows_of(admin, owner)
    assert [left[name] for name in ("records", "files", "file_chunks", "exports", "export_chunks", "imports")] == [
        0
    ] * 6
    assert left["totp_secrets"] == 1


def test_p26_each_erasure_is_in_the_ledger_beside_the_keyring(alice, services, settings, clock) -> None:
    owner, before = alice.owner, set(read_ledger(settings.ledger_file))
    alice.post("/settings/privacy/erase-data", password=PASSWORD)
    clock.turn(seconds=1)
    alice.post(ERASE, password=PASSWORD, email=alice.email)

    written = [erasure for erasure in read_ledger(settings.ledger_file) if erasure not in before]

    assert [erasure.erased for erasure in written] == [ALL_DATA, ACCOUNT]
    hashed = account_hash(services.repository._keyring, owner).hex()
    assert {erasure.account_hash for erasure in written} == {hashed}
    text = settings.ledger_file.read_text()
    assert str(owner) not in text
    assert owner.hex not in text
    assert settings.ledger_file.stat().st_mode & 0o777 == 0o600


def test_p26_the_ledger_and_its_mirror_know_what_either_knows_for_30_days(services, owner, clock, tmp_path) -> None:
    path = tmp_path / "x.erasures"
    with services.repository.for_owner(owner) as uow:
        uow.erase_data(clock())
        uow.commit()
    [first] = bring_together(services.repository, path, clock())
    with services.repository.installation() as installation:  # a database that was restored from before
        installation.erasures.forget(clock() + dt.timedelta(1))
        installation.commit()

    assert bring_together(services.repository, path, clock()) == [first]
    with services.repository.installation() as installation:
        assert installation.erasures.list() == [first]
    path.unlink()
    assert bring_together(services.repository, path, clock()) == [first] == read_ledger(path)
    assert bring_together(services.repository, path, clock() + dt.timedelta(31)) == [] == read_ledger(path)


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "something else\n",
        "tmr-erasures/1 2\n2026-01-01T00:00:00+00:00 data ab\n",
        "tmr-erasures/1 1\n2026-01-01T00:00:00 data ab\n",
        "tmr-erasures/1 1\n2026-01-01T00:00:00+00:00 house ab\n",
        "tmr-erasures/1 0\nä",
    ],
)
def test_p26_a_ledger_that_is_none_or_was_cut_off_is_left_alone(services, clock, tmp_path, broken: str) -> None:
    path = tmp_path / "x.erasures"
    write_ledger(path, [])
    path.write_text(broken)

    with pytest.raises(LedgerError):
        bring_together(services.repository, path, clock())
    assert path.read_text() == broken


def test_p26_an_erasure_holds_when_the_ledger_cannot_be_written_and_is_written_later(
    alice, services, settings, job_context, clock, caplog
) -> None:
    text = settings.ledger_file.read_text() if settings.ledger_file.exists() else None
    settings.ledger_file.write_text("no ledger")
    answer = alice.post(ERASE, password=PASSWORD, email=alice.email)
    settings.ledger_file.unlink() if text is None else settings.ledger_file.write_text(text)
    clock.turn(minutes=1)

    forget_what_is_due(job_context)

    assert answer.status_code == 303
    assert "the erasure ledger waits" in caplog.text
    assert [
        erasure.erased
        for erasure in read_ledger(settings.ledger_file)
        if erasure.erased_at > clock() - dt.timedelta(minutes=2)
    ]


def test_p24_nothing_of_a_deleted_account_is_in_the_data_directory_or_a_dump(
    full, bob, admin, server, data_dir
) -> None:
    """After VACUUM: no word of it, no address, and in the dump not even its id."""
    shutil.rmtree(data_dir / "outbox", ignore_errors=True)  # what workers of other tests sent; it is not sealed
    owner, word = full.owner, "Kanarienvogel3Rx"
    full.post("/settings/profile", page="/settings", name=word)
    full.add(company=word, notes=word)
    bob.add(company="Bobs own")

    full.post(ERASE, password=PASSWORD, email=full.email)
    admin.execute("VACUUM")
    admin.execute("CHECKPOINT")

    program = server._needed_user.binary("pg_dump")
    dump = subprocess.run([program, libpq(server.admin_url)], capture_output=True, check=True).stdout
    files = b"".join(path.read_bytes() for path in data_dir.rglob("*") if path.is_file() and "pg_wal" not in path.parts)
    for needle in (word, full.email, full.email.upper()):
        assert needle.encode() not in dump
        assert needle.encode() not in files
    assert str(owner).encode() not in dump
    assert len(files) > 5_000_000
    assert str(bob.owner).encode() in dump
