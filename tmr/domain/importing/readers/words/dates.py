"""The names of months and weekdays, folded, in the languages that tables come in."""

from tmr.domain.fields.folding import fold

# English, German, French, Spanish, Portuguese, Italian, Dutch, Polish (also the genitive), Swedish, Danish,
# Norwegian.
_MONTHS = (
    "jan january januar jän jänner jaenner janv janvier ene enero janeiro gen gennaio januari sty styczeń stycznia",
    "feb february februar feber févr fév février febrero fev fevereiro febbraio februari febr lut luty lutego",
    "mar march mär märz maerz mrz mars marzo março maart mrt marzec marca marts",
    "apr april avr avril abr abril aprile kwi kwiecień kwietnia",
    "may mai mayo maio mag maggio mei maj maja",
    "jun june juni juin junio junho giu giugno cze czerwiec czerwca",
    "jul july juli juil juillet julio julho lug luglio lip lipiec lipca",
    "aug august août ago agosto augustus augusti sie sierpień sierpnia",
    "sep sept september septembre septiembre set setiembre setembro sett settembre wrz wrzesień września",
    "oct october okt oktober octobre octubre out outubro ott ottobre paź październik października",
    "nov november novembre noviembre novembro lis listopad listopada",
    "dec december dez dezember déc décembre dic diciembre dezembro dicembre gru grudzień grudnia des desember",
)
_WEEKDAYS = (
    (
        "mon monday mo montag lun lundi lunes seg segunda segunda-feira lunedì ma maandag "
        "pon pn poniedziałek mån måndag man mandag"
    ),
    (
        "tue tues tuesday di dienstag mar mardi martes ter terça terça-feira martedì dinsdag "
        "wt wto wtorek tis tisdag tir tirsdag"
    ),
    (
        "wed weds wednesday mi mittwoch mer mercredi mié miércoles qua quarta quarta-feira mercoledì "
        "wo woensdag śr śro środa ons onsdag"
    ),
    (
        "thu thur thurs thursday do donnerstag jeu jeudi jue jueves qui quinta quinta-feira gio "
        "giovedì donderdag czw czwartek tor tors torsdag"
    ),
    "fri friday fr freitag ven vendredi vie viernes sex sexta sexta-feira venerdì vr vrijdag pt pią piątek fre fredag",
    "sat saturday sa samstag sonnabend sam samedi sáb sábado sab sabato za zaterdag sob sobota lör lördag lørdag",
    "sun sunday so sonntag dim dimanche dom domingo domenica zo zondag nd ndz niedz niedziela sön söndag søndag",
)
_EASTERN_WEEKDAYS = (
    "月 月曜 月曜日 星期一 周一 週一 월 월요일",
    "火 火曜 火曜日 星期二 周二 週二 화 화요일",
    "水 水曜 水曜日 星期三 周三 週三 수 수요일",
    "木 木曜 木曜日 星期四 周四 週四 목 목요일",
    "金 金曜 金曜日 星期五 周五 週五 금 금요일",
    "土 土曜 土曜日 星期六 周六 週六 토 토요일",
    "日 日曜 日曜日 星期日 星期天 周日 週日 일 일요일",
)


def _numbers(names: tuple[str, ...]) -> dict[str, int]:
    """Return the position of each word, as it is spelled and folded: folding while reading takes longest of all."""
    return {key: at for at, words in enumerate(names) for word in words.split() for key in (word, fold(word))}


_MONTH_OF = _numbers(("", *_MONTHS))
_WEEKDAY_OF = _numbers(_WEEKDAYS) | _numbers(_EASTERN_WEEKDAYS)


def month_of(word: str) -> int | None:
    """Return the number of a month, from 1, or None for another word."""
    return _number_of(_MONTH_OF, word)


def weekday_of(word: str) -> int | None:
    """Return the number of a weekday, from 0 for Monday, or None for another word."""
    return _number_of(_WEEKDAY_OF, word)


def _number_of(numbers: dict[str, int], word: str) -> int | None:
    lower = word.lower().rstrip(".")
    number = numbers.get(lower)
    return numbers.get(fold(lower)) if number is None and not lower.isascii() else number
