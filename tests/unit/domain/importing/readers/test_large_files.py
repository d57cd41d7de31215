"""[F2] A large file costs what its size says.

Seen failing with the rest of a chunk copied for each piece that was read of it: four times the size took 38 times as
long, and 64 MB 3.5 s.
"""

import io
import time

import pytest

from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.readers import delimited
from tmr.domain.importing.readers.encodings.detection import open_text

LINE = b"Globex,Engineer,Applied,2026-01-01\r\n"
MEGABYTE = 1024 * 1024


def seconds_to_read(megabytes: int) -> float:
    """CPU time of reading one chunk of this size to its end, the least of three times."""
    content = LINE * (megabytes * MEGABYTE // len(LINE))
    return min(_seconds(content) for _ in range(3))


def _seconds(content: bytes) -> float:
    began, left = time.process_time(), len(content)
    text = open_text([content], "utf-8")
    while piece := text.read(MEGABYTE):
        left -= len(piece)
    assert left == 0
    return time.process_time() - began


def test_f2_four_times_the_size_takes_about_four_times_as_long() -> None:
    assert seconds_to_read(64) < 12 * seconds_to_read(16)


def test_f2_blank_lines_without_an_end_are_refused(monkeypatch) -> None:
    """Seen failing: only rows that say something were counted, and 31 million blank ones took over a minute."""
    monkeypatch.setattr(delimited, "MAX_LINES", 100)

    with pytest.raises(FileRefusedError, match="most of them blank"):
        list(delimited.body(io.StringIO("a,b\n" + "\n" * 100), delimited.Table(",", ["a", "b"], 0)))
    few = io.StringIO("a,b\n" + "\n" * 98 + "1,2")
    assert list(delimited.body(few, delimited.Table(",", ["a", "b"], 0))) == [(100, ["1", "2"])]
