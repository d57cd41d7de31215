"""A company and a title in one cell."""

import re

from tmr.domain.importing.proposing.evidence import names_job

MAX_CHARS = 200
# “SRE at Bluefin” says which is which; a dash or a stroke does not.
_AT = re.compile(r"\s+(?:@|at|bei|chez|presso|bij|hos|w firmie)\s+", re.IGNORECASE)
_BETWEEN = re.compile(r"\s+[-–—|/·]\s+|\s*[:;]\s+")


def two_names(cell: str) -> tuple[str, str] | None:
    """Return company and title of a cell that has both, such as “SRE @ Bluefin” or “Bluefin – SRE”, or None.

    Where no word says which is which, the part that names a job is the title, else the second.
    """
    text = " ".join(cell.split())
    if not text or len(text) > MAX_CHARS:
        return None
    if len(parts := _AT.split(text, maxsplit=1)) == 2:
        title, company = parts
        return (company, title) if company and title else None
    if len(parts := _BETWEEN.split(text, maxsplit=1)) != 2 or not all(parts):
        return None
    first, second = parts
    return (second, first) if names_job(first) and not names_job(second) else (first, second)
