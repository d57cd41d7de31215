"""What was read, and from where: each value stands beside its source, so that a person can judge it."""

import msgspec

DATA, MICRODATA, META, TITLE, HEADING, LABEL, LINE, ADDRESS, SIZE = (
    *("data", "microdata", "meta", "title", "heading", "label", "line", "address", "size"),
)
SOURCES = {
    DATA: "the page’s job data (JSON-LD)",
    MICRODATA: "the page’s job data (microdata)",
    META: "the page’s description of itself",
    TITLE: "the page’s title",
    HEADING: "a heading or label of the page",
    LABEL: "a line with a label",
    LINE: "a line of the text",
    ADDRESS: "the link",
    SIZE: "the size of the amount",
}
_LONGEST_QUOTE = 100


class Taken(msgspec.Struct, frozen=True):
    """A value, where it was taken from, and the words that were read if there are any to show."""

    value: str
    source: str
    quote: str = ""

    @property
    def told(self) -> str:
        """Where it was taken from, in words."""
        return SOURCES[self.source]


class Fields:
    """The fields of what is read: the first source that has a value keeps its place."""

    def __init__(self) -> None:
        self.taken: dict[str, Taken] = {}

    def put(self, name: str, value: str | None, source: str, quote: str = "") -> None:
        """Take ``value`` for a field unless it is empty or the field has one."""
        if value and name not in self.taken:
            short = quote if len(quote) <= _LONGEST_QUOTE else f"{quote[:_LONGEST_QUOTE]}…"
            self.taken[name] = Taken(value, source, short)

    def get(self, name: str) -> str:
        """Return the value of a field, or ""."""
        return self.taken[name].value if name in self.taken else ""

    def __contains__(self, name: str) -> bool:
        return name in self.taken
