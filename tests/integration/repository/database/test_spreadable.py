"""What a PostgreSQL that is spread over machines can't do is not asked of any: seen in the statements that are sent.

No such database runs here. Statements of a signed-in day are looked at in ``test_one_owner.py``, which reads them.
"""

import inspect

import psycopg
import pytest

from tests.integration.repository.test_row_level_security import fill_owned
from tests.support.database.spread import unfit
from tmr.operations.upkeep import run_all
from tmr.repository.database.across_owners import AcrossOwners
from tmr.repository.database.connections import across_owners_engine
from tmr.repository.database.inspection import Inspection


@pytest.fixture
def sent(monkeypatch) -> list[str]:
    """Every statement that this process sends."""
    statements: list[str] = []
    for cursor in (psycopg.Cursor, psycopg.RawCursor):

        def tell(self, query, params=None, *, execute=cursor.execute, **kwargs):
            statements.append(str(query))
            return execute(self, query, params, **kwargs)

        monkeypatch.setattr(cursor, "execute", tell)
    return statements


def test_work_across_owners_asks_nothing_that_a_spread_database_refuses(
    services, server, owner, other_owner, clock, job_context, sent
) -> None:
    fill_owned(services, (owner, other_owner), clock)
    keeper = AcrossOwners(across_owners_engine(server.migration_url))
    inspection = Inspection(across_owners_engine(server.migration_url), services.repository._keyring)
    known = {"now": clock(), "before": clock(), "owner": owner, "is_support": True, "kek_id": "k1", "pepper_id": "p"}

    for one in (keeper, inspection):
        for name, method in inspect.getmembers(one, inspect.ismethod):
            wanted = inspect.signature(method).parameters
            if not name.startswith("_") and name not in ("register", "withdraw") and set(wanted) <= set(known):
                method(**{each: known[each] for each in wanted})
    run_all(job_context, print)
    clock.turn(days=40)
    run_all(job_context, print)
    for each in (owner, other_owner):
        with services.repository.for_owner(each) as uow:
            uow.erase_data(clock())
            uow.erase_account(clock())
            uow.commit()

    assert len(sent) > 200
    assert unfit(sent) == set()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT set_config('tmr.owner', 'x', true)",
        "INSERT INTO records SELECT * FROM unnest(%s)",
        "SELECT FROM accounts a WHERE NOT EXISTS (SELECT FROM account_emails e WHERE e.owner_id = a.owner_id)",
        "SELECT (SELECT count(*) FROM key_wraps) + (SELECT count(*) FROM house_mails)",
    ],
)
def test_statements_that_a_spread_database_refuses_are_recognised(statement: str) -> None:
    assert unfit([statement]) == {statement}


def test_no_function_of_the_database_joins_both_kinds_of_tables(admin) -> None:
    query = "SELECT prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'tmr%'"
    sources = [source for (source,) in admin.execute(query)]

    assert len(sources) > 3
    assert unfit(sources) == set()


def test_no_policy_is_restrictive(admin) -> None:
    """Shards would have it as a permissive one, which lets through what it should stop."""
    assert admin.execute("SELECT polname FROM pg_policy WHERE NOT polpermissive").fetchall() == []
