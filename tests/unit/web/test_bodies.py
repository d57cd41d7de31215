"""Whose connections are ended when a body does not come."""

import io
from contextlib import suppress

import pytest
from werkzeug.exceptions import ClientDisconnected, LengthRequired, ServiceUnavailable

from tmr.web.transport.bodies import PIECE_SECONDS, SITE_WAITING, STRANGERS_WAITING, WAITING, Body, Waits

PORT = 1  # nobody's


def test_an_address_is_late_while_it_is_waited_for_and_nothing_of_it_is_worked_on_for_long() -> None:
    waits, slow, long = Waits(), object(), object()
    with waits.working("a", slow), waits.waiting("a", PORT, slow):
        assert waits._late() == set()
        waits._peers["a"].waiting[slow] -= PIECE_SECONDS + 1
        waits._peers["a"].working[slow] -= PIECE_SECONDS + 1
        assert waits._late() == {"a"}
        with waits.working("a", long):
            assert waits._late() == {"a"}
            waits._peers["a"].working[long] -= PIECE_SECONDS + 1
            assert waits._late() == set()
        with waits.working("b", long):
            waits._peers["b"].working[long] -= PIECE_SECONDS + 1
            assert waits._late() == {"a"}
    assert waits._peers == {}


def test_so_many_bodies_are_waited_for_and_no_more() -> None:
    waits = Waits()
    held = [waits.waiting("a", PORT, number) for number in range(WAITING)]
    for place in held:
        place.__enter__()

    with pytest.raises(ServiceUnavailable), waits.waiting("a", PORT, "one more"):
        pass
    held.pop().__exit__(None, None, None)
    with waits.waiting("a", PORT, "one more"):
        pass
    for place in held:
        place.__exit__(None, None, None)


def body(content: bytes, **environ: str) -> io.BufferedReader:
    return io.BufferedReader(Body(io.BytesIO(content), {"SERVER_PORT": "1", **environ}, Waits()))


def test_a_body_ends_where_its_head_said_and_not_before() -> None:
    assert body(b"abcdef", CONTENT_LENGTH="3").read() == b"abc"
    assert body(b"a\nbc", CONTENT_LENGTH="4").readlines() == [b"a\n", b"bc"]
    assert body(b"abc").read() == b""
    with pytest.raises(ClientDisconnected):
        body(b"ab", CONTENT_LENGTH="3").read()
    with pytest.raises(LengthRequired):
        body(b"ab", HTTP_TRANSFER_ENCODING="chunked").read()


def held(waits: Waits, number: int, stranger_from: str) -> list:
    places = [waits.waiting("a", PORT, f"{stranger_from} {index}", stranger_from) for index in range(number)]
    for place in places:
        place.__enter__()
    return places


def test_w1_strangers_of_one_site_wait_in_so_many_places_and_no_more() -> None:
    waits = Waits()
    places = held(waits, SITE_WAITING, "192.0.2.1")
    assert waits.is_crowded("192.0.2.1")
    assert not waits.is_crowded("192.0.2.2")

    with pytest.raises(ServiceUnavailable), waits.waiting("a", PORT, "one more", "192.0.2.1"):
        pass
    with waits.waiting("a", PORT, "another", "192.0.2.2"):
        pass
    places.pop().__exit__(None, None, None)
    with waits.waiting("a", PORT, "one more", "192.0.2.1"):
        pass


def test_w1_few_sites_leave_a_place_for_a_body_from_elsewhere() -> None:
    """Seen failing: slow bodies from three addresses had every place for people who sign in."""
    waits, places = Waits(), []
    for site in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        with suppress(ServiceUnavailable):
            for index in range(STRANGERS_WAITING):
                place = waits.waiting("a", PORT, f"{site} {index}", site)
                place.__enter__()
                places.append(place)

    assert len(places) == 24 + 20 + 10
    with waits.waiting("a", PORT, "another", "198.51.100.1"):
        pass


def test_w1_strangers_never_take_the_places_of_the_signed_in() -> None:
    waits = Waits()
    places = [held(waits, 1, f"192.0.2.{number}") for number in range(STRANGERS_WAITING)]
    assert waits.is_crowded("198.51.100.1")

    with pytest.raises(ServiceUnavailable), waits.waiting("a", PORT, "one more", "198.51.100.1"):
        pass
    places.append(held(waits, WAITING - STRANGERS_WAITING, ""))
    assert len(places[-1]) == WAITING - STRANGERS_WAITING


def test_w2_bodies_of_one_ipv6_site_count_together_whatever_proxy_they_come_through() -> None:
    waits = Waits()
    proxied = {"werkzeug.proxy_fix.orig": {"REMOTE_ADDR": "10.0.0.1"}, "CONTENT_LENGTH": "1", "SERVER_PORT": "1"}
    first, second = (Body(io.BytesIO(b"a"), {**proxied, "REMOTE_ADDR": f"2001:db8:0:{n}::1"}, waits) for n in (1, 2))

    assert first._site == second._site == "2001:db8::/48"
    assert first._address == "10.0.0.1"


def test_w1_a_download_waits_while_its_client_takes_nothing_and_is_late_like_a_body() -> None:
    waits, download = Waits(), object()
    waits.begin_sending("a", PORT, download)
    assert waits._late() == set()
    waits._peers["a"].waiting[download] -= PIECE_SECONDS + 1
    assert waits._late() == {"a"}
    with waits.working("a", "another request"):
        assert waits._late() == {"a"}

    waits.end_sending("a", download)
    waits.end_sending("a", download)
    assert waits._late() == set()
    assert waits._peers == {}
