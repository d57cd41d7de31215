"""Which kind of mail a letter is, by what its sentences say; those that name a condition say nothing."""

import re
from collections.abc import Callable, Sequence

import msgspec

from tmr.domain.capture.mail.letter import Letter
from tmr.domain.capture.words.ideas.scores import ENOUGH, Meanings
from tmr.domain.capture.words.signs import first_with, has, names_in
from tmr.domain.importing.readers.words.dates import month_of

CONFIRMATION, INVITATION, REJECTION, OFFER, RECRUITER, OTHER = (
    *("confirmation", "invitation", "rejection", "offer", "recruiter", "other"),
)
MOST = 30_000  # characters of a letter
_MOST_SENTENCES = 300
_MOST_SHOWN = 60  # of which the first tell what a letter is about
_LONGEST = 600
_OF_APPLICATIONS = ("job", "application", "through", "has_applied")
_LINK = re.compile(r"https?://\S+")
_ITEM = re.compile(r"[-*•–·]\s")
_NUMBERED = re.compile(r"\d{1,2}[.)]\s+(\w*)")
_SENTENCE_END = re.compile(r"(?<=[.!?])(?:(?<!\d\.)|(?<=:\d\d\.)|(?<=\d{4}\.))\s+(?=[A-ZÄÖÜÀ-Ý¿¡\"„«(0-9])")


class Kind(msgspec.Struct, frozen=True):
    """The kind of a mail, and the sentence that told it."""

    name: str
    sentence: str = ""


def kind_of(
    letter: Letter,
    *,
    title: str,
    company: str,
    names_role: bool,
    has_appointment: bool,
    is_cancelled: bool,
    is_timed: Callable[[str], bool],
) -> Kind:
    """Return the kind of a letter.

    ``title`` is the role that it is about, if it seems to be about one, ``company`` the one from whose address it came;
    ``names_role``: something in it is called as roles are; ``has_appointment``: a calendar with it has a time;
    ``is_timed`` says whether a sentence names a day and a time.
    """
    sentences = _sentences([letter.subject, *letter.lines])
    whole = f"{letter.subject}\n{letter.text}"[:MOST]
    meanings = Meanings(is_timed)
    is_of_job = (
        has("jobs", whole)
        or (title and title == letter.subject.strip())  # a subject that is a role
        or bool(meanings.told("jobs", sentences[:_MOST_SHOWN]))
        or (names_role and bool(_wish(sentences[:_MOST_SHOWN], meanings, names_role=True)))
    )
    if not is_of_job or _is_of_something_else(letter.subject, whole, sentences, (title, company), meanings):
        return Kind(OTHER)
    all_told = [one for one in sentences if not has("condition", one)]
    called_off = [one for one in all_told if _calls_off(one)]
    told = [one for one in all_told if one not in called_off]
    steps = _steps(letter.lines)
    said = [one for one in told if one not in steps]
    plain = [one for one in said if not has("process", one)]
    if sentence := _refusal(told, [] if letter.is_bulk else said, plain, meanings):
        return Kind(REJECTION, sentence)
    if is_cancelled or (called_off and not any(map(is_timed, told))):
        return Kind(OTHER)
    if sentence := _offer(said, plain, meanings, is_timed, has_appointment=has_appointment):
        return Kind(OFFER, sentence)
    told_at_all = (sentences, [one for one in sentences if one not in steps])
    return _other_kind(
        letter,
        told_at_all,
        told,
        plain,
        meanings,
        names_role=names_role,
        has_appointment=has_appointment,
        is_timed=is_timed,
    )


def _refusal(told: Sequence[str], said: Sequence[str], plain: Sequence[str], meanings: Meanings) -> str:
    """Return the sentence that ends an application; one that refuses what nobody gets, as an answer to each, does not.

    Known wordings count first, and what words mean in sentences of another one; what is asked refuses nobody.
    """
    of_nobody = {one for one in told if meanings.say("courtesy", one) and meanings.say("everybody", one)}
    return (
        first_with("rejection", "strong", [one for one in told if one not in of_nobody])
        or _refusal_by_hints([one for one in plain if one not in of_nobody])
        or meanings.told(REJECTION, [one for one in said if not one.endswith("?")])
    )


def _offer(
    said: Sequence[str],
    plain: Sequence[str],
    meanings: Meanings,
    is_timed: Callable[[str], bool],
    *,
    has_appointment: bool,
) -> str:
    """Return the sentence that offers a job; a day and a time to meet are none, and neither is the text of a link.

    Beside an appointment only known wordings count: people are asked to accept that as well.
    """
    of_job = [
        _LINK.sub("", one)
        for one in plain
        if not has("meeting_offered", one) and not (is_timed(one) and meanings.told(INVITATION, [one]))
    ]
    strong = first_with("offer", "strong", of_job)
    if strong or has_appointment:
        return strong
    return _by_hints("offer_hints", plain) or meanings.told(OFFER, said)


def _steps(lines: Sequence[str]) -> set[str]:
    """Return the sentences of lists that say how applications go on: numbered ones, and below words that say so."""
    found: list[str] = []
    is_of_process = False
    for line in lines:
        is_item = _ITEM.match(line)
        if is_item and is_of_process:
            found.append(line)
        elif not is_item and not _is_numbered(line):
            is_of_process = has("steps", line[-_LONGEST:])
    return {*_sentences(found), *filter(_is_numbered, _sentences(lines))}


def _is_numbered(text: str) -> bool:
    """Whether a text begins with a number that is none of a day, as in “8. Dezember”."""
    match = _NUMBERED.match(text)
    return match is not None and month_of(match[1]) is None


def _calls_off(sentence: str) -> bool:
    """Whether a sentence calls an interview off and names no other time for it."""
    is_cancelled = bool(first_with("other", "cancelled", [sentence])) and not has("moved", sentence)
    return is_cancelled or bool(first_with("other", "put_off", [sentence]))


def _is_of_something_else(
    subject: str, whole: str, sentences: Sequence[str], names: Sequence[str], meanings: Meanings
) -> bool:
    """Whether a letter is none about an application, whatever else it says."""
    bare, *shown = (_without(names, one) for one in (subject, *sentences[:_MOST_SHOWN]))
    if first_with("other", "subject", [bare]) or first_with("other", "text", shown):
        return True
    if has("one_job", whole):
        return False
    return bool(first_with("other", "elsewhere", sentences[:_MOST_SHOWN])) or meanings.say("elsewhere", *shown)


def _without(names: Sequence[str], text: str) -> str:
    """Return a text without names whose words are none of it: “Newsletter Editor”, “Atelier Marelle”."""
    for name in filter(None, names):
        text = text.replace(name, " ")
    return text


def _other_kind(
    letter: Letter,
    told_at_all: tuple[Sequence[str], Sequence[str]],
    told: Sequence[str],
    plain: Sequence[str],
    meanings: Meanings,
    *,
    names_role: bool,
    has_appointment: bool,
    is_timed: Callable[[str], bool],
) -> Kind:
    """Return the kind of a letter that neither ends an application nor makes an offer.

    ``told_at_all`` is all sentences, and those of them that are no steps of a process.
    """
    everything, sentences = told_at_all
    is_own = has("own", f"{letter.subject}\n{letter.text}"[:MOST])
    has_recruiter = first_with("recruiter", "strong", told) or _by_hints("recruiter_hints", sentences)
    has_confirmation = first_with("confirmation", "strong", told)
    inviting = [one for one in plain if not has("negated", one) and not meanings.say("condition", one)]
    invited = first_with("invitation", "strong", inviting) or _by_hints("invitation_hints", inviting)
    if not invited and (is_own or any(meanings.say(idea, *everything) for idea in _OF_APPLICATIONS)):
        invited = meanings.told(INVITATION, inviting)
    is_own = is_own or meanings.say("through", *plain)
    # Beside thanks for an application only what is no condition and not of its receipt tells a time.
    is_thanks = bool(has_confirmation or meanings.told(CONFIRMATION, told)) and not invited
    timed = (
        [one for one in plain if not has("receipt", one) and not meanings.say("condition", one)]
        if is_thanks
        else everything
    )
    has_time = has_appointment or any(map(is_timed, timed))
    topics = timed if is_thanks else sentences
    is_topic = first_with("invitation", "topic", [one for one in topics if not has("wish", one)])
    is_public = letter.is_bulk and not has_appointment and not is_own  # a lecture, a fair
    is_middleman = has_recruiter and first_with("recruiter_hints", "main_middleman", sentences)
    is_cold = bool(is_middleman) and not (is_own or has_confirmation or has_appointment)
    is_question = is_cold and any("?" in one and is_timed(one) for one in timed)  # “Up for a call on Friday at 3 pm?”
    if (invited or is_topic) and has_time and not is_public and not is_question:
        return Kind(INVITATION, invited or is_topic)
    if has_recruiter and not has_confirmation and not is_own and not _is_rather_thanks(plain, meanings):
        return Kind(RECRUITER, has_recruiter)
    if invited and not letter.is_bulk:
        return Kind(INVITATION, invited)
    if sentence := has_confirmation or _by_hints("confirmation_hints", told):
        return Kind(CONFIRMATION, sentence)
    return Kind(OTHER) if letter.is_bulk else _likelier(plain, meanings, is_own=is_own, names_role=names_role)


def _is_rather_thanks(sentences: Sequence[str], meanings: Meanings) -> bool:
    """Whether more words say that an application came than that one is wished for."""
    points = meanings.score(CONFIRMATION, sentences).points
    return ENOUGH <= points > meanings.score(RECRUITER, sentences).points


def _wish(sentences: Sequence[str], meanings: Meanings, *, names_role: bool) -> str:
    """Return the sentence that wishes for an application; a role beside it is a point of its own."""
    score = meanings.score(RECRUITER, sentences)
    return score.sentence if score.points + names_role >= ENOUGH else ""


def _likelier(sentences: Sequence[str], meanings: Meanings, *, is_own: bool, names_role: bool) -> Kind:
    """Return that of two kinds for which more words speak; none where it is as much for the other one."""
    thanks, wish = (meanings.score(kind, sentences) for kind in (CONFIRMATION, RECRUITER))
    if thanks.points >= ENOUGH and (is_own or thanks.points > wish.points):
        return Kind(CONFIRMATION, thanks.sentence)
    is_wish = not is_own and (thanks.points < ENOUGH or wish.points > thanks.points)
    if is_wish and (said := _wish(sentences, meanings, names_role=names_role)):
        return Kind(RECRUITER, said)
    return Kind(OTHER)


_ENOUGH = {"rejection_hints": 3}  # points; each sign has one, a main one two
_ENOUGH_OF_OTHERS = 4


def _refusal_by_hints(sentences: Sequence[str]) -> str:
    """Return the sentence that ends an application, if enough others say that it does too."""
    return _by_hints("rejection_hints", [one for one in sentences if not has("everybody", one)])


def _by_hints(kind: str, sentences: Sequence[str]) -> str:
    """Return the sentence that tells most of a kind, if enough signs of it are in a letter and a main one is."""
    found = {name: sentence for name in names_in(kind) if (sentence := first_with(kind, name, sentences))}
    main = [name for name in found if name.startswith("main")]
    is_enough = len(found) + len(main) >= _ENOUGH.get(kind, _ENOUGH_OF_OTHERS)
    return found[main[0]] if main and is_enough else ""


def _sentences(lines: Sequence[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        found.extend(sentence[:_LONGEST] for sentence in _SENTENCE_END.split(line) if sentence.strip())
        if len(found) >= _MOST_SENTENCES:
            break
    return found[:_MOST_SENTENCES]
