"""The company that a letter is about, by its words, its sender and its signature."""

import re
from collections.abc import Callable, Iterator
from itertools import islice, pairwise

from tmr.domain.capture.mail.letter import LABEL_ALONE, Letter
from tmr.domain.capture.words.boards import is_sender_for_others
from tmr.domain.capture.words.names import LEGAL_FORM, bare_company, clean_title
from tmr.domain.fields.folding import fold, searchable

MOST = 20_000  # characters of a letter
MOST_NAMES = 100  # that one way of naming a company finds: all are compared with each other
_CAP = r"(?!I\b)[A-ZÀ-ÝŁŚŻ0-9][\w&'’.+-]*"
_LINK = r"(?:&|of|and|de|du|des|der|la|le|les|el|los|las|del|und|für|et|y|the|von|am|an|zu|in|d['’]\w+|Co\.)"
_NAME = (
    rf"(?:(?:The|Die|Der|Das|the) )?(?:[a-z]['’])?{_CAP}(?: (?:{_LINK} ){{0,2}}{_CAP}| & {_CAP}|(?: de)? [dl]['’]{_CAP}"
    rf"|,\s(?:S\.|Inc|Ltd|LLC|GmbH)[\w.]*)*"
)
OPEN, CLOSE = "[\"'„“«»‚‘’*]", "[\"'“”«»’‘*]"
ROLE_WORD = (
    r"(?:\w*(?:engineer|develop|manag|lead|speciali|analyst|architect|support|consult|scien|officer|coordinat|assist"
    r"|administrat|techni"
    r"|design|counsel|coach|advis|clerk|plann|nurse|operat|superv|partner|agent|trainer|direct|hand|worker|chief|head"
    r"|editor|writer)\w*)"
)
NO_TITLE = re.compile(
    r"^(?:your?|the|this|that|our|my|their|it|an?|other|position|role|post|job|interviews?|vacanc\w+|openings?"
    rf"|(?:applications?|careers?|teams?|work|time|profile|interest|interview)(?!\s{ROLE_WORD})|"
    r"stellen?(?:angebote?|ausschreibung|anzeige|bezeichnung)?|bewerbung(?:en|s\w*)?|positionen|ihre\w*|deine\w*"
    r"|uns\w*|ihnen|sie|wir"
    r"|gesprächs?\w*|termin\w*|kontakt|mandant\w*|kund(?:e|en|in)|client\w*|cliente\w*|auftraggeber\w*"
    r"|unterlagen|interesse|microsoft|google|zoom|"
    r"poste|candidature\w*|votre|notre|vous|nous|entretien\w*|puesto|candidatura\w*|oferta|entrevista\w*|proceso"
    r"|tu|su|nosotros|solicitud|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch|donnerstag|freitag|lundi"
    r"|mardi|mercredi|jeudi|vendredi|lunes|martes|miércoles|jueves|viernes|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|januar|februar|märz"
    r"|mai|juni|juli|oktober|dezember|\d[\d.: ]*|next steps?|update|"
    r"we(?:['’]\w+)?|i(?:['’]\w+)?|got|hello|hi|dear|probe(?:arbeit|tag)\w*|reminder|erinnerung|rappel"
    r"|recordatorio|reference(?=\s*(?:$"
    r"|\d|[:#]|n(?:o|r|umber)\b))|"
    r"einladung|invitation|rückmeldung|absage|zusage|confirmation|offer|opportunity|details|yes|no|not"
    r"|thank\w*|vielen)(?:\s|$)",
    re.IGNORECASE,
)
_AT = re.compile(
    rf"(?:\bat(?: the)?|\bbei(?: der| den| dem)?|\bbeim|\bchez|\bà l['’]|\bau|\baux|\ben(?: el| la)?|\bmit der"
    rf"|\bvom?|\bfrom(?: the)?|\bwith(?: the)?) (?P<name>{_NAME})|à l['’](?P<name2>{_NAME})"
)
_TOWARDS = re.compile(
    rf"(?:(?:[Aa]pply\w*|[Aa]pplication|[Aa]pplied|was sent|been sent|sent|[Ii]nterest|[Oo]ffer|[Oo]pportunity"
    rf"|steps|conversation|[Ii]nterview|career|position|role|job|[Jj]oin|process)"
    rf" (?:to|from|with|at|for|of|@|(?<=nterest )in)(?: joining| working (?:at|for|with))?(?: the)?"
    rf"|[Rr]ecruit(?:ing)? for"
    rf"|working with|[Ii]nteresse an(?: der)?|[Bb]ewerbung bei(?: der)?"
    rf"|(?:transmise?|envoyée?|adressée?|parvenue?) (?:à|chez)(?: l['’])?|(?:enviad[oa]|llegado) a|(?:an"
    rf"|bei)(?= [^.\n]{{2,50}} (?:gesendet|übermittelt|weitergeleitet))|[Ii]ntérêt (?:pour|porté à)"
    rf"|[Cc]andidature chez|[Ii]nter[ée]s en|[Cc]andidatura en|buscando .{{0,50}} para(?: el| la)?"
    rf"|looking for .{{0,50}} for|\b(?:[Ww]e|[Hh]ere|team) at(?: the)?|[Hh]iring (?:at|for)|\b(?:lead|run|head"
    rf"|handle) \w+ at"
    rf"|\b[Ww]ir (?:von|bei)(?: der| dem| den)?|\b[Tt]eam (?:von|bei)|[Nn]ous,? chez|[Cc]hez nous,? (?:à|chez)"
    rf"|\b(?:société|entreprise|empresa|Firma|employeur|employer|empleador|Unternehmen|Arbeitgeber)"
    rf"|l['’]équipe de|(?:[Jj]['’]accompagne|[Nn]ous accompagnons)(?: les?| la)?"
    rf"|nuestro equipo de|[Dd]esde|[Aa]quí en) (?P<name>{_NAME})"
)
_LABELLED = re.compile(
    r"^[ *•-]{0,4}(?:entreprise|employeur|société|company|employer|organi[sz]ation|unternehmen|arbeitgeber|firma"
    r"|empresa)\s?:\s?(?P<name>[A-ZÀ-Ý0-9].{1,70})$",
    re.IGNORECASE | re.MULTILINE,
)
_DEPARTMENT = re.compile(
    r"\b(?:(?:the )?(?:recruiting|recruitment|recruiters?|hiring|talent(?: acquisition)?|people|careers?|jobs?|hr"
    r"|human resources|staffing|onboarding|team|bot|notifications?|no-?reply|"
    r"do not reply|karriere|personal(?:abteilung|wesen|management|team)?|bewerb\w*|bewerbermanagement|rekrutierung"
    r"|recrutement|rh|ressources humaines|service|les (?=équipes?|services?|recrut)|équipes?|candidatures?|"
    r"talento|equipo|empleo|selección|rrhh|recursos humanos|personas|de personas|support|info|hello|kontakt"
    r"|via \w+|ats|department|office|verwaltung|sekretariat|(?:personal)?leitung|geschäftsstelle"
    r"|producción|administración|secretaría"
    r"|secrétariat|oficina|crewing|reception))\b",
    re.IGNORECASE,
)
GREETING = re.compile(
    r"^(?:moin|ciao|servus|hasta|nos|take|hope|bonne|ihr|all the best"
    r"|hi|hello|dear|hallo|guten|liebe[rs*]*|sehr|bonjour|cher|chère|hola|buenos|estimad[oa]|best|kind|many"
    r"|warm|regards|cheers|thanks|thank|sincerely|yours|viele|mit|freundliche|beste|"
    r"gruß|grüße|cordialement|bien|merci|à|saludos|un|atentamente|gracias|alles|bis|soup|sorry|all|warmly|mucha"
    r"|madame|monsieur|reply|unsubscribe|view|organizer|join|jetzt|microsoft|besprechungs|ich|wir|we|i)\b",
    re.IGNORECASE,
)
# What a calendar calls a meeting, as in “Crumb x Robin Vale”.
_MEETING_OF_TWO = re.compile(rf"(?<![\w-])({_NAME}) (?:x|×|<>|/|&|\||–|-) ({_NAME})")
_PERSON_AT = re.compile(rf"[^\W\d_]+(?: [^\W\d_]+)? (?:at|from|bei|vom?|chez|@) (?P<name>{_NAME})")
_LEADING = re.compile(
    r"^(?:(?:ihre?|deine?|your|votre|tu|su|nuestr[oa]|notre|unsere?|our|l['’]équipe(?: (?:du|des|de(?: la)?))?)"
    r"\s(?=[A-ZÀ-Ý])"
    r"|(?:(?:(?:dein|ihr|euer|das|your|the|votre|tu|el)\s)?(?:team|équipe|equipo)\s(?:der|des|von|vom|bei|of|at"
    r"|from|de|du)\b"
    r"|interview|entrevista|entretien|einladung|invitation|gespräch|vorstellungsgespräch|termin|update"
    r"|updated|bewerbung|your|ihre|team|equipo|équipe|from|vom|von|de|the (?=team))\s*[:–-]?\s+)+",
    re.IGNORECASE,
)
_TRAILING = re.compile(rf"(?:\s(?:(?!d['’]){_LINK}|has|have|is|are|team|wants|would|will|hat|lädt))+$")
_LONGEST_ACRONYM = 6
_LONGEST_LINE = 120
_COMMON = frozenset(
    (
        *("mail", "mails", "email", "notify", "notification", "example", "hire", "jobs", "job", "careers", "career"),
        *(
            "recruiting",
            "recruitment",
            "smtp",
            "bounce",
            "us",
            "eu",
            "www",
            "com",
            "org",
            "net",
            "de",
            "fr",
            "es",
            "uk",
        ),
        *("co", "info", "reply", "boards", "greenhouse-mail"),
    )
)
_FREE_MAIL = frozenset(
    (
        *("gmail", "googlemail", "outlook", "hotmail", "yahoo", "gmx", "web", "icloud", "proton", "protonmail"),
        *("posteo", "aol", "orange", "free", "laposte", "live", "msn", "me", "t-online"),
    )
)


def company_of(letter: Letter, summary: str = "", title: str = "", *, is_recruiter: bool = False) -> str:
    """Return the company that a letter is about, or "": what most of its words, its sender and its domain agree on."""
    scores: dict[str, int] = {}
    labels = labels_of(letter.address)
    for name, weight in _candidates(letter, summary, title, is_recruiter=is_recruiter):
        clean = _company(name)
        if weight < 5 and _is_of_sender(clean, letter.name, letter.address):
            continue
        is_title = title and (fold(clean_title(clean)).endswith(fold(title)) or fold(title).startswith(fold(clean)))
        if clean and not is_title:
            is_fit = not is_recruiter and any(fits(clean, label) for label in labels)
            is_whole = is_fit and " " in clean and re.sub(r"\W", "", fold(clean)) in labels
            scores[clean] = max(scores.get(clean, 0), weight + 4 * is_fit + 3 * is_whole) + (
                1 if clean in scores else 0
            )
    if not scores:
        return "" if is_recruiter else _of_address(letter.address)
    _join(scores, _nominative)  # “bei den Stadtwerken”
    _join(scores, lambda name: _ARTICLE.sub("", name))  # “la Ville de …”
    _join(scores, lambda name: name.partition(" in ")[0])  # “Crumb in Leeds”
    of_initials = {_initials(name): name for name in reversed(scores) if not name.isupper()}
    _join(scores, lambda name: of_initials.get(name, name) if len(name) <= _LONGEST_ACRONYM else name)  # “GHHL”
    agreed = {
        name: score + sum(other for known, other in scores.items() if known != name and _is_part(known, name))
        for name, score in scores.items()
    }
    return max(agreed, key=lambda name: (agreed[name], bool(LEGAL_FORM.search(name))))


def _join(scores: dict[str, int], whole: Callable[[str], str]) -> None:
    """Add what each name scored to the one that ``whole`` makes of it, where that is among them."""
    for name in list(scores):
        if (other := whole(name)) != name and other in scores:
            scores[other] += scores.pop(name)


_BESIDE_TITLE = re.compile(
    rf"\s?{CLOSE}?\s(?:de|para|for|von)(?: la| el| der)? (?P<name3>{_NAME})|[^\n.;!?]{{0,45}}?(?:{_AT.pattern})"
)


def _is_of_sender(name: str, sender: str, address: str) -> bool:
    """Whether a name is that of the person who wrote, or one part of it."""
    words, local = sender.replace(",", " ").split(), address.partition("@")[0]
    is_person = any(len(word) > 2 and searchable(word) in searchable(local) for word in words)
    is_first_name = len(words) == 1 and not any(fits(name, label) for label in labels_of(address))
    return (
        is_person
        and (is_first_name or 2 <= len(words) <= 3)
        and set(name.split()) <= set(words)
        and not _DEPARTMENT.search(sender)
    )


def _initials(name: str) -> str:
    return "".join(word[0] for word in re.split(r"[\s-]", name) if word[:1].isupper())


def _nominative(name: str) -> str:
    first, _, rest = name.partition(" ")
    return f"{first.removesuffix('n')} {rest}" if rest and first.endswith("en") else name


def _candidates(letter: Letter, summary: str, title: str, *, is_recruiter: bool) -> Iterator[tuple[str, int]]:
    text = f"{letter.subject}\n{letter.text}"[:MOST]
    if len(letter.recipient) > 3:
        for one, other in islice(_MEETING_OF_TWO.findall(f"{letter.subject}\n{summary}"), 5):
            yield from ((name, 6) for name, beside in ((one, other), (other, one)) if beside == letter.recipient)
    for match in islice(_LABELLED.finditer(text), 20):
        yield match["name"], 9
    for match in islice(_TOWARDS.finditer(text), MOST_NAMES):
        yield match["name"], 6
    if title:
        yield from ((line, 6) for line in _below_title(letter.lines, title))
        for found in islice(re.finditer(re.escape(title), text), 50):
            beside = text[found.end() : found.end() + 130]
            if said := _BESIDE_TITLE.match(beside):
                is_person = said["name"] and text[: found.end() + said.start("name")].endswith("with ")
                yield next(filter(None, said.groups()), ""), 3 if is_person else 7
    if is_recruiter:
        return
    for match in islice(_AT.finditer(text), MOST_NAMES):
        yield match["name"] or match["name2"], 2
    name = letter.name
    if name and not is_sender_for_others(name) and " via " not in name:
        of_person = _PERSON_AT.fullmatch(name)
        bare = of_person["name"] if of_person else " ".join(_DEPARTMENT.sub(" ", name).split())
        is_department = bare != name
        is_automatic = bool(
            re.match(
                r"(?:no-?reply|do-?not|jobs|hr|careers?|recrut|recruit|talent|personal|bewerb|karriere|notif"
                r"|empleo|hiring|people|rh)",
                letter.address,
            )
        )
        bare = bare.rpartition(", ")[2] if " " in bare.rpartition(", ")[2] else bare  # “Soil Ecology, University of …”
        is_person = not is_department and _is_signed_above_company(name, letter.lines)
        yield bare, 5 if (is_department or is_automatic or LEGAL_FORM.search(bare)) and not is_person else 0
    for line in (*letter.lines[-6:], *_after_closing(letter.lines)):
        if LABEL_ALONE.fullmatch(f"{line[:40].partition(':')[0]}:"):
            continue
        for part in re.split(r",\s(?!S\.|Inc|Ltd|LLC|GmbH)|\s[|·–—-]\s", line):
            short = part.strip(" .*-")
            of_person = re.fullmatch(rf"\w+ (?:vom|from|at|bei|von) (?P<name>{_NAME})", short)
            if of_person:
                yield of_person["name"], 4
            elif (
                len(short) <= 70
                and not re.search(r"[!?:@]|https?:", part)
                and not GREETING.match(short)
                and re.fullmatch(_NAME, short)
            ):
                yield short, 3 if LEGAL_FORM.search(short) else 1 if " " in short else 0
    for label in labels_of(letter.address):
        yield from ((found, 2) for found in _words_that_fit(f"{text}\n{summary}", label))


def _is_signed_above_company(name: str, lines: list[str]) -> bool:
    """Whether a letter ends with this name and another one below it, as people sign for a company."""
    signed = pairwise(line.strip(" ,.") for line in lines[-8:])
    return any(line == name and re.fullmatch(_NAME, below[:80]) for line, below in signed)


def _below_title(lines: list[str], title: str) -> Iterator[str]:
    """Yield names below a line that is nothing but the role, as boards put them."""
    for above, line in pairwise(lines):
        if len(above) <= _LONGEST_LINE and fold(clean_title(above)) == fold(title) and re.fullmatch(_NAME, line[:80]):
            yield line


def _after_closing(lines: list[str]) -> list[str]:
    at = next((at for at, line in enumerate(lines) if at and _CLOSING.match(line)), len(lines))
    return lines[at + 1 : at + 5]


_CLOSING = re.compile(
    r"(?:kind |best |warm )?regards|best wishes|sincerely|cheers|all the best|mit freundlichen|freundliche"
    r"|viele grüße|beste grüße|cordialement|bien à vous|saludos|un saludo|atentamente",
    re.IGNORECASE,
)


_DAY = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez|fév|avr|juin|juil|août|déc|ene|abr|ago|dic)"
    r"\w{0,7}\.?\s(?:de\s)?\d|\d\.?\s(?:de\s)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez|fév"
    r"|avr|juin|juil|août|déc|ene|abr|ago|dic)",
    re.IGNORECASE,
)
_STREET = re.compile(r"(?:straße|strasse|str\.|weg|gasse|platz|allee|ring|ufer|damm)\s\d", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:La|Le|Les|Die|Der|Das|The|El|Los|Las|Los|L['’])\s?(?=[A-ZÀ-Ý])")


# What a name has behind it that says by what a mail was sent, and one that is a person's.
_PLATFORM = re.compile(r"\s(?:\((?:via |by |par |über )?[^()]{3,40}\)?|(?:via|by way of|über) [A-Z]\w.{0,30})$")
_PERSON = re.compile(
    r"(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herrn?|Frau|M|Mme|Mlle|Madame|Monsieur|Sr|Sra|Srta|Don|Doña)\.? [A-ZÀ-Ý]"
)
# What stands where a company could, and is a sort of contract, a zone or a way to meet.
_NO_COMPANY = re.compile(
    r"(?:CDI|CDD|CV|VIE|HR|RH|IT|Vollzeit|Teilzeit|Full[- ]time|Part[- ]time|(?:[A-Z]\w+ ){1,3}Time|Zoom|Skype|Webex"
    r"|Telefon|Video"
    r"|Visio|Phone|FaceTime|WhatsApp|Homeoffice|Remote|Europe|Deutschland|France|España|Germany|Spain|United Kingdom"
    r"|(?:Der|Die|Das) Stelle)"
)


def _of_address(address: str) -> str:
    """Return a company by a sender's domain of several words, where a mail does not name it: “atelier-marelle”."""
    domain = address.rpartition("@")[2]
    known = {label.replace("-", ""): label for label in domain.split(".")[:-1]}
    labels = [known[label] for label in labels_of(address)]
    return " ".join(word.capitalize() for word in labels[-1].split("-")) if labels and "-" in labels[-1] else ""


# What a calendar has behind a company's name
_WEEKDAY_BEHIND = re.compile(
    r"\s(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:Mon|Diens|Donners|Frei|Sams|Sonn)tag|Mittwoch"
    r"|(?:[Ll]un|[Mm]ar|[Mm]ercre|[Jj]eu|[Vv]endre|[Ss]ame)di|[Ll]unes|[Mm]artes|[Mm]iércoles|[Jj]ueves|[Vv]iernes)"
    r"(?:\s\d.*)?$"
)


def _company(text: str) -> str:
    text = _WEEKDAY_BEHIND.sub("", _PLATFORM.sub("", text))
    if _NO_COMPANY.fullmatch(text.strip()) or _PERSON.match(text):
        return ""
    name = _TRAILING.sub("", _LEADING.sub("", " ".join(text.split()))).strip(" ,.;:-–—|*\"'„“«»()")
    name = re.split(r"(?:(?<=\w{3})|(?<=\b[A-Z]{2})|(?<=\be[GV]))\.\s+(?=[A-ZÀ-Ý])", name)[0].strip(" ,;:")
    name = re.sub(r"[.](?:\s.*)?$", "", name) if not LEGAL_FORM.search(name) else name
    if (
        not 2 <= len(name) <= 70
        or not (name[0].isupper() or name[0].isdigit())
        or is_sender_for_others(name)
        or GREETING.match(name)
    ):
        return ""
    if (
        NO_TITLE.match(re.sub(r"^(?:The|Die|Der|Das|Le|La|Les|El)\s", "", name))
        or len(name.split()) > 8
        or re.fullmatch(r"[\d\s.:]+", name)
        or _STREET.search(name)
        or _DAY.search(name)
    ):
        return ""
    bare = " ".join(_DEPARTMENT.sub(" ", name).split()).strip(" ,&-")
    if bare != name:
        bare = re.sub(r"^(?:The|Das|Die|Der|L['’]|Le|El)\s?(?=[A-ZÀ-Ý])", "", bare)
    return name if bare == name else ("" if not bare or len(bare) < 3 else bare if bare[0].isupper() else "")


def labels_of(address: str) -> list[str]:
    """Return the parts of a sender's domain that may name a company."""
    domain = address.rpartition("@")[2]
    found = [label.replace("-", "") for label in domain.split(".")[:-1] if label not in _COMMON | _FREE_MAIL]
    return [label for label in found if len(label) >= 4 and not is_sender_for_others(label)]


def fits(name: str, label: str) -> bool:
    """Whether a part of a sender's domain can be that of a company with this name."""
    folded = re.sub(r"\W", "", fold(bare_company(name)))
    words = [re.sub(r"\W", "", fold(word)) for word in bare_company(name).split()]
    return label in folded or folded in label or any(len(word) >= 5 and word in label for word in words)


def _words_that_fit(text: str, label: str) -> Iterator[str]:
    """Yield names in a text of which a word is in a domain."""
    for match in islice(re.finditer(_NAME, text[:MOST]), 400):
        if len(match[0]) <= 60 and fits(match[0], label) and "@" not in text[match.end() : match.end() + 1]:
            yield match[0]


def _is_part(one: str, other: str) -> bool:
    short, long = fold(bare_company(one)), fold(bare_company(other))
    return short == long or (len(short) >= 4 and short in long)
