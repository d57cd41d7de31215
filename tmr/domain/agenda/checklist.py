"""The lines of a text as points that can be ticked: what to prepare for an interview, what to ask there.

What is ticked is written into the text itself, as ``[x]`` before the words, so that it is sealed, exported and imported
with them, and can be typed as well.
"""

import re
from collections.abc import Iterator

import msgspec

from tmr.domain.fields.type import Wire

# Only the beginning of a line: to look for the blanks at its end too would take the square of their number.
_START = re.compile(r"(?P<marks>[-–•*\s]*)(?:\[(?P<tick>[ xX]?)\]\s*)?")


class Point(msgspec.Struct, frozen=True):
    """One line: its number in the text from 0, its words without the marks before them, and whether it is ticked."""

    number: int
    words: str
    is_done: bool


def points_of(text: Wire) -> list[Point]:
    """Return the points of a text; a line without words is none."""
    return list(_points(str(text or "")))


def ticked(text: Wire, number: int, words: str, *, is_done: bool) -> str | None:
    """Return the text with one point ticked, or not ticked; None if no point has these words.

    ``number`` says which of several points with the same words it is. Where lines have moved since, the words decide.
    """
    same = [point.number for point in points_of(text) if point.words == words]
    if not same:
        return None
    chosen = number if number in same else same[0]
    lines = str(text).split("\n")
    lines[chosen] = _with_box(lines[chosen], is_done=is_done)
    return "\n".join(lines)


def _points(text: str) -> Iterator[Point]:
    for number, line in enumerate(text.split("\n")):
        _, tick, words = _parts(line)
        if words:
            yield Point(number, words, tick.lower() == "x")


def _with_box(line: str, *, is_done: bool) -> str:
    marks, _, words = _parts(line)
    return f"{marks}[{'x' if is_done else ' '}] {words}"


def _parts(line: str) -> tuple[str, str, str]:
    """Return the marks before a line's words, what is in its box, and the words."""
    start = _START.match(line)
    return (start["marks"], start["tick"] or "", line[start.end() :].rstrip()) if start else ("", "", line)
