"""Places with the way of working beside them, “London (hybrid)” or “Remote - US”, and ways of working in many words."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

MAX_CHARS = 120
REMOTE, HYBRID, ON_SITE = "remote", "hybrid", "on-site"
_SPELLED = {
    REMOTE: (
        r"(?:(?:fully|full|100\s?%|completely|all|mostly)[\s-]+)?remote(?:[\s-](?:first|only))?|wfh"
        r"|work(?:ing)? from home"
        r"|home[\s-]?office|homeworking|telework|(?:100\s?% )?t[ée]l[ée]travail|[àa] distance|teletrabajo|teletrabalho"
        r"|(?:100\s?% )?remot[oa]|full remote|da remoto|smart[\s-]?working|thuis(?:werk(?:en)?)?|zdaln(?:a|ie|y)"
        r"|praca zdalna"
        r"|(?:på )?distans|(?:完全|フル)?(?:远程|リモート)(?:办公|ワーク)?|在宅(?:勤務)?"
    ),
    HYBRID: (
        r"hybrid(?:e|arbeit|es arbeiten| working| remote)?|h[íi]brid[oa]|ibrid[oa]|hybryd(?:owo|owa|owy)|混合(?:办公)?"
        r"|ハイブリッド(?:勤務)?|(?:partly|partially|part|teilweise|teils) (?:remote|home[\s-]?office)"
    ),
    ON_SITE: (
        r"on[\s-]?site|in[\s-]?office|office[\s-]based|in[\s-]person|vor[\s-]ort|pr[äa]senz|sur (?:site|place)"
        r"|pr[ée]sentiel"
        r"|presencial|in sede|in presenza|op kantoor|stacjonarn(?:ie|a|y)|på plats|出社|现场(?:办公)?"
    ),
}
_SEPARATOR = re.compile(r"[()\[\]{}（）/|;·•,，、:+]|\s[-–—]\s|\s?[–—]\s?")
# What goes with days and shares, and names no place.
_FILLER_WORDS = """
    x d day days wk week weeks weekly a per the p w pw in at from home office tag tage woche die pro im büro jour jours
    j par sem semaine día días dia dias semana por al gg giorni settimana dag dagen dni dagar i veckan some travel
    flexible model working work role arrangement schedule wfh remote hybrid min max minimum mandatory required only
    first mostly
"""
_FILLERS = frozenset(_FILLER_WORDS.split())
_OR = re.compile(r"^(?:or|oder|ou|o|of|lub|eller)\s+|\s+(?:or|oder|ou|o|of|lub|eller)$", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_BEFORE_PLACE = re.compile(
    r"(?:within|in|from|across|anywhere in|based in|aus|innerhalb|en|depuis|desde|dans)\s+", re.I
)
_MAYBE = re.compile(r"\b(?:possible|optional|ok|okay|friendly|option|negotiable|möglich|not|non|nicht|kein)\b", re.I)
_DAYS = re.compile(
    r"(\d)(?:\s?[-–/]\s?\d)?\s?(?:x\s)?(?:days?|d|tage?|jours?|j|d[íi]as?|giorni|gg|dag(?:en|ar)?|dni|日|天)(?![^\W_])",
    re.I,
)
_OFFICE = re.compile(
    r"office|büro|bureau|oficina|escrit|ufficio|kantoor|biur|kontor|on[\s-]?site|site|出社", re.IGNORECASE
)
_SHARE = re.compile(r"(\d{1,3})\s?%")
_PARTLY = re.compile(
    r"\b(?:part(?:ly|ial|iel|ielle)?|partially|sometimes|some|occasion\w{0,8}|ponctuel|teilweise|teils"
    r"|parcial(?:mente)?|parziale|deels|częściowo|delvis|mix(?:ed)?|flexib(?:le|el))\b",
    re.IGNORECASE,
)
_WHOLLY = re.compile(
    r"(?:full(?:y)?|total(?:e|mente)?|complet[oa]?|voll|komplett|helemaal|w pełni|helt)", re.IGNORECASE
)
_WEEK = 5


class Place(NamedTuple):
    """A place without the way of working, which is ``""`` if none is named; ``is_all``: nothing else was said."""

    name: str
    mode: str
    is_all: bool


@lru_cache(maxsize=2_048)  # a list has the same places many times
def read_place(text: str) -> Place:
    """Return a place and the way of working beside it; a text with two of them, or a vague one, is left as it is."""
    whole = Place(text, "", is_all=True)
    if len(text) > MAX_CHARS or _MAYBE.search(text):
        return whole
    modes, names, is_all = [], [], True
    for part in filter(None, (piece.strip(" -–—.") for piece in _SEPARATOR.split(text))):
        mode, rest = _mode_in(part)
        modes += [mode] if mode else []
        if rest and modes and _is_filler(rest):
            is_all = False
        elif rest:
            name = _OR.sub("", rest)
            is_all = is_all and name == rest
            names.append(_BEFORE_PLACE.sub("", name, count=1) if mode else name)
    if len(set(modes)) != 1:
        return whole
    return Place(_joined(text, names), modes[0] if is_all else _in_parts(text, modes[0]), is_all)


def _is_filler(text: str) -> bool:
    return all(word.casefold() in _FILLERS or _PARTLY.fullmatch(word) for word in _WORD.findall(text))


def _in_parts(text: str, mode: str) -> str:
    """Return the way of working that is meant where a share of the time is named: two days in the office are hybrid."""
    days, share = _DAYS.search(text), _SHARE.search(text)
    if mode != HYBRID and (days or share):
        part = int(days[1]) / _WEEK if days else int(share[1]) / 100  # type: ignore[index]
        return _of_share(part, is_of_office=mode == ON_SITE)
    return HYBRID if _PARTLY.search(text) else mode


def read_mode(text: str, *, is_of_remote: bool = False) -> tuple[str, bool]:
    """Return the way of working that a text is about, ``""`` for none, and whether it says nothing else.

    Numbers of days, percentages and words such as “partly” tell it where they name the office, or where the column
    ``is_of_remote`` work.
    """
    if len(text) > MAX_CHARS:
        return "", False
    place = read_place(text)
    if place.mode:
        return ("", False) if place.name else (place.mode, place.is_all)
    is_of_office = bool(_OFFICE.search(text))
    if not (is_of_remote or is_of_office):
        return "", False
    if days := _DAYS.search(text):
        return _of_share(int(days[1]) / _WEEK, is_of_office=is_of_office), False
    if share := _SHARE.search(text):
        return _of_share(int(share[1]) / 100, is_of_office=is_of_office), False
    if is_of_remote and not is_of_office:
        if _PARTLY.search(text):
            return HYBRID, False
        if _WHOLLY.fullmatch(text.strip()):
            return REMOTE, True
    return "", False


def _of_share(share: float, *, is_of_office: bool) -> str:
    away = 1 - share if is_of_office else share
    return REMOTE if away >= 1 else ON_SITE if away <= 0 else HYBRID


def _mode_in(part: str) -> tuple[str, str]:
    """Return the way of working at the beginning or the end of a part of a text, and what else the part says."""
    for mode, (begins, ends) in _patterns().items():
        if match := begins.match(part):
            return mode, part[match.end() :].strip(" -–—")
        if match := ends.search(part):
            return mode, part[: match.start()].strip(" -–—")
    return "", part


@cache
def _patterns() -> dict[str, tuple[re.Pattern[str], re.Pattern[str]]]:
    """Return what finds each way of working at the beginning and at the end; hybrid first, as in “hybrid remote”."""
    return {
        mode: (
            re.compile(rf"(?:{_SPELLED[mode]})(?![^\W_])", re.IGNORECASE),
            re.compile(rf"(?<![^\W_])(?:{_SPELLED[mode]})$", re.IGNORECASE),
        )
        for mode in (HYBRID, REMOTE, ON_SITE)
    }


def _joined(text: str, names: list[str]) -> str:
    """Return the names as the text has them where they follow each other, such as “Austin, TX”, else with commas."""
    if not names:
        return ""
    start, end = text.find(names[0]), text.rfind(names[-1])
    between = text[start : end + len(names[-1])]
    if between.count("(") != between.count(")"):
        return ", ".join(names)
    has_all = [part.strip() for part in _SEPARATOR.split(between) if part.strip()] == names
    return between if has_all else ", ".join(names)
