"""How much a unit of work has opened of what an account keeps, to look through it: from some point on it needs a turn.

A page of fifty records opens little, whatever they hold. What looks through all of them can take a processor for
seconds, and how long depends on how many there are and on how much is in them.
"""

from collections.abc import Callable

MANY_ROWS = 10_000  # a tenth of a second
MANY_BYTES = 8_000_000  # of sealed values: as long, with few records and long texts


class Looking:
    """What was opened so far in one unit of work; ``on_much`` is called whenever there is more of it past a bound."""

    def __init__(self) -> None:
        self.rows = 0
        self.size = 0
        self.on_much: Callable[[], None] | None = None

    def note(self, rows: int, size: int) -> None:
        """Note that so many rows with so many bytes are about to be opened; raise what ``on_much`` raises."""
        self.rows += rows
        self.size += size
        if self.on_much and (self.rows > MANY_ROWS or self.size > MANY_BYTES):
            self.on_much()
