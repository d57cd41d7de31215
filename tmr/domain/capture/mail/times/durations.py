"""How long something takes by the words of a text, such as “half an hour” or “45 Minuten”."""

import re

_LONGEST = 4_000  # characters of a paragraph that are looked at
_NUMBERS = {
    **dict.fromkeys(("a", "an", "one", "ein", "eine", "un", "une", "una"), 1),
    **dict.fromkeys(("two", "zwei", "deux", "dos"), 2),
    **dict.fromkeys(("three", "drei", "trois", "tres"), 3),
    **dict.fromkeys(("ten", "zehn", "dix", "diez"), 10),
    **dict.fromkeys(("fifteen", "fünfzehn", "quinze", "quince"), 15),
    **dict.fromkeys(("twenty", "zwanzig", "vingt", "veinte"), 20),
    **dict.fromkeys(("thirty", "dreißig", "trente", "treinta"), 30),
    **dict.fromkeys(("forty", "vierzig", "quarante", "cuarenta"), 40),
    **dict.fromkeys(("forty-five", "fünfundvierzig", "quarante-cinq", "cuarenta y cinco"), 45),
    **dict.fromkeys(("sixty", "sechzig", "soixante", "sesenta"), 60),
    **{f"une {word} de": count for word, count in (("dizaine", 10), ("quinzaine", 15), ("vingtaine", 20))},
    **{f"une {word} de": count for word, count in (("trentaine", 30), ("quarantaine", 40))},
    **dict.fromkeys(("ninety", "neunzig", "noventa"), 90),
}
_SPELLED = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_HALF = re.compile(
    r"\bhalf(?: an)?[\s-]hour|\bhalbe[ns]?(?: stunde|stündig\w*)|\bhalbstündig\w*|\bdemi-heure|\bmedia hora",
    re.IGNORECASE,
)
_THREE_QUARTERS = re.compile(
    r"\bthree[\s-]quarters? of an hour|\bdreiviertelstunde|\btrois quarts d['’]heure|\btres cuartos de hora",
    re.IGNORECASE,
)
_AND_HALF = re.compile(
    rf"\b(?P<count>\d|{_SPELLED})(?:\sand a half|einhalb)\s(?:hours?|stunden?)|\b(?:anderthalb"
    rf"|eineinhalb)\s(?P<de>stunden)|"
    r"\b(?P<fr>une) heure et demie|\b(?P<es>una) hora y media|\ban hour and a (?P<en>half)",
    re.IGNORECASE,
)
_MINUTES = re.compile(
    rf"\b(?P<count>\d{{1,3}}(?:[\s-]?)|(?:{_SPELLED})[\s-])(?:min(?:s|\.|utes?|uten?|utos?)?\b|minütig\w*)",
    re.IGNORECASE,
)
_HOURS = re.compile(
    rf"\b(?P<count>\d(?:[.,]\d{{1,2}})?[\s-]?|(?:{_SPELLED})[\s-])(?:hours?|hrs?|stunden?|heures?|horas?|stündig\w*)\b",
    re.IGNORECASE,
)
# “comptez 1h15”, which without the word before it would be a time of day
_HOURS_IN_SHORT = re.compile(
    r"\b(?:comptez|compter|durée|durera|dure|prévo\w{1,4}|prévue? (?:pour)?|environ|pendant|dauer|dauert|duración"
    r"|durará|lasts?|takes?|duration)\b[^\w\n]{0,3}(?:d['’]|de |environ |about |etwa |ca\. ?|unos |: ?){0,3}"
    r"(?P<hours>\d)\s?h(?:\s?(?P<minutes>[0-5]\d))?\b",
    re.IGNORECASE,
)
_CLOCK_CONTEXT = re.compile(r"\b(?:à|at|um|a las)\s$", re.IGNORECASE)


def duration_in(text: str) -> int:
    """Return the minutes that a text says something takes, or 0."""
    for line in text.split("\n")[:200]:
        part = line[:_LONGEST]
        if _THREE_QUARTERS.search(part):
            return 45
        if match := _AND_HALF.search(part):
            return int(_count(match["count"]) * 60) + 30 if match["count"] else 90
        if match := _HOURS_IN_SHORT.search(part):
            return int(match["hours"]) * 60 + int(match["minutes"] or 0)
        if _HALF.search(part):
            return 30
        if match := _MINUTES.search(part):
            minutes = int(_count(match["count"]))
            if 5 <= minutes <= 600:
                return minutes
        for match in _HOURS.finditer(part):
            if not _CLOCK_CONTEXT.search(part[: match.start()]) and not re.match(r"24|48|72", match[0]):
                hours = _count(match["count"])
                if 0 < hours <= 10 and not re.search(r"\b(?:within|binnen|sous|en menos de)\s$", part[: match.start()]):
                    return int(hours * 60)
    return 0


def _count(text: str) -> float:
    bare = text.strip(" -\xa0").lower()
    return _NUMBERS.get(bare, 0) or float(bare.replace(",", ".") if bare[:1].isdigit() else 0)
