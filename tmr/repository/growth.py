"""How much a unit of work adds to what its account keeps."""

from collections.abc import Callable


class Growth:
    """What a unit of work adds to its account; ``allow`` is asked before each part of it is written, and may raise."""

    def __init__(self) -> None:
        self.total = 0
        self.allow: Callable[[int, int], None] | None = None

    def add(self, size: int) -> None:
        """Count ``size`` more bytes; ``allow`` is called with them and with all of this unit of work."""
        self.total += size
        if self.allow:
            self.allow(size, self.total)
