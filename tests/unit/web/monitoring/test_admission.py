"""Each process takes in what it can do in about a second; the others are told so at once."""

import json

import pytest
from werkzeug.exceptions import ServiceUnavailable

from tmr.web.monitoring import admission as module
from tmr.web.monitoring.admission import FEWEST, FIRST_SECONDS, MOST, WITHIN_SECONDS, Admission, aside
from tmr.web.monitoring.busy_answers import admitted
from tmr.web.transport.networks import network_of

OF_ONE_SITE = 27  # of 35 places


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def admission(clock: Seconds) -> Admission:
    made = Admission(clock)
    made.begin()
    return made


def fill(admission: Admission) -> list:
    return [admission.enter(f"site {number}") for number in range(admission.most)]


def enter_from(admission: Admission, site: str) -> list:
    """Enter from one site as often as there are places; return the tickets."""
    return [ticket for _ in range(admission.most) if (ticket := admission.enter(site))]


def work(admission: Admission, clock: Seconds, seconds: float, times: int = 200) -> None:
    for _ in range(times):
        ticket = admission.enter("")
        clock.now += seconds
        admission.leave(ticket)


def test_g5_no_more_is_taken_in_than_is_done_in_a_second(admission: Admission, clock: Seconds) -> None:
    assert len(fill(admission)) == int(WITHIN_SECONDS / FIRST_SECONDS)

    assert admission.enter("") is None
    assert admission.refused == 1


@pytest.mark.parametrize(("seconds", "most"), [(0.0001, MOST), (0.03, 23), (5, FEWEST)])
def test_how_many_follows_from_how_long_requests_took_lately(admission, clock, seconds, most) -> None:
    work(admission, clock, seconds)

    assert admission.most == most


def test_requests_that_share_the_process_are_not_taken_for_slow_ones(admission: Admission, clock: Seconds) -> None:
    for _ in range(200):
        tickets = [admission.enter("") for _ in range(10)]
        clock.now += 0.2
        for ticket in tickets:
            admission.leave(ticket)

    assert admission.most > WITHIN_SECONDS / 0.07


def test_w1_requests_whose_bodies_come_at_once_are_no_more_than_the_share_of_their_site(admission: Admission) -> None:
    """Seen failing: all that had waited for bodies went on together, and everyone elsewhere was refused meanwhile."""
    tickets = []
    for _ in range(64):
        tickets.append(admission.enter("one site"))
        admission.step_aside(tickets[-1])

    back = [admission.step_back(ticket, may_refuse=True) for ticket in tickets]

    assert back.count(True) == OF_ONE_SITE
    assert admission.enter("another site")
    for ticket in tickets:
        admission.leave(ticket)
    assert admission.inside == 1


def test_w1_a_body_that_came_when_its_site_has_no_place_is_refused(admission: Admission) -> None:
    with admission.working(admission.enter("one site")):
        with pytest.raises(ServiceUnavailable), aside(may_refuse=True):
            enter_from(admission, "one site")
        with aside():
            pass


def test_what_waits_for_something_else_keeps_nobody_out(admission: Admission, clock: Seconds) -> None:
    before, tickets = admission.most, fill(admission)
    with admission.working(tickets[0]):
        with aside():
            clock.now += 100
            assert admission.enter("")
        assert admission.enter("") is None

    assert admission.most >= before


def test_w1_one_site_leaves_places_for_everyone_else(admission: Admission) -> None:
    """Seen failing over the network: whoever asked for a dear page by 60 connections kept most others out."""
    tickets = enter_from(admission, "stranger")

    assert len(tickets) == OF_ONE_SITE
    with admission.working(tickets.pop(0)), aside():
        tickets.append(admission.enter("stranger"))
    others = [admission.enter(f"person {number}") for number in range(admission.most - OF_ONE_SITE)]
    assert all(others)
    assert admission.enter("one more") is None
    for ticket in [*tickets, *others]:
        admission.leave(ticket)
    assert (admission.inside, admission._of_site) == (0, {})


def test_w1_few_sites_leave_a_place_for_the_next(admission: Admission) -> None:
    """Seen failing with a share that does not shrink: two sites had every place."""
    assert [len(enter_from(admission, f"stranger {number}")) for number in range(2)] == [OF_ONE_SITE, 6]
    assert admission.enter("person")


@pytest.mark.parametrize(
    ("address", "same"), [("192.0.2.1", "::ffff:192.0.2.1"), ("2001:db8:1:2::3", "2001:db8:1:ffff::1")]
)
def test_w2_a_site_is_counted_whole(admission: Admission, address: str, same: str) -> None:
    enter_from(admission, network_of(address, 48))

    assert ask(admission, "/", REMOTE_ADDR=same)[0] == "503 Service Unavailable"
    assert ask(admission, "/", REMOTE_ADDR="198.51.100.7")[0] == "200 OK"


def test_before_it_begins_nothing_is_refused(clock: Seconds) -> None:
    waiting = Admission(clock)

    assert all(waiting.enter("") for _ in range(MOST + 1))


def ask(admission: Admission, path: str, **environ: str) -> tuple[str, dict[str, str], bytes]:
    answers = []

    def application(_environ, start_response):
        start_response("200 OK", [])
        return [b"fine"]

    run = admitted(application, admission, is_secure=True)
    body = run({"PATH_INFO": path, "REQUEST_METHOD": "GET", **environ}, lambda *answer: answers.append(answer))
    [(status, headers)] = answers
    return status, dict(headers), b"".join(body)


def test_i5_who_is_refused_gets_503_with_all_headers_and_when_to_come_back(admission: Admission) -> None:
    fill(admission)

    status, headers, body = ask(admission, "/today")
    assert (status, headers["Retry-After"], headers["Refresh"]) == ("503 Service Unavailable", "2", "5")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "includeSubDomains" in headers["Strict-Transport-Security"]
    assert (headers["Cache-Control"], b"very busy" in body) == ("no-store", True)

    _, headers, body = ask(admission, "/today", HTTP_HX_REQUEST="true")
    assert (headers["HX-Retarget"], body.startswith(b"<div"), "Refresh" in headers) == ("#messages", True, False)


def test_a_script_that_is_refused_gets_a_problem_and_no_page(admission: Admission) -> None:
    fill(admission)

    status, headers, body = ask(admission, "/api/v1/applications")

    assert (status, headers["Content-Type"]) == ("503 Service Unavailable", "application/problem+json")
    assert (json.loads(body)["status"], headers["Retry-After"], "Refresh" in headers) == (503, "2", False)


def test_g5_health_is_answered_all_the_same(admission: Admission) -> None:
    fill(admission)

    assert [ask(admission, path)[0] for path in ("/healthz", "/readyz", "/metrics")] == ["200 OK"] * 3


def test_a_ticket_is_given_back_when_the_application_fails(admission: Admission) -> None:
    def broken(_environ, _start_response):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        admitted(broken, admission, is_secure=False)({"PATH_INFO": "/"}, None)

    assert (admission.inside, module._current.ticket) == (0, None)


@pytest.mark.parametrize(
    "asked",
    [
        {"REQUEST_METHOD": "POST"},
        {"CONTENT_LENGTH": "64000"},
        {"HTTP_TRANSFER_ENCODING": "chunked"},
        {"PATH_INFO": "/healthz/"},
    ],
)
def test_w2_what_does_more_than_ask_for_health_is_let_in_like_anything_else(admission: Admission, asked) -> None:
    """Seen failing: 186 connections that sent forms to /healthz made the process stop answering, and grow to 710 MB."""
    fill(admission)
    statuses: list[str] = []
    served = admitted(lambda _environ, _start: [b"served"], admission, is_secure=False)

    environ = {"PATH_INFO": "/healthz", "REQUEST_METHOD": "GET", **asked}
    body = served(environ, lambda status, _: statuses.append(status))

    assert statuses == ["503 Service Unavailable"]
    assert body != [b"served"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_w1_w2_health_is_answered_in_a_crowd_and_reads_nothing_long(admission: Admission, path: str) -> None:
    fill(admission)
    seen: list[dict[str, str]] = []
    served = admitted(lambda environ, _start: seen.append(environ) or [], admission, is_secure=False)
    long = dict.fromkeys(("QUERY_STRING", "CONTENT_TYPE", "HTTP_COOKIE"), "a=b;" * 10_000)

    served({"PATH_INFO": path, "REQUEST_METHOD": "GET", "HTTP_AUTHORIZATION": "Bearer x", **long}, lambda *_: None)

    assert seen == [{"PATH_INFO": path, "REQUEST_METHOD": "GET", "HTTP_AUTHORIZATION": "Bearer x"}]
