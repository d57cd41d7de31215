"""A list as a person wants to see it again: what narrows and sorts it, and its columns, under a name."""

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
