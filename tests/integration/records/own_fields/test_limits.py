"""How many own fields an account can have, and how many choices a field, whatever way they come in."""

from types import SimpleNamespace

import pytest

from tests.support.kinds import FIELDS, declare, place_of
from tests.support.people import Person
from tmr.domain.fields.own import OwnField
from tmr.domain.fields.own_changes import MOST_CHOICES, MOST_OF_A_KIND, MOST_RETIRED
from tmr.domain.fields.types.own import OwnChoice
from tmr.domain.importing.reading.own_fields import joined_fields
from tmr.records.imports.tables.own_fields import keep_own_fields
from tmr.repository.own_fields.own_fields import OwnFields


@pytest.fixture
def full(alice, services) -> Person:
    """A person with as many fields of applications as there can be."""
    made = [OwnField("applications", f"own_{at:08x}", f"Field {at}", "text") for at in range(MOST_OF_A_KIND)]
    with services.repository.for_owner(alice.owner) as uow:
        uow.own_fields.add_many(made, services.clock())
        uow.commit()
    return alice


def live(services, person: Person) -> list[str]:
    """The labels of the own fields of applications that are not deleted."""
    with services.repository.for_owner(person.owner) as uow:
        return [field.label for field in uow.own_fields.declared if field.kind == "applications"]


def test_s5_a_deleted_field_is_not_restored_beyond_the_most(full, services) -> None:
    """Seen failing: 30 fields were deleted, 30 declared, and the first 30 restored beside them."""
    place = place_of(full, "Field 0")
    full.post(f"{place}/delete")
    declare(full, "One more")

    full.post(f"{place}/restore")

    assert "You have 30 own fields for applications. Delete one first." in full.get(FIELDS).text
    assert len(live(services, full)) == MOST_OF_A_KIND


def test_s5_proposals_that_wait_make_no_more_fields_than_there_is_room_for(alice, services) -> None:
    """Seen failing: each proposal was read while there was room, and 28 of them made 840 fields."""
    places = []
    for part in "AB":
        headers = [f"{part}{at} extra" for at in range(20)]
        table = f"company,title,{','.join(headers)}\nAcme {part},Dev,{','.join(f'{part}-{at}' for at in range(20))}\n"
        places.append(alice.upload(table.encode()).headers["Location"])
        alice.post(places[-1], only="preview", **{f"column.{at + 2}": "new" for at in range(20)})

    assert [alice.post(place).status_code for place in places] == [303, 303]

    assert len(live(services, alice)) == MOST_OF_A_KIND
    assert "B19 extra: B-19" in alice.csv()  # what found no field is in the notes
    result = alice.get(places[1]).text
    assert "“B19 extra”, since the field that it was for is gone or would be one too many" in result


def test_s5_an_import_makes_no_second_field_of_a_label(alice, services) -> None:
    table = b"company,title,Mascot\nAcme,Dev,Axolotl\n"
    places = [alice.upload(table.replace(b"Acme", name)).headers["Location"] for name in (b"Acme", b"Bolt")]
    for place in places:
        alice.post(place, only="preview", **{"column.2": "new"})

    for place in places:
        alice.post(place)

    assert live(services, alice) == ["Mascot"]


def test_s5_a_field_takes_no_more_choices_from_export_after_export() -> None:
    """Seen failing with 1,200: each export brought 300 others."""
    field = OwnField("applications", "own_00000001", "Mood", "choice", (OwnChoice("_1", "Good"),))
    for turn in range(3):
        words = [f"Word {turn} {at}" for at in range(MOST_CHOICES + MOST_RETIRED)]
        brought = tuple(OwnChoice(f"_{at + 1}", word, at >= MOST_CHOICES) for at, word in enumerate(words))
        [field] = joined_fields([field], [OwnField(field.kind, field.name, field.label, field.type, brought)])

    assert len(field.labels) == MOST_CHOICES
    assert len(field.choices) == MOST_CHOICES + MOST_RETIRED
    assert len({choice.key for choice in field.choices}) == len(field.choices)


def test_s5_of_many_fields_at_once_the_first_deleted_ones_go_and_no_more(full, services, monkeypatch) -> None:
    monkeypatch.setattr("tmr.repository.own_fields.own_fields.MOST", MOST_OF_A_KIND + 2)
    with services.repository.for_owner(full.owner) as uow:
        for kept in uow.own_fields.all()[:5]:
            uow.own_fields.remove(kept.id, services.clock())
        made = [OwnField("tasks", f"own_{at:08x}", f"Other {at}", "text") for at in range(4)]
        uow.own_fields.add_many(made, services.clock())

        assert len(uow.own_fields.all()) == MOST_OF_A_KIND + 2
        assert len(uow.own_fields.declared) == MOST_OF_A_KIND - 5 + 4


@pytest.fixture
def opened(monkeypatch) -> list[OwnField]:
    """Every own field that was opened since."""
    found: list[OwnField] = []
    open_row = OwnFields._open_row

    def noted(self: OwnFields, row: object) -> OwnField:
        found.append(open_row(self, row))
        return found[-1]

    monkeypatch.setattr(OwnFields, "_open_row", noted)
    return found


def test_w1_an_export_with_many_fields_opens_each_a_fixed_number_of_times(alice, services, opened) -> None:
    """Seen failing with 1,275: after each field all of them were read again."""
    made = [OwnField(kind, f"own_{at:08x}", f"Field {at}", "text") for kind in ("offers", "tasks") for at in range(25)]
    plan = SimpleNamespace(is_exact=True, entry="tasks.csv")
    with services.repository.for_owner(alice.owner) as uow:
        keep_own_fields(uow, SimpleNamespace(used=[plan], own_fields=made), services.clock())

        assert len(uow.own_fields.declared) == 50
        assert len(opened) <= 3 * 50


def test_w1_a_page_opens_no_field_that_was_deleted(full, opened) -> None:
    """Seen failing: 500 deleted fields with 300 choices each were opened for every page."""
    full.post(f"{place_of(full, 'Field 0')}/delete")
    opened.clear()

    full.get("/applications")

    assert {field.label for field in opened} == {f"Field {at}" for at in range(1, MOST_OF_A_KIND)}
