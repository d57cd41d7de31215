"""Values that tests do not care about."""

import datetime as dt
from collections.abc import Mapping

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field, Wire
from tmr.domain.fields.types.links import FILE, Link
from tmr.domain.kinds import KINDS
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.record import Record
from tmr.repository.accounts.accounts import NewAccount
from tmr.repository.unit_of_work import UnitOfWork

CONTENT = b"secret file"
EXTRA: dict[str, dict[str, Wire]] = {
    "applications": {"title": "Secret role"},
    "documents": {"file_name": "secret.txt", "file_type": "TXT", "file_size": len(CONTENT)},
}


def application(**values: Wire) -> dict[str, Wire]:
    """Return the values of an application, whole."""
    return {**APPLICATION.defaults(), "company": "Globex", "title": "Engineer", **values}


def values_of(kind: Kind, **values: Wire) -> dict[str, Wire]:
    """Return the values of a record of any kind, whole: each required text field says what kind it is."""
    filled = {name: f"A {kind.key}" for name in kind.required if not isinstance(kind.by_name[name].type, Link)}
    return {**kind.defaults(), **filled, **values}


def one_of_each(uow: UnitOfWork, now: dt.datetime) -> dict[str, Record]:
    """Keep one record of every kind, linked as far as the declaration says, a file with those that take one."""
    made: dict[str, Record] = {}
    for plural, kind in KINDS.items():
        links = {field.name: link_value(uow, field, made, now) for field in kind.links}
        made[plural] = uow.records.add(kind, values_of(kind, **links, **EXTRA.get(plural, {})), now)
    return made


def link_value(uow: UnitOfWork, field: Field, made: Mapping[str, Record], now: dt.datetime) -> Wire:
    """Return an id for a link: of the record of that kind that was made, or of a new file."""
    if field.type.target == FILE:
        linked = str(uow.files.add([CONTENT], "secret.txt", "text/plain", now)[0])
    else:
        linked = next(str(record.id) for record in made.values() if record.kind.key == field.type.target)
    return [linked] if field.type.is_many else linked


def table(*rows: Mapping[str, str]) -> bytes:
    """Return a CSV file of these rows."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    return "\r\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines).encode()


def new_account(email: str = "a@example.org") -> NewAccount:
    """Return an account made without hashing a password."""
    return NewAccount(email, email, "unused")
