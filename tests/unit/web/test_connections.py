"""[W2] Which connections are ended so that others get in.

Seen failing with a share for each address of IPv6, with sites not told apart, and with progress that did not count.
"""

import resource

from tmr.operations.server.processes import CONNECTIONS, OTHER_FILES, room_for_connections
from tmr.web.transport.connections import SITE_CONNECTIONS, STUCK_SECONDS, Line, Watch

ROOM = 1_000


def lines_of(address: str, count: int, *, first: int = 0, **facts: int) -> list[Line]:
    made = {"sent_bytes": 0, "received_bytes": 0, "is_owed": False, **facts}
    return [Line(first + n, (address.format(n=n), 40_000 + n), **made) for n in range(count)]


def watch(*, has_proxy: bool = False) -> Watch:
    return Watch(room=ROOM, has_proxy=has_proxy)


def test_w2_a_site_has_so_many_connections_and_its_quietest_are_ended() -> None:
    quiet = lines_of("192.0.2.1", 3, quiet_milliseconds=5_000)
    busy = lines_of("192.0.2.1", SITE_CONNECTIONS, first=100)
    others = lines_of("192.0.2.{n}", 50, first=300, quiet_milliseconds=9_000)

    assert watch().unwanted([*busy, *others[2:]], 0.0) == []
    assert watch().unwanted([*quiet, *busy, *others[2:]], 0.0) == quiet


def test_w2_ipv6_counts_by_48_and_an_ipv4_address_counts_the_same_in_either_form() -> None:
    assert len(watch().unwanted(lines_of("2001:db8:7:{n}::1", SITE_CONNECTIONS + 9), 0.0)) == 9
    assert watch().unwanted(lines_of("2001:db8:{n}::1", SITE_CONNECTIONS + 9), 0.0) == []
    mixed = [*lines_of("192.0.2.7", 40), *lines_of("::ffff:192.0.2.7", 40, first=100)]
    assert len(watch().unwanted(mixed, 0.0)) == 80 - SITE_CONNECTIONS


def test_w2_behind_a_proxy_all_connections_are_the_proxys() -> None:
    crowd = lines_of("127.0.0.1", SITE_CONNECTIONS * 4)
    assert watch(has_proxy=True).unwanted(crowd, 0.0) == []
    assert len(watch().unwanted(crowd, 0.0)) == SITE_CONNECTIONS * 3


def test_w2_an_answer_that_is_not_read_is_given_up_and_one_that_is_read_slowly_is_not() -> None:
    for has_proxy in (False, True):
        watching = watch(has_proxy=has_proxy)
        for second in range(int(STUCK_SECONDS) + 1):
            unread = lines_of("192.0.2.1", 1, unsent_bytes=10, sent_bytes=7)
            slow = lines_of("192.0.2.2", 1, first=1, unsent_bytes=10, sent_bytes=second // 10)
            read = lines_of("192.0.2.3", 1, first=2, unsent_bytes=0 if second == 10 else 10)
            ended = watching.unwanted([*unread, *slow, *read], float(second))
            assert ended == (unread if second >= STUCK_SECONDS else [])


def test_w2_another_connection_under_the_same_number_starts_over() -> None:
    watching = watch()
    watching.unwanted(lines_of("192.0.2.1", 1, unsent_bytes=10), 0.0)
    assert watching.unwanted(lines_of("192.0.2.2", 1, unsent_bytes=10), STUCK_SECONDS) == []


def test_w2_many_sites_together_leave_room_for_more() -> None:
    crowd = [*lines_of("2001:db8:{n}::1", 900, quiet_milliseconds=9_000), *lines_of("192.0.2.{n}", 50, first=2_000)]
    ended = watch().unwanted(crowd, 0.0)
    assert len(ended) == len(crowd) - ROOM * 3 // 4
    assert {line.quiet_milliseconds for line in ended} == {9_000}


def test_w2_a_process_opens_enough_files_for_its_connections_and_takes_no_more_than_fit(monkeypatch) -> None:
    limits = {"now": (1_024, 20_000)}
    monkeypatch.setattr(resource, "getrlimit", lambda _which: limits["now"])
    monkeypatch.setattr(resource, "setrlimit", lambda _which, both: limits.update(now=both))

    assert room_for_connections() == CONNECTIONS
    assert limits["now"] == (CONNECTIONS + OTHER_FILES, 20_000)
    limits["now"] = (1_024, 3_000)
    assert room_for_connections() == 3_000 - OTHER_FILES
    assert limits["now"] == (3_000, 3_000)
    limits["now"] = (1_024, 1_024)
    assert room_for_connections() == 512
