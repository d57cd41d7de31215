"""What the title of a page says of a posting: role, company and place, in the order of the large boards and others."""

import re

from tmr.domain.capture.words.boards import is_board
from tmr.domain.capture.words.names import LEGAL_FORM, clean_company, clean_title, has_gender_mark
from tmr.domain.fields.folding import fold

_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"job application for (?P<title>.+?)\s+at (?P<company>.+)",
        r"(?P<company>.+?) (?:is )?hiring (?P<title>.+?) in (?P<place>[^|]+?)(?:\s\|.*)?",
        r"(?P<company>.+?) recrute (?:un\(?e?\)? |une? )?(?P<title>.+?)(?: à (?P<place>[^|]+?))?(?:\s\|.*)?",
        r"(?P<company>.+?) sucht (?:eine?n? )?(?P<title>.+?) in (?P<place>[^|]+?)(?:\s\|.*)?",
        r"(?P<company>.+?) busca (?:una? )?(?P<title>.+?) en (?P<place>[^|]+?)(?:\s\|.*)?",
        r"(?P<title>.+?) job in (?P<place>.+?) bei (?P<company>.+)",
        r"(?P<title>.+?) job (?:at|bei|with|chez|en) (?P<company>.+?)(?: in (?P<place>.+))?",
        r"(?P<title>.+?)\s+@\s+(?P<company>.+)",
        r"(?P<title>.+?) [|–—-] jobs (?:bei|at|chez|en) (?P<company>.+)",
        r"(?P<title>.+?) \s?(?:at|bei|beim|chez) (?P<company>.+?)(?: [|–—-] (?P<place>.+))?",
    )
)
_SPLIT = re.compile(r"\s+[|–—·•-]\s+|\s*\|\s*|(?<=\w):\s+")
_PREPOSITION = re.compile(r"^(?:at|bei|beim|chez|en|@|jobs? bei|jobs? at|bei der|à|by|with)\s+", re.IGNORECASE)
_SITE_WORD = re.compile(r"(?<=\w)\s+(?:careers?|jobs|karriere|recruitment|recrutement|empleo|emploi)$", re.IGNORECASE)
NO_NAME = re.compile(
    r"(?:join us|careers?|jobs?|karriere|stellenangebote?|emplois?|offres? d['’]emploi|ofertas? de(?: empleo"
    r"| trabajo)?|vacanc(?:y|ies)|apply now|"
    r"job details?|job announcement|job posting|job description|home|stelle|CDI|CDD|empleo"
    r"|we are hiring|recrutement|bewerbung|open positions?|stellenanzeige"
    r"|stage|full[\s-]time|remote|hybrid)\b.{0,30}",
    re.I,
)


def parts_of_title(title: str, known_role: str) -> dict[str, str]:
    """Return role, company and place as far as a page's title tells them.

    ``known_role`` is the role if something else has told it: what is left of the title then is the company.
    """
    parts = _without_board(title)
    bare = " - ".join(parts)
    if known_role and (company := _beside_role(parts, known_role)):
        return {**_place_behind(parts, known_role), **_company_and_place(company)}
    for pattern in _PATTERNS:
        if match := pattern.fullmatch(" | ".join(parts)[:300]):
            found = {name: text for name, text in match.groupdict().items() if text}
            beside = _company_and_place(_SPLIT.split(found.get("company", ""))[0])
            place = _SPLIT.split(found.get("place", ""))[0]
            return {"location": place, **beside, "title": clean_title(found.get("title", ""))}
    if known_role:
        return {}
    named = [part for part in parts if not NO_NAME.fullmatch(part)]
    if len(named) > 1 and LEGAL_FORM.search(named[0]) and not LEGAL_FORM.search(named[1]):
        named[:2] = named[1], named[0]
    found = {"title": clean_title(named[0]) if named else clean_title(bare)}
    if len(named) > 1:
        found["company"] = clean_company(named[1])
    if len(named) > 2:
        found["location"] = named[2]
    return found


_SEEKS = re.compile(
    r"\s(?:(?:is |are )?(?:hiring|recruiting|seeking|looking for)(?: an?)?|sucht(?: eine?n?)?|stellt ein"
    r"|hat (?:eine )?stelle"
    r"|recrute(?: (?:pour )?des postes d[e'’]| une?| un\(e\)| des)?|recherche(?: une?)?"
    r"|(?:busca|contrata|selecciona)(?: person(?:al|as)(?: para el (?:cargo|puesto) de)?| una?)?)$",
    re.IGNORECASE,
)
_IN = re.compile(r"\s*(?:\((?P<one>[A-ZÀ-Ý][^()]{1,60})\)|(?:in|en|à|a)\s(?P<other>[A-ZÀ-Ý][^|()]{1,60}))$")


def _place_behind(parts: list[str], role: str) -> dict[str, str]:
    """Return the place behind the role in a title that names who seeks whom: “… hiring Baker in Leeds, England”."""
    for part in parts:
        at = part.lower().find(clean_title(role).lower())
        after = clean_title(part[at + len(clean_title(role)) :]) if at > 0 else ""
        raw = part[at + len(clean_title(role)) :].strip() if at > 0 else ""
        raw = "" if has_gender_mark(raw) else raw
        if match := _IN.search(f" {raw}") or _IN.search(f" {after}"):
            return {"location": match["one"] or match["other"]}
    return {}


def _company_and_place(text: str) -> dict[str, str]:
    """Return a company, and the place in words such as “Zoo am Deich gGmbH in Husum”."""
    before, word, place = text.rpartition(" in ")
    if word and LEGAL_FORM.search(before):
        return {"company": clean_company(before), "location": place}
    return {"company": clean_company(text)}


def _without_board(title: str) -> list[str]:
    """Return the parts of a title without the name of the site at its end."""
    parts = [part.strip() for part in _SPLIT.split(" ".join(title.split())[:400]) if part.strip()]
    while len(parts) > 1 and is_board(parts[-1]):
        parts.pop()
    return parts


def _beside_role(parts: list[str], role: str) -> str:
    """Return what stands beside the known role in a title, if that is a name."""
    wanted = fold(clean_title(role))
    for at, part in enumerate(parts):
        folded = fold(clean_title(part))
        if not wanted or wanted not in folded:
            continue
        if folded != wanted and (rest := _rest_of(part, role)):
            return rest
        others = [other for other in (*parts[at + 1 :], *reversed(parts[:at])) if not NO_NAME.fullmatch(other)]
        return _SITE_WORD.sub("", _PREPOSITION.sub("", others[0])) if others else ""
    return ""


def _rest_of(part: str, role: str) -> str:
    """Return the company in a part that has the role beside it, as in “Pellworth Group Night Audit Supervisor”."""
    at = part.lower().find(clean_title(role).lower())
    if at < 0:
        return ""
    before, after = part[:at].strip(" -–|,:"), clean_title(part[at + len(clean_title(role)) :]).strip(" -–|,:")
    if match := re.search(r"\b(?:at|bei|beim|chez|with|@)\s+(.+)", after, re.IGNORECASE):
        return match[1]
    return "" if before and NO_NAME.fullmatch(before) else _SEEKS.sub("", before)
