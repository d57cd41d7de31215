"""The type of employment that words of a posting state."""

import re

from tmr.domain.fields.type import ValueRefusedError
from tmr.domain.kinds.application import APPLICATION

_HOURS = re.compile(
    r"(?<![\d,.-])(?P<hours>\d{1,2}(?:[.,]\d{1,2})?)(?P<more>\s?(?:[-–]|to|bis|à|a)\s?\d{1,2})?\s?(?:h|hrs?|hours"
    r"|std\.?|stunden|heures"
    r"|horas)?\s?(?:/|per|a|pro|par|por|(?:in|in der|die)|à la|a la)\s?(?:week|woche|semaine|semana)\b",
    re.IGNORECASE,
)
# “Contract length: 6 months, 40 hours/week”
_LIMITED = re.compile(
    r"[\s*•·–-]{0,6}(?:contract (?:length|duration|term)|length of contract|(?:vertrags|anstellungs)?dauer|befristung"
    r"|durée(?: du contrat)?|duración(?: del contrato)?)\s{0,3}:[^\d\n]{0,20}\d{1,2}\s?(?:months?|monate?|mois|meses"
    r"|years?|jahre?|ans?|años?)\b",
    re.IGNORECASE,
)
_SHARE = re.compile(r"(?<![\d,.])(?:(?P<least>\d{2,3})\s?%?\s?[-–]\s?)?(?P<most>\d{2,3})\s?%")
_FTE = re.compile(r"(?<![\d.,])([01](?:\.\d{1,2})?)\s?FTE\b")
_MOST_OF_PART_TIME, _FULL = 30, 35  # hours of a week
# Behind a label of working time: “Arbeitszeit: 38,5 Stunden”.
_HOURS_ALONE = re.compile(
    r":\s{0,3}(?:ca\. |circa |environ |about )?(?P<hours>\d{1,2}(?:[.,]\d{1,2})?)\s?(?:h|hrs?|hours|std\.?|stunden"
    r"|heures|horas)"
    r"(?![\w-]|\s?(?:/|-|–|bis|to|à|a)\s?\d)",
    re.IGNORECASE,
)


def employment_labelled(value: str, line: str) -> str:
    """Return the type of employment that a labelled value states, "" if it states none; ``line`` has its label."""
    if said := employment_in(value) or choice_in(value):
        return said
    return "contract" if _LIMITED.match(line) else _employment_by_size(line)


def choice_in(value: str) -> str:
    """Return the type of employment that the first words of a labelled value are a name of."""
    for words in re.split(r"[,;/(]", value)[:3]:
        try:
            if kind := APPLICATION.by_name["employment_type"].type.parse(words):
                return str(kind)
        except ValueRefusedError:
            continue
    return ""


def _employment_by_size(line: str) -> str:
    """Return the type of employment that hours of a week or a share of full time mean, "" for a choice."""
    if match := _HOURS.search(line[:200]) or _HOURS_ALONE.search(line[:200]):
        hours = float(match["hours"].replace(",", "."))
        is_whole = "full-time" if hours >= _FULL else ""
        return "" if match.groupdict().get("more") else "part-time" if hours <= _MOST_OF_PART_TIME else is_whole
    if match := _SHARE.search(line[:200]):
        shares = [float(one) for one in (match["least"] or match["most"], match["most"])]
        return "part-time" if shares[1] < 95 else "full-time" if shares[0] > 95 else ""
    match = _FTE.search(line[:200])
    return "" if match is None else "full-time" if float(match[1]) >= 1 else "part-time"


def employment_in(text: str) -> str:
    """Return the type of employment that a line states, "" if it leaves a choice or states none."""
    found = {kind for pattern, kind in _EMPLOYMENT_WORDS if pattern.search(text[:300])}
    if not found and _PERMANENT.search(text[:300]):
        return "full-time"
    for stronger in ("internship", "apprenticeship", "volunteer", "temporary", "contract"):
        if stronger in found:
            return stronger
    return found.pop() if len(found) == 1 else ""


def states_employment(text: str) -> bool:
    """Whether a line has words for a type of employment, if only a choice of them."""
    return any(pattern.search(text[:300]) for pattern, _ in _EMPLOYMENT_WORDS) or bool(_PERMANENT.search(text[:300]))


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{pattern})(?![\w])", re.IGNORECASE)


_EMPLOYMENT_WORDS = (
    (
        _words(
            r"full[\s-]?time|vollzeit\w*|temps[\s-]plein|temps complet|(?:jornada|tiempo) complet[ao]"
            r"|voll- oder teilzeit|vollzeit/teilzeit"
        ),
        "full-time",
    ),
    (
        _words(
            r"part[\s-]?time|teilzeit\w*|temps[\s-]partiel|mi-temps|media jornada|(?:jornada|tiempo) parcial|minijob"
            r"|medio tiempo"
        ),
        "part-time",
    ),
    (
        _words(
            r"internship|intern|\w{0,16}praktikum|praktikant\w*|werkstudent\w*|stage|stagiaire"
            r"|prácticas|becari[oa]|placement"
        ),
        "internship",
    ),
    (
        _words(
            r"apprenticeship|apprentice|ausbildung|azubi|apprentissage|alternance|aprendiz\w*|duales studium"
            r"|contrat d['’]apprentissage"
        ),
        "apprenticeship",
    ),
    (_words(r"volunteer(?:ing)?|voluntary (?:role|position|work)|ehrenamt\w*|bénévol\w+|voluntari\w+"), "volunteer"),
    (
        _words(
            r"temporary|temp|casual (?:staff|worker|contract|basis|role)|bank (?:staff|worker)|seasonal|aushilfe"
            r"|zeitarbeit|saison(?:al|arbeit|kraft|stelle|aushilfe)\w*|intérim\w*|saisonnier\w*"
            r"|de temporada|temporal|eventual"
            r"|obra y servicio|fixed[\s-]term,? (?:march|april|may|june|summer|season)\w*"
        ),
        "temporary",
    ),
    (
        _words(
            r"contract(?:or)?(?= ?(?:$|[,;()/|·•-]|role|position|basis|for|of \d))|fixed[\s-]term(?: contract)?"
            r"|freelance\w*|freiberuflich\w*|befristet\w*|CDD|autónom[oa]|contrat à durée déterminée"
            r"|contrato de obra|IR35|FTC"
            r"|(?:maternity|paternity|parental leave) cover|(?:eltern|mutter)\w{2,10}vertretung"
            r"|(?:\w+-month|\d+[\s-]months?) contract|freie mitarbeit|por proyecto"
        ),
        "contract",
    ),
)
_PERMANENT = _words(r"CDI|permanent(?! (?:job )?link)|unbefristet\w*|indefinido|festanstellung|feste anstellung")
