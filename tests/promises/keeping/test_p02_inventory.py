"""P02: only what the service needs is collected, and all of it is on one page.

Seen failing with a column `records.note text` added to the migration, and with one line of the page taken out.
"""

import re

from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "data-inventory.md"
ROW = re.compile(r"^\| (\w+) \| (\w+) \| (sealed|hashed|plain) \| ([^|]+) \| ([^|]+) \|$", re.M)


def inventory() -> dict[tuple[str, str], str]:
    return {(table, column): form for table, column, form, _, _ in ROW.findall(PAGE.read_text())}


def test_p02_every_stored_column_is_in_the_inventory_and_no_other(admin) -> None:
    stored = admin.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
        "AND table_name NOT LIKE 'procrastinate%' AND table_name <> 'alembic_version'"
    ).fetchall()

    assert set(stored) == set(inventory())


def test_p02_sealed_columns_are_bytes_and_say_so_in_their_name(admin) -> None:
    for (table, column), form in inventory().items():
        kind = admin.execute(
            "SELECT data_type FROM information_schema.columns WHERE table_name = %s AND column_name = %s",
            (table, column),
        ).fetchone()[0]
        assert (form == "sealed") == (column.endswith("_sealed") or column == "wrapped_key")
        assert form != "sealed" or kind == "bytea"


def test_p02_sign_up_asks_for_an_address_and_a_password_only(visitor) -> None:
    page = visitor.get("/signup").text

    assert set(re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', page)) == {"csrf_token", "email", "password"}
