"""[P17] Work across owners reads no content: by no column of any table, and by no method of `AcrossOwners`.

Seen failing with the role allowed to read the sealed names of files, with `kek_ids` that returns something else of
each key, and with a count of passwords that returns the length of one.
"""

import datetime as dt
import inspect
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import BigInteger, Boolean, DateTime, Integer, Uuid, event

from tests.conftest import libpq
from tests.integration.repository.test_row_level_security import fill_owned
from tmr.errors import OperatorError
from tmr.repository.database.across_owners import AcrossOwners
from tmr.repository.database.connections import across_owners_engine
from tmr.repository.schema import OWNED, metadata

# Every column that the role may read, by table. None holds what a person wrote, sealed or not, nor a hash of it.
READABLE = {
    "account_emails": {"owner_id"},
    "accounts": {"owner_id", "created_at", "is_support"},
    "coach_links": {"owner_id", "expires_at", "is_named_here"},
    "data_keys": {"owner_id", "retired_at", "begins_again_at"},
    "erasures": {"account_hash", "erased", "erased_at"},
    "access_tokens": {"owner_id", "expires_at", "is_named_here"},
    "exports": {"owner_id", "expires_at"},
    "files": {"owner_id", "id", "unlinked_at"},
    "house_mails": {"kek_id"},
    "imports": {"owner_id", "id", "state", "expires_at"},
    "installation_facts": {"name", "value", "noted_at"},
    "key_wraps": {"owner_id", "key_id", "kind", "kek_id", "expires_at", "used_at", "idle_seconds"},
    "known_devices": {"owner_id", "expires_at"},
    "legal_orders": {"owner_id", "notify_at", "notified_at"},
    "one_time_tokens": {"owner_id", "expires_at"},
    "outgoing_mails": {"owner_id", "created_at"},
    "own_fields": {"owner_id", "deleted_at"},
    "private_settings": {"owner_id", "settled"},
    "passkeys": {"owner_id"},
    "record_counts": {"owner_id", "kind", "live"},
    "record_links": {"owner_id", "target_id"},
    "record_versions": {"owner_id", "expires_at"},
    "records": {"owner_id", "id", "deleted_at"},
    "reminders": {"owner_id", "subject_id", "due_at"},
    "security_reports": {"id", "received_at", "due_at", "answered_at"},
    "sessions": {"owner_id", "id", "last_seen_at", "expires_at", "idle_seconds"},
    "support_grants": {"owner_id", "id", "created_at", "expires_at"},
    "totp_secrets": {"owner_id"},
    "undo_steps": {"owner_id", "made_at"},
    "version_files": {"owner_id", "file_id"},
    "wrapping_keys": {"kek_id", "created_at", "backed_up_at"},
}
NAMED = {("imports", "state"), ("key_wraps", "kind"), ("key_wraps", "kek_id"), ("record_counts", "kind")}
METHODS = sorted(name for name, _ in inspect.getmembers(AcrossOwners, inspect.isfunction) if not name.startswith("_"))


@pytest.fixture
def filled(services, owner, other_owner, clock) -> uuid.UUID:
    fill_owned(services, (owner, other_owner), clock)
    return owner


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_p17_work_across_owners_reads_no_content(server, filled, admin, table) -> None:
    has_rows = admin.execute(f"SELECT count(*) FROM {table.name}").fetchone() != (0,)
    readable = set()
    with psycopg.connect(libpq(server.migration_url)) as connection:
        connection.execute("SET LOCAL ROLE tmr_keeper")
        for column in table.columns:
            try:
                with connection.transaction():
                    connection.execute(f"SELECT {column.name} FROM {table.name}")
                readable.add(column.name)
            except psycopg.errors.InsufficientPrivilege:
                pass

    assert has_rows or table not in OWNED
    assert readable == READABLE.get(table.name, set())


@pytest.mark.parametrize("table", OWNED, ids=lambda table: table.name)
def test_p17_what_it_may_read_of_an_owner_is_ids_times_and_numbers(table) -> None:
    plain = (Uuid, DateTime, Boolean, Integer, BigInteger)
    of_another_type = {
        (table.name, column.name)
        for column in table.columns
        if column.name in READABLE.get(table.name, ()) and not isinstance(column.type, plain)
    }

    assert of_another_type <= NAMED


def leaves(value: object) -> Iterator[object]:
    """Yield everything inside what a method returned."""
    fields = getattr(value, "__struct_fields__", ())
    inside = [getattr(value, name) for name in fields] if fields else value
    if fields or isinstance(value, list | tuple | set | frozenset):
        for one in inside:
            yield from leaves(one)
    else:
        yield value


@pytest.mark.parametrize("method", METHODS)
def test_p17_no_method_across_owners_returns_content(server, filled, clock, method: str) -> None:
    engine = across_owners_engine(server.migration_url)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    across_owners = AcrossOwners(engine)
    later = clock() + dt.timedelta(days=4000)
    known = {
        "now": later,
        "before": later,
        "undo_time": dt.timedelta(0),
        "owner": filled,
        "is_support": True,
        "report_id": uuid.uuid4(),
        "kek_id": "k1",
        "kek_ids": frozenset({"k1"}),
        "pepper_id": "unused",
    }
    wanted = list(inspect.signature(getattr(AcrossOwners, method)).parameters)[1:]

    returned: object = None
    try:
        returned = getattr(across_owners, method)(**{name: known[name] for name in wanted})
    except OperatorError:
        assert method == "withdraw"  # something is wrapped under the key
    texts = {leaf for leaf in leaves(returned) if isinstance(leaf, str)}
    others = [leaf for leaf in leaves(returned) if not isinstance(leaf, str)]

    assert all(leaf is None or isinstance(leaf, uuid.UUID | dt.datetime | int) for leaf in others)
    assert texts <= ({"k1"} if method != "counts" else {count.what for count in returned})
    role, *rest = statements
    assert role in {f"SET LOCAL ROLE {name}" for name in ("tmr_keeper", "tmr_stats", "tmr_backup")}
    if role.endswith("tmr_stats"):
        assert rest == ["SELECT * FROM tmr_counts()"]
    if role.endswith("tmr_backup"):  # which may read every row: nothing but how many there are
        assert [statement.partition(" FROM ")[0] for statement in rest] == ["SELECT count(*)"]


def test_p17_the_methods_that_find_owners_find_those_of_the_rows(server, filled, other_owner, clock) -> None:
    """The methods above are asked on a database where they have something to return."""
    across_owners = AcrossOwners(across_owners_engine(server.migration_url))
    later = clock() + dt.timedelta(days=4000)

    assert set(across_owners.owners_with_due(later)) == {filled, other_owner}
    assert set(across_owners.owners_to_remind(later)) == {filled, other_owner}
    assert set(across_owners.owners_to_tell(later)) == {filled, other_owner}
    assert across_owners.kek_ids() == {"k1"}
    assert len(across_owners.support_requests()) == 2
