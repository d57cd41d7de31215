"""Which sign begins the decimals of the numbers in a column: 1.234 may be a little over one, or over a thousand."""

import re
from collections import Counter
from collections.abc import Iterable

COMMA, POINT = ",", "."
_NUMBER = re.compile(r"[-+−]?(\d[\d.,]{0,39})", re.ASCII)
_SPACES = re.compile(r"[\s'’_]")
_MAY_BE_GROUPED = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)


def decimal_sign(cell: str) -> str:
    """Return the sign that begins decimals, as the number in a cell shows; empty where it could be either."""
    match = _NUMBER.fullmatch(_SPACES.sub("", cell[:60]))
    signs = [char for char in match[1] if char in ".,"] if match else []
    if match is None or not signs:
        return ""
    if len({*signs}) == 2:
        return signs[-1]
    if len(signs) > 1:
        return POINT if signs[0] == COMMA else COMMA
    return "" if _MAY_BE_GROUPED.fullmatch(match[1]) else signs[0]


def comma_columns(shown: dict[int, Counter[str]], usual: str) -> list[int]:
    """Return the columns whose numbers have a comma before their decimals.

    ``shown`` counts what the cells of each column show. A column that shows nothing goes by the others, and then by
    what is ``usual`` in such a file.
    """
    whole = _most(shown.values(), usual)
    return [index for index, counts in shown.items() if _most([counts], whole) == COMMA]


def _most(counts: Iterable[Counter[str]], otherwise: str) -> str:
    total = sum(counts, Counter())
    commas, points = total[COMMA], total[POINT]
    return otherwise if commas == points else COMMA if commas > points else POINT
