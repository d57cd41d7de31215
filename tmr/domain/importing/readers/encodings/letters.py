"""Which letters beyond ASCII a language writes, and in which encodings it is found."""

from typing import NamedTuple


class Alphabet(NamedTuple):
    """The letters of a language, and those of which a text in it has at least one."""

    letters: frozenset[str]
    sure: frozenset[str]
    never: frozenset[str] = frozenset()


def _alphabet(letters: str, sure: str = "", never: str = "") -> Alphabet:
    both = [frozenset(text + text.upper()) for text in (letters, sure or letters, never)]
    return Alphabet(*both)


WESTERN = (
    _alphabet("áéíóúüñçº"),  # Spanish
    _alphabet("àâæçéèêëîïôœùûüÿ", sure="éèêàçœ"),  # French
    _alphabet("äöüßé", sure="äöüß"),  # German
    _alphabet("áâãàçéêíóôúüº"),  # Portuguese
    _alphabet("áâãàçéêíóôõúüº", sure="ãç"),  # and with "õ", which it has in "ções" and "ões"
    _alphabet("àèéìíîòóùú"),  # Italian
    _alphabet("åäöéáü", sure="åäö"),  # Swedish and Finnish
    _alphabet("æøåéòôüöä", sure="æøå"),  # Danish and Norwegian
    _alphabet("éëïöüóáèê", sure="éëï"),  # Dutch
    _alphabet("àçéèíïóòúü"),  # Catalan
    _alphabet("áéíóúýðþæö", sure="ðþ", never="çüı"),  # Icelandic
    _alphabet("õäöüšž", sure="ä"),  # Estonian
)
CENTRAL = (
    _alphabet("ąćęłńóśźż", sure="ąęłó"),  # Polish
    _alphabet("áčďéěíňóřšťúůýžöüä", sure="áíéýěšřč"),  # Czech, with the names of its neighbours
    _alphabet("áäčďéíĺľňóôŕšťúýžöü", sure="áíéýčšž"),  # Slovak
    _alphabet("áéíóöőúüű", sure="őű"),  # Hungarian
    _alphabet("čćđšž"),  # Croatian, Slovene
    _alphabet("ăâîşţ", sure="ăşţ"),  # Romanian
)
TURKISH = (_alphabet("çğıiöşüâîûİ", sure="ğışİ"),)
LANGUAGES = {"cp1252": WESTERN, "mac_roman": WESTERN, "cp1250": CENTRAL, "cp1254": TURKISH}

# The syllables of every second Korean word. Chinese that is read as Korean has such a syllable once in twenty.
KOREAN = frozenset(
    "이다는에의가을지하로고사기한어리자인도대시나서그스아라들만정수일부해보전주제원상장구동있것공여조비성과관적은화무선생국유회신연경세식개발"
    "금용당안계소내실면영방재운물교학팀직업채디너엔울담격중력합입출퇴무지원서류접탈락불합격네카오삼"
)
