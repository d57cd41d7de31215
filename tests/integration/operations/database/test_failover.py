"""Another server takes the database's place while people write."""

import os
import signal
from itertools import count

import psutil
import psycopg
import pytest

from tests.conftest import libpq
from tests.support.people import Person
from tests.support.servers.served import Crowd, Served, Writer, until
from tests.support.servers.standby import REPLICATED, Standby
from tmr.config import load_settings
from tmr.operations.database.embedded import EmbeddedServer
from tmr.wiring.keyring import make_keyring
from tmr.wiring.services import prepare

LONGEST_SECONDS = 10


@pytest.fixture
def pair(tmp_path):
    """A server with its standby, ready for the app."""
    settings = load_settings({"TMR_DATA_DIR": str(tmp_path / "database")})
    make_keyring(settings)
    primary = EmbeddedServer(settings.data_dir, settings=REPLICATED)
    primary.join()
    prepare(settings).leave()
    standby = Standby(primary).start()
    yield standby
    standby.stop()


def test_p14_a_failover_under_load_loses_nothing_acknowledged_and_needs_no_restart(pair: Standby, tmp_path) -> None:
    addresses = {
        "TMR_DATABASE_URL": pair.url(pair.primary.app_url),
        "TMR_MIGRATION_URL": pair.url(pair.primary.migration_url),
        "TMR_KEYRING_FILE": str(tmp_path / "database.keyring"),
    }
    with Served(tmp_path / "web", "--workers", "2", **addresses) as served:
        ada = Person(served, "ada@example.org").sign_up()
        writers = Writer.several(ada)
        with Crowd(*(writer.try_to_write for writer in writers)) as crowd:
            until(lambda: min(writer.acknowledged for writer in writers) > 10, 120, served.log)
            os.kill(int((pair.primary.pgdata / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
            pair.promote()
            seconds = Writer.all_go_on(writers, log=served.log)

        assert crowd.errors == []
        assert {ada.get("/applications").status_code for _ in range(40)} == {200}
        assert all(writer.is_kept() for writer in writers)
        assert {status for writer in writers for status in writer.statuses} <= {303, 409, 503}
        assert max(writer.slowest for writer in writers) < LONGEST_SECONDS
        slowest, edits = max(writer.slowest for writer in writers), sum(writer.attempted for writer in writers)
        print(f"\nfailover: {edits} edits, slowest {slowest:.1f} s, {seconds:.1f} s until everybody writes again")
        assert psutil.Process(served.process.pid).is_running()


def test_p14_a_server_that_takes_no_changes_any_more_is_an_outage_and_is_left_for_one_that_does(
    services, server, alice, admin: psycopg.Connection, clock
) -> None:
    """Seen failing: a connection that had served a unit of work that only reads went on to write."""
    owner = services.repository.find_owner("alice@example.org")
    with services.repository.for_owner(owner, is_read_only=True) as uow:
        uow.account.preferences()
    record = alice.add(company="Globex")
    try:
        admin.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        admin.execute("SELECT pg_reload_conf()")
        names = (f"Initech {number}" for number in count())  # the first may be kept before the server has heard of it
        until(lambda: alice.change(record, company=next(names)).status_code == 503, 120)
        clock.turn(minutes=10)  # so that the session notes that it was seen
        assert alice.get("/applications").status_code == 503
    finally:
        admin.execute("SET default_transaction_read_only = off")
        admin.execute("ALTER SYSTEM RESET default_transaction_read_only")
        admin.execute("SELECT pg_reload_conf()")

    until(lambda: alice.change(record, company="Initech").status_code == 303, 120)
    with psycopg.connect(libpq(server.admin_url)) as other:
        assert other.execute("SHOW default_transaction_read_only").fetchone() == ("off",)
