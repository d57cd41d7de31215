"""The lines of a posting: those with a label, and short ones that can only be a pay, a deadline or a way of working."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import islice

from tmr.domain.capture.posting.employment import employment_in, employment_labelled
from tmr.domain.capture.posting.taken import LABEL, LINE, Fields
from tmr.domain.capture.words.names import (
    clean_company,
    clean_place,
    clean_title,
    joined,
)
from tmr.domain.capture.words.work_modes import SHORT, work_mode_of
from tmr.domain.fields.folding import fold
from tmr.domain.importing.readers.dates import DAY_FIRST, MONTH_FIRST, read_dated
from tmr.domain.importing.readers.money.salaries import Pay, read_salary

MOST_LINES = 600
_LABELLED = re.compile(
    r"^[\s*•·–—>-]{0,6}([^\W\d_][^:：\t|]{1,44}?)\s{0,3}(?:[:：]|\t|\s[–—-]\s(?=.{0,80}$))\s{0,3}(.{0,400})$"
)
BULLET = re.compile(r"^[\s*•·–—>‣▪●-]{0,6}")
_GUESSED = re.compile(
    r"gesch[äa]tzt|\bschätz(?:en|t)\b|estimat|estim[ée]|estimad|schätzung|durchschnitt|\best\.|average|moyen"
    r"|promedio|similar"
    r"|(?:gehalt|lohn)\w?prognose|(?:salary|pay) (?:forecast|prediction)|prévision de salaire|previsión salarial"
    r"|freischalten|unlock",
    re.I,
)
# What is paid beside the pay, where an amount follows it.
_BESIDE_PAY = re.compile(
    r"(?:zulage|zuschlag|zuschuss|spesen|auslöse|bonus|prämie|gutschein|gutscheine|fahrtkosten|budget|allowance|voucher"
    r"|vouchers|expenses|stipend for|reimburse\w{0,5}|prime|primes|tickets? restaurant|titres?[- ]restaurant|panier"
    r"|indemnité de \w{3,20}|ayuda(?: de)?|dietas|cheques?|kilometraje|plus de)\b[^.;\d\n]{0,25}\d[\d.,]{0,12}",
    re.IGNORECASE,
)
_GROUP = re.compile(r"\b(?:TV-?[LHV]|TVöD|TV[\w-]{2,8}|Entgeltgruppe|E(?:G)?\s?\d{1,2}[a-c]?|A\s?\d{1,2})\b")
_PAY_WORD = re.compile(
    r"\b(?:salary|\w{0,12}gehalt|salaire|salario|sueldo|compensation|vergütung|rémunération)\b", re.I
)
_LEAST_OF_YEAR = 15_000
_BOUND = re.compile(r"(?:up to|from|circa|c\.|ca\.|ab|bis(?: zu)?|jusqu['’]à|à partir de|dès|hasta|desde)\s", re.I)
_SHORTEST_PAY = 30  # characters of a line that can be nothing but an amount
# Where a sentence, or what a page puts beside it without a blank, goes on with something else.
_CLAUSES = re.compile(r"[.;:()]\s|[()]|,\s(?=\D)|,\s(?=\d+[.,]\d\d\s?€)|(?<=[a-zß-ÿ)])(?=[A-ZÀ-Ý][a-zß-ÿ])")
_LONGEST_SENTENCE = 600
_LEAST_ALONE = {"hour": 5, "day": 50, "week": 150, "month": 800, "year": 15_000}
_LEAST_OF = {"year": 2_000, "month": 100}
_AMOUNT_FIRST = re.compile(r"\s?(?:[€£$]|[A-Z]{3}\s)?\s?\d")
_DEADLINE_WORDS = re.compile(
    r"(?:apply|répon\w*|reply|antwort\w*|posting|vacancy|advert|cv|letter|envoy\w*|env[íi]\w*|send\w*|schick\w*"
    r"|applications?|submit\w*|closing|close[sd]?|deadline"
    r"|bew[ei]rb\w*|frist|einsend\w*|unterlagen|postul\w*"
    r"|candidat\w*|dépôt|"
    r"inscri\w*|solicitud\w*|presentar|plazo)\b[^\n]{0,60}?\b(?:by|before|until|till|on|is|bis|zum|spätestens|ist|endet"
    r"|avant|jusqu['’]?\w*|hasta|antes|el|le|am|closes?)\b"
    r"\s{0,2}(?:the |den |der |zum |au |le |el |del |einschließlich |spätestens |am ){0,2}",
    re.IGNORECASE,
)
_DEADLINE_LABEL = re.compile(
    r"(?:(?<!\w)(?!eintritt|start|beginn|besetzung|vorstellung|gespräch|kündigung|probe|arbeitsbeginn|antritt)"
    r"(?:\w{0,30}frist|\w{0,30}schluss|\w{0,30}termin)|deadline|(?:closing|filing) date|date limite[^:.\n]{0,30}"
    r"|fecha límite[^:.\n]{0,30}|plazo[^:.\n]{0,30})\s?:\s(?:bis |hasta |jusqu['’]au )?",
    re.IGNORECASE,
)
# “Closing 12/03/2027”, and what one sends “no later than March 26th”
_LATEST = re.compile(
    r"\b(?:closing|closes)\s(?:on\s)?(?=\d)"
    r"|\b(?:open|offen|ouverte?s?|abiert[oa]s?)\s(?:until|till|bis(?: zum)?|jusqu['’]au|hasta(?: el)?)\s"
    r"|\b(?:appl|send|submi|bewerb|unterlagen|candidat|envoy|solicit|env[íi])[^\n]{0,120}?"
    r"\b(?:no later than|not later than|spätestens(?: bis)?(?: zum| am)?|au plus tard(?: le)?|a más tardar(?: el)?)\s",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    r"^\W{0,3}(?:(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo)\b"
    r"[.,]?\s(?:the |den |dem |le |el )?",
    re.IGNORECASE,
)
_PER_HOUR = re.compile(r"\b(?:de|à) l['’]heure", re.I)
PLACE_END = re.compile(
    r"\s{0,5}[(,;–—|·-]\s{0,5}(?=(?:hybrid|remote|on[\s-]?site|in person|sur site|with|mit|avec|con|teil|home"
    r"|télétravail|teletrabajo|or |oder |ou |o |presencial|présentiel|vor ort|fully|2 |3 |\d).*$)"
    r"|\s{1,5}\((?:hybrid|remote|on-?site|presencial|híbrido|hybride|vor ort|télétravail)[^)]*\)"
    r"|\s*\(\d{2,5}\)"
    r"|\s[-–|·]\s(?:localiser|voir|afficher|show|view|see|auf (?:der )?karte|karte|anzeigen|ver|mostrar)\b.*$",
    re.IGNORECASE,
)
_REMOTE_PLACE = re.compile(
    r"^\(?(?:fully )?(?:remote|hybrid|on-?site|home[\s-]?office)\)?\s*(?:[-–—,:/|(]|in|within)\s*", re.IGNORECASE
)
_SPLIT_PLACES = re.compile(r"\s(?:or|oder|ou|o|und|and|et|y|/)\s|;|\s?/\s?|\s?\|\s?")
_BASED = re.compile(
    r"\b(?:am standort|standort|dienstsitz|dienstort|einsatzort"
    r"|(?:office|shop|site|workshop|studio) is in|based in|located in|office in|basée? à|située? à|bureaux (?:à|de)"
    r"|con sede en|oficinas? (?:de|en)|centro de|our (?:\w+ )?(?:team|office|shop|site|school|house) in"
    r"|unser(?:em|en|e)? (?:\w+ )?(?:team|werk|büro|haus|laden) in|notre (?:\w+ )?(?:équipe|site|atelier) (?:à|de)"
    r"|nuestr[oa] (?:\w+ )?(?:equipo|tienda|taller|sede) (?:de|en))\s+"
    r"((?:[A-ZÀ-Ý][\w'’.-]*)(?:[\s-](?:am|an|der|im|de|la|le|les|sur|upon|del|los|las|[A-ZÀ-Ý][\w'’.-]*)){0,4})",
    re.I,
)
_IS_SENTENCE = re.compile(r"\s[a-zß-ÿ]+ [^.]{12,}\.(?:$|\s[A-ZÀ-Ý])")  # “The Crumb makes bread for half the town.”
_SENTENCE_END = re.compile(r"[.!?]\s")
_OF_DAYS = re.compile(r"\b(?:days?|tagen?|jours?|d[ií]as?)\b", re.IGNORECASE)
_IN_SENTENCE = re.compile(
    r"\b(?:stage|praktikum|internship|prácticas|apprenticeship|ausbildung|alternance|werkstudent\w*|volunteer"
    r"|ehrenamt|befristet (?:bis|auf|für)|(?:jahre|monate|zunächst) befristet|fixed[- ]term|vollzeit|full[- ]time"
    r"|jornada completa|temps plein)\b",
    re.I,
)
_LETTER = re.compile(r"[^\W\d_]")
_CURRENCY_SIGN = re.compile(r"[$£¥€\u20a0-\u20cf]")


def take_lines(fields: Fields, lines: Sequence[str], *, is_text: bool) -> None:
    """Put what the lines of a posting say into fields. ``is_text``: nothing but the lines tells anything."""
    shown = lines[:MOST_LINES]
    for name, value, line in _labelled(shown):
        _take_labelled(fields, name, value, line)
    for line in shown:
        _take_stated(fields, line, is_text=is_text)
    for line in shown:
        _take_pay_in_sentence(fields, line)


def _labelled(lines: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the field, the value and the line of each known label; a label alone has its value on the next line."""
    for at, line in enumerate(lines):
        bare = BULLET.sub("", line)
        if len(bare) <= 45 and (name := _field_of(bare)):
            following = BULLET.sub("", lines[at + 1]) if at + 1 < len(lines) else ""
            if following and name != "title" and len(following) <= 120 and _label_key(following) not in _labels():
                yield name, following, f"{bare.rstrip(':')}: {following}"
            continue
        match = _LABELLED.match(bare)
        if match and (name := _field_of(match[1])) and match[2].strip():
            yield name, match[2].strip(), bare


_PLACE_LABEL = re.compile(
    r"(?:location|standort|arbeitsort|einsatzort|dienstort|ort|ubicación|localidad|lugar|localisation"
    r"|lieu(?: de travail)?)"
    r"\s+(?=[A-ZÀ-Ý])",
    re.IGNORECASE,
)


def is_label(line: str) -> bool:
    """Whether a line is nothing but a label."""
    return _label_key(line) in _labels()


def _field_of(label: str) -> str:
    """Return the field that a label names: as a whole, in one of its parts, or without words that say nothing more."""
    known = _labels()
    if ":" in label.strip(" :*•?"):
        return known.get(_label_key(label), "")
    bare = " ".join(word for word in re.split(r"[\s'’]+", label.strip(" :*•?")) if fold(word) not in _FILLERS)
    parts = [label, *(_PARTS.split(label) if len(label) <= _LONGEST_PARTED else ()), bare]
    return next((name for part in parts if (name := known.get(_label_key(part)))), "")


_PARTS = re.compile(r"\s?[/&(),]\s?|\s(?:und|and|et|y)\s")
_LONGEST_PARTED = 40
_FILLERS = frozenset(
    map(
        fold,
        (
            *(
                "name",
                "of",
                "the",
                "our",
                "your",
                "this",
                "a",
                "an",
                "for",
                "job",
                "applications",
                "details",
                "info",
                "gross",
            ),
            *("der", "die", "das", "des", "den", "dem", "unser", "unsere", "brutto", "bewerbungen", "p.a."),
            *("nom", "de", "du", "la", "le", "l", "d", "notre", "brut", "candidatures"),
            *("nombre", "del", "el", "los", "las", "nuestra", "nuestro", "su", "tu", "bruto", "total"),
        ),
    )
)


def _label_key(text: str) -> str:
    return fold(text.strip(" :*•?").replace("’", "'"))


@cache
def _labels() -> dict[str, str]:
    path = files("tmr.domain.capture.words") / "labels.toml"
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    return {_label_key(word): name for name, words in said.items() for word in " ".join(words.split()).split(",")}


def _take_labelled(fields: Fields, name: str, value: str, line: str) -> None:
    if name == "company":
        fields.put(name, clean_company(value) if not _IS_SENTENCE.search(value) else "", LABEL, line)
    elif name == "title":
        fields.put(name, clean_title(value) if len(value) <= 120 else "", LABEL, line)
    elif name == "location":
        if len(value) <= 120:
            fields.put("work_mode", work_mode_of(value), LABEL, line)
            fields.put(name, place_in(value), LABEL, line)
    elif name == "employment_type":
        fields.put(name, employment_labelled(value, line), LABEL, line)
        fields.put("work_mode", work_mode_of(value), LABEL, line)
    elif name == "pay":
        _take_pay(fields, value, LABEL, line)
        _take_pay_of_group(fields, value, line)
    elif name == "deadline_on":
        fields.put(name, _day(value), LABEL, line)
    elif name == "work_mode":
        fields.put(name, work_mode_of(line) or work_mode_of(value), LABEL, line)


def _take_stated(fields: Fields, line: str, *, is_text: bool) -> None:
    """Take what a line without a label says, if it is short enough to state that and nothing else."""
    bare = BULLET.sub("", line)
    if not _LETTER.search(bare) and not _CURRENCY_SIGN.search(bare):
        return
    if match := _DEADLINE_WORDS.search(bare[:400]):
        fields.put("deadline_on", _day(bare[match.end() : match.end() + 60]), LINE, bare)
    for match in islice(_LATEST.finditer(bare[:2_000]), 3):
        fields.put("deadline_on", _day(bare[match.end() : match.end() + 60]), LINE, bare)
    for match in islice(_DEADLINE_LABEL.finditer(bare[:2_000]), 3):
        fields.put("deadline_on", _day(bare[match.end() : match.end() + 40]), LINE, bare)
    if len(bare) > (2 * SHORT if is_text else SHORT):
        for sentence in _SENTENCE_END.split(bare[:_LONGEST_SENTENCE]) if "work_mode" not in fields else ():
            if _OF_DAYS.search(sentence) and (mode := work_mode_of(sentence[: 2 * SHORT])) == "hybrid":
                fields.put("work_mode", mode, LINE, sentence)
        return
    if is_text and "location" not in fields and (match := _BASED.search(bare)) and match[1][0].isupper():
        fields.put("location", place_in(_without_small_end(match[1])), LINE, bare)
    if "work_mode" not in fields and (mode := work_mode_of(bare)):
        fields.put("work_mode", mode, LINE, bare)
    if "employment_type" not in fields and (len(bare) <= SHORT or _IN_SENTENCE.search(bare)):
        fields.put("employment_type", employment_in(bare), LINE, bare)
    if "salary_min" not in fields and "salary_max" not in fields and not _GUESSED.search(bare):
        _take_pay(fields, bare, LINE, bare, needs_money=True)


def _without_small_end(text: str) -> str:
    """Return a name without words in small letters behind it: “Magdeburg zum”."""
    words = text.split()
    while words and words[-1][:1].islower():
        words.pop()
    return " ".join(words)


def _take_pay_of_group(fields: Fields, value: str, line: str) -> None:
    """Take the range behind a group of collective pay, which is by the month: “TV-L E 13 (4.629,74 € – 6.673,34 €)”."""
    if _GROUP.search(value) and "salary_min" not in fields and "salary_max" not in fields:
        for clause in _CLAUSES.split(value):
            _take_pay(fields, clause, LABEL, line, needs_money=True)
        if "salary_min" in fields:
            fields.put("salary_period", "month", LABEL, line)


def _take_pay_in_sentence(fields: Fields, line: str) -> None:
    """Take a range with currency and period from a part of a long sentence, which tells of other things too."""
    if len(line) > _LONGEST_SENTENCE or "salary_min" in fields or "salary_max" in fields or _GUESSED.search(line):
        return
    for clause in _CLAUSES.split(_BESIDE_PAY.sub(" ", line)):
        pay = read_salary(clause[:200]) if any(char.isdigit() for char in clause) else None
        if (
            pay
            and pay.texts.get("salary_currency")
            and pay.texts.get("salary_period")
            and _is_nothing_else(pay, clause)
        ):
            _take_pay(fields, clause, LINE, clause)


def _is_nothing_else(pay: Pay, clause: str) -> bool:
    """Whether a part of a sentence is pay: a range, an amount alone, or one of a year that it begins with."""
    texts = pay.texts
    is_of_year = texts["salary_period"] == "year" and float(texts.get("salary_min") or 0) >= _LEAST_OF_YEAR
    is_range = "salary_min" in texts and "salary_max" in texts
    least = _LEAST_ALONE.get(texts["salary_period"], 0)
    is_alone = not pay.rest and float(texts.get("salary_min") or texts.get("salary_max") or 0) >= least
    return is_range or is_alone or (is_of_year and bool(_AMOUNT_FIRST.match(clause)))


def _take_pay(fields: Fields, text: str, source: str, line: str, *, needs_money: bool = False) -> None:
    if _GUESSED.search(line) or (source == LINE and _BESIDE_PAY.search(line)):
        return
    pay = read_salary(_plain_pay(text[:200]))
    if pay is None or (needs_money and not (pay.texts.get("salary_currency") and _is_pay(pay.texts, line))):
        return
    if "salary_min" in fields or "salary_max" in fields:
        return
    texts = {**_period_in_label(line), **pay.texts} if source == LABEL else pay.texts
    for name, value in texts.items():
        if name != "salary_max" or value != pay.texts.get("salary_min"):
            fields.put(name, value, source, line)


def _plain_pay(text: str) -> str:
    """Return pay as it is written most: by the hour and the year, fourteen months as one, net aside."""
    plain = _SHORT_OF_YEAR.sub("bruto/año", _NET.sub("", _PER_HOUR.sub("par heure", text)))
    match = _MONTHS_OF_YEAR.search(plain)
    amount = match["amount"].replace(".", "").replace("\xa0", "").replace(" ", "") if match else ""
    return f"{int(match['months']) * int(amount)} € al año" if match and amount.isdigit() else plain


_MONTHS_OF_YEAR = re.compile(
    r"\b(?P<months>1[2-6])\s?[x×*]\s?(?P<amount>\d(?:[.\s]?\d{3}|\d{2,3}))\s?(?:€|eur\w*)", re.I
)
_SHORT_OF_YEAR = re.compile(r"(?<=\s)b/a\b", re.I)
_NET = re.compile(r"\b(?:net[ots]{0,3}|netto|(?:en|sur) 1[2-6] (?:pagas|mois))\b", re.I)


def _period_in_label(line: str) -> dict[str, str]:
    """Return the period that a label such as “Monthly salary” or “Jahresgehalt” has in itself."""
    label = fold(re.split(r"[:：\t]", line)[0][:60])
    return next(({"salary_period": period} for period, words in _PERIOD_IN_LABEL.items() if words.search(label)), {})


_PERIOD_IN_LABEL = {
    "hour": re.compile(r"hour|stunde|horaire|hora"),
    "day": re.compile(r"(?<!holi)day(?!s)|tjm|tagessatz|journalier|diari"),
    "week": re.compile(r"week"),
    "month": re.compile(r"month|monat|mensuel|mensual"),
    "year": re.compile(r"annual|annum|year|jahres|annuel|anual"),
}


def _is_pay(texts: dict[str, str], line: str) -> bool:
    """Whether an amount with a currency is pay and not, for example, a budget: it has a period, or is a range.

    Beside a word for pay one that is large enough for a year is too.
    """
    is_large = float(texts.get("salary_min") or texts.get("salary_max") or 0) >= _LEAST_OF_YEAR
    is_named = is_large and bool(_PAY_WORD.search(line) or (len(line) <= _SHORTEST_PAY and _BOUND.match(line)))
    amount = float(texts.get("salary_max") or texts.get("salary_min") or 0)
    if amount < _LEAST_OF.get(texts.get("salary_period", ""), 0):
        return False
    return "salary_period" in texts or ("salary_min" in texts and "salary_max" in texts) or is_named


def _day(text: str) -> str:
    """Return the day in the first words of a text; one without a year is left out."""
    text = _WEEKDAY.sub("", text[:80])
    order = MONTH_FIRST if re.match(r"\D{0,20}\d{1,2}/(?:1[3-9]|2\d|3[01])/", text) else DAY_FIRST
    dated = read_dated(text[:80], order)
    return dated[0].isoformat() if dated and 2000 <= dated[0].year <= 2100 else ""


def place_in(text: str) -> str:
    """Return the place in a line such as “Sheffield (hybrid, two days in the office)”."""
    bare = _REMOTE_PLACE.sub("", _PLACE_LABEL.sub("", text.strip(), count=1))
    bare = _bare(PLACE_END.split(bare)[0])
    if not bare or (work_mode_of(bare) and len(bare.split()) <= 3):
        return ""
    bare = bare.removesuffix(".") if not re.search(r"\b[A-Z][a-z]?\.$", bare) else bare
    parts = _SPLIT_PLACES.split(bare)
    places = [clean_place(part) for part in parts if len(parts) == 1 or not work_mode_of(part)]
    return joined(places[:6])


def _bare(text: str) -> str:
    """Return a text without the marks around it; a bracket stays where its other one is in the text."""
    bare = text.strip(" ,;")
    if bare.startswith("(") and (bare.find(")") in (-1, len(bare) - 1)):
        bare = bare.strip("()")
    return bare.strip(" ,;") if bare.count("(") == bare.count(")") else bare.strip(" ,;()")
