"""Values that tests do not care about."""

from collections.abc import Mapping

from tmr.domain.application import APPLICATION
from tmr.domain.field_types import Wire
from tmr.repository.accounts import NewAccount


def application(**values: Wire) -> dict[str, Wire]:
    """Return the values of an application, whole."""
    return {**APPLICATION.defaults(), "company": "Globex", "title": "Engineer", **values}


def table(*rows: Mapping[str, str]) -> bytes:
    """Return a CSV file of these rows."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    return "\r\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines).encode()


def new_account(email: str = "a@example.org") -> NewAccount:
    """Return an account made without hashing a password."""
    return NewAccount(email, email, "unused")
