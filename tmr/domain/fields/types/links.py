"""Fields that hold ids: of other records, and of files."""

import re
from collections.abc import Callable, Sequence
from typing import ClassVar
from uuid import UUID

from tmr.domain.fields.type import FieldType, Names, SortKey, ValueRefusedError, Wire


class Link(FieldType):
    """The id of one record of another kind; the record's name is looked up where it is shown."""

    input_attributes: ClassVar = {"autocomplete": "off"}
    display = "link"
    is_searched = False
    is_typed_as_shown = False
    is_many = False

    def __init__(self, target: str) -> None:
        self.target = target
        self.datalist = f"options-{target}"

    def parse(self, text: str) -> Wire:
        return _record_id(text) if text.strip() else None

    def label_with(self, value: Wire, names: Names) -> str:
        return "; ".join(names[record_id] for record_id in link_ids(value) if record_id in names)

    def sort_key_with(self, names: Names) -> Callable[[Wire], SortKey]:
        return lambda value: "; ".join(names.get(record_id, "") for record_id in link_ids(value))

    def filter_word(self, word: str) -> str | None:
        try:
            return next(iter(link_ids(self.parse(word))), None)
        except ValueRefusedError:
            return None

    def filter_test(self, words: Sequence[str]) -> Callable[[Wire], bool]:
        wanted = set(words)
        return lambda value: not wanted.isdisjoint(link_ids(value))

    def keys_with(self, term: str, names: Names) -> set[str] | None:
        return {record_id for record_id, name in names.items() if term in name}


class Links(Link):
    """The ids of any number of records of another kind, up to 200, each once."""

    is_many = True
    takes_many = True
    most = 200

    def parse(self, text: str) -> Wire:
        ids = list(dict.fromkeys(_record_id(word) for word in re.split(r"[;,\s]+", text) if word))
        if len(ids) > self.most:
            raise ValueRefusedError(f"You can link at most {self.most}.")
        return ids or None

    def write(self, value: Wire) -> str:
        return "; ".join(value) if isinstance(value, list) else ""

    def sort_key(self, value: Wire) -> SortKey:
        return len(value) if isinstance(value, list) else 0


class FileLink(Link):
    """The id of a stored file."""

    def __init__(self) -> None:
        super().__init__(FILE)


class FileLinks(Links):
    """The ids of stored files, such as those that were sent with an application."""

    def __init__(self) -> None:
        super().__init__(FILE)


FILE = "file"


def link_ids(value: Wire) -> list[str]:
    """Return the ids in the value of a link, whether it holds one or many."""
    return value if isinstance(value, list) else [str(value)] if value else []


def _record_id(text: str) -> str:
    try:
        return str(UUID(text.strip()))
    except ValueError:
        raise ValueRefusedError("Choose one from the list.") from None
