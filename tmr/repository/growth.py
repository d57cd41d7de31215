"""How much a unit of work adds to what its account keeps."""

from collections.abc import Callable


class Growth:
    """What a unit of work adds to its account; ``allow`` is asked before each part of it is written, and may raise."""

    def __init__(self) -> None:
        self.total = 0
        self.allow: Callable[[int, int, bool], None] | None = None

    def add(self, size: int, *, is_undo: bool = False) -> None:
        """Count ``size`` more bytes; ``allow`` is called with them, with all of this unit of work, and ``is_undo``."""
        self.total += size
        if self.allow:
            self.allow(size, self.total, is_undo)
