"""Which applications a mail may be about."""

import re
from collections.abc import Iterable

import msgspec

from tmr.domain.capture.mail.reader import Mail
from tmr.domain.capture.words.names import bare_company, clean_title
from tmr.domain.companies.names import company_key
from tmr.domain.companies.roles import are_titles_alike
from tmr.domain.fields.folding import searchable, spelled_out

_WORD = re.compile(r"[^\W_]+")


class Known(msgspec.Struct, frozen=True):
    """An application that a mail may be about."""

    id: str
    company: str
    title: str
    is_closed: bool
    changed: int  # the higher, the later


_LEAST = 6


def applications_of_mail(mail: Mail, known: Iterable[Known], most: int) -> list[Known]:
    """Return the applications that a mail can be about, the likeliest first."""
    text = f" {' '.join(_WORD.findall(searchable(f'{mail.sender} {mail.subject} {mail.text}'[:20_000])))} "
    domain = re.sub(r"\W", "", mail.address.rpartition("@")[2].rpartition(".")[0])
    said = company_key(mail.company) if mail.company else ""
    scored = [(_score(one, mail, said, text, domain), one) for one in known]
    likely = [(score, one) for score, one in scored if score >= _LEAST]
    likely.sort(key=lambda pair: (pair[0], not pair[1].is_closed, pair[1].changed), reverse=True)
    return [one for _, one in likely[:most]]


def _score(one: Known, mail: Mail, said: str, text: str, domain: str) -> int:
    key = company_key(one.company)
    if not key:
        return 0
    words = " ".join(_WORD.findall(searchable(bare_company(one.company))))
    score = 0
    if said and (said == key or (len(key) >= 4 and key in said) or (len(said) >= 4 and said in key)):
        score += 8
    if len(key) >= 3 and f" {words} " in text:
        score += 6
    if len(key) >= 4 and (key in domain or spelled_out(key) in domain):
        score += 4
    if not score:
        return 0
    return score + _title_score(one.title, mail.title, text)


def _title_score(title: str, said: str, text: str) -> int:
    if said and are_titles_alike(title, said):
        return 6
    words = " ".join(_WORD.findall(searchable(clean_title(title))))
    return 5 if words and f" {words} " in text else 0
