"""What the first visit to a page loads, in a browser that has nothing of the app yet."""

import re

from tests.support.people import Person

LOADED = re.compile(r'<(?:link rel="(?:stylesheet|icon)" href|script nonce="[^"]+" src)="(/static/[^"]+)"')
BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd", "Sec-Fetch-Site": "none"}


def first_load(person: Person, path: str) -> dict[str, int]:
    """Return the bytes of the page and of each file that it names, as they are sent, headers included."""
    names = [path, *LOADED.findall(re.sub(r"\s+", " ", person.get(path).text))]
    return {name: sent(person, name) for name in names}


def sent(person: Person, path: str) -> int:
    answer = person.get(path, headers=BROWSER)
    return len(answer.data) + len(str(answer.headers))


def test_the_first_load_of_today_and_of_the_grid_is_small(alice) -> None:
    alice.post("/today/samples", page="/today")

    # The grid has a sheet and a script of its own for what hands know from a spreadsheet.
    for path, requests, most in (("/today", 6, 45_000), ("/applications", 7, 59_000)):
        loaded = first_load(alice, path)

        assert len(loaded) <= requests
        assert sum(loaded.values()) <= most, loaded
