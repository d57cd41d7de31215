"""Short values as people write them: stars, ticks with a remark, and choices with something in brackets."""

import re

from tmr.domain.fields.folding import fold
from tmr.domain.fields.type import FieldType, ValueRefusedError
from tmr.domain.fields.types.choices import Choice
from tmr.domain.fields.types.numbers import Rating
from tmr.domain.fields.types.stages import StageChoice
from tmr.domain.importing.headers import words_of
from tmr.domain.importing.readers.places import ON_SITE, REMOTE, read_mode
from tmr.domain.importing.readers.words.dates import month_of

# fmt: off
MARKS = frozenset({
    "x", "yes", "y", "true", "done", "ja", "oui", "si", "sí", "sì", "sim", "tak", "1", "✓", "✔", "✅", "☑", "checked",
    "wahr", "vrai", "verdadero", "はい", "是",
})
UNMARKED = frozenset({
    "no", "n", "false", "0", "nein", "non", "nie", "não", "nee", "nej", "", "-", "❌", "✗", "☐", "unchecked", "falsch",
    "faux", "いいえ", "否",
})
# fmt: on
_NOT_BEFORE_WORDS = frozenset({"1", "0", "true", "false", "done", "-", ""})
_WITH_REMARK = re.compile(r"([^\W\d_]{1,4}|[✓✔✅☑❌✗☐])\ufe0f?(?:[\s:,;.!–—/-]+|(?=\())(?=\S)(.*)", re.DOTALL)
_NOT_YET = re.compile(
    r"(?:not|noch nicht|pas encore|aún no|ainda não|non ancora|nog niet|jeszcze nie|inte)\b", re.IGNORECASE
)
_STARS = re.compile(r"[⭐★🌟](?:\ufe0f?\s?[⭐★🌟☆✩]){0,9}\ufe0f?")
_OUT_OF = re.compile(r"(\d{1,3})\s?(?:/|of|out of|von|sur|de)\s?(5|10|100)", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*[(\[（]([^)\]）]*)[)\]）]\s*")
_BEFORE_NUMBER = re.compile(r"([^\d]{2,40}?)[\s:–-]+(\d.*)", re.DOTALL)  # CDD 6 mois
_PARTS = re.compile(r"\s*[/,;+|]\s*|\s+[-–—&]\s+|\s+(?:and|und|et|y|e|en|och|i)\s+")  # CDI - temps plein
_MARKS_AROUND = re.compile(r"^[\W\d_]+|\W+$")  # 🔥 High
_WORDS_OF_RATING = {
    "5": "high hoch haute haut élevée élevé alta alto hoog wysoki wysoka hög 高",
    "3": "medium med middle mid mittel moyenne moyen media média médio medio gemiddeld średni średnia medel 中",
    "1": "low niedrig gering basse faible baja bajo baixa baixo bassa basso laag niski niska låg 低",
}
_RATING_OF = {fold(word): number for number, words in _WORDS_OF_RATING.items() for word in words.split()}
MOST_STARS = 5
MAX_CHARS = 80


def tick_of(cell: str) -> tuple[bool, str] | None:
    """Return whether a cell says yes or no, and what else it says, such as a day; None for any other cell."""
    word = cell.casefold()
    if word in MARKS or word in UNMARKED:
        return word in MARKS, ""
    if _NOT_YET.match(cell):
        return False, cell
    match = _WITH_REMARK.fullmatch(cell)
    first = match[1].casefold() if match else ""
    if not match or first in _NOT_BEFORE_WORDS or (first not in MARKS and first not in UNMARKED):
        return None
    return first in MARKS, match[2].strip()


def says_sent(cell: str) -> bool:
    """Whether the cell of a day of application says that it was sent: a day, however vague, or a tick."""
    tick = tick_of(cell.strip())
    if tick is not None:
        return tick[0]
    return any(char.isdigit() for char in cell) or any(month_of(word.strip(".,")) for word in cell.split())


def short_value(field_type: FieldType, cell: str) -> tuple[str, str]:
    """Return what a field of choices or a rating takes of a cell, if anything, and what else the cell says."""
    if len(cell) > MAX_CHARS:
        return "", ""
    if _is_taken(field_type, cell):
        return cell, ""
    if isinstance(field_type, Rating):
        return _rating(cell)
    if not isinstance(field_type, Choice) or isinstance(field_type, StageChoice):
        return "", ""
    first, _, rest = cell.partition(",")
    number = _BEFORE_NUMBER.fullmatch(cell)
    for text, more in (
        (_BRACKETS.sub(" ", cell).strip(), ", ".join(_BRACKETS.findall(cell))),
        (first, rest.strip()),
        (number[1], number[2]) if number else ("", ""),
    ):
        if more and text and _is_taken(field_type, text):
            return text, more
    named = [part for part in _PARTS.split(cell) if _is_taken(field_type, part)]
    if len({str(field_type.parse(part)) for part in named}) == 1:
        return named[0], cell
    mode, is_all = read_mode(cell) if _is_of_modes(field_type) else ("", False)
    return mode, "" if is_all or not mode else cell


def ticked_choice(choice: str, cell: str) -> tuple[str, bool] | None:
    """Return what a cell below the header of a choice says, and whether that is all; None if it is no such answer.

    “Yes” is the choice that the header names. “No” to remote work is work on site; “2 days” and “60 %” are in between.
    """
    tick = tick_of(cell)
    if tick is not None:
        is_ticked, rest = tick
        if is_ticked:
            return choice, not rest
        return (ON_SITE if choice == REMOTE and not rest else ""), False
    mode, is_all = read_mode(cell, is_of_remote=True) if choice == REMOTE else ("", False)
    return (mode, is_all) if mode else None


def _is_of_modes(field_type: Choice) -> bool:
    return any(key == REMOTE for key, _ in field_type.options)


def choice_of_header(field_type: FieldType, header: str) -> str:
    """Return the choice that a tick in a column means, such as “Remote?”, or ``""`` if that is not clear."""
    if not isinstance(field_type, Choice) or isinstance(field_type, StageChoice):
        return ""
    words = words_of(header)
    phrases = {" ".join(words[at:end]) for at in range(len(words)) for end in range(at + 1, len(words) + 1)}
    found = {str(field_type.parse(phrase)) for phrase in phrases if _is_taken(field_type, phrase)}
    return found.pop() if len(found) == 1 else ""


def _rating(cell: str) -> tuple[str, str]:
    """Return stars, or a number out of five, ten or a hundred; one that is rounded, and a word, is kept beside it."""
    if rated := _RATING_OF.get(fold(_MARKS_AROUND.sub("", cell))):
        return rated, cell
    if _STARS.fullmatch(cell):
        return str(min(sum(char in "⭐★🌟" for char in cell), MOST_STARS)), ""
    match = _OUT_OF.fullmatch(cell)
    if not match or int(match[1]) > int(match[2]):
        return "", ""
    number, most = int(match[1]), int(match[2])
    return str((number * MOST_STARS * 2 + most) // (most * 2)), "" if most == MOST_STARS else cell


def _is_taken(field_type: FieldType, cell: str) -> bool:
    try:
        return field_type.parse(cell) is not None
    except ValueRefusedError:
        return False
