"""The role that a letter is likely about, where no known words say so: what is called as roles are."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from tmr.domain.capture.mail.letter import Letter
from tmr.domain.capture.mail.names import CLOSE, MOST, OPEN, labels_of
from tmr.domain.capture.mail.titles import END, plain_title
from tmr.domain.capture.words.ideas.doers import is_role
from tmr.domain.fields.folding import searchable
from tmr.domain.importing.readers.words.dates import month_of, weekday_of

_MOST_MATCHES = 60
_LONGEST = 6  # words
_LOWER = r"(?P<title>[^\W\d_](?:[^\n.,;:!?()\[\]\"“”»|–—]|:in\b|\((?:in|e|a|o)\)){2,60}?)"
_UPPER = _LOWER.replace(r"[^\W\d_]", "[A-ZÀ-Ý]", 1)
# What leads to a role; the better the sign, the earlier.
_LEADS = tuple(
    re.compile(pattern)
    for pattern in (
        # Words that nothing but a role follows, also in small letters.
        (
            rf"\b(?:[Pp]uesto|[Vv]acante|[Pp]laza|[Oo]ferta|[Pp]osición|[Cc]argo) de(?:l puesto de)? "
            rf"{OPEN}?{_LOWER}{CLOSE}?{END}"
        ),
        (
            rf"\b(?:en tant que? |en tant qu['’]|en qualité de |en qualité d['’]|au poste d['’]|poste d['’]"
            rf"|au poste de |[Cc]andidature de |[Cc]andidature d['’]|emploi de |emploi d['’])"
            rf"{OPEN}?{_LOWER}{CLOSE}?{END}"
        ),
        (
            r"(?:[Oo]ffre|[Oo]ferta|[Aa]nnonce|[Aa]nzeige|[Vv]acancy|[Jj]ob)(?: n[°o.]{1,2} ?\w{1,20})? ?"
            rf"{OPEN} ?{_UPPER} ?[\"“”»]"
        ),
        (
            rf"\b(?:como|comme) (?:nuestr[oa] |notre |el |la |un[ae]? )?(?:nuev[oa] |nouve(?:au|lle) )?"
            rf"{_UPPER}{END}"
        ),
        # Words that lead to other things too.
        rf"\b(?:become|to be|be|as)(?: (?:our|the|an?))?(?: (?:new|next))? {_UPPER}{END}",
        (
            rf"\b(?:for|about|regarding|to discuss|to find)(?: (?:our|the|an?|your))?(?: (?:new|next|vacant|open))? "
            rf"{_UPPER}{END}"
        ),
        (
            rf"\b(?:[Aa]n?|[Oo]ur|[Tt]he) (?:(?:exciting|great|new|open|vacant|fantastic|brilliant|contract|interesting"
            rf"|permanent|temporary|temp|remote|role of) ){{1,2}}{_UPPER}{END}"
        ),
        rf"\b(?:als|für|zum|zur|um die|über die|eine?n?|neue[rn]?|unsere?n?) (?:neue[rn]? )?{_UPPER}{END}",
        rf"\b(?:pour|de|un[e]?|du|d['’]) ?{OPEN}?{_UPPER}{CLOSE}?{END}",
        rf"\b(?:para|en|un[a]?|de|el|la) (?:el |la |el puesto de |el cargo de )?{_UPPER}{END}",
    )
)


def likely_title_of(letter: Letter) -> str:
    """Return what a letter calls as roles are called, behind a word that leads to one, or ""."""
    names = {searchable(word) for name in (letter.name, letter.recipient) for word in name.split()}
    labels = labels_of(letter.address)
    for text in (letter.text[:MOST], letter.subject):
        for lead in _LEADS:
            for said in _said(lead, text):
                if _is_role(said, names) and not _is_company(said, labels):
                    return f"{said[0].upper()}{said[1:]}"
    subject = plain_title(letter.subject)
    is_short = subject and subject == letter.subject.strip() and len(subject.split()) <= _LONGEST
    return subject if is_short and _is_role(subject, names) else ""


def _is_company(said: str, labels: Sequence[str]) -> bool:
    bare = re.sub(r"\W", "", searchable(said))
    return any(bare in label or label in bare for label in labels)


def _said(lead: re.Pattern[str], text: str) -> Iterator[str]:
    for match in islice(lead.finditer(text), _MOST_MATCHES):
        said = plain_title(match["title"], is_any_case=True)
        if said and len(said.split()) <= _LONGEST:
            yield said


def _is_role(said: str, names: set[str]) -> bool:
    """Whether the first or the last word of a name is called as what somebody does, and none is of another matter."""
    words = [searchable(word).strip("'’-") for word in re.split(r"[\s/]+", said)]
    if names & set(words) or any(weekday_of(word) is not None or month_of(word) is not None for word in words):
        return False
    return is_role(words)
