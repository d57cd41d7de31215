"""What a column's header says: which field it names, by its words, in any order and in eleven languages.

Each field declares its own words; ``header_words/`` adds what other programs and languages call it.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import msgspec

from tmr.domain.fields.folding import fold
from tmr.domain.fields.kind import Kind
from tmr.domain.kinds import KINDS

SAVED_ON = "created_at"
SALARY = "salary"
REFERENCE = "reference"  # the number of a posting, which tells roles of one name apart
PERSON = "contact."  # before the field of the contact that a row names beside its application
STAGE = "stage."  # before the stage that a column has the date of
MAX_HEADER_CHARS = 80
_SHORT_WORD = 5
ALONE, CERTAIN, LIKELY, WEAK = 0.9, 0.8, 0.6, 0.5

_SAVED_WORDS = "saved, date saved, saved date, date added, created at, added on"
_PERSON_LABELS = {
    "name": "Contact: name",
    "email": "Contact: email",
    "phone": "Contact: phone",
    "job_title": "Contact: job title",
    "profile_url": "Contact: profile link",
}
# Words that add nothing to a header, and words that are nearly always about the application itself.
# fmt: off
_STOP = frozenset({
    "of", "the", "for", "to", "a", "an", "my", "your", "our", "in", "on", "at", "by", "is", "was", "and", "or",
    "de", "la", "le", "les", "du", "des", "der", "die", "das", "den", "dem", "zum", "zur", "fur", "von", "vom",
    "el", "los", "las", "del", "da", "do", "dos", "em", "il", "lo", "i", "di", "della", "dello", "van", "het",
    "een", "voor", "av", "och", "att", "w", "z", "na", "o",
})
_GENERIC = frozenset({
    "job", "application", "current", "info", "information", "name", "nom", "nombre", "nome", "naam", "nazwa",
    "namn", "field", "opportunity", "role", "position", "full", "actual", "latest", "stelle", "bewerbung",
    "aktuell", "aktueller", "emploi", "candidature", "empleo", "solicitud", "candidatura", "vaga", "lavoro",
    "vacature", "baan", "praca", "jobb",
    "annual", "yearly", "monthly", "weekly", "daily", "hourly", "per", "year", "month", "week", "hour", "p", "pa",
    "gross", "net", "brutto", "netto", "jahr", "monat", "stunde", "brut", "annuel", "mensuel", "mois", "an", "anual",
    "mensual", "bruto", "neto", "mensal", "liquido", "mes", "ano", "annuo", "annua", "mensile", "lordo", "lorda",
    "maand", "jaar", "uur", "miesieczne", "miesieczna", "roczne", "godzinowa", "manad", "ar",
})
# fmt: on
# Words so common that they name a field only where they are all that the header says.
# fmt: off
_ONLY_ALONE = frozenset({
    "date", "name", "title", "titel", "type", "link", "note", "list", "result", "state", "data", "datum", "fecha",
    "other", "detail", "feedback", "place", "local", "sent", "where", "contact", "mail", "email", "phone", "step",
    "site", "website", "score", "fit", "match", "label", "category", "client", "person", "rate", "board", "reason",
    "req", "scheme", "programme", "program", "post",
    "portal", "oferta", "ort", "stan", "kontakt", "position", "role", "job", "termin", "business", "interest",
    "reminder", "opening", "listing", "posting", "applied", "submitted", "posted", "created", "added", "saved",
})
# fmt: on
_SPLIT_CASE = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")
_BRACKETS = re.compile(r"[(\[{（【][^)\]}）】]*[)\]}）】]")
_HALVES = re.compile(r"[/|&+,;]|\b(?:or|and|und|oder|et|ou|y|o|e|en|lub|eller|och)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"['’]s\b")
_APPLIED_FOR = re.compile(r"\b(?:i\s+)?applied\s+(?:for|to|at|with)\b", re.IGNORECASE)
_PARTS_OF_UNIT = re.compile(r"[\s/()\[\]'’,.]+")
_LONGEST_UNIT = 30  # characters
_OF_BOARDS = "applications"
_FAR_EAST = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class Phrase(msgspec.Struct, frozen=True):
    """One way to name a target: its words, and all of them as one."""

    target: str
    joined: str
    words: frozenset[str]


class _Vocabulary:
    """Everything that the columns of one kind can be called."""

    def __init__(self, phrases: Iterable[Phrase], weak: Iterable[Phrase], alone: Iterable[Phrase]) -> None:
        self.alone: dict[frozenset[str], list[str]] = {}
        for phrase in alone:
            self.alone.setdefault(phrase.words, []).append(phrase.target)
        self.weak = {phrase.joined: phrase.target for phrase in weak}
        self.by_joined: dict[str, Phrase] = {}
        self.by_word: dict[str, list[Phrase]] = {}
        self.far_east: list[Phrase] = []
        self._near: dict[str, str] = {}
        for phrase in phrases:
            self.by_joined.setdefault(phrase.joined, phrase)
            for word in phrase.words:
                self.by_word.setdefault(word, []).append(phrase)
            if _FAR_EAST.search(phrase.joined):
                self.far_east.append(phrase)
        for word in self.by_word:
            if len(word) >= 6:
                self._near |= dict.fromkeys(_one_letter_less(word), word)

    def known(self, word: str) -> str:
        """Return ``word`` as the vocabulary spells it, with at most one slip of the pen, else as it is."""
        if word in self.by_word or _stem(word) in self.by_word or len(word) < 6 or len(word) > 30:
            return word
        candidates = (self._near.get(shorter) for shorter in (word, *_one_letter_less(word)))
        return next((near for near in candidates if near and _is_one_slip(near, word)), word)


def header_scores(kind: Kind, header: str) -> Mapping[str, float]:
    """Return how well a header names each target, from 0 to 1; targets that it does not name are left out."""
    own = next((field for field in kind.own_fields if fold(header) in (fold(field.label), fold(field.name))), None)
    return {own.name: 1.0} if own else _scores(kind.plural, header)


def target_of(kind: Kind, header: str) -> str | None:
    """Return the field, or the extra target, that a header names with certainty, or None."""
    scores = header_scores(kind, header)
    best = max(scores, key=lambda target: scores[target], default=None)
    return best if best is not None and scores[best] >= CERTAIN else None


def known_headers(row: Sequence[str], kind: Kind | None = None) -> int:
    """Return how many cells of a row are known headers: of ``kind``, or of the kind that knows the most of them."""
    kinds = [kind] if kind else KINDS.values()
    return max(sum(1 for cell in row if target_of(candidate, cell)) for candidate in kinds)


def targets(kind: Kind) -> list[tuple[str, str]]:
    """Return everything that a column can be mapped to, each with its label."""
    extra = [(SAVED_ON, "Added on")]
    if _has_salary(kind):
        extra.append((SALARY, "Salary, in one column"))
    if kind.stage_field:
        extra.append((REFERENCE, "Number of the posting"))
        extra += [(PERSON + name, label) for name, label in _PERSON_LABELS.items()]
        extra += [(STAGE + key, f"Date of stage: {label}") for key, label in kind.stage_field.type.filter_options]
    return [*((field.name, field.label) for field in kind.editable), *extra]


def words_of(text: str) -> list[str]:
    """Return the words of a header, folded, without marks and emoji; ``JobTitle`` has two."""
    plain = _POSSESSIVE.sub("", unicodedata.normalize("NFKC", text[:MAX_HEADER_CHARS]))
    return [fold(word) for part in _WORD.findall(plain) for word in _SPLIT_CASE.split(part)]


@lru_cache
def words_beside() -> Mapping[str, frozenset[str]]:
    """Return the words of headers, folded, that say what a column is of although it looks like a field, by purpose."""
    return {
        purpose: frozenset(map(fold, text.split()))
        for purpose, text in _read_words("beside").items()
        if isinstance(text, str)
    }


def _has_salary(kind: Kind) -> bool:
    return "salary_min" in kind.by_name


@lru_cache(maxsize=4096)
def _scores(plural: str, header: str) -> Mapping[str, float]:
    if len(header) >= MAX_HEADER_CHARS or not header.strip():
        return {}
    if _has_salary(KINDS[plural]) and _is_unit_of_pay(header):
        return {SALARY: CERTAIN}
    vocabulary = _vocabulary(plural)
    scores: dict[str, float] = {"source": 0.96} if plural == _OF_BOARDS and _names_boards(header) else {}
    for text, weight in _readings(header):
        for target, score in _score_words(vocabulary, words_of(text)).items():
            scores[target] = max(scores.get(target, 0), score * weight)
    return scores


def _is_unit_of_pay(header: str) -> bool:
    """Whether a header is money and what it is paid for, and nothing else: “€”, “£ per hour”, “kr/tim”, “元/月”."""
    if len(header) > _LONGEST_UNIT:
        return False
    words = {name: frozenset(text.split()) for name, text in _read_words("beside")["units_of_pay"].items()}
    parts = [part for part in _PARTS_OF_UNIT.split(header.casefold()) if part]
    if len(parts) < 2:
        return bool(parts) and parts[0] in words["money_alone"]
    is_by_time = parts[0] in ("per", "pro") and parts[-1] in words["times"]
    has_money = not words["money"].isdisjoint(parts) or not words["money_alone"].isdisjoint(parts)
    return (has_money or is_by_time) and frozenset().union(*words.values()) >= {*parts}


def _names_boards(header: str) -> bool:
    """Whether a header lists job boards as what is below it: “Seek/Other”, “Indeed/LinkedIn/etc.”."""
    halves = [fold(half) for half in header.split("/") if half.strip()]
    boards, others = words_beside()["boards_in_headers"], words_beside()["other_boards"]
    return len(halves) > 1 and not boards.isdisjoint(halves) and boards | others >= {*halves}


def _readings(header: str) -> Iterable[tuple[str, float]]:
    """Yield the ways to read a header, with how far each is trusted: without its brackets, whole, and half by half."""
    bare = _BRACKETS.sub(" ", header)
    yield bare, 1.0
    if bare != header:
        yield header, 0.98
    if (asked := _APPLIED_FOR.sub(" ", bare)) != bare and asked.strip():
        yield asked, 0.95  # what was applied for, and not when
    halves = [half for half in _HALVES.split(bare) if half.strip()]
    if len(halves) > 1:
        yield from ((half, 0.9) for half in halves[:4])


def _score_words(vocabulary: _Vocabulary, spelled: list[str]) -> dict[str, float]:
    words = [_stem(vocabulary.known(word)) for word in spelled]
    joined = "".join(words)
    scores: dict[str, float] = {}
    if exact := vocabulary.by_joined.get(joined):
        scores[exact.target] = 1.0
    content = {word for word in words if word not in _STOP} or set(words)
    heads = _heads(words)
    for phrase in {id(phrase): phrase for word in content for phrase in vocabulary.by_word.get(word, ())}.values():
        if phrase.words <= content:
            score = _coverage(phrase, content, heads)
            scores[phrase.target] = max(scores.get(phrase.target, 0), score)
    scores = {target: score for target, score in scores.items() if score}
    for target in _alone(vocabulary, spelled):
        scores[target] = max(scores.get(target, 0), ALONE)
    if joined in vocabulary.weak and not scores.keys() - {"location"}:
        scores[vocabulary.weak[joined]] = WEAK
    for phrase in vocabulary.far_east if _FAR_EAST.search(joined) else ():
        if phrase.joined in joined:
            share = len(phrase.joined) / len(joined)
            scores[phrase.target] = max(scores.get(phrase.target, 0), 0.4 + 0.5 * share)
    return scores


def _alone(vocabulary: _Vocabulary, words: list[str]) -> Iterable[str]:
    """Return the fields that a header names by all of its words, beside articles and words for an application."""
    content = _content(words)
    for said in (frozenset(words), content, frozenset(map(_stem, content)), content - _GENERIC):
        if found := vocabulary.alone.get(said):
            return found
    return ()


def _alone_words(text: str) -> frozenset[str]:
    """Return what a phrase that stands alone needs: a short or common word only with the article beside it."""
    content = _content(words_of(text))
    is_telling = len(content) > 1 or any(len(word) > _SHORT_WORD for word in content - _GENERIC)
    return content if is_telling else frozenset(words_of(text))


def _content(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word for word in words if word not in _STOP) or frozenset(words)


def _coverage(phrase: Phrase, content: set[str], heads: set[str]) -> float:
    extra = content - phrase.words
    if not extra:
        return 0.95
    if extra <= _GENERIC:
        return 0.86 - 0.02 * len(extra)
    is_common = len(phrase.words) == 1 and phrase.words <= _ONLY_ALONE
    if is_common or not phrase.words & heads or len(extra) > len(phrase.words) + 2:
        return 0.0
    return LIKELY


def _heads(words: list[str]) -> set[str]:
    """Return the words that a header is about: its last, and the first where others only add to it (“fecha de …”)."""
    content = [word for word in words if word not in _STOP]
    is_led = len(words) > 1 and words[1] in _STOP
    return {content[0] if is_led else content[-1]} if content else set()


def _stem(word: str) -> str:
    is_plural = len(word) > 3 and word.isascii() and word.endswith("s") and not word.endswith("ss")
    return word[:-1] if is_plural else word


def _is_one_slip(word: str, other: str) -> bool:
    """Whether two words differ by one letter, or by two neighbours that changed places."""
    if abs(len(word) - len(other)) == 1:
        return min(word, other, key=len) in _one_letter_less(max(word, other, key=len))
    differing = [at for at in range(len(word)) if word[at] != other[at]] if len(word) == len(other) else []
    is_swap = (
        len(differing) == 2 and word[differing[0]] == other[differing[1]] and word[differing[1]] == other[differing[0]]
    )
    return len(differing) == 1 or (is_swap and differing[1] == differing[0] + 1)


def _one_letter_less(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


@lru_cache
def _vocabulary(plural: str) -> _Vocabulary:
    kind = KINDS[plural]
    added = _added_words(kind.key)
    accepted = {name for name, _ in targets(kind)}
    declared = {field.name: f"{field.name}, {field.label}, {field.words}" for field in kind.editable}
    extra = {SAVED_ON: _SAVED_WORDS, **{name: words for name, words in added.items() if name not in declared}}
    # A word that several fields have is the one's that is named first: those with a meaning of their own.
    order = {**{name: words for name, words in extra.items() if name in accepted}, **declared}
    pairs = list(order.items())
    pairs += [(name, words) for name, words in added.items() if name in declared]
    phrases = [_phrase(target, words) for target, text in pairs for words in text.split(",") if words.strip()]
    own = [_phrase(field.name, field.name) for field in kind.editable]
    weak = [_phrase(target, words) for target, text in _weak_words(kind.key) for words in text.split(",")]
    texts = _read_words("alone").items() if kind.stage_field else ()
    alone = [Phrase(target, "", _alone_words(spelled)) for target, text in texts for spelled in text.split(",")]
    return _Vocabulary([*own, *phrases], weak, alone)


def _phrase(target: str, text: str) -> Phrase:
    words = [_stem(word) for word in words_of(text)]
    content = frozenset(word for word in words if word not in _STOP) or frozenset(words)
    return Phrase(target, "".join(words), content)


def _added_words(key: str) -> dict[str, str]:
    found = _read_words(key)
    of_person = {f"{PERSON}{name}": words for name, words in found.get("contact", {}).items()}
    return {**of_person, **{name: words for name, words in found.items() if isinstance(words, str)}}


def _weak_words(key: str) -> Iterable[tuple[str, str]]:
    weak: dict[str, str] = _read_words(key).get("weak", {})
    return weak.items()


@lru_cache
def _read_words(key: str) -> dict[str, Any]:
    path = files("tmr.domain.importing") / "header_words" / f"{key}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
