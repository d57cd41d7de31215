"""Whose connections are ended when a body does not come."""

import io

import pytest
from werkzeug.exceptions import ClientDisconnected, LengthRequired, ServiceUnavailable

from tmr.web.bodies import PIECE_SECONDS, WAITING, Body, Waits

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
    for one in held:
        one.__enter__()

    with pytest.raises(ServiceUnavailable), waits.waiting("a", PORT, "one more"):
        pass
    held.pop().__exit__(None, None, None)
    with waits.waiting("a", PORT, "one more"):
        pass
    for one in held:
        one.__exit__(None, None, None)


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
