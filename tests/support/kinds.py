"""Records of any kind and fields of one's own, through the real forms."""

import re
from typing import Any

from werkzeug.test import TestResponse

from tests.support.people import PASSWORD, Person

FIELDS = "/settings/fields"
FIELD = re.compile(r'id="(own_[0-9a-f]{8}(?:_on|_n)?)"[^>]*>\s*<summary>\s*(.*?)\s*<span.*?action="([^"]+)"', re.S)
DELETED = re.compile(r'<span>\s*(.*?)\s*<span class="quiet">.*?action="(/settings/fields/[0-9a-f-]{36})/restore"', re.S)


class RecordForms:
    """Adds, changes and reads records of every kind for one person."""

    def __init__(self, alice: Person) -> None:
        self.alice = alice

    def of(self, person: Person) -> "RecordForms":
        return RecordForms(person)

    def post(self, plural: str, **fields: Any) -> TestResponse:
        return self.alice.post(f"/{plural}", **fields)

    def add(self, plural: str, **fields: Any) -> str:
        before = self.ids(plural)
        answer = self.post(plural, **fields)
        assert answer.status_code == 303, answer.text
        [new] = self.ids(plural) - before
        return new

    def ids(self, plural: str) -> set[str]:
        return self.ids_at(f"/{plural}?per_page=100")

    def ids_at(self, path: str) -> set[str]:
        return set(re.findall(r'data-id="([0-9a-f-]{36})"', self.alice.get(path).text))

    def token(self) -> str:
        return self.alice.token("/import")

    def page(self, plural: str, record_id: str) -> str:
        answer = self.alice.get(f"/{plural}/{record_id}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def form(self, plural: str, record_id: str) -> str:
        """The page with the form of every field."""
        answer = self.alice.get(f"/{plural}/{record_id}?edit=all")
        assert answer.status_code == 200, answer.text
        return answer.text

    def day(self, plural: str, record_id: str, field: str) -> str:
        """The day that a date field of the form means, in ISO 8601; empty without one."""
        control = re.search(rf'<input name="{field}"[^>]*>', self.form(plural, record_id))
        assert control
        meant = re.search(r'data-value="([^"]*)"', control[0])
        return meant[1] if meant else ""

    def version(self, plural: str, record_id: str) -> str:
        match = re.search(r'name="version" value="(\d+)"', self.page(plural, record_id))
        assert match
        return match[1]

    def change(self, plural: str, record_id: str, **fields: Any) -> TestResponse:
        fields.setdefault("version", self.version(plural, record_id))
        return self.alice.post(f"/{plural}/{record_id}", **fields)

    def csv(self, plural: str) -> str:
        answer = self.alice.get(f"/export/{plural}.csv")
        if answer.status_code == 303:  # taking it along wants a fresh confirmation
            self.alice.post("/reauthenticate", page="/reauthenticate", password=PASSWORD)
            answer = self.alice.get(f"/export/{plural}.csv")
        return answer.data.decode("utf-8-sig")  # with the mark that tells Excel it is UTF-8


def declare(person: Person, label: str, of_type: str = "text", kind: str = "applications", choices: str = "") -> str:
    """Declare a field, and return its name in forms and addresses."""
    before = names(person)
    answer = person.post(FIELDS, kind=kind, label=label, type=of_type, choices=choices)
    assert answer.status_code == 303, answer.text
    [name] = names(person) - before
    return name


def names(person: Person) -> set[str]:
    """The names of all own fields that are not deleted."""
    return {name for name, _, _ in FIELD.findall(person.get(FIELDS).text)}


def place_of(person: Person, label: str) -> str:
    """The address of a field in the settings, deleted or not."""
    page = person.get(FIELDS).text
    places = dict(DELETED.findall(page.partition("Deleted fields")[2]))
    return {**places, **{of: place for _, of, place in FIELD.findall(page)}}[label]
