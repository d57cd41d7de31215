"""Statuses that one known word would decide wrongly: what others did, what was hoped for, what became of an offer."""

import re
from collections.abc import Sequence

from tmr.domain.pipeline.category import ACCEPTED, INTERVIEWING, NO_ANSWER, OFFER, REJECTED, SCREENING, WITHDRAWN

Named = Sequence[tuple[int, int, str]]  # where words name a category: the first word, the one after the last, its key

# fmt: off
_SOMEONE = frozenset({
    "else", "someone", "somebody", "internally", "jemand", "jemanden", "quelquun", "alguien", "alguem",
})
_OTHER = frozenset({
    "other", "another", "different", "elsewhere", "andere", "anderen", "anderer", "anderes", "anderweitig", "autre",
    "otra", "otro", "outra", "outro", "altra", "altro", "inna", "inne", "inny", "innego", "annan", "annat",
})
_OWN = frozenset({"internal", "interne", "internen", "interner", "interno", "interna", "intern"})  # people of theirs
_PEOPLE = frozenset({
    "candidate", "candidates", "applicant", "applicants", "person", "people", "kandidat", "kandidaten", "kandidatin",
    "bewerber", "bewerberin", "bewerbern", "candidat", "candidats", "candidato", "candidata", "kandidaat",
    "kandydat", "kandydata", "sokande",
})
_TAKEN_BACK = frozenset({
    "rescinded", "revoked", "retracted", "pulled", "reneged", "widerrufen", "annulee", "revoquee", "revocada",
    "revogada", "revocata", "herroepen",
})
_HOPES = frozenset({
    "hoping", "hope", "hopeful", "hopefully", "expecting", "expect", "wishing", "want", "wanted", "hoffe", "hoffen",
    "espere", "esperons", "espero", "spero", "hopelijk", "hoppas", "licze",
})
_WAITS = frozenset({
    "wait", "waiting", "await", "awaiting", "warte", "warten", "attends", "attente", "esperando", "espera",
    "aguardando", "attesa", "wacht", "wachten", "afwachting", "czekam", "vantar",
})
_BETWEEN = frozenset({
    "the", "their", "my", "an", "a", "job", "was", "is", "das", "die", "ein", "wurde", "la", "l", "le", "ma", "leur",
    "o", "el", "mi", "fue", "foi", "una", "uma", "het", "een", "de", "jag", "i", "we",
})
# fmt: on
_REFUSING = re.compile(r"reject|declin|refus|turn|abgelehn|ablehn|rechaz|recus|rifiut|rejeit|afgew|geweig|odrzu|avboj")
_LISTS = re.compile(
    r"[/|,;&+>→]|\b(?:then|and|after|before|dann|nach|puis|apr[eè]s|luego|despu[eé]s|depois|poi)\b", re.IGNORECASE
)
_FAR = 3


def meant_category(text: str, words: Sequence[str], named: Named, category: str) -> str:
    """Return the category that a status means whose words name ``category``; ``""`` where that is left open."""
    said = set(words)
    has_offer = any(key == OFFER for _, _, key in named)
    if category in (ACCEPTED, OFFER):
        if is_of_others(words) or (has_offer and said & _TAKEN_BACK):
            return REJECTED
        return WITHDRAWN if category == ACCEPTED and said & _OTHER else category
    if category in (SCREENING, INTERVIEWING):
        return "" if is_of_others(words) else category
    return _of_offer(text, words, named, category) if has_offer else category


def is_of_others(words: Sequence[str]) -> bool:
    """Whether a status speaks of someone else, such as in “hired internally”."""
    said = set(words)
    return bool(said & _SOMEONE or (said & (_OTHER | _OWN) and said & _PEOPLE))


def is_hoped_for(words: Sequence[str], named: Named) -> bool:
    """Whether a stage is only hoped or waited for, such as in “waiting for offer”."""
    for start, _, category in named:
        before = set(words[max(0, start - _FAR) : start])
        if category == OFFER and before & (_HOPES | _WAITS):
            return True
        if category in (SCREENING, INTERVIEWING) and before & _HOPES:
            return True
    return False


def _of_offer(text: str, words: Sequence[str], named: Named, category: str) -> str:
    """Return what became of an offer: refused by the person, or by whom is not clear, as in “offer withdrawn”."""
    offers = [(start, end) for start, end, key in named if key == OFFER]
    ends = [(start, end) for start, end, key in named if key == category]
    beside = [
        (start, end) for start, end in ends for at, to in offers if _are_neighbours(words, (start, end), (at, to))
    ]
    if not beside or _LISTS.search(text):
        return category
    if category == REJECTED:
        is_refused = any(_REFUSING.match(word) for start, end in beside for word in words[start:end])
        return WITHDRAWN if is_refused else category
    comes_first = any(at < start for start, _ in beside for at, _ in offers)
    return "" if comes_first and category in (WITHDRAWN, NO_ANSWER) else category


def _are_neighbours(words: Sequence[str], one: tuple[int, int], other: tuple[int, int]) -> bool:
    first, second = sorted((one, other))
    return all(word in _BETWEEN for word in words[first[1] : second[0]])
