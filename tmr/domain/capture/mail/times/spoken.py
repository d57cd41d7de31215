"""Times of day as people say them, such as “half past two” or “a las diez y media”, put into numbers."""

import re

from tmr.domain.importing.readers.words.dates import month_of

_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve",
    "ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "une deux trois quatre cinq six sept huit neuf dix onze douze",
    "una dos tres cuatro cinco seis siete ocho nueve diez once doce",
)
_NUMBERS = {word: hour for words in _WORDS for hour, word in enumerate(words.split(), 1)} | {"eins": 1}
_HOUR = rf"(?:{'|'.join(sorted(_NUMBERS, key=len, reverse=True))}|1[0-2]|[1-9])(?![\w.:,]\d|\w)"
_MINUTES = {
    **dict.fromkeys(("quarter", "viertel", "quart", "cuarto", "fifteen", "fünfzehn", "quinze", "quince"), 15),
    **dict.fromkeys(("half", "halb", "demi", "demie", "media", "thirty", "dreißig", "trente", "treinta"), 30),
    **dict.fromkeys(("dreiviertel", "forty-five", "fünfundvierzig", "quarante-cinq"), 45),
    **dict.fromkeys(("five", "fünf", "cinq", "cinco"), 5),
    **dict.fromkeys(("ten", "zehn", "dix", "diez"), 10),
    **dict.fromkeys(("twenty", "zwanzig", "vingt", "veinte"), 20),
}
_PART = (
    r"(?:,?\s(?:(?P<late>nachmittags?|am (?:frühen |späten )?nachmittag|abends|am abend"
    r"|in the (?:afternoon|evening)|(?:de l|cet? )['’]?après-midi|du soir|(?:de|por) la (?:tarde|noche))"
    r"|(?P<noon>mittags|del mediodía)"
    r"|(?P<early>morgens|vormittags|früh|am (?:vormittag|morgen)|in the morning|du matin|(?:de|por) la mañana))\b)?"
)
_SPOKEN = tuple(
    re.compile(rf"{pattern}{_PART}", re.IGNORECASE)
    for pattern in (
        rf"\b(?P<half>halb|dreiviertel)\s(?P<hour>{_HOUR})(?:\suhr\b)?",
        rf"\b(?P<add>viertel|fünf|zehn|zwanzig)\s(?P<sign>vor|nach)\s(?P<hour>{_HOUR})(?:\suhr\b)?",
        rf"\b(?P<hour>{_HOUR})\suhr\b(?:\s(?P<add>fünfzehn|dreißig|fünfundvierzig)\b)?",
        (
            rf"\b(?:a\s)?(?P<add>half|quarter|five|ten|twenty)[\s-](?P<sign>past|to|after)\s(?P<hour>{_HOUR})"
            r"(?:\so['’]clock\b)?"
        ),
        rf"\b(?P<hour>{_HOUR})\so['’]clock\b",
        rf"\b(?<=at\s)(?P<hour>{_HOUR})(?:[\s-](?P<add>fifteen|thirty|forty-five)\b)?",
        rf"\b(?<=à\s)(?P<hour>{_HOUR})\sheures?\b(?:\s(?P<sign>et|moins)\s(?:le\s|un\s)?(?P<add>quart|demie?)\b)?",
        (
            rf"\b(?<=las\s|.la\s)(?P<hour>{_HOUR})"
            r"(?:\s(?P<sign>y|menos)\s(?P<add>cuarto|media|diez|veinte|cinco)\b|\sen punto\b)?"
        ),
        (
            r"(?<![\d.:,])(?P<hour>1[0-2]|0?[1-9])(?:[:.h](?P<minute>[0-5]\d))?(?:\s?(?:uhr|h|heures?|horas?)\b)?"
            r"(?![\d.:,]\d)"
        ),
    )
)
_AFTERNOON = range(1, 7)  # hours that are of the afternoon where nothing else is said


_DAYS = (
    (
        "ersten zweiten dritten vierten fünften sechsten siebten achten neunten zehnten elften zwölften dreizehnten"
        " vierzehnten fünfzehnten sechzehnten siebzehnten achtzehnten neunzehnten zwanzigsten einundzwanzigsten"
        " zweiundzwanzigsten dreiundzwanzigsten vierundzwanzigsten fünfundzwanzigsten sechsundzwanzigsten"
        " siebenundzwanzigsten achtundzwanzigsten neunundzwanzigsten dreißigsten einunddreißigsten"
    ),
    (
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
        " fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third"
        " twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first"
    ),
    (
        "premier deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept"
        " dix-huit dix-neuf vingt vingt-et-un vingt-deux vingt-trois vingt-quatre vingt-cinq vingt-six vingt-sept"
        " vingt-huit vingt-neuf trente trente-et-un"
    ),
    (
        "primero dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete"
        " dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete"
        " veintiocho veintinueve treinta"
    ),
)
_DAY_NUMBERS = {word: day for words in _DAYS for day, word in enumerate(words.split(), 1)}
_DAY_IN_WORDS = re.compile(
    rf"\b({'|'.join(sorted(_DAY_NUMBERS, key=len, reverse=True))})\s(of\s|de\s)?(?=([^\W\d_]{{3,10}}))", re.IGNORECASE
)
_WITHOUT_SIGN = re.compile(
    r"(?<![\d.,:/-])([01]?\d|2[0-3])(?:\s?heures?\s([0-5]\d)\b|([0-5]\d)\s?(?:hrs?|hours)\b)", re.IGNORECASE
)


def in_numbers(text: str) -> str:
    """Return a text with days of a month and times of day that are said in words as numbers, those of 24 hours."""
    text = _DAY_IN_WORDS.sub(_as_number, text)  # “dem siebzehnten Dezember”
    text = _WITHOUT_SIGN.sub(lambda match: f"{match[1]}:{match[2] or match[3]}", text)  # “14 heures 30”, “1330hrs”
    for pattern in _SPOKEN:
        text = pattern.sub(_as_clock, text)
    return text


def _as_number(match: re.Match[str]) -> str:
    return f"{_DAY_NUMBERS[match[1].lower()]} " if month_of(match[3]) else match[0]


def _as_clock(match: re.Match[str]) -> str:
    said = match.groupdict()
    hour = _NUMBERS.get(said["hour"].lower()) or int(said["hour"])
    is_word, has_part = not said["hour"].isdigit(), bool(said["late"] or said["noon"] or said["early"])
    add = (said.get("add") or said.get("half") or "").lower()
    if not (has_part or add or is_word) or (is_word and _is_bare(match, add, has_part=has_part)):
        return match[0]
    minute = int(said.get("minute") or 0) + _MINUTES.get(add, 0)
    if said.get("half") or (said.get("sign") or "").lower() in ("vor", "to", "moins", "menos"):
        hour, minute = hour - 1 or 12, minute if said.get("half") else 60 - minute
    if said["late"] or (hour in _AFTERNOON and not said["early"]):
        hour = hour % 12 + 12
    return f"{hour:02}:{minute:02}"


def _is_bare(match: re.Match[str], add: str, *, has_part: bool) -> bool:
    """Whether a number in words may be no time: “at one of our sites”; one before the end of a clause is."""
    is_marked = add or has_part or len(match[0]) > len(match["hour"])
    return not is_marked and not re.match(
        r"\s?(?:[.,;:!?)–—-]|$|on\b|el\b|del\b|en\b)", match.string[match.end() :][:5]
    )
