"""The role that a letter is about, by its sentences, its subject and a calendar with it."""

import re
from collections.abc import Iterator
from itertools import islice

from tmr.domain.capture.mail.letter import Letter
from tmr.domain.capture.mail.names import CLOSE, GREETING, MOST, NO_TITLE, OPEN, ROLE_WORD, company_of, fits, labels_of
from tmr.domain.capture.words.ideas.doers import is_role
from tmr.domain.capture.words.names import bare_company, clean_title
from tmr.domain.fields.folding import fold
from tmr.domain.fields.types.times import ZONES
from tmr.domain.importing.readers.words.dates import weekday_of

# A role for all genders in one word: “Projektleiter:in”, “Infirmier(ère)”, “Panadero/a”.
_FOR_ALL = r"(?::in(?:nen)?\b|\((?:in|e|ne|ère|se|euse|trice|rice|a|o)\))"
END = (
    rf"(?=(?!{_FOR_ALL})\s*(?:[(\[|\n.,;:!?–—\"“”»]|$|\s-\s)"
    r"|\s+(?:at|bei|beim|chez|with|en|à l['’]|au|aux|in|has|have|hat|haben"
    r"|and|und|et|y|sind|ist|is|was|der|dem|a été|ha sido|nous|wir|we|por|para|for|pour|gefällt|gefallen"
    r"|interessiert|passt|klingt|einstellen|sprechen|unterhalten|kennenlernen|anbieten|anzubieten"
    r"|einladen|eingegangen|besetzen"
    r"|position|role|post|job|opening|vacancy|beworben|erhalten|opportunity|from|est|um|am|on|für|le (?:lundi"
    r"|mardi|mercredi|jeudi|vendredi|\d)|el (?:lunes|martes|miércoles|jueves|viernes|\d)|that|which|who"
    r"|vorzustellen|zu|nicht|leider|an|als|gefreut|freuen|gedankt|bedanken"
    r"|danken|el próximo|le prochain|am kommenden|a (?:retenu|bien|été|fait)|gewinnen|que|qui|dont|nos|no|ha|han"
    r"|hemos|te|se|lo|ein|eine[nr]?|ab|dass"
    r"|wurde|wird|werden|afin|suite|avec|sin|durante|will|would|could|should|via|per|bitte|gerne?|this|next|today"
    r"|tomorrow|starting|based|located|desde|hasta|porque|since|but|aber|mais|pero|because|weil|durch|nach|bis"
    r"|ne|n['’]\w+|à laquelle|auf die|über|à (?=[A-ZÀ-Ý])|on board|any|please|merci|fest"
    r"|made|reached|landed|came|arrived|went|goes|got|did|does|do|can|may|might|must|shall|if|when|while|where|once"
    r"|until|by|then|now|here|near|not|we|you|they|he|she|it|paying|following|after|before|during|within|to|off|out"
    r"|wenn|keine?n?|sind|haben|können|konnten|möchten|freuen|uns|ihnen|Ihnen|Sie|sie|dich|dir|du|ihr|gerade|sehr"
    r"|derzeit|aktuell|sofort|jetzt|noch|auch|mit|vor|hervorragend|bekommen|bekommst|startest|anfangen"
    r"|gesucht|ausgewählt"
    r"|a partir|cerca|es|está|son|si|cuando|el día|el próximo|para que|según|sigue|tras|ya no|nunca|convocad[oa]"
    r"|à compter|dès (?:le|lundi|que)|durará|será|tendrá|sería"
    r"|si|quand|chez|au sein|à partir|n['’]est|sont|nous|vous|évoquée?|concerné"
    r"|ya|vient|im Anhang|in der Anlage|anbei|attached|ci-joint|en pièce jointe|adjunt[oa])\b)"
)
_MOST_MATCHES = 40
_GERMAN = (5, 6, 7, 8)  # of the patterns; nouns are capitals there, so that small words behind them are of the sentence
_TRAILING_SMALL = re.compile(r"(?:\s(?:[a-zäöüß]\S{0,30}|\d{1,4}))+$")
_ROLE_NOUN = r"(?:position|role|post|job|opening|vacancy|opportunity)"
_TITLE = r"(?P<title>(?:[A-ZÀ-Ý0-9]|[a-z](?=[A-Z]))(?:[^\n.,;:!?()\[\]\"“”»|–—]|"
_TITLE += rf"{_FOR_ALL}){{1,80}}?)"
_ANY_TITLE = _TITLE.replace("(?:[A-ZÀ-Ý0-9]|[a-z](?=[A-Z]))", r"[^\W_]", 1)
_SECOND_PART = (
    r"(?!I['’])[A-ZÀ-Ý][\w&'’/+-]{1,30}(?:\s(?:and|&|und|et|y|of|de|für|for|(?!I['’])[A-ZÀ-Ý0-9][\w&'’/+-]{1,30})){0,4}"
)
_AFTER_TITLE = re.compile(
    r"\s?(?:[\"”“»’]|\((?:[mwfdh][/|]|R-?\d|JR|ID|all)|\s?(?:position|role|post|job|opening|vacancy|has been|wurde"
    r"|a été|ha sido)\b|(?:at|bei|beim|chez|with) )",
)
_ROLE_BEFORE = re.compile(
    r"(?:\b(?:position|role|post|job) (?:of|as)(?: an?)?|\b(?:Stelle|Position|Tätigkeit) als|\b(?:poste|puesto|plaza"
    r"|vacante) d(?:e|['’]))\s?$"
)
# What stands before a role in the same words, and what a subject has before and behind it.
_BEFORE_MARKED = re.compile(
    r"^.*\b(?:Stellen?|Position|Funktion|Tätigkeit|Rolle|Vakanz|als|eine?n?|(?:um|für|auf|über) (?:die|den)|une?|poste"
    r"|puesto)\s+"
)
_AROUND_IN_SUBJECT = re.compile(
    r"^(?:\w{0,25}gespräch|\w{0,12}interview|\w{0,15}termin|entretien|entrevista|probearbeiten|kennenlernen|bewerbung"
    r"|candidature|candidatura"
    r"|application)\s(?:(?:als|zum|zur|for|pour|para|de|du|fürs?|the|au poste de)\s)?(?=[A-ZÀ-Ý])|\sà\s[A-ZÀ-Ý]\S+$"
    r"|\s(?:with|mit|avec|con)\s(?-i:[A-ZÀ-Ý]\w+(?: [A-ZÀ-Ý]\w+)?)(?:\s(?:on|at|am|um|le|el|à|a)\s.*)?$",
    re.IGNORECASE,
)
# A role with the mark that all genders are meant is one wherever it stands.
_MARKED = re.compile(
    r"(?<![\w-])(?P<title>[A-ZÀ-Ý](?:[^\s.,;:!?()\[\]\"“”„»«|–—]|:in(?:nen)?\b){1,40}"
    r"(?: (?!als\b|zum\b|zur\b|bei\b|beim\b|für\b)[^\s.,;:!?()\[\]\"“”„»«|–—]{1,40}){0,6}?)\s?"
    + CLOSE
    + r"?\s?\((?:(?:[mwfdhx]|all(?:e)?)\b[^()\n]{0,20}|(?:ID|Ref|Req|JR|R)\b[.:# -]{0,3}\d[\w-]{0,20})\)",
)
# “Sachbearbeiter:in für”, which a role with a mark may have before it
_ROLE_FOR = re.compile(r"(?<![\w-])(?P<role>[A-ZÄÖÜ][\w*:/-]{2,40}) (?:für|im|in der) $")
# “Grants and Reporting Officer”, of which the first word alone is no role
_JOINED = re.compile(r"\s(?:and|&|und|et|y)(?:\s[A-ZÀ-Ý][\w'’/-]{1,30}){1,4}")
# “Baker at Crumb”, “Panadero de Crumb”
_BEHIND_ROLE = re.compile(r"\s(?:at|bei|beim|chez|@)\s(?=[A-ZÀ-Ý0-9])")
# “Crumb for the Baker (position)”, “Panadero de la empresa Crumb”
_FOR_THE = re.compile(r"^(?:[A-ZÀ-Ý][\w&'’.-]*\s){1,6}for (?:the|our) (?=[A-ZÀ-Ý])")
_OF_COMPANY = re.compile(r"\s(?:de la empresa|de l['’]entreprise|de la société|der Firma|at the company)\s")
_OF_NAME = re.compile(r"\s(?:de|at|bei|chez|en|à|for|para)\s(?=[A-ZÀ-Ý])")
_BEHIND_MARK = re.compile(
    r"\s((?:im |für )?[A-ZÄÖÜ][\w-]{2,30}(?:(?: und)?\s[A-ZÄÖÜ][\w-]{2,30}){0,2})(?=\s(?:bei|beim)\s)"
)
_TITLES = tuple(
    re.compile(pattern)
    for pattern in (
        (
            rf"(?:[Pp]osition|[Rr]ole|[Pp]ost|[Jj]ob|[Oo]pening|[Vv]acancy)(?: (?:of|as|for)|:) ?(?:an? |the "
            rf"|our )?{OPEN}?{_TITLE}{CLOSE}?{END}"
        ),
        (
            rf"\b(?:for|to|about|in|on|regarding|[Tt]he|[Oo]ur|offered|an?|with) (?:the |our "
            rf"|an? )?{OPEN}?{_TITLE}{CLOSE}?\s+{_ROLE_NOUN}\b"
        ),
        (
            rf"(?:application|applied|applying|apply|candidacy|considered|interview(?:ed)?(?: you)?|interest)(?: to be"
            rf" (?:our|an?)| for:?(?: the role of| our| the| an?)?| as(?: our| the| an?)?| (?:in|to) (?:our|the)"
            rf"|:) {OPEN}?(?:R-?\d+ )?{_TITLE}{CLOSE}?{END}"
        ),
        (
            rf"\b(?:to be (?:our|its|an?)|(?:on board|join (?:us|our team|the team)|you|employment) (?:as|as (?:our|its"
            rf"|their|an?|the)|on as an?)|as (?:our|its|their)(?: next| new)?|next) {_TITLE}{END}"
        ),
        (
            rf"(?:looking for|hiring|recruiting|seeking|searching for|needs?|(?:is|are) after|joining us as"
            rf"|appointment as) (?:for )?(?:an? "
            rf"|our next )?{OPEN}?{_TITLE}{CLOSE}?{END}"
        ),
        (
            rf"(?:[Ss]telle|[Pp]osition|[Ff]unktion|[Tt]ätigkeit|[Aa]usschreibung|[Aa]nzeige|[Bb]ewerbung|beworben"
            rf"|[Vv]akanz|[Rr]olle)(?: bei [A-ZÄÖÜ][\w ]{{1,40}})?(?: als| um die| auf die| für die| zur?m?| des"
            rf"| der)?(?: Stelle| Position)?(?: als)? {OPEN}?{_TITLE}{CLOSE}?{END}"
        ),
        rf"\bals {OPEN}?{_TITLE}{CLOSE}?{END}",
        rf"(?:(?:um|über|für|zu[rm]?) die |für den |weiter um die ){OPEN}?{_TITLE}{CLOSE}?{END}",
        (
            rf"(?:suche[nt]?|besetzen) (?:wir |ich |für (?:eine?n? |unsere?n? |meine?n? )?\w+ (?:in [A-Z]\w+ )?"
            rf"|derzeit "
            rf"|aktuell )*(?:eine?n? )?{OPEN}?{_TITLE}{CLOSE}?{END}"
        ),
        rf"[Pp]oste (?:de |d['’]|:\s?|(?=[A-ZÀ-Ý])){OPEN}?\s?{_ANY_TITLE}\s?{CLOSE}?{END}",
        (
            rf"(?:[Cc]andidature|postulé|offre|annonce)(?: au poste d[e'’]| pour(?: le poste d[e'’]| l['’]offre)?"
            rf"| à(?: l['’]offre)?| de| au)? ?{OPEN}?\s?{_TITLE}\s?{CLOSE}?{END}"
        ),
        (
            rf"\b(?:son|sa|ses|leur|notre|ihre?n?|seine?n?|unsere?n?|su|nuestr[oa]) (?:futur|nouveau|nouvel|prochain"
            rf"|nächst|neue|próxim|nuev)\w{{0,4}} {_TITLE}{END}"
        ),
        rf"(?:[Rr]echerch\w+|[Rr]ecrut\w+|en tant que) (?:une? |un\(e\) )?{OPEN}?\s?{_TITLE}\s?{CLOSE}?{END}",
        (
            rf"(?:[Pp]uesto|[Vv]acante|[Pp]osición|[Oo]ferta|[Pp]roceso|[Pp]laza|[Cc]argo|[Ee]ntrevista|[Cc]ontrato)"
            rf"(?: de selección)?(?: de(?:l puesto de)?| para| como|:)? ?{OPEN}?\s?{_TITLE}\s?{CLOSE}?{END}"
        ),
        (
            rf"(?:[Cc]andidatura|[Ss]olicitud|[Ii]nscripción|inscrito)(?: a(?:l puesto de| la vacante de"
            rf"| la oferta(?: de)?)?| para(?: el puesto de)?| en(?: la oferta)?"
            rf"| como)? ?{OPEN}?\s?{_TITLE}\s?{CLOSE}?{END}"
        ),
        (
            rf"(?:[Bb]usc\w+|(?:seas?|como|formes parte como) nuestr[oa](?: nuev[oa])?|contar contigo como"
            rf"|seleccionando|incorporar a|incorporar|precis\w+|necesit\w+)"
            rf" (?:un[ao]? |a un[ao]? )?{OPEN}?{_TITLE}{CLOSE}?{END}"
        ),
    )
)
_IN_SUBJECT = (
    re.compile(r"(?:Interview|Gespräch|Entretien|Entrevista)\s?\((?P<title>[A-ZÀ-Ý][^\n()]{2,60})\)"),
    re.compile(r"(?:[:–—|-]\s{1,5})(?P<title>[A-ZÀ-Ý][^\n:–—|@<>]{2,70}?)\s{0,5}(?:\([^)]{0,80}\))?\s{0,5}$"),
    re.compile(r"^[^:]{3,40}:\s{1,5}(?P<title>[A-ZÀ-Ý][^\n:–—|@<>,]{2,70}?)(?:,|\s(?:at|bei|chez|en)\s|$)"),
    re.compile(
        r"(?:[Ii]nterview|[Ee]ntrevista|[Ee]ntretien|[Gg]espräch)\s(?:for |zur? |pour |para )?(?:the )?"
        r"(?P<title>[A-ZÀ-Ý](?:[^\n:–—|@<>]|:in\b){2,60})(?:$|:\s)"
    ),
    re.compile(
        r"^(?:Application|Bewerbung|Candidature|Candidatura|Opportunity|Opportunité|Oportunidad)\s"
        r"(?P<title>[A-ZÀ-Ý][^\n:–—|@<>]{2,60})$"
    ),
    re.compile(
        r"^(?P<title>[A-ZÀ-Ý][^\n:–—|@<>,]{2,60}):\s(?:Probe\w+|Einladung|Termin|Absage|Zusage|Rückmeldung|Entretien"
        r"|Entrevista|Invitation|Interview|Gespräch)\b"
    ),
    re.compile(
        r"\b(?:[Ss]teps?|[Uu]pdate|[Nn]ews|[Ff]eedback|[Dd]ecision|[Rr]esponse|[Ii]nvitation|[Rr]ückmeldung"
        r"|[Ee]inladung"
        r"|[Aa]bsage|[Zz]usage|[Rr]éponse|[Ss]uite|[Ii]nvitación|[Nn]ovedades|[Rr]espuesta)"
        r"\s(?:for|on|about|regarding|zu[rm]?|als|für|pour|sur|para|sobre)\s(?:the |our |la |el |le )?"
        r"(?P<title>[A-ZÀ-Ý][^\n:–—|@<>]{2,60})$"
    ),
    re.compile(
        r"^(?P<title>[A-ZÀ-Ý][^\n:–—|@<>,-]{2,60}?)[\s:–—-]+(?:[Ii]nterview|[Gg]espräch|[Ee]ntretien|[Ee]ntrevista"
        r"|opportunity|role|position|job|application"
        r"|vacancy|post)\b"
    ),
)
# What stands before the word interview and is no role.
_SORT_OF_INTERVIEW = re.compile(
    r"(?:(?:technical|first|second|third|final|initial|next|phone|telephone|video|online|on-?site|virtual|zoom|teams"
    r"|panel|personal|job|hr|introductory|screening|invitation|confirmed|updated|your|erstes|zweites|persönliches"
    r"|technisches|telefonisches|premier|second|deuxième|primera|segunda|entretien|interview|gespräch|entrevista)\s?)+",
    re.IGNORECASE,
)


_WITH_WHOM = re.compile(r"\s(?:interview|gespräch|entretien|entrevista)\s(?:w/|with|mit|avec|con)\s.*$", re.IGNORECASE)
# A role that has brackets of its own, or the word position.
_WHOLE = re.compile(
    r"\b(?:[Tt]he|[Oo]ur|an?) (?:"
    r"(?P<title>[A-ZÀ-Ý][^\n.,;:!?()]{2,60}(?: \([A-ZÀ-Ý][^()\n]{2,30}\)|, [A-ZÀ-Ý][\w&'’/ -]{2,40})) "
    r"(?:position|role|post|job|opening|vacancy)\b"
    r"|(?P<other>(?:PhD|[Dd]octoral|[Pp]ost-?doc(?:toral)?) (?:position|studentship|fellowship) in [A-Z]\w{1,20}"
    r"(?: [A-Z]\w{1,20}){0,4}))"
)
_A_ROLE = re.compile(rf"\b{ROLE_WORD}\b", re.IGNORECASE)
_LONGEST_TITLE = 80
_ALONE = re.compile(
    r"[A-ZÀ-Ý][\w'’-]{2,20}(?:\s(?:of|for|and|&|[A-ZÀ-Ý][\w'’-]{1,20})){1,4}(?<!ing)(?<!uest)(?<!date)(?<!cket)"
)
_LABELLED = re.compile(
    r"^[ *•-]{0,4}(?:poste|intitulé(?: du poste)?|job title|position|role|job|vacancy|stelle|stellenbezeichnung|thema"
    r"|puesto|vacante|cargo)\s?:\s?(?P<title>[A-ZÀ-Ý0-9].{1,80})$",
    re.IGNORECASE | re.MULTILINE,
)


def title_of(letter: Letter, summary: str = "") -> str:
    """Return the role that a letter is about, or ""."""
    labels = labels_of(letter.address)
    text = letter.text[:MOST]
    subject, event = (_without(letter.recipient, one) for one in (letter.subject, summary))
    if (labelled := _LABELLED.search(text)) and (title := plain_title(_without_company(labelled["title"], labels))):
        return title
    for source in (text, subject):
        for match in _MARKED.finditer(source):
            bare = _AROUND_IN_SUBJECT.sub("", _BEFORE_MARKED.sub("", match["title"]))
            if title := plain_title(_without_company(bare, labels)):
                return f"{_before_mark(source, match.start())}{title}{_behind_mark(source, match.end())}"
    if (whole := _WHOLE.search(text)) and (title := plain_title(whole["title"] or whole["other"])):
        return title
    if title := _said_in_sentences((text, subject, event), labels):
        title = _as_in_subject(title, subject)
        return _with_second_part(title, letter.name, f"{subject}\n{text}", labels)
    for source in (subject, event):
        for pattern in _IN_SUBJECT:
            said = pattern.search(source)
            said_title = (
                plain_title(_without_company(_AROUND_IN_SUBJECT.sub("", said["title"]), labels)) if said else ""
            )
            if said_title and fold(said_title) != fold(letter.name):
                return _BEHIND_ROLE.split(said_title)[0]
    return _title_alone(subject) or _title_above_company(letter) or _title_above_time(letter)


def _title_alone(subject: str) -> str:
    """Return a subject that is nothing but a role: a few words with capitals, and one of those that roles have."""
    is_role = _ALONE.fullmatch(subject) and _A_ROLE.search(subject)
    return plain_title(subject) if is_role else ""


def _as_in_subject(title: str, subject: str) -> str:
    """Return as much of “Panadero de Crumb” as the subject ends with, which has the role alone."""
    bare = (title[: match.start()] for match in _OF_NAME.finditer(title))
    return next((one for one in bare if subject.endswith(f" {one}")), title)


def _before_mark(text: str, at: int) -> str:
    """Return what belongs to a role before its words with the mark, as in “Referentin für Presse (m/w/d)”."""
    match = _ROLE_FOR.search(text, max(at - 60, 0), at)
    return match[0] if match and is_role([match["role"]]) else ""


def _behind_mark(text: str, at: int) -> str:
    """Return what belongs to a role behind the mark of all genders, as in “Bauingenieur (m/w/d) Tiefbau bei der …”."""
    match = _BEHIND_MARK.match(text, at)
    return f" {match[1]}" if match and fold(match[1]) not in ZONES else ""


def _said_in_sentences(sources: tuple[str, ...], labels: list[str]) -> str:
    """Return the role that a sentence or a subject names by the words around it."""
    for source in sources:
        for at, pattern in enumerate(_TITLES):
            for match in _matches(pattern, source):
                said = _without_company(match["title"], labels)
                if at in _GERMAN:
                    said = _TRAILING_SMALL.sub("", said)
                title = plain_title(
                    f"{said}{_joined(said, source, match.end('title'))}",
                    is_any_case=pattern.pattern.startswith("[Pp]oste"),
                )
                is_company = any(re.sub(r"\W", "", fold(bare_company(title))) in label for label in labels)
                if title and not is_company and (at not in (6, 7) or _is_strong(source, match)):
                    return title
    return ""


def _joined(said: str, text: str, at: int) -> str:
    """Return what a word like “and” joins to a text that is a role only with it."""
    match = _JOINED.match(text, at)
    return match[0] if match and is_role(match[0].split()) and not is_role(said.split()) else ""


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield the places of a text that a pattern fits, also those within one before, at most so many."""
    at = 0
    for _ in range(_MOST_MATCHES):
        if (match := pattern.search(text, at)) is None:
            return
        yield match
        at = max(match.start("title"), match.start() + 1)


def _with_second_part(title: str, sender: str, text: str, labels: list[str]) -> str:
    """Return a role with what follows it behind a comma, where the words around that say that it belongs to it.

    What is named elsewhere in the letter too is a company or a place.
    """
    for match in islice(re.finditer(rf"{re.escape(title)}, ({_SECOND_PART})", text), 20):
        part, whole = match[1], f"{title}, {match[1]}"
        is_closed = _AFTER_TITLE.match(text, match.end()) or text.count(whole) > 1
        is_named_apart = text.count(part) > text.count(whole) or part in sender or fold(part) in ZONES
        is_open = _ROLE_BEFORE.search(text[max(match.start() - 30, 0) : match.start()]) and not is_named_apart
        if (is_closed or is_open) and not any(label in fold(part) or fold(part) in label for label in labels):
            return whole
    return title


def _without_company(text: str, labels: list[str]) -> str:
    """Return a role without the company behind it, as in “Baker - Crumb” from somebody at Crumb."""
    parts = re.split(r"(?:\s[-–|]|,)\s(?=[^,]*$)", text, maxsplit=1)
    return parts[0] if len(parts) > 1 and any(fits(parts[1].strip(), label) for label in labels) else text


def _is_strong(source: str, match: re.Match[str]) -> bool:
    """Whether words such as “als” or “für die” are followed by a role: marked as one, or of few words."""
    after = source[match.end() : match.end() + 12]
    return "(" in after or 1 <= len(match["title"].split()) <= 5


def _without(name: str, text: str) -> str:
    """Return a subject without the name of the person to whom the mail went."""
    return text.replace(name, " ").strip(" -–|/·,") if len(name) > 3 else text


def plain_title(text: str, *, is_any_case: bool = False) -> str:
    """Return a text as a title, or "" where it is none."""
    text = _OF_COMPANY.split(_FOR_THE.split(text)[-1])[0]
    title = clean_title(text.strip(" \"'„“«»*-–"))
    title = re.sub(
        r"^(?:R|JR|REQ)-?\d+\s+|^(?:\w+ )?(?:interview|gespräch|entretien|entrevista)\s?[-–:|,]\s?"
        r"|^(?:[^\s-]+ ){0,3}(?:intro(?:ductory)?|screening|recruiter|phone|video) (?:call|chat|screen)\s?[-–:|]\s?",
        "",
        title,
        flags=re.I,
    )
    title = _WITH_WHOM.sub("", title)
    if (
        not 3 <= len(title) <= 90
        or NO_TITLE.match(title)
        or _SORT_OF_INTERVIEW.fullmatch(title)
        or not (is_any_case or title[0].isupper() or title[1].isupper())
        or "@" in title
        or "://" in title
    ):
        return ""
    return title if len(title.split()) <= 9 else ""


def _title_above_time(letter: Letter) -> str:
    """Return the line above a day, as systems put a job in a reminder, if it has a word of roles."""
    for above, line in zip(letter.lines, letter.lines[1:], strict=False):
        if len(above) <= _LONGEST_TITLE and _A_ROLE.search(above) and _begins_with_day(line):
            return plain_title(above) if above[-1] not in ".,:;!?" else ""
    return ""


def _begins_with_day(line: str) -> bool:
    return weekday_of(line.split(maxsplit=1)[0].strip(",.")) is not None


def _title_above_company(letter: Letter) -> str:
    """Return the line above a company's name, as boards put a job in a mail."""
    company = fold(company_of(letter))
    for above, line in zip(letter.lines, letter.lines[1:], strict=False):
        if (
            company
            and (fold(line) == company or fold(line.partition(" · ")[0]) == company)
            and len(above) <= 80
            and not GREETING.match(above)
            and not set(above.split()) <= set(letter.name.split())
        ):
            return plain_title(above)
    return ""
