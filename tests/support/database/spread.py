"""Which tables are spread by their owner in a database of many machines, and what its engine makes of statements."""

import re
from collections.abc import Iterable

from tmr.repository.schema import OWNED, UNOWNED


def naming(names: Iterable[str]) -> re.Pattern[str]:
    """What finds one of these tables in a statement."""
    return re.compile(r"\b(?:FROM|INTO|UPDATE|JOIN|USING)\s+(?:" + "|".join(names) + r")\b", re.I)


SPREAD = naming(table.name for table in OWNED)
# Every node has a copy of ``wrapping_keys``.
OF_ONE_NODE = naming([*(name for name in UNOWNED if name != "wrapping_keys"), "procrastinate_\\w+"])
REFUSED = (
    re.compile(r"\bset_config\s*\(", re.I),  # is not handed to the workers
    re.compile(r"\bINSERT\b.*\bSELECT\b.*\bunnest\b", re.I | re.S),  # becomes a COPY, which is not for policies
)
# Is planned by itself, so that what comes out of it may be joined with any table.
GROUPED = re.compile(r"\(SELECT[^()]*(?:\([^()]*\)[^()]*)*\bGROUP BY \w+\)", re.I)


def unfit(statements: Iterable[str]) -> set[str]:
    """Return those statements that a spread database refuses, or that join tables of one node with spread ones."""
    return {
        statement
        for statement in statements
        if any(pattern.search(statement) for pattern in REFUSED)
        or all(tables.search(GROUPED.sub("", statement)) for tables in (SPREAD, OF_ONE_NODE))
    }
