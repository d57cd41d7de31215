"""Measures the app itself: `make bench`. Read the ratios, since absolute times differ from machine to machine.

The server is started here, on a data directory of its own, and stopped at the end.
"""

import http.client
import os
import re
import select
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from tests.bench.accounts import measure_accounts, measure_sign_up
from tests.bench.keys import measure_keys
from tests.bench.lock import measure_lock
from tests.bench.ratios import measure_ratios
from tests.bench.search import measure_search
from tests.support.factories import table
from tests.support.people import PASSWORD, counts

Row = tuple[str, str, str]
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
BOUNDARY = "bench-boundary"


class Client:
    """One kept-alive connection with its cookies."""

    def __init__(self, port: int, cookies: dict[str, str] | None = None) -> None:
        self.port = port
        self.cookies = cookies if cookies is not None else {}
        self.connection = http.client.HTTPConnection("localhost", port)

    def request(
        self, verb: str, path: str, body: bytes = b"", kind: str = "", **headers: str
    ) -> tuple[int, dict, bytes]:
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **headers}
        self.close_if_the_server_did()
        self.connection.request(verb, path, body or None, {**sent, "Content-Type": kind} if kind else sent)
        answer = self.connection.getresponse()
        content = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content

    def close_if_the_server_did(self) -> None:
        """Let the next request open a connection, if the server ended this one for being idle.

        Looking before sending repeats no request, so a form is never sent twice.
        """
        if self.connection.sock and select.select([self.connection.sock], [], [], 0)[0]:
            self.connection.close()

    def token(self, page: str) -> str:
        return unescape(TOKEN.search(self.request("GET", page)[2].decode())[1])

    def post(self, path: str, page: str = "/import", **fields: str | list[str]) -> tuple[int, dict, bytes]:
        body = urlencode({**fields, "csrf_token": self.token(page)}, doseq=True).encode()
        return self.request("POST", path, body, "application/x-www-form-urlencoded")

    def upload(self, content: bytes) -> str:
        part = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
        head = f'{part}"csrf_token"\r\n\r\n{self.token("/import")}\r\n{part}"file"; filename="x.csv"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
        status, headers, answer = self.request("POST", "/import", body, f"multipart/form-data; boundary={BOUNDARY}")
        assert status == 303, answer
        return headers["location"]


def person(port: int) -> Client:
    client = Client(port)
    status, _, answer = client.post("/signup", "/signup", email=f"{time.time_ns()}@example.org", password=PASSWORD)
    assert status == 303, answer
    return client


def rows(count: int) -> bytes:
    """Applications with notes and a job description of one kilobyte."""
    posting = "We look for an engineer who builds reliable systems with care. " * 16
    stages = ("applied", "saved", "screening", "interviewing", "rejected")
    return table(
        *(
            {
                "company": f"Company {n}",
                "title": f"Engineer, level {n % 9}",
                "status": stages[n % 5],
                "location": "Berlin",
                "applied_on": f"2026-0{n % 9 + 1}-1{n % 9}",
                "url": f"https://jobs.example/{n}",
                "tags": "python; sql",
                "notes": f"Talked to person {n} about the role and the team.",
                "job_description": posting + str(n),
            }
            for n in range(count)
        )
    )


def bring(client: Client, content: bytes) -> float:
    """Import and return the seconds from the upload to the result."""
    start = time.perf_counter()
    place = client.upload(content)
    assert client.post(place, place)[0] == 303
    while True:
        page = client.request("GET", place)[2].decode()
        if 'id="import-result"' in page:
            assert counts(page, "import-result")["rejected"] == 0
            return time.perf_counter() - start
        time.sleep(0.05)


def with_rows(port: int, count: int) -> Client:
    """A person who has brought so many applications."""
    client = person(port)
    bring(client, rows(count))
    return client


def median_ms(client: Client, path: str, times: int) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        assert client.request("GET", path)[0] == 200
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1_000


def interleaved(pairs: list[tuple[Client, str]], times: int) -> list[float]:
    """Return the median of each path, measured in turn, so that a machine that drifts drifts for all of them."""
    taken: list[list[float]] = [[] for _ in pairs]
    for _ in range(times):
        for bucket, (client, path) in zip(taken, pairs, strict=True):
            bucket.append(median_ms(client, path, 1))
    return [statistics.median(bucket) for bucket in taken]


def per_second(client: Client, path: str, connections: int = 8, seconds: float = 4.0) -> float:
    done = [0] * connections
    end = time.perf_counter() + seconds

    def work(number: int) -> None:
        connection = Client(client.port, dict(client.cookies))
        while time.perf_counter() < end:
            assert connection.request("GET", path)[0] == 200
            done[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def cold(client: Client) -> tuple[int, int]:
    """Return bytes (bodies) and requests of a first load of the default grid."""
    page = client.request("GET", "/applications")[2].decode()
    assets = sorted(set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page)))
    as_a_browser = {"Accept-Encoding": "gzip, deflate, br, zstd", "Sec-Fetch-Site": "none"}
    sizes = [len(client.request("GET", path, **as_a_browser)[2]) for path in ("/applications", *assets)]
    return sum(sizes), len(sizes)


def measure(port: int) -> list[Row]:
    small, large = person(port), person(port)
    bring(small, rows(100))
    imported = bring(large, rows(10_000))
    for path in ("/healthz", "/applications"):
        interleaved([(small, path), (large, path)], 30)
    health, grid, grown = interleaved([(small, "/healthz"), (small, "/applications"), (large, "/applications")], 300)
    search = median_ms(large, "/applications?q=person+7777", 15)
    start = time.perf_counter()
    archive = large.post("/settings/privacy/export")[2]
    exported = time.perf_counter() - start
    csv = median_ms(large, "/export/applications.csv", 3) / 1_000
    size, requests = cold(small)
    return [
        ("/healthz, one connection, p50", f"{health:.2f} ms", ""),
        ("grid of 100, 25 rows, one connection, p50", f"{grid:.2f} ms", f"{grid / health:.1f} x /healthz (aim: 6)"),
        ("grid of 10,000", f"{grown:.2f} ms", f"{grown / grid:.2f} x that of 100 (aim: 1.3)"),
        ("grid, 8 connections", f"{per_second(small, '/applications'):.0f} requests/s", ""),
        ("/healthz, 8 connections", f"{per_second(small, '/healthz'):.0f} requests/s", ""),
        ("search of 10,000, all fields", f"{search:.0f} ms", "aim: 100 ms"),
        ("import of 10,000, upload to result", f"{imported:.2f} s", "aim: 5 s"),
        ("export of 10,000, ZIP of CSV and JSON", f"{exported:.2f} s", f"{len(archive) / 1e6:.1f} MB (aim: 1 s)"),
        ("export of 10,000, CSV", f"{csv:.2f} s", "aim: 1 s"),
        ("first load of the grid", f"{size / 1000:.1f} kB", f"{requests} requests (aim: 60 kB, 6 requests)"),
    ]


@contextmanager
def served(**settings: str) -> Iterator[tuple[int, Path]]:
    """Serve on a data directory of its own; give the port and the directory."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "var"
        environ = {**os.environ, "TMR_DATA_DIR": str(folder), "TMR_PORT": str(port), "TMR_PROXIES": "1", **settings}
        command = [sys.executable, "-m", "tmr", "serve"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        server = subprocess.Popen(command, env=environ, **pipes)
        try:
            server.stdout.readline()
            wait_until_it_answers(port)
            yield port, folder
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def main() -> None:
    with served() as (port, folder):
        show(measure_ratios(with_rows(port, 100), with_rows(port, 10_000)))
        show(measure_lock(with_rows(port, 100), with_rows(port, 100)))
        if "--ratios" in sys.argv:
            return
        if not sys.argv[1:]:
            show(measure(port))
        show(measure_keys(port, [with_rows(port, 25), with_rows(port, 5_000)]))
        show(measure_search(folder, [person(port), person(port)]))
        show(measure_accounts(port, folder, Client, person(port)))
    with served(TMR_MAIL_URL="smtp://localhost:9") as (port, folder):  # nobody takes the mail there, and it waits
        show(measure_sign_up(port, folder, Client))


def show(rows: list[Row]) -> None:
    for what, figure, note in rows:
        print(f"{what:52} {figure:>18}   {note}", flush=True)


def wait_until_it_answers(port: int) -> None:
    for _ in range(1_200):
        try:
            assert Client(port).request("GET", "/healthz")[0] == 200
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server does not answer")


if __name__ == "__main__":
    main()
