"""Fields that hold one word of a list."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from tmr.domain.fields.folding import fold, searchable
from tmr.domain.fields.type import FieldType, Names, SortKey, ValueRefusedError, Wire

LONGEST_SHOWN = 60


class Choice(FieldType):
    """One word of a fixed list; accents, case and separators are folded.

    ``words`` are what people call each label besides, separated by commas, ``telling`` those of them that say more than
    their label.
    """

    control = "choice"
    display = "label"
    directions: ClassVar[tuple[str, str]] = ("first to last", "last to first")

    def __init__(self, *labels: str, words: Mapping[str, str] | None = None, telling: str = "") -> None:
        self.options = tuple((label.lower(), label) for label in labels)
        self._labels = dict(self.options)
        besides = {fold(word): label.lower() for label, text in (words or {}).items() for word in text.split(",")}
        self._by_word = besides | {fold(word): key for key, label in self.options for word in (key, label)}
        self._telling = frozenset(fold(word) for word in telling.split(",") if word.strip())
        self._order = {key: position for position, (key, _) in enumerate(self.options)}

    def parse(self, text: str) -> Wire:
        if not text.strip():
            return None
        key = self._by_word.get(fold(text))
        if key is None:
            raise ValueRefusedError(f"Choose one of: {', '.join(label for _, label in self.options)}.")
        return key

    def says_more(self, text: str) -> bool:
        """Whether a word for a choice says more than its label, such as “CDI” than “Full-time”."""
        return fold(text) in self._telling

    def label(self, value: Wire) -> str:
        return self._labels.get(str(value), str(value)) if value is not None else ""

    def sort_key(self, value: Wire) -> SortKey:
        return self._order.get(str(value), len(self._order))

    @property
    def filter_options(self) -> Sequence[tuple[str, str]]:
        return self.options

    def filter_word(self, word: str) -> str | None:
        try:
            return str(self.parse(word))
        except ValueRefusedError:
            return None

    def keys_with(self, term: str, _names: Names) -> set[str] | None:
        return {key for key, label in self.options if term in searchable(label)}

    def control_options(self, _value: str) -> Sequence[tuple[str, str]]:
        return self.options


class Flag(Choice):
    """Yes or no; empty is neither."""

    words: ClassVar[dict[str, str]] = {"true": "yes", "1": "yes", "on": "yes", "false": "no", "0": "no", "off": "no"}

    def __init__(self) -> None:
        super().__init__("Yes", "No")

    def parse(self, text: str) -> Wire:
        return super().parse(self.words.get(text.strip().lower(), text))


def shortened(word: str) -> str:
    """Return what a list shows for a word that it does not have: its beginning, since the value is kept whole."""
    return word if len(word) <= LONGEST_SHOWN else f"{word[:LONGEST_SHOWN]}…"
