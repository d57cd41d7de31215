"""What a cell says about the stage of an application, whatever stands around the word."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files

import msgspec

from tmr.domain.fields.folding import fold
from tmr.domain.importing.proposing.misleading_statuses import is_hoped_for, is_of_others, meant_category
from tmr.domain.pipeline.category import ACCEPTED, CATEGORY, INTERVIEWING, SCREENING, rank
from tmr.domain.pipeline.pipeline import Pipeline
from tmr.domain.pipeline.stage import Stage

MAX_CHARS = 200
_MOST_WORDS, _LONGEST_NAME = 12, 5
_NUMBERING = re.compile(r"^\s*[(\[]?\d{1,2}\s*[.)\]:-]\s*(?=\D)")
_EMOTICON = re.compile(r"[:;]-?[()DPp/]")
_BRACKETS = re.compile(r"[(\[][^)\]]*[)\]]")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|er|e|º|ª)?|first|second|third|erstes|zweites", re.IGNORECASE)
_FAR_EAST = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_NOT_BEFORE, _LONGEST_RUN = ("未", "没", "不", "無", "待"), 8
_WORD = re.compile(r"[^\W_]+")
# fmt: off
_NEGATIONS = frozenset({
    "not", "no", "never", "nicht", "kein", "keine", "noch", "non", "pas", "sin", "nao", "niet", "geen", "nie",
    "brak", "inte", "inget", "ej", "didnt", "havent", "hasnt", "without", "ohne",
})
# What names the stages of talks and tests, and nothing of which it was.
_PLAIN_STEPS = frozenset({
    "interview", "interviews", "interviewing", "interviewed", "in", "at", "stage", "phase", "entretien", "entretiens",
    "en", "gesprach", "gesprache", "vorstellungsgesprach", "vorstellungsgesprache", "bewerbungsgesprach", "entrevista",
    "entrevistas", "entrevistado", "entrevistada", "em", "colloquio", "colloqui", "gesprek", "gesprekken",
    "sollicitatiegesprek", "op", "rozmowa", "rozmowy", "kwalifikacyjna", "intervju", "intervjuer", "intervjuad",
    "interviewphase", "screening", "screen", "screened", "screenings", "面试", "面试中", "面接",
    "面接中", "スクリーニング", "筛选",
})
# fmt: on
# How words begin that tell more of the other stages: what is waited for, why and how it ended.
_DETAIL_WORDS = """
    view seen review read hold forward client pool acknowl confirm eingangsbest bestät chas follow relanc nachgefr vu
    leído visto visualiz lido gelezen referr filled freeze overqual auto cancel annul besetzt vergeben pourvu cubiert
    preench vervuld tillsatt sift screen automat verbal mündl oral negoti verhandl négoci negoci onderhandel negocj
    förhandl condition provision draft brouillon entwurf bozza borrador rascunho research prepar tailor letter maybe
    idea register regist expired stale lapsed closed dead 简历 笔试 一面 二面 三面 终面
    書類 一次 二次 最終 口头 意向 查看
"""
_DETAILS = tuple(map(fold, _DETAIL_WORDS.split()))


class StageGuess(msgspec.Struct, frozen=True):
    """The stage that a text names, and whether it says nothing else that would be lost."""

    stage: Stage
    is_all: bool


def read_stage(pipeline: Pipeline, text: str, *, with_whole: bool = True) -> StageGuess | None:
    """Return the stage that ``text`` names, or None where it names none, or several that do not fit together.

    Case, accents, emoji, marks, a number before or after the word and its place among other words do not matter:
    ``✅ Applied``, ``2. Phone interview`` and ``Rejected on 3/4`` are understood. Of several stages a closed one counts
    (``Rejected after interview``), else the furthest. What others did, or what is only hoped for, is no stage reached:
    ``Hired someone else`` is a rejection, and ``Hoping for an interview`` names none. Words that are a status only
    where they are all of it, such as ``Dead``, count only ``with_whole``.
    """
    words = stage_words(text)
    if stage := pipeline.find(text[:MAX_CHARS]):
        return StageGuess(stage, is_all=_is_all(stage, text, words))
    if not words:
        return None
    if with_whole and (stage := pipeline.first_of(_whole_statuses().get("".join(words), ""))):
        return StageGuess(stage, is_all=_is_all(stage, text, words))
    if stage := pipeline.find("".join(words)):
        return StageGuess(stage, is_all=_is_all(stage, text, words))
    hits = list(_hits(pipeline, words))
    stage = _meant(pipeline, text, words, hits)
    covered = sum(end - start for start, end, _ in hits)
    if stage is None:
        return None
    return StageGuess(stage, is_all=covered == len(words) and _is_all(stage, text, words))


def stage_words(text: str) -> list[str]:
    """Return the words of a status, folded, without numbers, marks and emoji: the same for all spellings of one."""
    plain = unicodedata.normalize("NFKC", text[:MAX_CHARS]).replace("'", "").replace("’", "")
    plain = _EMOTICON.sub(" ", _NUMBERING.sub("", plain))
    words = (word for word in _WORD.findall(plain) if not _ORDINAL.fullmatch(word))
    return [folded for word in words if (folded := fold(word))]


def group_of(text: str) -> str:
    """Return what all spellings of one status share; a text without any word is a group of its own."""
    return " ".join(stage_words(text)) or text.strip()


def stage_of_header(pipeline: Pipeline, header: str) -> Stage | None:
    """Return the stage that a column is about, such as “1st Interview” or “Date of offer”, or None."""
    words = [
        word
        for word in stage_words(_BRACKETS.sub(" ", header))
        if word not in ("date", "on", "of", "at", "the", "datum", "job", "am")
    ]
    return pipeline.find("".join(words)) if words else None


def stages_of_ticks(pipeline: Pipeline, headers: Sequence[str], columns: Sequence[str], notes: str) -> dict[int, Stage]:
    """Return the stage that a tick means in each column that goes to the notes, such as “Interview?”."""
    found = {at: stage_of_header(pipeline, headers[at]) for at, target in enumerate(columns) if target == notes}
    return {at: stage for at, stage in found.items() if stage}


def _says_more(text: str, words: int) -> bool:
    """Whether a text holds a number of its own, beside the one in front, a word for one, or more than a few words."""
    bare = _NUMBERING.sub("", text[:MAX_CHARS])
    return words > 4 or any(char.isdigit() for char in bare) or any(map(_ORDINAL.fullmatch, _WORD.findall(bare)))


def _is_all(stage: Stage, text: str, words: Sequence[str]) -> bool:
    """Whether nothing of a status would be lost if only its stage were kept."""
    is_name = fold(text) in (fold(stage.label), fold(stage.key))
    return is_name or not (_says_more(text, len(words)) or _is_detailed(stage, words))


def _is_detailed(stage: Stage, words: Sequence[str]) -> bool:
    """Whether a status tells which step it was, or how it ended: “Panel interview”, “On hold”."""
    if stage.category in (SCREENING, INTERVIEWING):
        return any(word not in _PLAIN_STEPS for word in words)
    return any(word.startswith(_DETAILS) for word in words)


@cache
def _whole_statuses() -> Mapping[str, str]:
    """Return the category of each status that counts only where nothing else is said."""
    path = files("tmr.domain.importing.readers.words") / "statuses.toml"
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    spelled = ((word, category) for category, text in said.items() for word in text.split())
    return {"".join(stage_words(word.replace("-", " "))) or fold(word): category for word, category in spelled}


def _hits(pipeline: Pipeline, words: Sequence[str]) -> Iterator[tuple[int, int, Stage]]:
    """Yield the stages that the words name, the longest names first where they overlap, with their places."""
    at, words = 0, words[:_MOST_WORDS]
    while at < len(words):
        longest = min(len(words), at + _LONGEST_NAME) if pipeline.may_begin_with(words[at]) else at
        for end in range(longest, at, -1):
            stage = _find(pipeline, tuple(words[at:end]))
            if stage and not _is_denied(words, at):
                yield at, end, stage
                at = end - 1
                break
        else:
            yield from ((at, at, stage) for stage in _inside(pipeline, words[at]))
        at += 1


def _inside(pipeline: Pipeline, word: str) -> Iterator[Stage]:
    """Yield the stages named within Chinese or Japanese, which has no spaces: 最終面接落ち is an end."""
    at = 0 if _FAR_EAST.search(word) else len(word)
    while at < len(word):
        for end in range(min(len(word), at + _LONGEST_RUN), at + 1, -1):
            stage = _find(pipeline, (word[at:end],))
            if stage and not word[:at].endswith(_NOT_BEFORE) and not _is_awaited(stage, word[end:]):
                yield stage
                at = end - 1
                break
        at += 1


def _is_awaited(stage: Stage, rest: str) -> bool:
    """Whether what follows says that the stage is only hoped for; 面接待ち is an interview to come."""
    is_next = rest.startswith("待ち") and stage.category in (SCREENING, INTERVIEWING)
    return rest.startswith("待") and not is_next


def _is_denied(words: Sequence[str], at: int) -> bool:
    return any(word in _NEGATIONS for word in words[max(0, at - 2) : at])


def _meant(pipeline: Pipeline, text: str, words: Sequence[str], hits: Sequence[tuple[int, int, Stage]]) -> Stage | None:
    """Return the stage that the hits decide on, as the words around them turn it; None where they leave it open."""
    stage = _deciding(hits, is_of_others=is_of_others(words))
    if stage is None:
        return None
    named = [(start, end, hit.category) for start, end, hit in hits]
    if not CATEGORY[stage.category].is_closed and is_hoped_for(words, named):
        return None
    category = meant_category(text, words, named, stage.category)
    return stage if category == stage.category else pipeline.first_of(category) if category else None


@lru_cache(maxsize=4096)
def _find(pipeline: Pipeline, words: tuple[str, ...]) -> Stage | None:
    return pipeline.find("".join(words))


def _deciding(hits: Sequence[tuple[int, int, Stage]], *, is_of_others: bool) -> Stage | None:
    stages = [stage for _, _, stage in hits]
    closed = {stage.key: stage for stage in stages if CATEGORY[stage.category].is_closed}
    if is_of_others and len(closed) > 1:
        closed = {key: stage for key, stage in closed.items() if stage.category != ACCEPTED}  # someone else was hired
    if closed:
        return next(iter(closed.values())) if len(closed) == 1 else None
    return max(stages, key=lambda stage: rank(stage.category), default=None)
