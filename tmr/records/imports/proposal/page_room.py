"""How much of a proposal its page shows: what is beyond that is counted or named, and taken as it is proposed."""

from collections.abc import Iterable, Sequence

from markupsafe import escape

WORDS, RECORDS, SENTENCES, ASIDES = 140_000, 60_000, 80_000, 60_000  # bytes of HTML for all tables together
COLUMNS, LESS_FOR_A_TABLE = 600_000, 4_000
MOST_QUESTIONS = 20
LONGEST_HEADER, LONGEST_SENTENCE = 80, 400
_ROW, _OPTION, _FACT = 600, 40, 120


class Room:
    """What is left of a page for one sort of its parts, in bytes of HTML."""

    def __init__(self, size: int) -> None:
        self._left = size

    def takes(self, size: int) -> bool:
        """Whether there is room for the next part, which takes it then; after one that had none, there is none left."""
        has_room = size <= self._left
        self._left = self._left - size if has_room else 0
        return has_room


def size_of(*texts: str) -> int:
    """Return how many bytes these texts are in HTML."""
    return sum(len(escape(text).encode()) for text in texts)


def size_of_choice(options: Iterable[tuple[str, str]]) -> int:
    """Return how many bytes a row of a table with a choice among these options is about, beside its own texts."""
    return _ROW + sum(size_of(*option) + _OPTION for option in options)


def size_of_facts(title: str, facts: Iterable[tuple[str, str]]) -> int:
    """Return how many bytes a record with these facts is about."""
    return _FACT + size_of(title) + sum(size_of(*fact) + _FACT for fact in facts)


def listed(sentences: Sequence[str]) -> list[str]:
    """Return the sentences that a page has room for, none of them long, and how many more there are."""
    room = Room(SENTENCES)
    cut = (text if len(text) <= LONGEST_SENTENCE else f"{text[:LONGEST_SENTENCE]}…" for text in sentences)
    shown = [text for text in cut if room.takes(size_of(text) + _OPTION)]
    more = len(sentences) - len(shown)
    return [*shown, *([f"{more:,} more."] if more else [])]


def in_short(questions: Sequence[str]) -> list[str]:
    """Return the first questions, and how many more there are."""
    more = len(questions) - MOST_QUESTIONS
    return [*questions[:MOST_QUESTIONS], *([f"{more:,} more follow once these are answered."] if more > 0 else [])]
