"""Measures signing in: whether the time of an answer tells who has an account, and what a crowd does to other pages."""

import datetime as dt
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlencode

from tests.support.people import PASSWORD
from tmr.config import load_settings
from tmr.operations.database.embedded import EmbeddedServer
from tmr.repository.accounts.accounts import NewAccount
from tmr.repository.accounts.sessions import Device, Lifetime
from tmr.wiring.services import build, utc_now

Row = tuple[str, str, str]
PAIRS, CROWD = 60, 200
FORM = "application/x-www-form-urlencoded"
KINDS = ("known", "unknown", "without a password", "disabled")


def measure_accounts(port: int, folder: Path, client_class: type, reader) -> list[Row]:
    """Return the rows of the table; ``reader`` is a signed-in person whose pages are read all the while."""
    make_accounts(folder)
    rows = gap_rows(port, client_class, "/login") + gap_rows(port, client_class, "/forgot")
    gap = move_gap(port, folder, client_class)
    rows.append(("move of address, taken against free", f"{gap * 100:+.1f} %", "aim: within 5 %"))
    slowest, seconds, answered = crowd(port, client_class, client_class(port, reader.cookies))
    what = f"slowest page during {CROWD} sign-ins at once"
    rows.append((what, f"{slowest * 1000:.0f} ms", f"{answered} answered in {seconds:.0f} s (aim: 1,000 ms)"))
    return rows


def measure_sign_up(port: int, folder: Path, client_class: type) -> list[Row]:
    """Return the rows of an installation that sends mail, where sign-up tells nobody whether an address is taken."""
    make_accounts(folder)
    return gap_rows(port, client_class, "/signup", PASSWORD)


def gap_rows(port: int, client_class: type, path: str, password: str = "not the password") -> list[Row]:
    """Return a row for each kind of address but the known, against which all are measured."""
    gaps = time_gaps(port, client_class, path, password)
    return [
        (f"{path}, {kind} against known address", f"{gap * 100:+.1f} %", "aim: within 5 %")
        for kind, gap in gaps.items()
        if kind != "known"
    ]


def make_accounts(folder: Path) -> None:
    """Make the accounts below the web: sixty of each kind but the unknown."""
    settings = load_settings({"TMR_DATA_DIR": str(folder)})
    server = EmbeddedServer(folder)
    server.join()
    services = build(settings, server.app_url, pool_size=1)
    hashed = services.hash_password(PASSWORD)
    for kind in KINDS:
        for number in range(PAIRS):
            email = address(kind, number)
            if kind == "unknown":
                continue
            new = NewAccount(email, email, None if kind == "without a password" else hashed, is_verified=True)
            owner = services.repository.add_account(new, utc_now())
            if kind == "disabled":
                with services.repository.for_owner(owner) as uow:
                    uow.account.disable(utc_now())
                    uow.commit()
    server.leave()


def address(kind: str, number: int) -> str:
    return f"{kind.replace(' ', '-')}{number:03}@example.org"


def time_gaps(port: int, client_class: type, path: str, password: str) -> dict[str, float]:
    """Return how much longer each kind takes than a known address: the median of the differences, round by round."""
    page = client_class(port)
    token, places = page.token(path), addresses()
    taken: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for number in range(-3, PAIRS):
        for kind in random.sample(KINDS, len(KINDS)):
            fields = {"email": address(kind, number % PAIRS), "password": password, "csrf_token": token}
            time.sleep(0.1)
            start = time.perf_counter()
            status = page.request("POST", path, urlencode(fields).encode(), FORM, **{"X-Forwarded-For": next(places)})[
                0
            ]
            seconds = time.perf_counter() - start
            assert status in (200, 303, 422), status
            if number >= 0:  # the first ones warm up
                taken[kind].append(seconds)
    base = statistics.median(taken["known"])
    return {
        kind: statistics.median(b - a for a, b in zip(taken["known"], taken[kind], strict=True)) / base
        for kind in KINDS
    }


def move_gap(port: int, folder: Path, client_class: type) -> float:
    """Return how much longer it takes to ask for a taken address than for a free one; each account asks for both."""
    differences, bases = [], []
    for number, cookie in enumerate(sessions_of_known(folder)):
        client = client_class(port, {"tmr": cookie})
        token = client.token("/settings")
        wanted = {"taken": address("known", (number + 1) % PAIRS), "free": f"free{number}@example.org"}
        taken = {}
        for kind in random.sample(list(wanted), 2):
            time.sleep(0.1)
            body = urlencode({"email": wanted[kind], "csrf_token": token}).encode()
            taken[kind] = timed(lambda: client.request("POST", "/settings/profile", body, FORM))  # noqa: B023
        differences.append(taken["taken"] - taken["free"])
        bases.append(taken["free"])
    return statistics.median(differences) / statistics.median(bases)


def sessions_of_known(folder: Path) -> list[str]:
    """Begin a session for each known account, below the web; return the cookies."""
    settings = load_settings({"TMR_DATA_DIR": str(folder)})
    server = EmbeddedServer(folder)
    server.join()
    services, day, cookies = build(settings, server.app_url, pool_size=1), dt.timedelta(days=1), []
    for number in range(PAIRS):
        owner = services.repository.find_owner(address("known", number))
        with services.repository.for_owner(owner) as uow:
            cookies.append(uow.sessions.add(Device("", ""), Lifetime(day, day), utc_now()).cookie)
            uow.commit()
    server.leave()
    return cookies


def addresses() -> Iterator[str]:
    """Addresses of clients, each used once, as a trusted proxy names them."""
    for high in range(256):
        for low in range(1, 255):
            yield f"10.{random.randrange(256)}.{high}.{low}"


def crowd(port: int, client_class: type, reader) -> tuple[float, float, int]:
    """Let a crowd sign in; return the slowest page read in that time, the seconds all took, and the number answered."""
    page = client_class(port)
    token, places, answers = page.token("/login"), addresses(), []

    def sign_in(number: int, place: str) -> None:
        time.sleep(number / CROWD / 5)  # within a fifth of a second, as fast as a listening queue takes them
        client = client_class(port, dict(page.cookies))
        fields = {"email": f"crowd{number}@example.org", "password": "not the password", "csrf_token": token}
        try:
            answer = client.request("POST", "/login", urlencode(fields).encode(), FORM, **{"X-Forwarded-For": place})
        except (OSError, HTTPException):
            return
        answers.append(answer[0])

    threads = [threading.Thread(target=sign_in, args=(number, next(places))) for number in range(CROWD)]
    start, slowest = time.perf_counter(), 0.0
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        slowest = max(slowest, timed(lambda: reader.request("GET", "/applications")))
        time.sleep(0.02)
    return slowest, time.perf_counter() - start, answers.count(422)


def timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
