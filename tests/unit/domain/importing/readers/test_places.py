"""Places with the way of working beside them, and ways of working in many words."""

import pytest

from tests.support.measuring.processor_time import takes_at_most
from tmr.domain.importing.readers.places import MAX_CHARS, read_mode, read_place


@pytest.mark.parametrize(
    ("text", "name", "mode", "is_all"),
    [
        ("London (hybrid)", "London", "hybrid", True),
        ("Remote", "", "remote", True),
        ("Remote - US", "US", "remote", True),
        ("Remote (UK)", "UK", "remote", True),
        ("US Remote", "US", "remote", True),
        ("Remote within Germany", "Germany", "remote", True),
        ("Austin, TX (Hybrid)", "Austin, TX", "hybrid", True),
        ("Remote (EMEA), London", "EMEA, London", "remote", True),
        ("Berlin / Home-Office", "Berlin", "remote", True),
        ("Hybrid – 3 days", "", "hybrid", False),
        ("London, Hybrid, 2 days a week", "London", "hybrid", False),
        ("2 days in office", "", "hybrid", False),
        ("Paris (2 j télétravail)", "Paris", "hybrid", False),
        ("Paris, télétravail partiel", "Paris", "hybrid", False),
        ("Boston or Remote", "Boston", "remote", False),
        ("São Paulo - SP (presencial)", "São Paulo - SP", "on-site", True),
        ("Warszawa / zdalnie", "Warszawa", "remote", True),
        ("东京（リモート）", "东京", "remote", True),
        # What names no way of working, two of them or a vague one is left as it is.
        ("Alba (CN)", "Alba (CN)", "", True),
        ("New York, NY", "New York, NY", "", True),
        ("Remoteville", "Remoteville", "", True),
        ("Remote / Hybrid", "Remote / Hybrid", "", True),
        ("Leeds, remote possible", "Leeds, remote possible", "", True),
    ],
)
def test_a_place_comes_without_the_way_of_working_beside_it(text: str, name: str, mode: str, is_all: bool) -> None:
    assert read_place(text) == (name, mode, is_all)


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("2 days in office", "hybrid"),
        ("5 days in the office", "on-site"),
        ("3 Tage Büro", "hybrid"),
        ("fully remote", "remote"),
        ("London", ""),
        ("London (hybrid)", ""),
        ("2 days", ""),
        ("50%", ""),
    ],
)
def test_a_way_of_working_may_be_in_many_words(text: str, mode: str) -> None:
    assert read_mode(text)[0] == mode


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("100 %", "remote"),
        ("0 %", "on-site"),
        ("60%", "hybrid"),
        ("2 j", "hybrid"),
        ("2 j/sem", "hybrid"),
        ("2 Tage/Woche", "hybrid"),
        ("partiel", "hybrid"),
        ("100% télétravail", "remote"),
        ("possible", ""),
    ],
)
def test_days_and_shares_are_of_remote_work_below_its_header(text: str, mode: str) -> None:
    assert read_mode(text, is_of_remote=True)[0] == mode


@pytest.mark.parametrize("piece", ["dag", "remote ", "100% ", "a", " - ", "hybrid remote ", "(", "or ", "2 d "])
def test_a_long_row_of_words_takes_no_time(piece: str) -> None:
    text = (piece * MAX_CHARS)[:MAX_CHARS]
    with takes_at_most(hashes=4):
        for _ in range(20):
            read_place(text + "!"), read_mode(text, is_of_remote=True)
