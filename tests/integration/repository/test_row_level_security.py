"""The database as a second wall: what the app's role can see when the app forgets to ask for its owner."""

import datetime as dt
import uuid

import psycopg
import pytest
from sqlalchemy import text

from tests.conftest import libpq
from tests.support.factories import application
from tests.support.paths import ROOT
from tmr.domain.fields.own import OwnField
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.document import DOCUMENT
from tmr.domain.saved_views import SavedView
from tmr.repository.access.access_tokens import AccessToken
from tmr.repository.access.calendar_feeds import Feed
from tmr.repository.access.coach_links import CoachLink
from tmr.repository.access.legal_orders import Order
from tmr.repository.access.support_grants import Terms
from tmr.repository.accounts.passkeys import Credential
from tmr.repository.accounts.provider_identities import ProviderIdentity
from tmr.repository.accounts.security_log import SecurityEvent
from tmr.repository.accounts.sessions import Device, Lifetime
from tmr.repository.database.owner import set_owner
from tmr.repository.queue.mails import Mail
from tmr.repository.schema import OWNED


@pytest.fixture
def filled(services, owner, other_owner, clock):
    """Rows in every table with an owner, for two owners."""
    fill_owned(services, (owner, other_owner), clock)
    return owner


def fill_owned(services, owners, clock) -> None:
    """Add a row of each of these owners to every table with an owner."""
    for each_owner in owners:
        with services.repository.for_owner(each_owner) as uow:
            record = uow.records.add(APPLICATION, application(), clock())
            file_id, _ = uow.files.add([b"x"], "x.txt", "text/plain", clock())
            values = {**DOCUMENT.defaults(), "name": "x", "file": str(file_id), "application_ids": [str(record.id)]}
            document = uow.records.add(DOCUMENT, values, clock())
            uow.records.write(uow.records.get_for_edit(DOCUMENT, document.id), {"name": "y"}, 1, clock())
            uow.feeds.add(Feed("x", "busy"), clock())
            uow.coach_links.add(CoachLink("x", notes=True, pay=True), clock() + dt.timedelta(days=1), clock())
            uow.access_tokens.add(AccessToken("x", "read"), clock() + dt.timedelta(days=1), clock())
            uow.saved_views.add(SavedView("applications", "x", "q=x"), clock())
            uow.own_fields.add(OwnField("applications", "own_x", "x", "text"), clock())
            uow.reminders.plan({record.id: clock()}, clock())
            uow.records.write(uow.records.get_for_edit(APPLICATION, record.id), {"title": "Other"}, 1, clock())
            uow.sessions.add(
                Device("::1", "test"), Lifetime(clock().max - clock().max, clock().max - clock().max), clock()
            )
            fill_account_side(uow, clock())
            uow.imports.add(b"company,title", {}, 1, clock())
            uow.commit()


def fill_account_side(uow, now) -> None:
    """A row in each table of an account's factors, tokens, devices, mails and log."""

    uow.tokens.add("x", None, dt.timedelta(1), now)
    uow.totp.set("A" * 32, 1, now)
    uow.recovery_codes.renew()
    uow.passkeys.add(Credential("x", uow.owner.bytes, b"x"), 0, now)
    uow.identities.add(ProviderIdentity("https://issuer.example", str(uow.owner), "x"), now)
    uow.known_devices.add("", now)
    uow.mails.add(Mail("x", "notice", {}), now)
    uow.log.add(SecurityEvent("x", Device("", "")), now)
    uow.grants.add(Terms("records", ""), 1, now)
    uow.legal_orders.add(Order("x", "x"), now, now)
    uow.exports.add_chunk(uow.exports.start(1, now), 0, b"x")


@pytest.fixture
def app_role(server, filled):
    with psycopg.connect(libpq(server.app_url)) as connection:
        yield connection


@pytest.mark.parametrize("table", [table.name for table in OWNED])
def test_c4_without_an_owner_no_row_is_visible(app_role, admin, table: str) -> None:
    everything = admin.execute(f"SELECT count(*) FROM {table}").fetchone()

    seen = app_role.execute(f"SELECT count(*) FROM {table}").fetchone()

    assert everything[0] > 0
    assert seen == (0,)


@pytest.mark.parametrize("table", [table.name for table in OWNED])
def test_c4_with_an_owner_only_its_rows_are_visible(app_role, filled, table: str) -> None:
    app_role.execute(f"SET LOCAL tmr.owner = '{filled}'")

    owners = app_role.execute(f"SELECT DISTINCT owner_id FROM {table}").fetchall()

    assert owners == [(filled,)]


@pytest.mark.parametrize("table", [table.name for table in OWNED if table.name != "security_events"])
def test_c4_another_owners_rows_cannot_be_changed_or_made(app_role, admin, filled, other_owner, table: str) -> None:
    app_role.execute(f"SET LOCAL tmr.owner = '{filled}'")

    changed = app_role.execute(f"UPDATE {table} SET owner_id = owner_id WHERE owner_id = %s", (other_owner,)).rowcount
    deleted = app_role.execute(f"DELETE FROM {table} WHERE owner_id = %s", (other_owner,)).rowcount

    assert (changed, deleted) == (0, 0)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app_role.execute(f"UPDATE {table} SET owner_id = %s WHERE owner_id = %s", (uuid.uuid4(), filled))


@pytest.mark.parametrize("statement", ["UPDATE security_events SET position = 7", "DELETE FROM security_events"])
def test_l3_the_app_can_change_or_take_out_no_entry_of_the_log(app_role, filled, statement: str) -> None:
    app_role.execute(f"SET LOCAL tmr.owner = '{filled}'")

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app_role.execute(statement)


def test_l3_the_log_goes_with_its_account_only(app_role, admin, filled, other_owner) -> None:
    """By the call of the release before it does not, and by itself it does."""
    app_role.execute(f"SET LOCAL tmr.owner = '{filled}'")
    with pytest.raises(psycopg.errors.RaiseException, match="as long as its account"), app_role.transaction():
        app_role.execute("SELECT tmr_erase_security_events()")
    app_role.execute("DELETE FROM accounts")
    app_role.commit()

    assert admin.execute("SELECT DISTINCT owner_id FROM security_events").fetchall() == [(other_owner,)]


def test_the_app_may_write_every_column_that_has_a_default(admin) -> None:
    """A spread database names these columns to its shards, whether the app does or not."""
    query = """
        SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
         WHERE a.atthasdef AND c.relnamespace = 'public'::regnamespace
           AND has_any_column_privilege('tmr_app', c.oid, 'INSERT')
           AND NOT has_column_privilege('tmr_app', c.oid, a.attnum, 'INSERT')
    """

    assert admin.execute(query).fetchall() == []


def test_c4_the_setting_ends_with_the_transaction(app_role, filled) -> None:
    app_role.execute(f"SET LOCAL tmr.owner = '{filled}'")
    app_role.commit()

    assert app_role.execute("SELECT count(*) FROM records").fetchone() == (0,)


@pytest.mark.parametrize("owner_as_text", ["{}", "{}'; SET LOCAL ROLE tmr_keeper; --"])
def test_c4_an_owner_is_set_from_a_uuid_object_and_never_from_text(services, filled, owner_as_text: str) -> None:
    with services.repository._engine.connect() as connection:
        with pytest.raises(TypeError):
            set_owner(connection, owner_as_text.format(filled))
        assert connection.scalar(text("SELECT current_setting('tmr.owner', true)")) in ("", None)


def test_c4_one_place_sets_the_owner_and_by_a_statement_that_workers_are_handed(admin) -> None:
    named = {path.name for path in (ROOT / "tmr").rglob("*.py") if "tmr.owner" in path.read_text()}
    calling = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosrc ~ 'set_config'"

    assert {name for name in named if not name[0].isdigit()} == {"owner.py", "inspection.py"}  # the latter compares
    assert "SET LOCAL tmr.owner" in (ROOT / "tmr/repository/database/owner.py").read_text()
    assert admin.execute(calling).fetchall() == []


def test_p16_with_the_apps_own_filter_removed_the_database_still_refuses(services, filled, other_owner) -> None:
    with services.repository.for_owner(other_owner) as uow:
        seen = uow._connection.execute(text("SELECT owner_id FROM records")).scalars().all()

    assert set(seen) == {other_owner}


def test_c4_every_table_with_an_owner_forces_row_level_security(admin) -> None:
    query = """
        SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'owner_id'
         WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
           AND c.relname NOT IN ('account_emails', 'owner_lookups')
    """

    tables = admin.execute(query).fetchall()

    assert {name for name, *_ in tables} == {table.name for table in OWNED}
    assert all(enabled and forced for _, enabled, forced in tables)


def test_every_key_starts_with_the_owner() -> None:
    for owned in OWNED:
        assert next(iter(owned.primary_key.columns)).name == "owner_id"


def test_g2_the_apps_role_is_an_ordinary_one(admin, server) -> None:
    query = "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = 'tmr_app'"
    owned = "SELECT count(*) FROM pg_class WHERE relowner = 'tmr_app'::regrole"

    assert admin.execute(query).fetchone() == (False, False, False, False)
    assert admin.execute(owned).fetchone() == (0,)
    with psycopg.connect(libpq(server.app_url)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE mine (a int)")


@pytest.mark.parametrize("role", ["tmr_keeper", "tmr_backup", "tmr_stats", "tmr_owner", "tmr_admin"])
def test_p17_the_apps_role_cannot_become_another(server, role: str) -> None:
    with psycopg.connect(libpq(server.app_url)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"SET ROLE {role}")


def test_the_owner_of_the_tables_sees_no_row_either(server, filled) -> None:
    with psycopg.connect(libpq(server.migration_url)) as connection:
        assert connection.execute("SELECT count(*) FROM records").fetchone() == (0,)


def test_a_claim_with_a_wrong_secret_opens_nothing(app_role, filled, clock) -> None:
    rows = app_role.execute("SELECT * FROM tmr_claim_session(%s, %s, %s)", (filled, b"wrong", clock())).fetchall()

    assert rows == []
    assert app_role.execute("SELECT count(*) FROM sessions").fetchone() == (0,)
    assert app_role.execute("SELECT current_setting('tmr.owner', true)").fetchone()[0] in ("", None)
