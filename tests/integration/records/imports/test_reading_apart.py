"""[W1] What reading a file may cost is kept by the operating system, in a process of its own.

Seen failing with files read in the web process.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import psutil
import pytest

from tests.support.factories import table
from tests.support.servers.served import until
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.plan import Plan
from tmr.domain.importing.readers.delimited import Table
from tmr.domain.importing.reading.bundle import Bundle
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE
from tmr.records.imports.apart import reader as apart
from tmr.records.imports.apart.messages import send
from tmr.records.imports.apart.reader import LIMITS, Reader, ReadingFailedError, choose_apart, read_apart, reader

FILE = table({"company": "Ørsted", "title": "Engineer"})
ROW = b"C%d,T%d,%dk EUR,https://a.example/%d,3 May 2026,Utrecht," + b"<p>bold</p> " * 20 + b"\n"
LONG = b"Company,Title,Salary,Link,Applied,Location,Notes\n" + b"".join(ROW % ((at,) * 4) for at in range(20_000))
WIDE = b"Company,Title\nA,B\n" + b"," * 8_000_000
IS_LINUX = sys.platform == "linux"


@pytest.fixture
def limits(monkeypatch):
    return lambda **lower: monkeypatch.setattr(apart, "LIMITS", msgspec.structs.replace(LIMITS, **lower))


@pytest.fixture
def own_reader() -> Iterator[Reader]:
    made = Reader()
    yield made
    made.close()


def test_w1_a_file_that_takes_too_long_is_refused_and_others_are_answered_meanwhile(
    alice, bob, services, limits
) -> None:
    limits(cpu_seconds=1)
    with ThreadPoolExecutor(1) as pool:
        refused = pool.submit(alice.upload, LONG)
        until(lambda: psutil.Process(reader.pid).children() if reader.pid else False)
        assert services.repository.connections_in_use() == 0
        assert bob.get("/applications").status_code == 200

    assert refused.result().status_code == 422
    assert "takes too long to read" in refused.result().text
    limits()
    assert alice.upload(FILE).status_code == 303


def test_w1_a_row_that_takes_too_long_is_refused(alice, limits) -> None:
    notes = {f"notes {at}": "<p>" + "<b>bold</b> <br>" * 3_000 for at in range(8)}  # a tenth of a second
    limits(row_seconds=0.01)

    assert "takes too long to read" in alice.upload(table({"company": "C", "title": "T", **notes})).text


def test_w1_a_file_that_takes_too_much_memory_is_refused(alice, limits) -> None:
    limits(memory_bytes=80 * 1024 * 1024)

    refused = alice.upload(WIDE)

    assert refused.status_code == 422
    assert "takes too much memory" in refused.text
    assert alice.upload(FILE).status_code == 303


def test_w1_the_process_of_one_file_loads_nothing_of_the_web_or_the_database() -> None:
    """Seen failing: 60 MB more for each file, since the room of records named a part of a session."""
    look = "import sys, tmr.records.imports.apart.work; print({'flask', 'sqlalchemy', 'psycopg'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "set()"


def test_w1_a_choice_that_takes_too_much_is_refused_and_nothing_is_changed(alice, limits) -> None:
    rows = ({"company": f"C{at}", "title": "T", "notes": "word " * 4_000} for at in range(100))
    place = alice.upload(table(*rows)).headers["Location"]
    limits(memory_bytes=30 * 1024 * 1024)

    refused = alice.post(place, kind="contacts", only="preview")

    assert refused.status_code == 422
    assert "takes too much memory" in refused.text
    assert 'value="applications" selected' in alice.get(place).text
    limits()
    assert 'value="contacts" selected' in alice.post(place, kind="contacts", only="preview").text


def test_w1_the_process_knows_no_key_and_no_database(alice, monkeypatch, own_reader: Reader) -> None:
    monkeypatch.setenv("TMR_DATABASE_URL", "postgresql://secret")
    monkeypatch.setattr(apart, "reader", own_reader)
    read_apart(DEFAULT_PIPELINE, FILE, "")
    process = psutil.Process(own_reader.pid)

    with own_reader._connected() as (connection, _):
        connection.recv(1)
        until(lambda: len(process.children()) == 1)  # that which read the file has ended, and may still be listed
        for one in (process, *process.children()):
            assert "secret" not in str((one.environ(), one.cmdline()))
            assert not {name for name in one.environ() if name.startswith(("TMR", "PG", "HOME"))}
            assert [file.path for file in one.open_files()] == []
            assert one.net_connections("inet") == []


@pytest.mark.skipif(not IS_LINUX, reason="only Linux ends a process with its parent at once")
def test_w1_the_processes_end_with_the_one_that_asked() -> None:
    program = "; ".join(
        (
            "from tmr.records.imports.apart.reader import reader",
            "made = reader._connected()",
            "made.__enter__()[0].recv(1)",
            "print(reader.pid, flush=True)",
            "input()",
        )
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", program], **pipes) as asking:
        process = psutil.Process(int(asking.stdout.readline()))
        [reading] = process.children()
        os.kill(reading.pid, signal.SIGSTOP)  # so that it does not end by itself

        asking.kill()

        until(lambda: not process.is_running() and not reading.is_running())


def test_w1_after_its_process_ended_the_next_file_starts_another(own_reader: Reader, monkeypatch) -> None:
    monkeypatch.setattr(apart, "reader", own_reader)
    read_apart(DEFAULT_PIPELINE, FILE, "")
    first = own_reader.pid
    os.kill(first, signal.SIGKILL)

    assert read_apart(DEFAULT_PIPELINE, FILE, "").bundle.rows == 1
    assert own_reader.pid != first


def test_w1_a_thread_that_met_the_end_of_a_process_does_not_end_the_next_one(own_reader: Reader) -> None:
    """Two that meet the end at once: the one that is told later would have ended what the other is reading."""
    own_reader.start()
    met = own_reader._process
    os.kill(own_reader.pid, signal.SIGKILL)
    met.wait()
    own_reader.start()
    following = own_reader.pid

    own_reader._end_if_it_is(met)

    assert own_reader.pid == following
    assert psutil.Process(following).is_running()


def test_w1_a_fault_of_ours_is_told_without_what_the_file_says(caplog) -> None:
    plan = Plan("utf-8", Table(",", ["company"], 0), "", "", ["company"], {}, {}, "", [], 1, [], "", kind="Ørsted")

    with pytest.raises(ReadingFailedError, match="KeyError"):
        choose_apart(DEFAULT_PIPELINE, Bundle([plan]), {}, FILE)
    assert "choices.py" in caplog.text
    assert "Ørsted" not in caplog.text


def test_w1_a_process_that_ends_before_any_limit_met_a_fault(own_reader: Reader, limits, monkeypatch, caplog) -> None:
    """Seen failing: a person was told that their file takes too long, and nobody of the fault."""
    limits(cpu_seconds=600, row_seconds=600.0, seconds=600)
    monkeypatch.setattr(apart, "reader", own_reader)

    def send_and_stumble(*part: object) -> None:
        [reading] = psutil.Process(own_reader.pid).children() or [None]
        if reading:
            reading.send_signal(signal.SIGSEGV)
            until(lambda: not reading.is_running())
        send(*part)

    monkeypatch.setattr(apart, "send", send_and_stumble)

    with pytest.raises(FileRefusedError, match="can’t be read here"):
        read_apart(DEFAULT_PIPELINE, FILE, "")
    assert "before any limit" in caplog.text


def test_w1_an_answer_longer_than_any_list_has_is_not_taken(monkeypatch) -> None:
    monkeypatch.setattr(apart, "MOST_ANSWER", 100)

    with pytest.raises(FileRefusedError, match="too long"):
        read_apart(DEFAULT_PIPELINE, FILE, "")


def test_w1_it_writes_no_file(tmp_path: Path) -> None:
    program = (
        "import sys; from tmr.records.imports.apart.work import limit; "
        "from tmr.records.imports.apart.messages import Limits; limit(Limits()); "
        "import os; os.write(os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY), b'x')"
    )

    done = subprocess.run([sys.executable, "-c", program, tmp_path / "made"], capture_output=True, text=True)

    assert "File too large" in done.stderr
    assert (tmp_path / "made").read_bytes() == b""
