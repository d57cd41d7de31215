"""What breaks: each fault under load, with the acknowledged writes counted before and after."""

import os
import random
import signal
import socket
import time
from pathlib import Path

import psutil
import pytest
import requests

from tests.support.factories import table
from tests.support.people import PASSWORD, Person
from tests.support.servers.served import Crowd, Served, Writer, until
from tmr import create_app
from tmr.operations.database.embedded import EmbeddedServer
from tmr.wiring.services import build

ROWS = 4_000
EDITS = 1_000
LONGEST_SECONDS = 10


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory):
    with Served(tmp_path_factory.mktemp("faults") / "var", "--workers", "2") as running:
        yield running


@pytest.fixture(scope="module")
def ada(served: Served) -> Person:
    return Person(served, "ada@example.org").sign_up()


@pytest.fixture
def writers(ada: Person) -> list[Writer]:
    return Writer.several(ada)


def postmaster(served: Served) -> psutil.Process:
    return psutil.Process(int((EmbeddedServer(served.folder).pgdata / "postmaster.pid").read_text().split()[0]))


def ready(served: Served) -> bool:
    return requests.get(served.url + "/readyz", timeout=30).status_code == 200


def report(name: str, writers: list[Writer], seconds: float | None = None) -> None:
    edits, slowest = sum(writer.attempted for writer in writers), max(writer.slowest for writer in writers)
    again = "" if seconds is None else f", ready again after {seconds:.1f} s"
    print(f"\n{name}: {edits} edits, none of the acknowledged lost, slowest {slowest:.1f} s{again}")


def refused(writers: list[Writer]) -> set[int]:
    return {status for writer in writers for status in writer.statuses} - {303, 409}


def attempted(writers: list[Writer]) -> int:
    return sum(writer.attempted for writer in writers)


# Over 20 seconds: a thousand edits, and some twenty web processes that are started after a second each.
def test_p14_a_web_process_killed_during_a_thousand_edits_loses_none_that_was_acknowledged(served, ada) -> None:
    chance, kills = random.Random(1), 0
    writers = Writer.several(ada, reads_every=10)
    with Crowd(*(writer.try_to_write for writer in writers)):
        while attempted(writers) < EDITS:
            enough = attempted(writers) + chance.randint(20, 80)
            until(lambda enough=enough: attempted(writers) >= enough, 120, served.log)
            for process in served.web_processes()[:1]:
                process.kill()
                kills += 1

    until(lambda: len(served.web_processes()) == 2, 120, served.log)
    served.wait_until_ready()
    assert kills >= 3
    assert all(writer.is_kept() for writer in writers)
    assert refused(writers) == set()
    report(f"web process killed {kills} times", writers)


def test_p14_web_processes_that_die_again_and_again_are_restarted(served, ada) -> None:
    for _ in range(4):
        until(lambda: len(served.web_processes()) == 2, 120, served.log)
        for process in served.web_processes():
            process.kill()

    served.wait_until_ready()
    until(lambda: len(served.web_processes()) == 2, 120, served.log)
    assert ada.get("/applications").status_code == 200


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_p14_a_database_that_dies_under_load_is_back_by_itself_and_nothing_acknowledged_is_lost(
    served, ada, writers, how
) -> None:
    with Crowd(*(writer.try_to_write for writer in writers)):
        until(lambda: min(writer.acknowledged for writer in writers) > 10, 120, served.log)
        os.kill(postmaster(served).pid, how)
        seconds = Writer.all_go_on(writers)

    assert {ada.get("/applications").status_code for _ in range(40)} == {200}  # no connection from before is used
    assert all(writer.is_kept() for writer in writers)
    assert refused(writers) <= {503}
    assert max(writer.slowest for writer in writers) < LONGEST_SECONDS
    report(f"database ended by {how.name}", writers, seconds)


# Over 20 seconds: each writer waits four times until the app gives up on a database that hangs.
def test_p14_a_database_that_hangs_keeps_nobody_waiting_longer_than_ten_seconds(served, ada, writers) -> None:
    with Crowd(*(writer.try_to_write for writer in writers)):
        until(lambda: min(writer.acknowledged for writer in writers) > 10, 120, served.log)
        server = postmaster(served)
        stopped = [server, *server.children()]
        for process in stopped:
            process.suspend()
        try:
            before = [writer.attempted for writer in writers]
            until(lambda: all(writer.attempted > count + 3 for writer, count in zip(writers, before, strict=True)), 90)
            assert ada.get("/applications").status_code == 503
        finally:
            for process in stopped:
                process.resume()
        seconds = Writer.all_go_on(writers)

    assert {ada.get("/applications").status_code for _ in range(40)} == {200}
    assert all(writer.is_kept() for writer in writers)
    assert refused(writers) <= {503}
    assert max(writer.slowest for writer in writers) < LONGEST_SECONDS
    report("database hangs", writers, seconds)


def test_p14_a_database_killed_during_an_import_leaves_it_whole_or_not_begun(served, ada) -> None:
    content = table(*({"company": f"C{n}", "title": "T", "notes": "x" * 300} for n in range(ROWS)))
    place = ada.upload(content).headers["Location"]
    assert ada.post(place).status_code == 303
    until(lambda: 'data-added="' not in ada.get(place).text, 120, served.log)

    os.kill(postmaster(served).pid, signal.SIGKILL)

    until(lambda: ready(served), 120, served.log)
    until(lambda: f'data-added="{ROWS}"' in ada.get(place).text, 180, served.log)
    assert ada.csv().count("\r\nC") == ROWS


def test_p13_a_header_that_never_ends_is_cut_off(served) -> None:
    with socket.create_connection(("127.0.0.1", served.port)) as slow:
        slow.settimeout(120)
        slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        began = time.monotonic()
        answer = slow.recv(1000)

    assert b" 200 " not in answer
    assert time.monotonic() - began < 20


def test_p13_a_crowd_of_slow_clients_does_not_keep_others_out(served, ada) -> None:
    slow = of_several_sites(served.port, 100)
    try:
        for client in slow:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        assert ada.get("/applications", timeout=LONGEST_SECONDS).status_code == 200
    finally:
        for client in slow:
            client.close()


# Over 20 seconds: a connection that sends too little is ended after ten, and those that crowd wait before that.
def test_p13_bodies_that_never_come_are_cut_off_and_keep_nobody_out(served, ada) -> None:
    head = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    slow = of_several_sites(served.port, 250)
    try:
        for client in slow:
            client.settimeout(1)
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * (slow.index(client) % 3))
            client.sendall(head + b"Content-Length: 1000\r\n\r\nemail=")
        began = time.monotonic()
        until(lambda: ada.get("/applications").status_code == 200, LONGEST_SECONDS)  # 503 while they come at once
        trickling, silent = slow[::2], slow[1::2]
        for _ in range(50):
            trickling = [client for client in trickling if not has_ended(client, b"x")]
            silent = [client for client in silent if not has_ended(client)]
            time.sleep(1)
            if not trickling and not silent:
                break
        assert (trickling, silent) == ([], [])
    finally:
        for client in slow:
            client.close()

    until(lambda: Person(served, ada.email).sign_in().status_code == 303, 120, served.log)
    print(f"\n250 clients that send no body, or a byte a second: all cut off after {time.monotonic() - began:.0f} s")


def of_several_sites(port: int, count: int) -> list[socket.socket]:
    """So many connections, from so many addresses that none has more than its share."""
    ends = [(f"127.0.2.{1 + n // 25}", 0) for n in range(count)]
    return [socket.create_connection(("127.0.0.1", port), source_address=end) for end in ends]


def has_ended(line: socket.socket, trickle: bytes = b"") -> bool:
    """Whether the other side has ended a connection, which gets one more byte before that is looked at."""
    line.setblocking(False)
    try:
        line.sendall(trickle)
        return line.recv(4096) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_p14_a_body_cut_short_is_never_taken_for_whole(served, ada) -> None:
    record = ada.add(company="Globex", notes="before")
    token, version = ada.token("/import"), ada.version(record)
    cookies = "; ".join(f"{name}={value}" for name, value in ada.client.session.cookies.items())
    body = f"csrf_token={token}&version={version}&notes=half a sentence".encode()
    head = (
        f"POST /applications/{record} HTTP/1.1\r\nHost: localhost:{served.port}\r\nCookie: {cookies}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
    )

    broken = exchange(served.port, head + f"Content-Length: {len(body) + 100}\r\n\r\n", body)
    unsaid = exchange(served.port, head + "Transfer-Encoding: chunked\r\n\r\n", b"%x\r\n%b\r\n" % (len(body), body))

    assert b" 400 " in broken
    assert b" 411 " in unsaid
    assert "before" in ada.get(f"/applications/{record}").text
    assert ada.change(record, notes="half a sentence").status_code == 303
    assert "half a sentence" in ada.get(f"/applications/{record}").text


def exchange(port: int, head: str, body: bytes) -> bytes:
    """Send this and no more, and return the first line of the answer."""
    with socket.create_connection(("127.0.0.1", port), 30) as line:
        line.sendall(head.encode() + body)
        line.shutdown(socket.SHUT_WR)
        return line.makefile("rb").readline()


@pytest.mark.parametrize(("path", "size"), [("/login", 3), ("/import", 33), ("/documents", 12)])
def test_p13_a_body_over_the_limit_is_refused_and_changes_nothing(served, ada, path: str, size: int) -> None:
    data = {"csrf_token": ada.token("/import"), "name": "x", "password": PASSWORD, "email": "a" * size * 1024 * 1024}

    answer = ada.client.post(path, data=data)

    assert answer.status_code == 413
    assert "Nothing was changed" in answer.text


def test_an_exhausted_pool_answers_503_and_recovers(services, server, alice) -> None:
    single = build(services.settings, server.app_url, pool_size=1)
    single.repository._engine.pool._timeout = 0.2
    again = Person(create_app(single), alice.email)
    assert again.sign_in().status_code == 303
    held = single.repository._engine.connect()
    full = again.get("/applications")
    fragment = again.htmx_get("/applications")
    held.close()

    assert full.status_code == 503
    assert full.headers["Retry-After"] == full.headers["Refresh"] == "5"
    assert "will try again automatically" in full.text
    assert "Refresh" not in fragment.headers
    assert again.get("/applications").status_code == 200


@pytest.mark.parametrize("jump", [{"days": -2}, {"hours": -1}, {"minutes": 30}])
def test_a_clock_that_jumps_loses_nothing_and_locks_nobody_out(alice, clock, jump: dict[str, int], letters) -> None:
    record = alice.add(company="Globex")
    clock.turn(**jump)

    assert alice.change(record, company="Initech").status_code == 303
    assert "Initech" in alice.get(f"/applications/{record}").text
    assert alice.post(f"/applications/{record}/delete").status_code == 303
    assert alice.post(f"/applications/{record}/undo").status_code == 303
    assert "Initech" in alice.csv()
    assert alice.elsewhere().get("/applications").status_code == 200


def test_the_log_of_the_faults_holds_no_content(served, ada) -> None:
    log = Path(served.log).read_text()

    assert "ada@example.org" not in log
    assert "kept secret" not in log
