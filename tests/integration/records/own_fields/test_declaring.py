"""Own fields in settings: declared, renamed, given other choices, deleted, restored, and gone for good."""

import re
from uuid import UUID

import pytest

from tests.support.kinds import FIELDS as PAGE
from tests.support.kinds import declare, names, place_of
from tmr.domain.fields.own import TYPE_LABELS
from tmr.domain.fields.type import Wire
from tmr.domain.kinds import KINDS
from tmr.domain.kinds.application import APPLICATION
from tmr.operations.jobs.housekeeping import forget_what_is_due

ENDS = ("", "/delete", "/restore", "/delete-for-good")


def test_a_page_without_fields_says_what_they_are_for(alice) -> None:
    page = alice.get(PAGE).text

    assert "has no field here" in page
    assert "Deleted fields" not in page
    assert 'value="tasks" selected' in alice.get(f"{PAGE}?kind=tasks").text


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_of_record_takes_a_field(alice, kind: str) -> None:
    name = declare(alice, "Gut feeling", kind=kind)

    assert f'<h2 id="{kind}">' in alice.get(PAGE).text
    assert names(alice) == {name}


@pytest.mark.parametrize(
    ("wrong", "sent"),
    [
        ("kind", {"kind": "nothing", "label": "Fee", "type": "text"}),
        ("label", {"kind": "applications", "label": " ", "type": "text"}),
        ("label", {"kind": "applications", "label": "Company", "type": "text"}),
        ("type", {"kind": "applications", "label": "Fee", "type": "nothing"}),
        ("choices", {"kind": "applications", "label": "Fee", "type": "choice", "choices": "x" * 61}),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_what_is_refused_is_named_and_nothing_typed_is_lost(
    alice, wrong: str, sent: dict[str, str], htmx: bool
) -> None:
    answer = alice.post(PAGE, htmx=htmx, **sent)

    assert answer.status_code == 422
    assert f'<p class="error" id="{wrong}-error">' in answer.text
    assert f'value="{sent["label"]}"' in answer.text
    assert sent.get("choices", "") in answer.text
    assert names(alice) == set()


def test_a_list_whose_columns_were_chosen_shows_a_new_one_too(alice) -> None:
    alice.add()
    alice.post("/applications/view", columns=["status"])
    alice.post("/contacts/view", columns=["email"])

    name = declare(alice, "Mascot")

    assert f'data-field="{name}"' in alice.get("/applications").text
    assert 'data-field="location"' not in alice.get("/applications").text


def test_a_choice_without_choices_says_where_to_add_them(alice) -> None:
    alice.post(PAGE, kind="tasks", label="Mood", type="choice")
    assert "Field “Mood” added. Add its choices below." in alice.get(PAGE).text
    name = declare(alice, "Mood", "choice")

    answer = alice.post("/applications", company="A", title="B", **{name: "Good"})

    assert answer.status_code == 422
    assert "This field has no choices yet." in answer.text


def test_two_fields_of_a_kind_never_have_the_same_name(alice) -> None:
    declare(alice, "Visa fee", "money")
    declare(alice, "Visa fee", "money", kind="offers")
    other = declare(alice, "Team")

    assert alice.post(PAGE, kind="applications", label="VISA-FEE", type="text").status_code == 422
    answer = alice.post(place_of(alice, "Team"), label="visa fee")
    assert answer.status_code == 422
    assert "Applications already have a field “Visa fee”." in answer.text
    assert re.search(r"<details[^>]* open>\s*<summary>\s*Team", answer.text)
    assert other in names(alice)


def test_fields_are_put_in_another_order_and_a_new_one_comes_last(alice) -> None:
    for label in ("First", "Second", "Third"):
        declare(alice, label)

    for label, way in (("Third", "up"), ("Third", "up"), ("Third", "up"), ("Second", "down"), ("First", "nowhere")):
        assert alice.post(place_of(alice, label), move=way).status_code == 303
    declare(alice, "Fourth")

    page, listed = alice.get(PAGE).text, alice.get("/applications?new=1").text
    in_order = ["Third", "First", "Second", "Fourth"]
    assert re.findall(r"<summary>\s*(\w+)", page.partition('id="applications"')[2])[:4] == in_order
    assert re.findall(r">\s*(First|Second|Third|Fourth)\s*<", listed)[:4] == in_order


def test_the_keyboard_goes_on_from_a_field_that_was_moved(alice, clock) -> None:
    """Seen failing: after each press the focus was nowhere, and had to be brought back for the next one."""
    for label in ("First", "Second", "Third"):
        declare(alice, label)
        clock.turn(seconds=1)

    for label, way, goes_on in (
        ("First", "down", "First down"),
        ("First", "down", "First up"),
        ("Third", "up", "Third down"),
    ):
        answer = alice.post(place_of(alice, label), move=way)

        page = alice.get(answer.headers["Location"]).text
        assert re.findall(r'<button[^>]* autofocus[^>]*aria-label="Move ([^"]+)"', page) == [goes_on]
        assert "#" not in answer.headers["Location"]  # or browsers would go to that part, and leave the button


def test_a_renamed_field_keeps_its_values(alice) -> None:
    name = declare(alice, "Fee", "money")
    record = alice.add(**{name: "90 EUR"})

    assert alice.post(place_of(alice, "Fee"), label="Visa fee").status_code == 303

    page = alice.get(f"/applications/{record}").text
    assert "Visa fee" in page
    assert "90\u00a0EUR" in page


def test_a_renamed_choice_is_renamed_in_every_record_and_a_removed_one_stays_there(alice) -> None:
    name = declare(alice, "Colour", "choice", choices="Red\nGreen\nBlue")
    green, blue = alice.add(company="Acme", **{name: "Green"}), alice.add(company="Bolt", **{name: "Blue"})

    for choices in ("Red\nSea green\nBlue", "Red\nSea green"):
        alice.post(place_of(alice, "Colour"), label="Colour", choices=choices)

    assert "Sea green" in alice.get(f"/applications/{green}").text
    assert "Blue" in alice.get(f"/applications/{blue}").text
    assert '<option value="Blue">' not in alice.get(f"/applications/{green}?edit=all").text
    assert '<option value="Blue" selected>' in alice.get(f"/applications/{blue}?edit=all").text


def test_a_deleted_field_is_shown_nowhere_and_comes_back_with_its_values(alice) -> None:
    name = declare(alice, "Mascot")
    record = alice.add(**{name: "Axolotl"})
    place = place_of(alice, "Mascot")
    assert "Text, 1 value" in " ".join(alice.get(PAGE).text.split())

    answer = alice.post(f"{place}/delete")
    assert answer.status_code == 303
    settings = alice.get(PAGE).text
    assert settings.count(f'action="{place}/restore"') == 2  # in the list, and as Undo in the message
    for path in (
        "/applications",
        f"/applications/{record}",
        "/applications?q=axolotl",
        f"/applications/{record}/history",
    ):
        page = alice.get(path).text
        assert "Mascot" not in page
        assert "Axolotl" not in page
    assert "Axolotl" not in alice.csv()
    alice.change(record, title="Lead")  # an edit meanwhile loses nothing

    assert alice.post(f"{place}/restore").status_code == 303
    assert "Axolotl" in alice.get(f"/applications/{record}").text


def test_a_field_is_not_restored_beside_another_of_its_name(alice) -> None:
    declare(alice, "Mascot")
    place = place_of(alice, "Mascot")
    alice.post(f"{place}/delete")
    declare(alice, "mascot")

    alice.post(f"{place}/restore")

    assert "already have a field “mascot”. Rename that one first." in alice.get(PAGE).text
    assert len(names(alice)) == 1


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_field_goes_for_good_with_its_values_in_records_trash_and_history(
    alice, services, clock, job_context, by_hand: bool
) -> None:
    gone, stays = declare(alice, "Mascot"), declare(alice, "Team")
    record, trashed = alice.add(**{gone: "Axolotl", stays: "Blue"}), alice.add(company="Bolt", **{gone: "Quokka"})
    alice.change(record, **{gone: "Capybara"})
    place = place_of(alice, "Mascot")
    alice.post(f"{place}/delete")
    clock.turn(days=29)
    alice.sign_in()
    alice.post(f"/applications/{trashed}/delete", version="1")
    forget_what_is_due(job_context)
    assert stored(services, alice, record)[0][gone] == "Capybara"

    if by_hand:
        assert alice.post(f"{place}/delete-for-good").status_code == 303
    else:
        clock.turn(days=1)
        alice.sign_in()
        forget_what_is_due(job_context)

    kept = stored(services, alice, record)
    assert [values.get(stays) for values in kept] == ["Blue", "Blue"]
    assert all(gone not in values for values in [*kept, *stored(services, alice, trashed)])
    assert alice.post(f"{place}/restore").status_code == 404
    assert "Mascot" not in alice.get(PAGE).text.partition("<h2")[2]


def test_c7_a_form_that_deletes_a_field_is_sent_twice_and_hides_it_once(alice, services, clock) -> None:
    """Seen failing: the second of a double click deleted the field and all its values for good."""
    name = declare(alice, "Mascot")
    record, place = alice.add(**{name: "Axolotl"}), place_of(alice, "Mascot")
    assert alice.post(f"{place}/delete-for-good").status_code == 404
    alice.post(f"{place}/delete")
    until = alice.get(PAGE).text.partition("<time")[2][:60]
    clock.turn(days=2)
    alice.sign_in()

    assert alice.post(f"{place}/delete").status_code == 303

    assert alice.get(PAGE).text.partition("<time")[2][:60] == until
    assert stored(services, alice, record)[0][name] == "Axolotl"


def stored(services, person, record_id: str) -> list[dict[str, Wire]]:
    """All that is stored of an application, deleted or not: its values, then those of its earlier versions."""
    with services.repository.for_owner(person.owner) as uow:
        [record] = uow.records.locked_anywhere(APPLICATION, [UUID(record_id)])[0].values()
        return [record.values, *(earlier.values for earlier in uow.records.history.of(record))]


def test_another_persons_field_is_not_there(alice, bob) -> None:
    declare(alice, "Mascot")
    place = place_of(alice, "Mascot")

    assert [bob.post(f"{place}{end}", label="Mine").status_code for end in ENDS] == [404] * len(ENDS)
    assert "Mascot" not in bob.get(PAGE).text + bob.get("/applications").text
    assert bob.post(PAGE, kind="applications", label="Mascot", type="text").status_code == 303


def test_of_very_many_deleted_fields_the_first_goes_for_good(alice, services, clock, monkeypatch) -> None:
    monkeypatch.setattr("tmr.repository.own_fields.own_fields.MOST", 3)
    for label in ("First", "Second", "Third"):
        declare(alice, label)
        alice.post(f"{place_of(alice, label)}/delete")
        clock.turn(minutes=1)

    declare(alice, "Fourth")

    page = alice.get(PAGE).text
    assert [label in page for label in ("First", "Second", "Third", "Fourth")] == [False, True, True, True]


@pytest.mark.parametrize(
    ("was", "value", "of_type", "kept"),
    [
        ("text", "1,234", "number", "1234"),
        ("text", "24 Nov 2026", "date", "2026-11-24"),
        ("number", "3.725", "text", "3.725"),
        ("number", "12", "money", "12"),
        ("money", "90 EUR", "text", "90 EUR"),
        ("date", "2026-11-24", "choice", "24 Nov 2026"),
        ("tick", "yes", "text", "yes"),
    ],
)
def test_a_field_gets_another_type_with_the_values_that_fit(
    alice, clock, was: str, value: str, of_type: str, kept: str
) -> None:
    old = declare(alice, "Mascot", was)
    clock.turn(minutes=1)
    declare(alice, "Last")
    alice.add(**{old: value})
    alice.post("/applications/view", columns=["status", old])

    assert alice.post(place_of(alice, "Mascot"), label="Mascot", type=of_type).status_code == 303

    page, listed = " ".join(alice.get(PAGE).text.split()), alice.get("/applications").text
    shown = re.findall(r"<summary> ?(\w+) ?<span class=\"quiet\"> ?([^<]*?) ?</span>", page)
    assert shown == [("Mascot", f"{TYPE_LABELS[of_type]}, 1 value"), ("Last", "Text, no values")]  # its place is kept
    assert re.search(r'<th class="c-own_\w+"\s+data-field="own_\w+"', listed)
    assert old not in listed
    assert kept in alice.csv()


def test_what_does_not_fit_another_type_is_named_first_and_stays_in_the_old_field(alice) -> None:
    old = declare(alice, "Team")
    alice.add(company="Acme", title="SRE", **{old: "twelve"})
    alice.add(company="Bolt", title="Lead", **{old: "7"})
    place = place_of(alice, "Team")

    refused = alice.post(place, label="Team", type="number")
    assert refused.status_code == 422
    assert "1 of 2 values does not fit: “twelve” (Acme · SRE). Nothing was changed." in refused.text
    assert names(alice) == {old}
    assert alice.post(place, label="Team", type="number", leave="1").status_code == 303

    assert "1 did not fit and stayed in the field that was deleted." in alice.get(PAGE).text
    assert ("twelve" in alice.csv(), ",7" in alice.csv()) == (False, True)
    alice.post(f"{place_of(alice, 'Team')}", label="Team size")
    alice.post(f"{place}/restore")
    assert "twelve" in alice.csv()


def test_w1_a_field_with_very_many_values_keeps_its_type(alice, monkeypatch) -> None:
    monkeypatch.setattr("tmr.records.views.retyping.MOST_VALUES", 1)
    name = declare(alice, "Team")
    for _ in range(2):
        alice.add(**{name: "7"})

    answer = alice.post(place_of(alice, "Team"), label="Team", type="number", leave="1")

    assert answer.status_code == 422
    assert "keeps its type." in answer.text
    assert names(alice) == {name}
