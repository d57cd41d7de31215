"""Contacts that the rows of an import name beside their applications."""

import datetime as dt
from collections.abc import Iterator
from uuid import UUID, uuid4

import msgspec

from tmr.domain.fields.folding import fold
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import ValueRefusedError, Wire
from tmr.domain.fields.types.links import Links, link_ids
from tmr.domain.importing.duplicates import Duplicates
from tmr.domain.importing.people import is_title, own_name
from tmr.domain.kinds.contact import CONTACT
from tmr.repository.records.records import Change, NewRecord
from tmr.repository.unit_of_work import UnitOfWork

APPLICATIONS = "application_ids"


class _Person(msgspec.Struct):
    """One person, and the applications whose rows name them."""

    values: dict[str, Wire]
    applications: list[str]


class People:
    """Gathers the people of an import, each once, and writes them as contacts that are linked with the applications."""

    def __init__(self) -> None:
        self._people: dict[str, _Person] = {}

    def __len__(self) -> int:
        return len(self._people)

    def meet(self, texts: dict[str, str], company: str, application: UUID) -> list[str]:
        """Remember whom a row names; return the lines for its notes of what no contact can hold."""
        values, refused = _values(texts, company)
        if not values.get("name"):
            return [f"Contact: {text}" for text in texts.values()] if not values else refused
        if is_title(str(values["name"])):
            return [f"Contact: {text}" for text in texts.values()]  # “Frau” alone is nobody
        person = self._people.setdefault(self._key(values, company), _Person(values, []))
        person.values |= {name: value for name, value in values.items() if not person.values.get(name)}
        if str(application) not in person.applications and len(person.applications) < Links.most:
            person.applications.append(str(application))
        return refused

    def _key(self, values: dict[str, Wire], company: str) -> str:
        """Return what one person is known by: the email, unless people with other names share it, as “jobs@” is."""
        name, email = own_name(str(values["name"])), str(values.get("email") or "").casefold()
        if not email:
            return f"{name}@{fold(company)}"
        same = self._people.get(email)
        return email if same is None or _is_one_name(same.values, values) else f"{email} {name}"

    def write(self, uow: UnitOfWork, import_id: UUID, now: dt.datetime) -> int:
        """Add the people as contacts, link those that are stored already; return how many were added."""
        if not self._people:
            return 0
        known, names = Duplicates(CONTACT, uow.records.scan(CONTACT)), uow.names.all_of(CONTACT)
        added, linked = [], []
        for person in self._people.values():
            found = known.find_stored(known.marks(person.values))
            stored = [one for one in found if _is_one_name({"name": names.get(str(one))}, person.values)]
            (linked.append((stored[0], person)) if stored else added.append(person))
        uow.records.add_many(CONTACT, self._new(added, now), import_id)
        self._link(uow, dict(linked), import_id, now)
        return len(added)

    def _new(self, people: list[_Person], now: dt.datetime) -> Iterator[NewRecord]:
        for person in people:
            values = {**CONTACT.defaults(), **person.values, APPLICATIONS: person.applications}
            yield NewRecord(values, now, now, uuid4())

    def _link(self, uow: UnitOfWork, people: dict[UUID, _Person], import_id: UUID, now: dt.datetime) -> None:
        changes = []
        for record in uow.records.get_many(CONTACT, list(people), with_detail=True):
            before = link_ids(record.values.get(APPLICATIONS))
            more = [one for one in people[record.id].applications if one not in before]
            filled = {name: value for name, value in people[record.id].values.items() if not record.values.get(name)}
            changes.append(Change(record.id, {**filled, APPLICATIONS: [*before, *more][: Links.most]}))
        uow.records.update_many(CONTACT, changes, now, import_id)


def _is_one_name(known: dict[str, Wire], values: dict[str, Wire]) -> bool:
    """Whether two records may be one person: their names share a word, or one has no proper name."""
    names = [own_name(str(person.get("name") or "")) for person in (known, values)]
    has_name = all(name and "@" not in name and not name.lstrip("+").replace(" ", "").isdigit() for name in names)
    words = [set(name.replace(",", " ").split()) for name in names]
    return not has_name or bool(words[0] & words[1])


def _values(texts: dict[str, str], company: str) -> tuple[dict[str, Wire], list[str]]:
    kind: Kind = CONTACT
    values: dict[str, Wire] = {}
    refused = []
    for name, text in {**texts, "company": company}.items():
        try:
            values[name] = kind.by_name[name].type.parse(text)
        except ValueRefusedError:
            refused.append(f"Contact: {text}")
    if not values.get("name"):
        values["name"] = values.get("email") or values.get("phone")
    return values, refused
