"""A list as a person wants to see it again: what narrows and sorts it, and its columns, under a name."""

from collections.abc import Collection
from urllib.parse import parse_qsl, urlencode

import msgspec

LONGEST_NAME, LONGEST_QUERY = 60, 1_000
MOST_OF_A_KIND = 20


class SavedView(msgspec.Struct, frozen=True):
    """A view of the list of one kind, by its plural.

    ``query`` is what narrows and sorts it, as an address has it. Without ``columns`` it has those of the list. The list
    begins with the view that ``is_default``.
    """

    kind: str
    name: str
    query: str
    columns: tuple[str, ...] = ()
    is_default: bool = False

    def without_fields(self, gone: Collection[str]) -> "SavedView":
        """Return the view without what it says of these fields: columns, what narrows it by them, and its order."""
        pairs = [pair for pair in parse_qsl(self.query) if pair[0].partition(".")[0] not in gone]
        if any(name == "date" and value in gone for name, value in pairs):
            pairs = [pair for pair in pairs if pair[0] not in ("date", "from", "to")]
        sorting = (word for name, value in pairs if name == "sort" for word in value.split(","))
        order = ",".join(word for word in sorting if word.removeprefix("-") not in gone)
        pairs = [pair for pair in pairs if pair[0] != "sort" and not (pair[0] == "group" and pair[1] in gone)]
        query = urlencode([*pairs, *([("sort", order)] if order else [])])
        columns = tuple(name for name in self.columns if name not in gone)
        is_same = columns == self.columns and not any(name in self.query for name in gone)
        return self if is_same else msgspec.structs.replace(self, query=query, columns=columns)
