"""Many lines of Today at once: followed up, snoozed and closed with one request, and undone as one."""

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from sqlalchemy import event

from tests.integration.records.planning.test_today import day, lines, record_forms, sections, silent, undo_fields
from tests.support.kinds import RecordForms
from tmr.records.planning.day import writing
from tmr.records.planning.today import _chosen_lines
from tmr.repository.history import undoing

__all__ = ["record_forms"]  # the fixture


def today(forms: RecordForms) -> str:
    return forms.alice.get("/today").text


def bulk(forms: RecordForms, *, htmx: bool = True, **fields) -> str:
    answer = forms.alice.post("/today/bulk", htmx=htmx, **fields)
    assert answer.status_code == (200 if htmx else 303), answer.text
    return answer.text if htmx else forms.alice.get(answer.headers["Location"]).text


def restored(forms: RecordForms, page: str) -> str:
    answer = forms.alice.post("/today/restore", htmx=True, **undo_fields(page))
    assert answer.status_code == 200, answer.text
    return answer.text


def message(page: str) -> str:
    return re.sub(r"\s+", " ", page.split('class="notice"')[1].split("</span>")[0].split("<span>")[1]).strip()


def next_fields(page: str) -> dict[str, str]:
    form = re.search(r'<form class="row"\s+method="post"\s+action="/today/bulk".*?</form>', page, re.DOTALL)
    assert form, page
    return {
        name: value for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form[0]) if name in ("action", "at")
    }


def statuses(forms: RecordForms, status: str) -> set[str]:
    return forms.ids_at(f"/applications?per_page=100&status={status}")


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"action": "done"}, "3 followed up."),
        ({"action": "snooze", "days": "3"}, "3 snoozed for 3 days."),
        ({"days": "1"}, "3 snoozed until tomorrow."),
        ({"action": "close"}, "3 closed as No response."),
    ],
)
def test_chosen_lines_leave_together_and_come_back_together(record_forms, clock, fields, said, htmx: bool) -> None:
    silent(record_forms, clock, 5)
    chosen = lines(today(record_forms))[:3]

    done = bulk(record_forms, htmx=htmx, lines=chosen, **fields)
    left = lines(today(record_forms))
    clock.turn(minutes=1)
    back = restored(record_forms, done)

    assert message(done) == said
    assert len(left) == 2
    assert not set(left) & set(chosen)
    assert len(lines(back)) == 5
    assert statuses(record_forms, "no answer") == set()
    assert "Asked for an update" not in today(record_forms)


def test_all_of_a_part_are_chosen_although_some_are_not_shown(record_forms, clock) -> None:
    silent(record_forms, clock, 23)
    page = today(record_forms)

    done = bulk(record_forms, part="quiet", action="close")

    assert len(lines(page)) == 20
    assert "Select all 23 waiting" in page
    assert message(done) == "23 closed as No response."
    assert len(statuses(record_forms, "no answer")) == 23


def test_closing_uses_the_persons_own_stage(record_forms, clock) -> None:
    record_forms.alice.post("/settings/pipeline", page="/settings/pipeline", **{"label.no answer": "Ghosted"})
    silent(record_forms, clock, 2)

    done = bulk(record_forms, part="quiet", action="close")

    assert message(done) == "2 closed as Ghosted."


def test_closing_writes_each_change_of_status_and_undo_removes_it(record_forms, clock) -> None:
    silent(record_forms, clock, 2)
    before = record_forms.ids("events")
    clock.turn(minutes=1)

    done = bulk(record_forms, part="quiet", action="close")
    closed = record_forms.ids("events")
    clock.turn(minutes=1)
    restored(record_forms, done)

    assert len(closed - before) == 2
    assert record_forms.ids("events") == before


def test_undo_leaves_alone_what_has_changed_since(record_forms, clock) -> None:
    silent(record_forms, clock, 2)
    clock.turn(minutes=1)
    done = bulk(record_forms, part="quiet", action="close")
    clock.turn(minutes=1)
    [first, second] = statuses(record_forms, "no answer")
    record_forms.change("applications", first, status="offer")
    record_forms.change("applications", second, notes="They said they would not write")
    events = record_forms.ids("events")

    page = restored(record_forms, done)

    assert statuses(record_forms, "offer") == {first}
    assert statuses(record_forms, "applied") == {second}
    assert len(events - record_forms.ids("events")) == 1
    assert message(page) == "Undone. 1 was edited since and left alone."


def test_what_is_undone_already_is_not_undone_again(record_forms, clock) -> None:
    silent(record_forms, clock, 2)
    done = bulk(record_forms, part="quiet", action="done")
    restored(record_forms, done)
    bulk(record_forms, part="quiet", action="done")

    assert record_forms.alice.post("/today/restore", at=undo_fields(done)["at"] + "1").status_code == 409
    assert lines(today(record_forms)) == []


@pytest.mark.parametrize("at", ["", "x", "0001-01-01T00:00:00", "9999-12-31T23:59:59-12:00"])
def test_a_senseless_instant_undoes_nothing(record_forms, at: str) -> None:
    record_forms.alice.add(follow_up_on=day(-1))

    assert record_forms.alice.post("/today/restore", at=at).status_code == 409
    assert "changed somewhere else" in bulk(record_forms, action="next", at=at, days="3")


def test_lines_of_every_kind_are_done_together(record_forms, clock) -> None:
    both = record_forms.alice.add(company="Both", follow_up_on=day(-2), deadline_on=day(1))
    record_forms.add("contacts", name="Ada", follow_up_on=day(-1))
    record_forms.add("tasks", title="Task", due_on=day(0))
    record_forms.add("interviews", application_id=both, starts_at=f"{day(2)}T10:00", kind="video")
    start = lines(today(record_forms))
    clock.turn(minutes=1)

    done = bulk(record_forms, lines=start, action="done")
    sent = statuses(record_forms, "applied")
    clock.turn(minutes=1)
    back = restored(record_forms, done)

    assert len(start) == 5
    assert message(done) == "5 done."
    assert lines(done) == []
    assert sent == {both}
    assert sorted(lines(back)) == sorted(start)
    assert statuses(record_forms, "saved") == {both}


def test_only_applications_are_closed_and_the_rest_is_left(record_forms) -> None:
    record_forms.alice.add(company="Mine", follow_up_on=day(-2))
    record_forms.add("contacts", name="Ada", follow_up_on=day(-1))
    record_forms.add("tasks", title="Task", due_on=day(0))

    done = bulk(record_forms, lines=lines(today(record_forms)), action="close")

    assert message(done) == "Closed as No response. 2 were left as they are."
    assert len(lines(done)) == 2
    assert message(bulk(record_forms, lines=lines(done), action="close")).startswith("Nothing was changed")


def test_nothing_chosen_and_senseless_actions(record_forms) -> None:
    record_forms.alice.add(follow_up_on=day(-2))

    assert "changed somewhere else" in bulk(record_forms, action="done")
    assert "changed somewhere else" in bulk(record_forms, action="done", lines="x", part="x")
    assert record_forms.alice.post("/today/bulk", lines="x", action="x").status_code == 400
    assert record_forms.alice.post("/today/bulk", lines="x").status_code == 400


def test_c1_a_stranger_changes_no_lines(record_forms, bob, clock) -> None:
    silent(record_forms, clock, 2)
    chosen = lines(today(record_forms))
    bob.sign_in()

    for action in ("done", "snooze", "close"):
        assert "changed somewhere else" in bob.post("/today/bulk", htmx=True, lines=chosen, action=action).text

    assert lines(today(record_forms)) == chosen


def test_a_follow_up_is_logged_and_proposes_the_next_date(record_forms, clock) -> None:
    application = record_forms.alice.add(company="A", follow_up_on=day(-2))
    clock.turn(minutes=1)
    [line] = lines(today(record_forms))

    done = record_forms.alice.post("/today/done", htmx=True, line=line).text
    clock.turn(minutes=1)
    later = bulk(record_forms, **next_fields(done), days="3")

    assert message(done).startswith("Followed up. ")
    assert [word in done for word in ("In 3 days", "1 week", "None")] == [True, True, True]
    assert "Followed up" in record_forms.page("applications", application)
    assert message(later) == "Next follow-up: Sat 28 Nov."
    assert record_forms.day("applications", application, "follow_up_on") == day(3)
    clock.turn(minutes=1)
    restored(record_forms, later)
    assert record_forms.day("applications", application, "follow_up_on") == ""


def test_undo_of_a_follow_up_takes_its_entry_away_and_brings_the_date_back(record_forms, clock) -> None:
    application = record_forms.alice.add(company="A", follow_up_on=day(-2))
    clock.turn(minutes=1)
    [line] = lines(today(record_forms))

    done = record_forms.alice.post("/today/done", htmx=True, line=line).text
    restored(record_forms, done)

    assert record_forms.ids("events") == set()
    assert record_forms.day("applications", application, "follow_up_on") == day(-2)


def test_the_next_date_of_many_is_set_for_all_who_were_followed_up(record_forms, clock) -> None:
    record_forms.alice.add(company="A", follow_up_on=day(-2))
    record_forms.add("contacts", name="Ada", follow_up_on=day(-1))
    record_forms.add("tasks", title="Task", due_on=day(0))
    record_forms.alice.add(company="B", deadline_on=day(1))
    clock.turn(minutes=1)

    done = bulk(record_forms, htmx=False, lines=lines(today(record_forms)), action="done")
    clock.turn(minutes=1)
    later = bulk(record_forms, htmx=False, **next_fields(done), days="7")
    dated = [record_forms.csv(plural).count(day(7)) for plural in ("applications", "contacts")]
    clock.turn(minutes=1)
    restored(record_forms, later)

    assert message(later) == "Next follow-up: Wed 2 Dec."
    assert dated == [1, 1]
    assert [record_forms.csv(plural).count(day(7)) for plural in ("applications", "contacts")] == [0, 0]


def test_no_next_date_is_a_choice_too(record_forms, clock) -> None:
    silent(record_forms, clock, 1)
    [line] = lines(today(record_forms))
    done = record_forms.alice.post("/today/done", htmx=True, line=line).text

    assert message(bulk(record_forms, **next_fields(done), days="0")) == "No next follow-up set."


def test_a_snoozed_line_of_many_comes_back_on_its_day(record_forms, clock) -> None:
    silent(record_forms, clock, 2)
    bulk(record_forms, part="quiet", days="3")

    found = []
    for _day in range(4):
        found.append(len(lines(today(record_forms))))
        clock.turn(days=1)
        record_forms.alice.sign_in()

    assert found == [0, 0, 0, 2]


def test_words_for_days(record_forms) -> None:
    for at in (-40, -2, -1, 0):
        record_forms.add("tasks", title=f"Task {at}", due_on=day(at))
    record_forms.alice.add(company="Soon", deadline_on=day(1))
    record_forms.alice.add(company="Later", deadline_on=day(5))

    parts = sections(today(record_forms))
    words = re.findall(r'class="when( late)?">([^<]+)</span>', parts["Tasks"] + parts["Deadlines"])

    assert [(bool(late), text.strip()) for late, text in words] == [
        (True, "40 days late"),
        (True, "2 days late"),
        (True, "Yesterday"),
        (False, "Today"),
        (False, "Tomorrow"),
        (False, "Mon 30 Nov"),
    ]


def test_what_comes_next_shows_when_nothing_is_left(record_forms) -> None:
    record_forms.alice.add(company="Done with", status="rejected", follow_up_on=day(9))
    bare = today(record_forms)
    record_forms.alice.add(company="Far", follow_up_on=day(30))
    record_forms.alice.add(company="Near", follow_up_on=day(10))

    page = today(record_forms)

    assert "You're all caught up" in bare
    assert "Nothing else is planned" in bare
    assert "Near" in page.split('id="today"')[1]
    assert "in 10 days" in page
    assert "Far" not in page.split('id="today"')[1]


def test_no_stage_for_no_response_closes_nothing(record_forms, clock) -> None:
    silent(record_forms, clock, 2)
    record_forms.alice.post("/settings/pipeline/no%20answer/retire", page="/settings/pipeline")
    page = today(record_forms)

    assert "Close as" not in page
    assert "None of your stages counts as" in bulk(record_forms, part="quiet", action="close")


def test_an_instant_is_kept_with_its_hour(record_forms, clock) -> None:
    """Undo of a snooze brings back the lines of that one action, and no others."""
    clock.now = dt.datetime(2026, 11, 25, 12, 0, 0, 123456, tzinfo=dt.UTC)
    for number in range(4):
        record_forms.alice.add(company=f"C{number}", deadline_on=day(2 + number))
    start = lines(today(record_forms))
    bulk(record_forms, lines=start[:2], days="3")
    clock.turn(seconds=1)
    second = bulk(record_forms, lines=start[2:], days="3")

    assert lines(restored(record_forms, second)) == start[2:]


def test_w1_naming_parts_a_hundred_thousand_times_compares_no_line_with_each_of_them(app) -> None:
    """Seen failing with a list of them: a form of 1 MB took 9.5 s of an account with 10,000 lines."""
    compared: list[object] = []

    class Part(str):
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            compared.append(other)
            return super().__eq__(other)

    agenda = SimpleNamespace(parts={Part("tasks"): [SimpleNamespace(key=str(number)) for number in range(10)]})
    with app.test_request_context(method="POST", data={"part": ["x"] * 1_000 + ["tasks"]}):
        chosen = _chosen_lines(agenda)

    assert len(chosen) == 10
    assert len(compared) <= 10


def test_w1_many_lines_are_changed_and_undone_a_few_records_at_a_time(
    record_forms, clock, services, monkeypatch
) -> None:
    """Seen failing with all of them read at once: 1,000 records with long texts took 450 MB."""
    monkeypatch.setattr(writing, "AT_A_TIME", 2)
    monkeypatch.setattr(undoing, "AT_A_TIME", 2)
    silent(record_forms, clock, 5)
    ids = record_forms.ids("applications")
    asked: list[int] = []

    def note(_connection, _cursor, statement, parameters, *_rest) -> None:
        if "FOR UPDATE" in statement and "detail_sealed" in statement:
            asked.append(sum(one in str(parameters) for one in ids))

    event.listen(services.repository._engine, "before_cursor_execute", note)
    closed = bulk(record_forms, action="close", lines=lines(today(record_forms)))
    assert len(statuses(record_forms, "no answer")) == 5
    restored(record_forms, closed)

    assert statuses(record_forms, "no answer") == set()
    assert max(asked) == 2
    assert sum(asked) == 15  # looked at, written, undone
