"""P20: maintenance sees aggregated, anonymous figures only.

Seen failing with the threshold of the function at 9, and with SELECT on accounts granted to the role.
"""

import os
import subprocess
import sys

import psycopg
import pytest

from tests.conftest import libpq
from tests.support.factories import application, new_account
from tmr.domain.kinds.application import APPLICATION
from tmr.repository.schema import metadata


def stats(data_dir) -> str:
    environ = {**os.environ, "TMR_DATA_DIR": str(data_dir)}
    done = subprocess.run([sys.executable, "-m", "tmr", "stats"], env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def accounts(services, clock, count: int, records: int) -> None:
    for number in range(count):
        owner = services.repository.add_account(new_account(f"{number}@example.org"), clock())
        with services.repository.for_owner(owner) as uow:
            for _ in range(records):
                uow.records.add(APPLICATION, application(company="Kanarienvogel"), clock())
            uow.commit()


def test_p20_figures_of_ten_accounts_are_told_and_no_content(services, clock, data_dir) -> None:
    accounts(services, clock, 10, 2)

    told = stats(data_dir)

    assert "accounts: 10 accounts, 10 in all" in told
    assert "application records: 10 accounts, 20 in all" in told
    assert "accounts with a passkey: fewer than ten accounts" in told
    assert "Kanarienvogel" not in told


def test_p20_figures_of_nine_are_not(services, clock, data_dir) -> None:
    accounts(services, clock, 9, 1)

    assert not any(digit in stats(data_dir).replace("30 days", "") for digit in "0123456789")


@pytest.mark.parametrize("table", [*sorted(metadata.tables), "alembic_version", "procrastinate_jobs"])
def test_p20_the_role_reads_no_table(server, database, table: str) -> None:
    with psycopg.connect(libpq(server.migration_url)) as connection:
        connection.execute("SET LOCAL ROLE tmr_stats")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"SELECT * FROM {table}")


def test_p20_not_even_the_role_sees_small_figures(server, services, clock) -> None:
    accounts(services, clock, 9, 1)
    with psycopg.connect(libpq(server.migration_url)) as connection:
        connection.execute("SET LOCAL ROLE tmr_stats")

        rows = connection.execute("SELECT * FROM tmr_counts()").fetchall()

    assert rows
    assert {(row[1], row[2]) for row in rows} == {(None, None)}
