"""The ratios that `make bench` compares with: all works have one, and what takes much more is marked."""

from tests.bench.ratios import AIMS, BEHIND, compared, recorded


def test_every_work_of_the_bench_has_a_recorded_ratio() -> None:
    assert recorded().keys() == AIMS.keys()


def test_what_fell_behind_is_marked() -> None:
    before = {"health": 1.0, "board of 10,000": 10.0}
    rows = compared({"health": 1.0 * BEHIND, "board of 10,000": 10.1 * BEHIND, "CSV of 10,000": 9}, before)

    assert ["FELL BEHIND: 10.00" in note for _, _, note in rows] == [False, True, False]
