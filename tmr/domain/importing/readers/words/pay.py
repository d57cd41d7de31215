"""The words and signs of pay: currencies, factors, periods and ranges, in the languages that tables come in."""

import re

CODES = (
    *("AED", "ARS", "AUD", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EGP", "EUR", "GBP", "HKD"),
    *("HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KES", "KRW", "MXN", "MYR", "NGN", "NOK", "NZD", "PEN", "PHP", "PKR"),
    *("PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD", "VND", "ZAR"),
)
# "kr" is a currency of four countries: it is understood as money, but stays among the words.
_CURRENCIES = {
    "US$": "USD",
    "U$": "USD",
    "C$": "CAD",
    "CA$": "CAD",
    "CAD$": "CAD",
    "CDN$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "AUD$": "AUD",
    "NZ$": "NZD",
    "S$": "SGD",
    "SG$": "SGD",
    "HK$": "HKD",
    "NT$": "TWD",
    "R$": "BRL",
    "MX$": "MXN",
    "$": "USD",
    "＄": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "￥": "JPY",
    "CN¥": "CNY",
    "₹": "INR",
    "₩": "KRW",
    "₺": "TRY",
    "₽": "RUB",
    "₪": "ILS",
    "₴": "UAH",
    "₫": "VND",
    "฿": "THB",
    "₱": "PHP",
    "₦": "NGN",
    "zł": "PLN",
    "zl": "PLN",
    "Kč": "CZK",
    "Kc": "CZK",
    "Ft": "HUF",
    "lei": "RON",
    "Rs": "INR",
    "Rs.": "INR",
    "INR.": "INR",
    "RMB": "CNY",
    "SFr.": "CHF",
    "Fr.": "CHF",
    "TL": "TRY",
    "kr": "",
    "Kr": "",
    "KR": "",
    "kr.": "",
    "元": "CNY",
    "円": "JPY",
    "원": "KRW",
    "руб": "RUB",
    "руб.": "RUB",
    "euro": "EUR",
    "euros": "EUR",
    "Euro": "EUR",
    "Euros": "EUR",
    "dollars": "USD",
    "pounds": "GBP",
    "rupees": "INR",
}
_BY_WORD = {word.casefold(): code for word, code in _CURRENCIES.items()} | {code.casefold(): code for code in CODES}
# What several countries call their money, with the sign by which the country is looked up.
SHARED_SIGNS = {"$": "$", "＄": "$", "dollars": "$", "kr": "kr", "kr.": "kr", "¥": "¥", "￥": "¥"}
CURRENCY_PATTERN = "(?:" + "|".join(re.escape(word) for word in sorted([*_CURRENCIES, *CODES], key=len, reverse=True))
CURRENCY_PATTERN += (
    "|" + "|".join(code.lower() for code in ("EUR", "USD", "GBP", "CHF", "INR", "PLN", "CAD", "AUD")) + ")"
)

INDIAN = ("l", "lpa", "lakh", "lakhs", "lac", "lacs", "cr", "crore", "crores")
FACTORS = {
    **dict.fromkeys(("k", "t", "tsd", "mil", "thousand", "tausend", "tys", "тыс", "천"), 1_000),
    **dict.fromkeys(("m", "mn", "mio", "mln", "million", "millions", "millionen", "millones"), 1_000_000),
    **dict.fromkeys(("l", "lpa", "lakh", "lakhs", "lac", "lacs"), 100_000),
    **dict.fromkeys(("cr", "crore", "crores"), 10_000_000),
    **dict.fromkeys(("万", "萬", "만"), 10_000),
}
# A single letter but k must touch its number, "L" must be a capital: "5 m" and "10 l" are other things.
FACTORS_PATTERN = (
    r"(?:(?<=\d)[mML]|[Tt](?=\s?(?:€|EUR))|(?<=\d )L|[kK]|[Tt]sd\.?|TSD|mil"
    r"|[Mm]io\.?|[Mm]ln\.?|mn|[Mm]illion(?:s|en)?|millones"
    r"|thousand|[Tt]ausend|tys\.?|тыс\.?|[Ll]akhs?|[Ll]acs?|LPA|lpa|Lpa|[Cc]rores?|[Cc][Rr]|万|萬|만|천)"
)
# 1,500 or 1.500: with a factor behind it, nobody can say which it is.
GROUPED_ONCE = re.compile(r"\d{1,3}[.,]\d{3}")
PERCENT = r"(?:percent|per cent|pct|prozent|pour ?cent|por ciento|procent)\b"
PENSION = re.compile(r"\W*(?:401|403|457)\s?[kKbB]?\b")

_NOUNS_BEFORE = (
    r"grade|level|lvl|band|tier|step|class|stufe|gruppe|entgeltgruppe|entgelt|gr|eg|tvöd|tvoed|tv-l|besoldung|scale"
    r"|schaal|niveau|nivel|livello|zone|point|spine|category|cat|ref|no|nr|id|job|phase|round|q|since|until|by|week|w"
)
NOT_PAY_BEFORE = re.compile(rf"(?:#|\b(?:{_NOUNS_BEFORE})\b[\s.:#\-–]{{0,3}}|\bx\s?)$", re.IGNORECASE)
# Numbers of hours, days or months, and amounts that are paid beside the salary or not in money.
NOT_PAY_AFTER = re.compile(
    r"\s?(?:(?:[x×]\s?\d)|(?:-?\s?(?:hours|hrs|days|weeks|months|years|yrs|stunden|tage|wochen|monate"
    r"|jahre|heures|jours"
    r"|semaines|mois|ans|horas|días|dias|semanas|meses|años|anos|salaries|gehälter|pagas|mensilità"
    r"|shares|options|units"
    r"|people|employees|interviews|rounds|equity|rsus?|stock|stocks|sign-?on|sign-?ing|bonus|joining"
    r"|relocation|esops?"
    r"|vesting|variable|pto|vacation|holidays?)\b)|\s?(?:薪|个月|ヶ月|か月))",
    re.IGNORECASE,
)

_PERIODS = {
    "hour": (
        "hr hrs h hour hourly ph p/h p/u p.u std stunde stündlich heure horaire hora ora uur godz godzinę "
        "godzina godzinowa godzinowo timme timmen tim "
        "stundenlohn stundensatz uurloon uurtarief timlön horaires 時間 小时 时 時"
    ),
    "day": (
        "day daily d pd p/d tag tagessatz jour j dia día diaria diario giorno giornaliero dag dagtarief tjm dzień "
        "dzien 日 天"
    ),
    "week": "wk week weekly pw p/w woche semaine hebdomadaire semana settimana tydzień vecka 周 週",
    "month": (
        "mo mth mt month monthly pm pcm p/m monat monatlich mtl mois mensuel mensual mes mês mese mensile "
        "maand msc mies md miesiąc miesiac månad månaden måneden mån mnd mensuels mensuelle mensuales mensais mensal "
        "mensili miesięcznie miesięczna miesięczne miesięczny monatsgehalt monatslohn bruttomonatsgehalt maandsalaris "
        "månadslön månadsvis 月 月給 月薪"
    ),
    "year": (
        "yr y year yearly annual annually annum pa p.a p/a jahr jährlich jaehrlich an année annuel "
        "annuels año ano anual anuales anno annuo annua annui annue anuais "
        "annuelle annuelles jaar jr p/j rok rocznie roczne roczna år a ral ctc jahresgehalt bruttojahresgehalt "
        "jahresbrutto jaarsalaris årslön 年 年収 年薪 年俸"
    ),
}
_PERIOD_OF = {word: period for period, spelled in _PERIODS.items() for word in spelled.split()}
_PERIOD_OF |= {"時給": "hour", "时薪": "hour", "日給": "day"}
_UNIT = "|".join(re.escape(word) for word in sorted(_PERIOD_OF, key=len, reverse=True))
_PREPOSITION = (
    r"/|(?:per|pr|a|an|each|every|p|pro|par|por|al|la|à\s?l['’]|je|im|in|die|l['’]|all['’]|à|by\sthe|the|na|za|i"
    r"|om|och)"
    r"(?:\b|(?<=['’]))\.?"
)
# Words that may come between an amount and its period; they stay words.
_NEUTRAL = (
    r"kr|brutto|netto|gross|net|bruto|brutos|brut|bruts|bruta|brute|lordo|lordi|lorda|netti|netta|neto|netos|nets"
    r"|líquidos?|base|basic|fixed|fix|fixum|ote|ctc"
    r"|tc|total|all-in|pay|salary|rate"
)
PERIOD_AFTER = re.compile(
    rf"(?:\+|\s|[(,]|(?:{_NEUTRAL})\b\.?){{0,6}}(?P<period>(?:(?:{_PREPOSITION})\s?)?(?P<unit>{_UNIT})(?![^\W_])\.?)",
    re.IGNORECASE,
)
# Before the amount only words that are periods and nothing else: "Hourly: $45", "annual salary of 80k".
_ADVERB = (
    r"(?:hourly|daily|weekly|monthly|yearly|annual|annually|p\.a|stündlich|jährlich|monatlich|tagessatz"
    r"|annuel|mensuel|horaire"
    r"|mensual|anual|mensal|mensile|annuo|miesięcznie|RAL|CTC|TJM|jahresgehalt|bruttojahresgehalt|monatsgehalt"
    r"|stundenlohn|stundensatz|maandsalaris|jaarsalaris|uurloon|dagtarief|månadslön|årslön|timlön)"
)
PERIOD_BEFORE = re.compile(rf"\b{_ADVERB}\b\.?|年収|年薪|年俸|月給|月薪|時給|时薪|日給", re.IGNORECASE)

TO = r"max|maximum|to|till|until|til|bis|à|a|ad|tot|do|hasta|até|al|up\sto|through"
AND = r"and|und|et|y|e|en|och|i|to|&"
_LEAD = r"(?:^|(?<![^\W_]))"
BETWEEN = re.compile(rf"{_LEAD}(?:between|zwischen|entre|tra|fra|tussen|mellan|między|mellem)\s*$", re.IGNORECASE)
MAXIMUM_BEFORE = re.compile(
    rf"(?:{_LEAD}(?:up\sto|upto|max|maximum|maximal|bis(?:\szu)?|jusqu['’]\s?(?:à|a)|jusque|hasta|até"
    rf"|ate|fino\sa|tot|upp\still"
    r"|till|til|do|under|below|less\sthan|no\smore\sthan|to|unter|höchstens|máximo|massimo)\.?:?|<=?|≤)\s*$",
    re.IGNORECASE,
)
MINIMUM_BEFORE = re.compile(
    rf"(?:{_LEAD}(?:from|min|minimum|mindestens|ab|von|à\spartir\s(?:de|d['’])|a\spartir\s(?:de|di)|dès"
    rf"|desde|de|da|vanaf|od|från"
    r"|fra|starting\s(?:at|from)|starts\sat|at\sleast|over|above|more\sthan|über|mínimo|minimo)\.?:?|>=?|≥)\s*$",
    re.IGNORECASE,
)
MAXIMUM_AFTER = re.compile(r"\s?\(?(?:max|maximum|maximal|máximo|massimo|or\sless|以下)\b\.?\)?", re.IGNORECASE)
MINIMUM_AFTER = re.compile(
    r"(?:\+(?!\s?\d)|\s?\(?(?:min|minimum|mínimo|minimo|or\smore|and\s(?:up|above)|upwards|以上|起)\b\.?\)?)",
    re.IGNORECASE,
)

# A bare "hour" or "year" is a period at the end of what is said; these also before other words.
_BARE = re.compile(
    r"(?:hourly|daily|weekly|monthly|yearly|annual|annually|annum|p[./]?[ahdwm]|p[./]u|pcm|stündlich|jährlich"
    r"|jaehrlich|monatlich"
    r"|mensuel|annuel|mensual|anual|anuales|mensile|annuo)\b",
    re.IGNORECASE,
)
_END_OF_CLAUSE = re.compile(r"\s*(?:$|[),;.+/|–-])")
_NEVER_BARE = ("an", "tim", "a", "j")


def period_after(text: str, at: int) -> re.Match[str] | None:
    """Return the period behind an amount that ends at ``at``: its word is ``unit``, its whole phrase ``period``."""
    match = PERIOD_AFTER.match(text, at)
    if match is None or match["period"] != match["unit"] or _BARE.match(match["unit"]):
        return match
    is_clause = _END_OF_CLAUSE.match(text, match.end()) and "," not in text[at : match.start("period")]
    return match if is_clause and match["unit"].lower() not in _NEVER_BARE else None


def currency_of(word: str) -> str:
    """Return the code of a currency as it is spelled in a cell, or "" if it is not one that can be told."""
    return _BY_WORD.get(word.casefold(), "")


def period_of(word: str) -> str:
    """Return the period that a word names, or ""."""
    lower = word.lower().rstrip(".")
    return _PERIOD_OF.get(lower) or _PERIOD_OF.get(re.split(r"\s", lower)[-1], "")
