"""Links between records: by id and by name, from both sides, through edits, deletion and undo."""

import re
import uuid

import pytest
from tests.support.factories import application
from tests.support.kinds import Keeper

from tmr.domain.fields.links import Links
from tmr.domain.kinds.application import APPLICATION
from tmr.repository.records.records import NewRecord


@pytest.fixture
def keeper(alice) -> Keeper:
    return Keeper(alice)


def test_a_contact_is_linked_by_the_name_of_an_application(keeper) -> None:
    application = keeper.alice.add(company="Ørsted", title="Engineer")

    contact = keeper.add("contacts", name="Sigrid", application_ids="orsted engineer")

    assert f'href="/applications/{application}"' in keeper.page("contacts", contact)


def test_a_name_that_fits_several_or_none_is_refused_and_kept(keeper) -> None:
    keeper.alice.add(company="Globex", title="Engineer")
    keeper.alice.add(company="Globex", title="Analyst")

    several = keeper.post("interviews", application_id="Globex", kind="video")
    none = keeper.post("interviews", application_id="Initech", kind="video")

    assert (several.status_code, none.status_code) == (422, 422)
    assert "Several applications fit" in several.text
    assert "There is no application called" in none.text
    assert 'value="Initech"' in none.text
    assert keeper.ids("interviews") == set()


@pytest.mark.parametrize("whose", ["nobody's", "a stranger's"])
def test_c1_a_link_to_what_is_not_yours_is_refused_like_one_to_nothing(keeper, bob, whose: str) -> None:
    strange = bob.add(company="Bobs", title="Own") if whose == "a stranger's" else str(uuid.uuid4())

    answer = keeper.post("interviews", application_id=strange)

    assert answer.status_code == 422
    assert "Choose one of your applications." in answer.text
    assert "Bobs" not in answer.text


def test_links_are_set_from_the_other_side(keeper) -> None:
    contact, other = keeper.add("contacts", name="Ada"), keeper.add("contacts", name="Ben")
    application = keeper.alice.add(contact_ids=contact)

    keeper.alice.change(application, contact_ids=other)

    assert application not in keeper.page("contacts", contact)
    assert application in keeper.page("contacts", other)


def test_c1_links_from_the_other_side_take_own_records_only(keeper, bob) -> None:
    theirs = keeper.of(bob).add("contacts", name="Bobs friend")

    answer = keeper.alice.post("/applications", company="A", title="B", contact_ids=theirs)

    assert answer.status_code == 422
    assert keeper.alice.ids() == set()


def test_links_go_by_one_id_or_many_with_any_separator(keeper) -> None:
    one, two = keeper.alice.add(company="Globex"), keeper.alice.add(company="Initech")
    person = keeper.add("contacts", name="Ada", application_ids=f"{one},{two}")
    task = keeper.add("tasks", title="T", contact_ids=person, application_ids=one)
    keeper.alice.change(one, contact_ids=f"{person}, {keeper.add('contacts', name='Grace')}")

    assert [name in keeper.page("contacts", person) for name in ("Globex", "Initech")] == [True, True]
    assert [name in keeper.page("tasks", task) for name in ("Globex", "Ada")] == [True, True]
    assert [name in keeper.page("applications", one) for name in ("Ada", "Grace")] == [True, True]


def test_what_is_linked_to_as_many_as_fit_says_so_wherever_one_more_is_asked_for(keeper, parts, clock) -> None:
    with parts.repository.for_owner(keeper.alice.owner) as uow:
        new = [NewRecord(application(company=f"C{number}"), clock(), clock()) for number in range(Links.most)]
        ids = [str(one) for one in uow.records.add_many(APPLICATION, new)]
        uow.commit()
    clock.turn(seconds=1)
    person, more = keeper.add("contacts", name="Ada", application_ids=";".join(ids)), keeper.alice.add(company="More")

    linked = keeper.alice.post(f"/applications/{more}/links", htmx=True, kind="contacts", add=person)
    changed = keeper.alice.change(more, contact_ids=person)

    assert [linked.status_code, changed.status_code] == [422, 422]
    assert all("“Ada” is linked to 200 already" in answer.text for answer in (linked, changed))
    assert keeper.alice.change(ids[0], contact_ids=person, title="Lead").status_code == 303


def test_a_link_survives_edits_on_either_side(keeper) -> None:
    application = keeper.alice.add(company="Old name")
    contact = keeper.add("contacts", name="Ada", application_ids=application)

    keeper.alice.change(application, company="New name")
    keeper.change("contacts", contact, phone="123")

    assert "New name" in keeper.page("contacts", contact)


def test_what_belongs_to_an_application_goes_and_comes_back_with_it(keeper) -> None:
    application = keeper.alice.add()
    interview = keeper.add("interviews", application_id=application, kind="video")
    contact = keeper.add("contacts", name="Ada", application_ids=application)
    task = keeper.add("tasks", title="Write", application_id=application)

    keeper.alice.post(f"/applications/{application}/delete")
    gone = keeper.alice.get(f"/interviews/{interview}").status_code
    page = keeper.page("contacts", contact)
    keeper.alice.post(f"/applications/{application}/undo")

    assert gone == 404
    assert "Ørsted" not in page
    assert keeper.alice.get(f"/tasks/{task}").status_code == 200
    assert "Ørsted" in keeper.page("contacts", contact)
    assert keeper.alice.get(f"/interviews/{interview}").status_code == 200


def test_an_interview_that_was_deleted_before_does_not_come_back_with_its_application(keeper, clock) -> None:
    application = keeper.alice.add()
    interview = keeper.add("interviews", application_id=application)
    keeper.alice.post(f"/interviews/{interview}/delete")
    clock.turn(seconds=5)

    keeper.alice.post(f"/applications/{application}/delete")
    keeper.alice.post(f"/applications/{application}/undo")

    assert keeper.alice.get(f"/interviews/{interview}").status_code == 404


def test_counts_follow_what_goes_along(keeper) -> None:
    application = keeper.alice.add()
    keeper.add("interviews", application_id=application)

    keeper.alice.post(f"/applications/{application}/delete")
    without = keeper.alice.get("/settings/privacy").text
    keeper.alice.post(f"/applications/{application}/undo")

    assert "0 interviews" in without
    assert "1 interview" in keeper.alice.get("/settings/privacy").text


def test_linked_names_are_searched_and_sorted_by(keeper) -> None:
    for company in ("Zeta", "Alpha"):
        application = keeper.alice.add(company=company, title="Engineer")
        keeper.add("interviews", application_id=application, kind="video")

    found = keeper.alice.get("/interviews?q=alpha").text
    ordered = re.findall(r">(Zeta|Alpha) · Engineer<", keeper.alice.get("/interviews?sort=application_id").text)

    assert "Alpha · Engineer" in found
    assert ">Zeta · Engineer<" not in found
    assert ordered == ["Alpha", "Zeta"]


def test_taking_and_unlinking_on_the_page_of_an_application(keeper) -> None:
    application, contact = keeper.alice.add(), keeper.add("contacts", name="Ada Lovelace")
    place = f"/applications/{application}/links"

    taken = keeper.alice.post(place, htmx=True, kind="contacts", add="ada", panel=application)
    again = keeper.alice.post(place, htmx=True, kind="contacts", add="nobody", panel=application)
    unlinked = keeper.alice.post(place, htmx=True, kind="contacts", remove=contact, panel=application)

    assert "Ada Lovelace" in taken.text
    assert again.status_code == 422
    assert "Ada Lovelace" not in unlinked.text.split("panel-events")[0]
