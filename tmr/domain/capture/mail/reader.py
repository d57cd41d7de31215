"""Reads a mail about a job search: what kind it is, company and role, and the interview that it names."""

import datetime as dt
import re
from itertools import islice

import msgspec

from tmr.domain.capture.mail.kinds import INVITATION, OTHER, RECRUITER, kind_of
from tmr.domain.capture.mail.letter import Letter, read_letter
from tmr.domain.capture.mail.likely_titles import likely_title_of
from tmr.domain.capture.mail.names import company_of, fits, labels_of
from tmr.domain.capture.mail.times.calendar import Appointment, in_zone, read_appointment
from tmr.domain.capture.mail.times.durations import duration_in
from tmr.domain.capture.mail.times.moments import Moment, moments_in
from tmr.domain.capture.mail.times.zones import has_same_clock, zone_in
from tmr.domain.capture.mail.titles import title_of
from tmr.domain.capture.posting.links import links_in
from tmr.domain.importing.readers.words.dates import month_of, weekday_of

_MEETING = re.compile(
    r"teams|zoom|meet\b|meet\.|webex|whereby|visio|jitsi|bigbluebutton|\bbbb\b|skype|gotomeet|chime|hangouts"
    r"|livestorm|video",
    re.IGNORECASE,
)
_CHOOSE = re.compile(
    r"calendly|doodle|cal\.com|youcanbook|savvycal|appointlet|bookings|schedule\b|select|choose|pick|wählen"
    r"|auswählen|choisi|elige|elegir|reserv|buchen|unsubscribe|abmelden|privacy|careers",
    re.IGNORECASE,
)
_JOIN = re.compile(
    r"\b(?:join|dial|einwahl|teilnehmen|beitreten|link|lien|enlace|rejoindre|participer|unirse|acceder|connect"
    r"|video|meeting|besprechung|réunion|reunión)\b",
    re.IGNORECASE,
)
_PLACE_LABEL = re.compile(
    r"^(?:adresse|address|anschrift|where|wo|où|dónde|ort|lieu|lugar|dirección|ubicación|location|venue|treffpunkt"
    r"|place)\s{0,3}:\s{0,3}(.{3,160}?)\.?$",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"((?:[A-ZÄÖÜ][\wäöüß.'’-]{1,30}(?:\s[A-ZÄÖÜ][\wäöüß.'’-]{1,30}){0,2}(?:straße|str\.|weg|platz|zeile|allee"
    r"|gasse|ring|ufer|damm|markt|steig|chaussee)?\s\d{1,4}[a-z]?\b"
    r"|\d{1,4}\s?(?:bis|ter)?,?\s(?:rue|avenue|av\.|boulevard|bd|place|quai|impasse|chemin|allée"
    r"|cours)\s[^,.;\n]{2,50}"
    r"|[Pp]ol[íi]gono\s[^.;\n()]{3,60}"
    r"|(?:[Cc]alle|C/|c/|[Aa]venida|Avda\.?|[Pp]laza|[Pp]aseo|[Rr]onda)\s[^,.;\n]{2,40},?\s\d{1,4}"
    r"|\d{1,5}\s[A-Z][\w'’-]{1,25}(?:\s[A-Z][\w'’-]{1,25}){0,3}\s(?:Street|St|Road|Rd|Lane|Avenue|Ave|Square|Row"
    r"|Way|Drive|Court|Place|Terrace|Quay|Wharf)\b)"
    r"(?:,\s(?:Haus|House|Block|Hof|Tor|Aufgang|Unit)\s[A-Z0-9]{1,3}\b)?"
    r"(?:(?:,|\sin)\s(?:[A-Z]{1,2}\d{1,2}[A-Z]?\s?\d[A-Z]{2}\b|(?!(?:Empfang|Eingang|Reception|Raum|Room|Zimmer"
    r"|Salle|Sala|Floor|Etage|Stock|Building|Gebäude|Suite|Bâtiment)\b)"
    r"(?:\d{4,5}\s)?"
    r"[A-ZÄÖÜÀ-Ý][\w'’-]{1,40}(?:\s(?:am|an|der|im|de|la|le|les|sur|upon|del|los|las"
    r"|[A-ZÄÖÜÀ-Ý][a-zß-ÿ'’-]{1,30})){0,4}(?:\s[A-Z]{1,2}\d{1,2}\s?\d[A-Z]{2})?)){0,2})"
)
# What stands before the end of a time to answer, or to do something.
_UNTIL = re.compile(
    r"\b(?:expires?|until|till|by|before|no later than|deadline|closes?|due|bis|spätestens|avant|jusqu['’]\w{1,3}"
    r"|d['’]ici|(?:closing date|deadline|bewerbungsschluss|einsendeschluss|date limite|fecha l[íi]mite|plazo)"
    r"(?:\s(?:is|ist|est|es))?"
    r"|antes|hasta|vence|caduca)\b(?:\s(?:on|the|zum|am|le|la|el|del|de|au)\b){0,2}(?:\s[^\W\d]{2,12},?)?"
    r"(?:\s[\d:.]{1,5}\s?(?:[ap]\.?m\b\.?|uhr\b|h\b))?\s?$",
    re.IGNORECASE,
)
_NO_STREET = re.compile(
    r"(?:dauer|uhr|raum|zimmer|etage|stock|kennziffer|nummer|telefon|tel|fax|stelle|gruppe|entgeltgruppe|room"
    r"|floor|suite"
    r"|phone|call|extension|ext|ref|reference|id|job|level|grade|band|duration|time|pin|code|salle|poste|durée"
    r"|téléphone"
    r"|sala|planta|puesto|duración|teléfono|teams|zoom|meet|webex|meeting|version|round|stage|step|week|phase)",
    re.IGNORECASE,
)
_HOUSE = re.compile(
    r"\b(?:at|in|im|bei|beim|au|à|chez|en)(?:\s(?:the|der|dem|el|la|le))? ((?:The )?[A-ZÀ-Ý][\w'’-]*"
    r"(?:\s(?:of|de|del|des|du|am|zum|la|[A-ZÀ-Ý][\w'’-]*)){0,4}),\s$"
)
_TOWN = re.compile(
    r"(?:(?:[A-Z]-|\w{1,2}-)?\d{4,5}\s[A-ZÀ-Ý]|[A-ZÀ-Ý][\w'’ -]{2,30},?\s[A-Z]{1,2}\d{1,2}\w?\s?\d[A-Z]{2}$).{0,60}"
)
_HOUSE_ALONE = re.compile(r"(?:The |Das |Die |Le |La |El )?[A-ZÀ-Ý][\w'’&.-]*(?:\s[\w'’&.-]+){0,6}")
_HERE = re.compile(
    r"\b(?:here at|at our (?:office|studio|site|shop|workshop)s? (?:at|in)|in unserem (?:büro|haus|werk) (?:in"
    r"|an der)?|dans nos (?:locaux|bureaux) (?:à|de)?|en nuestra[s]? oficinas? (?:de"
    r"|en)?)\s?([A-ZÀ-Ý][^.;:\n]{3,80}?)(?=,?\s(?:on|am|le|el|at|um|à)\s|[.;\n]|$)"
)
_LONGEST_PLACE = 200
# What offers several times, or asks which of them.
_CHOICE = re.compile(
    r"\b(?:which|any of|either|options?|slots?|choose|choice|prefer\w*|works? (?:best|for you)|suits?|welche[rsn]?"
    r"|alternativ\w*|vorschl\w+|folgende\w* termin\w*|termine|zur (?:wahl|auswahl)|passen|passt|auswählen|wahlweise"
    r"|l['’]un|lequel|laquelle|au choix|créneaux|convien\w+|préfér\w+|propositions|choisi\w*|bien el|cuál|opciones"
    r"|elegir|elige"
    r"|prefier\w+|encaja|viene mejor|alguna de|huecos)\b",
    re.IGNORECASE,
)
_OR = re.compile(r"\b(?:or|oder|ou|o bien|o el|o a)\b", re.IGNORECASE)
# What stands before the time to which an interview was moved, in the sentence that has the earlier one too.
_NEW = re.compile(
    r"\b(?:new|instead|now|moved? (?:it )?to|rescheduled (?:to|for)|postponed (?:to|until)|brought forward to"
    r"|neue[rnms]?|stattdessen|nun|jetzt|verschoben auf|verlegt auf|verschieben auf|vorverlegt auf|sondern"
    r"|nouve(?:au|lle|l)|désormais|report(?:ée?|er) au|décal(?:ée?|er) au|déplac(?:ée?|er) au|plutôt|avancée? au"
    r"|nuev[ao]|ahora|aplazad[ao] al|trasladad[ao] al|pasa al|cambiad[ao] al|en su lugar)\b[^.!?]{0,60}$"
    r"|\b(?:to|auf(?: den)?|au|al)\s(?:[^\W\d]+,?\s){0,2}$",
    re.IGNORECASE,
)


class Interview(msgspec.Struct, frozen=True):
    """An interview that a mail names; what it does not say is empty. ``is_update``: it takes an earlier one's place."""

    starts_at: str
    zone: str = ""
    duration: int = 0
    url: str = ""
    place: str = ""
    is_update: bool = False


class Mail(msgspec.Struct, frozen=True):
    """What a mail says, and the sentence by which its kind was told."""

    kind: str
    sentence: str
    subject: str
    sender: str
    address: str
    sent_on: str
    company: str
    title: str
    text: str
    interview: Interview | None = None
    proposed: tuple[Interview, ...] = ()  # of which its reader is to choose one


def read_mail(content: bytes, now: dt.datetime, zone: str = "") -> Mail:
    """Return what a saved or pasted mail says.

    ``now`` stands for the time of sending where a mail has none. A time in UTC is told by the clock that the mail
    names, else by that of ``zone``.
    """
    letter = read_letter(content)
    events = [event for event in map(read_appointment, letter.calendars) if event]
    event = next((one for one in events if one.starts_at), events[0] if events else None)
    sent = letter.sent or now
    found = islice(moments_in([letter.subject, *letter.lines], sent), 10)
    moments = [moment for moment in found if not _is_of_sending(moment, sent)]
    summary = event.summary if event else ""
    title = title_of(letter, summary)
    company = company_of(letter, summary, title)
    likely_title = title or likely_title_of(letter)
    kind = kind_of(
        letter if event is None else msgspec.structs.replace(letter, lines=[*letter.lines, event.summary]),
        title=title,
        names_role=bool(likely_title),
        company=company if any(fits(company, label) for label in labels_of(letter.address)) else "",
        has_appointment=event is not None and event.starts_at is not None,
        is_cancelled=event is not None and event.is_cancelled,
        is_timed=lambda sentence: any(_is_to_come(moment, sent) for moment in moments_in([sentence], sent)),
    )
    title = likely_title if kind.name != OTHER else ""
    if title:
        company = company_of(letter, summary, title)
    if kind.name in (RECRUITER, OTHER):
        company = company_of(letter, summary, title, is_recruiter=True) if kind.name == RECRUITER else ""
    return Mail(
        kind.name,
        kind.sentence[:300],
        letter.subject[:300],
        letter.name[:200],
        letter.address[:200],
        sent.date().isoformat(),
        company,
        title,
        f"{letter.subject}\n\n{letter.text}".strip()[:50_000],
        *(_interviews(letter, event, moments, zone) if kind.name == INVITATION else ()),
    )


def _is_to_come(moment: Moment, sent: dt.datetime) -> bool:
    """Whether a time is neither the end of a time to do something nor that of a receipt."""
    return not _is_end(moment) and not _is_of_sending(moment, sent)


def _is_end(moment: Moment) -> bool:
    return bool(_UNTIL.search(moment.lead)) and not _NEW.search(moment.lead)


def _is_of_sending(moment: Moment, sent: dt.datetime) -> bool:
    """Whether a time is that at which a letter was written, or what it answers arrived: within the day before."""
    return dt.timedelta(0) <= sent.replace(tzinfo=None) - moment.starts_at < dt.timedelta(days=1)


def _interviews(
    letter: Letter, event: Appointment | None, moments: list[Moment], zone: str
) -> tuple[Interview | None, tuple[Interview, ...]]:
    """Return the interview of an invitation, or those of which its reader is to choose one."""
    if event and event.starts_at:
        return _of_calendar(letter, event, zone), ()
    moments = [one for one in moments if not _is_end(one)]
    if not moments:
        return None, ()
    if _are_to_choose_from(moments, letter):
        by_start = {one.starts_at: one for one in reversed(moments)}  # the first that names it
        return None, tuple(_of_text(letter, by_start[start]) for start in sorted(by_start))
    return _of_text(letter, _best(moments, letter)), ()


def _of_text(letter: Letter, moment: Moment) -> Interview:
    said = zone_in(moment.paragraph) or zone_in(letter.text[:10_000])
    url = _meeting_link(letter.lines) or _meeting_link(letter.links, is_host_known=True)
    return Interview(
        moment.starts_at.isoformat(timespec="minutes"),
        said,
        moment.minutes or duration_in(moment.paragraph) or duration_in(letter.text[:10_000]),
        url,
        "" if url else _place(letter, moment),
        _is_update(letter),
    )


def _best(moments: list[Moment], letter: Letter) -> Moment:
    """Return the time of the interview: a text may name an earlier one that was moved, or a deadline.

    That of the subject, which is the first line of what was read, counts where the letter names none.
    """
    later = [one for one in moments if one.line]
    moved_to = [one for one in later if _NEW.search(one.lead)] if _is_update(letter) else []
    return (moved_to or later or moments)[0]


def _address_block(lines: list[str], street: str) -> str:
    """Return an address of several lines, of which one is the street: the house before it and the town behind it."""
    at = lines.index(street) if street in lines else 0
    before, after = lines[max(at - 1, 0)], lines[at + 1] if at + 1 < len(lines) else ""
    if not _TOWN.fullmatch(after):
        return ""
    house = [before] if at and len(before) <= 60 and _HOUSE_ALONE.fullmatch(before) else []
    return ", ".join(part.strip(" ,") for part in (*house, street.strip(" ."), after.strip(" .")))


def _are_to_choose_from(moments: list[Moment], letter: Letter) -> bool:
    """Whether a letter proposes several times, of which its reader is to choose one."""
    if _is_update(letter):
        return False
    proposed = [one for one in moments if one.line]
    is_asked = any("?" in one.paragraph and _OR.search(one.paragraph) for one in proposed)
    is_choice = is_asked or bool(_CHOICE.search(letter.text[:10_000]))
    return is_choice and len({one.starts_at.date() for one in proposed}) > 1


def _of_calendar(letter: Letter, event: Appointment, zone: str) -> Interview:
    said = zone_in(letter.text[:10_000]) or zone_in(letter.subject)
    used = event.zone
    if event.is_utc or not used:
        used = said or (zone if event.is_utc else "")
    elif said and said != used and event.starts_at and has_same_clock(said, used, event.starts_at):
        used = said
    starts = in_zone(event, used or "Etc/UTC") or event.starts_at
    url = (
        event.url
        or next(iter(links_in(event.location)), "")
        or _meeting_link(letter.lines)
        or _meeting_link(event.description.splitlines())
        or _meeting_link(letter.links, is_host_known=True)
    )
    place = "" if links_in(event.location) or _is_no_place(event.location) else event.location
    return Interview(
        starts.isoformat(timespec="minutes") if starts else "",
        used or ("Etc/UTC" if event.is_utc else ""),
        event.duration or duration_in(letter.text[:10_000]),
        url,
        "" if url else " ".join(place.split())[:_LONGEST_PLACE],
        _is_update(letter),
    )


def _is_no_place(location: str) -> bool:
    return bool(
        re.match(
            r"(?:microsoft teams|teams|zoom|google meet|phone|telefon\w*|téléphone|teléfono|video\w*|visio\w*"
            r"|online|remote|webex|skype)\b",
            location,
            re.IGNORECASE,
        )
    )


_UPDATE = re.compile(
    r"\b(?:updated?|reschedul\w+|moved?(?! (?:you\b|forward|ahead|on\b|along|in\b"
    r"|to (?:the|a|our) (?:next|second|final)))"
    r"|new (?:time|date)|verschoben|verschieben|verlegt|aktualisiert"
    r"|neuer termin|report(?:é|er|ons|ez)?|déplac(?:é|er|ons)|décal(?:é|er|ons)|nouvelle date"
    r"|modifi\w+|reprogramad\w+|aplazad\w+"
    r"|nueva (?:fecha|hora)|cambi\w+ (?:de|la))\b",
    re.IGNORECASE,
)
# Who wants another time is told what to do; nothing has been moved yet.
_IF_WANTED = re.compile(
    r"^(?:if|should|in case|falls|sollte|wenn|si |s['’]il|en cas|pour |para |to |um |need to|cancel|reschedule)"
    r"|\b(?:if you|you (?:can|may|need|want|wish)|can['’]t make|falls sie|falls du|si vous|si tu|si necesit\w+)\b|://",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n")


def _is_update(letter: Letter) -> bool:
    """Whether a letter says that the time of an interview is another one now."""
    said = _SENTENCES.split(f"{letter.subject}\n{letter.text[:2_000]}")
    return any(_UPDATE.search(sentence) and not _IF_WANTED.search(sentence) for sentence in said)


def _meeting_link(lines: list[str], *, is_host_known: bool = False) -> str:
    """Return the link by which one joins a meeting; one to choose a time is none.

    ``is_host_known``: only one of a known service counts, as no words stand beside it.
    """
    likely = ""
    for at, line in enumerate(lines[:400]):
        for link in links_in(line[:4_000]):
            beside = line.replace(link, " ").strip(" -–:*")
            words = f"{beside} {lines[at - 1][-80:]}" if at and not beside else beside
            if _CHOOSE.search(link) or _CHOOSE.search(words):
                continue
            host = link.partition("://")[2].partition("/")[0]
            if _MEETING.search(host) or (_MEETING.search(link) and _JOIN.search(words) and not is_host_known):
                return link
            if not is_host_known and _JOIN.search(words):
                likely = likely or link
    return likely


def _place(letter: Letter, moment: Moment) -> str:
    for line in letter.lines[:200]:
        if (match := _PLACE_LABEL.match(line)) and not links_in(line):
            return match[1].strip()
    for text in (moment.paragraph, *letter.lines[:60]):
        if match := _HERE.search(text[:2_000]):
            return match[1].strip(" ,")
        for match in _STREET.finditer(text[:2_000]):
            words = [word.strip(".,") for word in match[1].split()]
            is_day = any(
                weekday_of(word) is not None or month_of(word) is not None for word in words[:2] if word.istitle()
            )
            if not is_day and not _NO_STREET.fullmatch(words[0]):
                if match[1] == text.strip(" .,") and (block := _address_block(letter.lines, text)):
                    return block
                house = _HOUSE.search(text[max(match.start() - 60, 0) : match.start()])
                return f"{house[1]}, {match[1]}".strip(" ,") if house else match[1].strip(" ,")
    return ""
