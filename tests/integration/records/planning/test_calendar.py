"""The calendar and its feeds: right across clock changes, read by an independent parser, telling what was chosen."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

from tests.support.kinds import RecordForms
from tmr.operations.accounts import Operator
from tmr.records.planning import dated_records
from tmr.web.session.throttling import FEED_BY_TOKEN

FEEDS = "/settings/calendar"


@pytest.fixture
def record_forms(alice, clock) -> RecordForms:
    clock.now = dt.datetime(2026, 10, 20, 12, 0, tzinfo=dt.UTC)
    alice.sign_in()
    alice.post("/settings/profile", page="/settings", time_zone="Europe/Berlin")
    return RecordForms(alice)


def feed(record_forms: RecordForms, level: str, **fields: str) -> str:
    page = record_forms.alice.post(FEEDS, level=level, label="Phone", **fields).text
    [address] = re.findall(r"/calendar/feed/[\w-]+\.ics", page)
    return address


def read(record_forms: RecordForms, address: str):
    answer = record_forms.alice.app.test_client().get(address)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    return IcsCalendarStream.calendar_from_ics(answer.text).events


@pytest.mark.parametrize("level", ["busy", "role", "full"])
def test_a_feed_says_how_often_to_look_again(record_forms, level: str) -> None:
    """RFC 7986, 5.7, and the older name that some calendars know instead."""
    interview(record_forms)

    text = record_forms.alice.app.test_client().get(feed(record_forms, level)).text

    [calendar] = Calendar.from_ical(text, multiple=True)
    assert calendar["REFRESH-INTERVAL"].dt == dt.timedelta(hours=1)
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in text
    assert "X-PUBLISHED-TTL:PT1H\r\n" in text
    assert len(IcsCalendarStream.calendar_from_ics(text).events) == 1


@pytest.mark.parametrize(("chosen", "before"), [({}, 60), ({"alarm": "1440"}, 1_440), ({"alarm": "0"}, None)])
def test_alarms_ring_before_an_interview_and_in_the_morning_of_the_rest(record_forms, chosen, before) -> None:
    """RFC 5545, 3.6.6: read by an independent parser."""
    interview(record_forms)
    record_forms.add("tasks", title="Call, then; write", due_on="2026-10-27")

    timed, whole_day = sorted(
        read(record_forms, feed(record_forms, "full", **chosen)), key=lambda event: event.summary
    )[::-1]

    alarms = [[(alarm.trigger, alarm.description) for alarm in event.alarm] for event in (timed, whole_day)]
    morning = dt.timedelta(hours=9)
    rings = [[(dt.timedelta(minutes=-before), timed.summary)], [(morning, "Call, then; write")]] if before else [[], []]
    assert alarms == rings
    refused = record_forms.alice.post(FEEDS, level="full", alarm="7")
    assert (refused.status_code, "Choose when its alarms ring" in refused.text) == (422, True)


def interview(record_forms: RecordForms, **fields: str) -> str:
    application = record_forms.alice.add(company="Ørsted; Wind, Sea", title="Engineer")
    values = {"kind": "video", "starts_at": "2026-10-26T10:00", "duration": "90", "place": "https://meet.example/x"}
    return record_forms.add("interviews", application_id=application, **{**values, **fields})


def test_the_list_of_interviews_tells_a_persons_own_time_and_the_other_ones(record_forms) -> None:
    interview(record_forms, starts_at="2026-10-26T10:00", time_zone="America/New_York")
    interview(record_forms, starts_at="2026-10-27T22:00", time_zone="America/New_York")
    interview(record_forms, starts_at="2026-10-28T09:00", time_zone="Europe/Berlin")

    page = record_forms.alice.get("/interviews").text

    assert ">26 Oct, 15:00 (10:00 America/New_York)</td>" in page
    assert ">28 Oct, 03:00 (27 Oct, 22:00 America/New_York)</td>" in page
    assert ">28 Oct, 09:00</td>" in page


def test_on_a_day_with_much_what_has_a_time_comes_first_and_is_never_folded_away(record_forms) -> None:
    for number in range(8):
        record_forms.add("tasks", title=f"Task {number}", due_on="2026-10-26")
    for hour in (10, 12):
        interview(record_forms, starts_at=f"2026-10-26T{hour}:00", time_zone="Europe/Berlin")

    page = record_forms.alice.get("/calendar").text
    [day] = [cell for cell in re.findall(r"<td.*?</td>", page, re.DOTALL) if "2026-10-26" in cell]
    shown = re.findall(r"<li><a class=\"entry.*?</a>", day, re.DOTALL)

    assert ["10:00" in shown[0], "12:00" in shown[1], len(shown)] == [True, True, 6]
    assert "4 more" in day
    assert day.count('<li class="over">') == 4  # which a phone shows


@pytest.mark.parametrize(
    ("wall", "zone", "utc"),
    [
        ("2026-10-24T10:00", "Europe/Berlin", "2026-10-24T08:00"),  # summer time, the day before it ends
        ("2026-10-26T10:00", "Europe/Berlin", "2026-10-26T09:00"),  # winter time
        ("2026-10-26T10:00", "America/New_York", "2026-10-26T14:00"),  # still summer time over there
        ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30"),  # comes twice: the first
        ("2027-03-28T02:30", "Europe/Berlin", "2027-03-28T01:30"),  # is skipped: as it would have been before
        ("2026-10-26T10:00", "Asia/Kathmandu", "2026-10-26T04:15"),
    ],
)
def test_a_feed_is_right_across_clock_changes(record_forms, wall, zone, utc) -> None:
    interview(record_forms, starts_at=wall, time_zone=zone)

    [event] = read(record_forms, feed(record_forms, "full"))

    assert event.dtstart == dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    assert event.dtend - event.dtstart == dt.timedelta(minutes=90)


def test_a_length_is_real_time_over_a_clock_change(record_forms) -> None:
    interview(record_forms, starts_at="2026-10-25T01:30", time_zone="Europe/Berlin", duration="120")

    [event] = read(record_forms, feed(record_forms, "full"))

    assert event.dtend - event.dtstart == dt.timedelta(hours=2)


def test_the_month_shows_an_interview_on_the_persons_day(record_forms) -> None:
    interview(record_forms, starts_at="2026-10-30T20:00", time_zone="America/Los_Angeles")

    page = record_forms.alice.get("/calendar?month=2026-10").text

    [day] = re.findall(r'<time datetime="2026-10-31">.*?</td>', page, re.DOTALL)
    assert "<b>04:00</b>" in day


def test_each_level_tells_what_it_promises_and_no_more(record_forms) -> None:
    interview(record_forms, interviewers="Ada")
    record_forms.alice.add(company="Deadline GmbH", title="Analyst", deadline_on="2026-10-28")

    busy, role, full = (
        [vars(event) for event in read(record_forms, feed(record_forms, level))] for level in ("busy", "role", "full")
    )

    assert [event["summary"] for event in busy] == ["Busy"]
    assert busy[0]["description"] is None
    assert busy[0]["location"] is None
    assert {event["summary"] for event in role} == {
        "Video · Ørsted; Wind, Sea · Engineer",
        "Deadline: Deadline GmbH · Analyst",
    }
    assert all(not event["description"] and not event["location"] for event in role)
    assert full[0]["location"] == "https://meet.example/x"
    assert "Ada" in full[0]["description"]


@pytest.mark.parametrize("level", ["busy", "role"])
def test_a_lower_level_holds_no_word_of_the_rest(record_forms, level: str) -> None:
    interview(record_forms, interviewers="Kanarienvogel", preparation="Kanarienvogel", place="Kanarienvogel")
    address = feed(record_forms, level)

    text = record_forms.alice.app.test_client().get(address).text

    assert "Kanarienvogel" not in text
    assert ("rsted" in text) == (level == "role")


def test_whole_days_end_on_the_day_after(record_forms) -> None:
    record_forms.alice.add(follow_up_on="2026-10-31")

    [event] = read(record_forms, feed(record_forms, "role"))

    assert (event.dtstart, event.dtend) == (dt.date(2026, 10, 31), dt.date(2026, 11, 1))


def test_text_cannot_add_lines_to_the_feed(record_forms) -> None:
    record_forms.alice.add(company="A\r\nEND:VEVENT", title="B\\n;,", follow_up_on="2026-10-31")

    [event] = read(record_forms, feed(record_forms, "role"))

    assert event.summary == "Follow-up: A END:VEVENT · B\\n;,"


def test_what_is_settled_is_not_in_it(record_forms) -> None:
    record_forms.alice.add(status="rejected", follow_up_on="2026-10-31")
    record_forms.add("tasks", title="Done", due_on="2026-10-31", done_at="now")
    interview(record_forms, outcome="cancelled")

    assert read(record_forms, feed(record_forms, "full")) == []


def test_a12_an_address_is_shown_once_and_kept_as_a_hash(record_forms, admin) -> None:
    address = feed(record_forms, "busy")
    token = address.rsplit("/", 1)[1].removesuffix(".ics")
    rows = admin.execute("SELECT t::text FROM calendar_feeds t UNION SELECT t::text FROM owner_lookups t").fetchall()

    assert len(token) >= 43
    assert address not in record_forms.alice.get(FEEDS).text
    assert not any(token in row[0] for row in rows)


def test_a_revoked_feed_is_gone_at_once_like_one_that_never_was(record_forms) -> None:
    address = feed(record_forms, "busy")
    [place] = re.findall(r"/settings/calendar/[0-9a-f-]{36}/revoke", record_forms.alice.get(FEEDS).text)
    outside = record_forms.alice.app.test_client()

    before = outside.get(address).status_code
    record_forms.alice.post(place)
    gone, never = outside.get(address), outside.get("/calendar/feed/nothing.ics")

    assert (before, gone.status_code, never.status_code) == (200, 404, 404)
    assert re.sub(r'nonce="[^"]*"', "", gone.text) == re.sub(r'nonce="[^"]*"', "", never.text)


def test_the_list_says_when_a_feed_was_read(record_forms) -> None:
    address = feed(record_forms, "busy")
    before = record_forms.alice.get(FEEDS).text

    record_forms.alice.app.test_client().get(address)

    assert "never used" in before
    assert "last used" in record_forms.alice.get(FEEDS).text


@pytest.mark.parametrize("level", ["", "everything"])
def test_a_feed_without_a_level_is_refused(record_forms, level: str) -> None:
    answer = record_forms.alice.post(FEEDS, level=level)

    assert answer.status_code == 422
    assert 'id="level-error"' in answer.text


def test_a_feed_of_a_shut_account_answers_nothing(record_forms, services, job_context) -> None:
    address = feed(record_forms, "busy")

    Operator(services.repository, job_context.across_owners, services.clock(), sends_mail=False).disable(
        "alice@example.org"
    )

    assert record_forms.alice.app.test_client().get(address).status_code == 404


@pytest.mark.parametrize("month", ["", "x", "2026-13", "0001-01", "9999-12", "1900-01"])
def test_i9_odd_months_show_a_month(record_forms, month: str) -> None:
    assert record_forms.alice.get(f"/calendar?month={month}").status_code == 200


def test_the_list_holds_what_is_late_and_what_comes(record_forms) -> None:
    record_forms.alice.add(company="Late", follow_up_on="2026-10-01")
    record_forms.alice.add(company="Soon", follow_up_on="2026-11-01")
    record_forms.alice.add(company="Far", follow_up_on="2027-11-01")

    page = record_forms.alice.get("/calendar?view=agenda").text
    assert re.search(r"/static/lines\.\w+\.css", page)

    assert ("Late" in page, "Soon" in page, "Far" in page) == (True, True, False)
    assert "Times in Berlin time" in page
    assert ZoneInfo("Europe/Berlin")


def test_w1_a_feed_is_read_so_often_and_no_more_and_guesses_count_nothing(record_forms, clock, admin) -> None:
    """Seen failing without the limits."""
    address, another = feed(record_forms, "busy"), feed(record_forms, "full")
    outside = record_forms.alice.app.test_client()
    before = admin.execute("SELECT count(*) FROM limits").fetchone()
    assert outside.get("/calendar/feed/nothing.ics").status_code == 404
    assert admin.execute("SELECT count(*) FROM limits").fetchone() == before

    codes = [outside.get(address).status_code for _ in range(FEED_BY_TOKEN.hits)]
    refused = outside.get(address)

    assert codes == [200] * FEED_BY_TOKEN.hits
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert outside.get(another).status_code == 200
    clock.turn(hours=1, seconds=1)
    assert outside.get(address).status_code == 200


def test_w1_that_a_feed_was_read_is_written_once_an_hour(record_forms, clock, admin) -> None:
    """Seen failing with a write at each reading: readers waited for each other while everything was decrypted."""

    def written() -> tuple:
        return admin.execute("SELECT xmin::text, read_at FROM calendar_feeds").fetchone()

    address = feed(record_forms, "busy")
    read(record_forms, address)
    first = written()

    clock.turn(minutes=59)
    read(record_forms, address)
    assert written() == first
    clock.turn(minutes=2)
    read(record_forms, address)
    assert written()[1] == clock()


def test_w1_a_feed_holds_what_is_near_and_that_first_which_comes_next(record_forms, monkeypatch) -> None:
    """Seen failing without the window."""
    for starts_at in ("2026-08-20T10:00", "2026-08-22T10:00", "2026-10-19T10:00", "2026-10-21T10:00"):
        interview(record_forms, starts_at=starts_at)
    for starts_at in ("2027-11-23T10:00", "2027-11-25T10:00"):
        interview(record_forms, starts_at=starts_at)
    address = feed(record_forms, "busy")

    def days() -> list[str]:
        return [f"{event.dtstart:%Y-%m-%d}" for event in read(record_forms, address)]

    assert days() == ["2026-08-22", "2026-10-19", "2026-10-21", "2027-11-23"]
    monkeypatch.setattr(dated_records, "MOST_NEAR", 3)
    assert days() == ["2026-10-19", "2026-10-21", "2027-11-23"]
    monkeypatch.setattr(dated_records, "MOST_NEAR", 1)
    assert days() == ["2026-10-21"]


@pytest.mark.parametrize("sign", ["x", "ö", "🦜", "a,;\\"])
def test_long_text_is_folded_between_characters(record_forms, sign: str) -> None:
    texts = {(sign * length)[:250] for length in (40, 61, 62, 63, 200)}
    for place in texts:
        interview(record_forms, place=place)
    address = feed(record_forms, "full")

    raw = record_forms.alice.app.test_client().get(address).data
    places = {event.location for event in read(record_forms, address)}

    assert max(map(len, raw.split(b"\r\n"))) <= 75
    assert places == texts


def test_the_calendar_takes_a_saved_view_of_applications(record_forms) -> None:
    alice = record_forms.alice
    homes = {
        company: alice.add(company=company, title="T", status=status, deadline_on="2026-10-28")
        for company, status in (("Open", "applied"), ("Shut", "saved"))
    }
    for home in homes.values():
        record_forms.add("interviews", application_id=home, kind="video", starts_at="2026-10-30T10:00")
    record_forms.add("tasks", title="Loose", due_on="2026-10-29")
    place = alice.post("/applications/views", name="Waiting", status="applied").headers["Location"].partition("?")[2]

    whole, page = (alice.get(f"/calendar?month=2026-10&{query}").text for query in ("view=all", place))

    assert (count(whole), count(page)) == ("5", "2")
    assert "Shut" not in page
    assert re.search(r'aria-current="page">Waiting<', page)
    for query in (f"{place}&amp;month=2026-11", f"{place}&amp;as=agenda", place):
        assert f'href="/calendar?{query}"' in page
    for listed in (f"as=agenda&{place}", f"view=agenda&{place}"):
        assert "Open" in alice.get(f"/calendar?{listed}").text
        assert "Shut" not in alice.get(f"/calendar?{listed}").text
    assert "Shut" in alice.get("/calendar?view=agenda").text

    line = re.search(r'data-line="(deadline_on[^"]*)"', page)[1]
    view = place.partition("=")[2]
    moved = alice.post(
        "/calendar/move", page="/import", htmx=True, line=line, day="2026-10-27", month="2026-10", view=view
    )
    assert "Shut" not in moved.text
    assert f'name="view" value="{view}"' in moved.text


def count(page: str) -> str:
    return re.search(r", (\d+) entries</caption>", page)[1]
