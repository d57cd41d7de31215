"""What a lock costs: pages of a locked account against the same of an unlocked one, in turn, and unlocking."""

import re
import statistics
import time
from urllib.parse import urlencode

from tests.support.people import PASSWORD

Row = tuple[str, str, str]
LOCK = "/settings/privacy/lock"
CODE = re.compile(r'<code id="recovery-code">([^<]+)</code>')
ROUNDS, UNLOCKS = 60, 9
MOST = 1.1  # times what the same page takes of an unlocked account
PLACES = {"grid of 100": "/applications", "Today of 100": "/today", "board of 100": "/board"}


def measure_lock(locked, unlocked) -> list[Row]:
    """Return the rows of the table. Both people have the same records; the first one's are locked here."""
    turn_on(locked)
    pages = {person: {**PLACES, "an application's page": application_of(person)} for person in (locked, unlocked)}
    rows = []
    for name in pages[locked]:
        ratio = ratio_of((locked, pages[locked][name]), (unlocked, pages[unlocked][name]))
        rows.append((f"{name}, locked against unlocked", f"{ratio:.2f} x", f"aim: {MOST:g}{_more(ratio)}"))
    seconds = statistics.median(unlocking(locked) for _ in range(UNLOCKS))
    rows.append(("unlocking, p50", f"{seconds * 1000:.0f} ms", f"aim: 1,000 ms{'' if seconds < 1 else ', MISSED'}"))
    return rows


def _more(ratio: float) -> str:
    return "" if ratio <= MOST else ", MISSED"


def turn_on(person) -> None:
    """Lock the records of a person by the forms of its page."""
    shown = person.post(LOCK, LOCK, password=PASSWORD)[2].decode()
    assert person.post(f"{LOCK}/confirm", LOCK, recovery_code=CODE.search(shown)[1])[0] == 303
    while 'data-state="resealing"' in person.request("GET", LOCK)[2].decode():
        person.post(f"{LOCK}/next", LOCK)
    assert 'data-state="locked"' in person.request("GET", LOCK)[2].decode()


def application_of(person) -> str:
    page = person.request("GET", "/applications")[2].decode()
    identity = page.split('id="application-')[1].split('"')[0]
    return f"/applications/{identity}"


def ratio_of(one, other) -> float:
    """Return how much longer one page takes than the other: the median of the ratios, round by round."""
    ratios = []
    for number in range(-5, ROUNDS):  # the first rounds warm up
        order = (one, other) if number % 2 else (other, one)
        taken = {place: timed(*place) for place in order}
        if number >= 0:
            ratios.append(taken[one] / taken[other])
    return statistics.median(ratios)


def timed(person, path: str) -> float:
    start = time.perf_counter()
    status = person.request("GET", path)[0]
    seconds = time.perf_counter() - start
    assert status == 200, f"{path}: {status}"
    return seconds


def unlocking(person) -> float:
    """Lock the records in this session, and return how long it takes to unlock them by the password."""
    assert person.post("/lock", "/settings")[0] == 303
    token = person.token("/settings")
    body = urlencode({"csrf_token": token, "password": PASSWORD}).encode()
    start = time.perf_counter()
    status = person.request("POST", "/unlock", body, "application/x-www-form-urlencoded")[0]
    seconds = time.perf_counter() - start
    assert status == 303, status
    return seconds
