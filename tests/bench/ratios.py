"""What pages cost in grids of 100 applications, measured in turn, and which fell behind the last recorded run.

A slow machine, or one that others use too, is slow for all of them: ratios of medians hardly change with it.
"""

import json
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

Row = tuple[str, str, str]
RECORD = Path(__file__).parents[2] / "docs" / "performance.json"
VERSION = re.compile(r'name="version"\s+value="(\d+)"')
ROUNDS = 15
BEHIND = 1.25  # times what was recorded; less than that differs from run to run
GRID = "grid of 100"
AIMS = {
    "health": 0.3,
    "grid of 10,000": 1.1,
    "Today of 10,000": 6.0,
    "search of 10,000, first": 25.0,
    "search of 10,000, each letter after it": 5.0,
    "list of 10,000 with a search": 3.5,
    "board of 10,000": 30.0,
    "insights of 10,000": 45.0,
    "calendar of 10,000": 15.0,
    "an application's page": 5.0,
    "CSV of 10,000": 250.0,
}


def measure_ratios(small, large) -> list[Row]:
    """Return each ratio with its aim, and what was recorded if it is much more than that.

    ``small`` is a person with 100 applications, ``large`` one with 10,000. With ``--record`` the run is recorded.
    """
    page = large.request("GET", "/applications")[2].decode()
    application = page.split('id="application-')[1].split('"')[0]
    works: dict[str, Callable[[], object]] = {
        GRID: lambda: get(small, "/applications"),
        "health": lambda: get(small, "/healthz"),
        "grid of 10,000": lambda: get(large, "/applications"),
        "Today of 10,000": lambda: get(large, "/today"),
        "search of 10,000, first": lambda: get(large, "/search?q=person+7777"),
        "search of 10,000, each letter after it": lambda: get(large, "/search?q=person+777"),
        "list of 10,000 with a search": lambda: get(large, "/applications?q=person+7777"),
        "board of 10,000": lambda: get(large, "/board"),
        "insights of 10,000": lambda: get(large, "/insights"),
        "calendar of 10,000": lambda: get(large, "/calendar"),
        "an application's page": lambda: get(large, f"/applications/{application}"),
        "CSV of 10,000": lambda: get(large, "/export/applications.csv"),
    }
    taken: dict[str, list[float]] = {name: [] for name in works}
    for number in range(-1, ROUNDS):  # the first round warms up
        change_something(large, application, number)  # so that nothing is kept of the searches before
        for name, work in works.items():
            start = time.perf_counter()
            work()
            if number >= 0:
                taken[name].append(time.perf_counter() - start)
            if name == "search of 10,000, first":
                time.sleep(1)  # a person types on, and what was opened is made ready meanwhile
    medians = {name: statistics.median(times) for name, times in taken.items()}
    ratios = {name: round(median / medians[GRID], 2) for name, median in medians.items() if name != GRID}
    rows = compared(ratios, recorded())
    if "--record" in sys.argv:
        RECORD.write_text(json.dumps(ratios, indent=2) + "\n")
    return rows


def get(client, path: str) -> None:
    status = client.request("GET", path)[0]
    assert status == 200, f"{path}: {status}"


def change_something(client, application: str, number: int) -> None:
    """Edit a record, as a person may between two searches."""
    place = f"/applications/{application}"
    version = VERSION.search(client.request("GET", f"{place}?edit=all")[2].decode())[1]
    answer = client.post(place, f"{place}?edit=all", version=version, location=f"At {number}")
    assert answer[0] == 303, answer[0]


def recorded() -> dict[str, float]:
    """Return the ratios of the last recorded run; none before the first."""
    return json.loads(RECORD.read_text()) if RECORD.exists() else {}


def compared(ratios: dict[str, float], before: dict[str, float]) -> list[Row]:
    """Return the rows of the table, those that fell behind marked."""
    rows = []
    for name, ratio in ratios.items():
        was = before.get(name)
        behind = f", FELL BEHIND: {was:.2f} recorded" if was and ratio > was * BEHIND else ""
        rows.append((name, f"{ratio:.2f} x {GRID}", f"aim: {AIMS[name]:g}{behind}"))
    return rows
