"""The nine categories that statistics count stages under, each declared once here."""

from collections.abc import Mapping

import msgspec

SAVED, APPLIED = "saved", "applied"


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """One category: its ``key`` in storage, and what is true of every stage that counts as it.

    ``colour`` is its class ``s-…`` in ``static/css/shared/status.css``, ``shape`` what is drawn beside the word.
    ``order`` is how far along it is. ``usual_wait`` is the number of days without an answer after which Today asks; 0
    for never. An application in a category that ``is_sent`` has certainly been sent; one that ``is_answer`` is news
    from the company. ``words`` are what files and people call its stage, separated by spaces, whatever its owner named
    it.
    """

    key: str
    label: str
    colour: str
    shape: str
    order: int = -1
    usual_wait: int = 0
    is_sent: bool = False
    is_answer: bool = False
    is_closed: bool = False
    words: str = ""


# fmt: off
_DECLARED = (
    Category(key="saved", label="Saved", colour="saved", shape="ring",
             words="wishlist bookmarked interested draft to-apply applying gemerkt vorgemerkt entwurf enregistré "
                   "guardado"),
    Category(key="applied", label="Applied", colour="applied", shape="half", usual_wait=14, is_sent=True,
             words="submitted pending in-review viewed beworben eingereicht postulé candidature-envoyée postulado"),
    Category(key="screening", label="Screening", colour="screening", shape="half", usual_wait=10, is_sent=True,
             is_answer=True,
             words="screen phone-screen recruiter-screen assessment telefoninterview présélection preselección"),
    Category(key="interviewing", label="Interviewing", colour="interviewing", shape="diamond", usual_wait=10,
             is_sent=True, is_answer=True,
             words="interview shortlisted onsite final gespräch vorstellungsgespräch entretien entrevista"),
    Category(key="offer", label="Offer", colour="offer", shape="disc", usual_wait=7, is_sent=True, is_answer=True,
             words="offered negotiating angebot offre oferta"),
    Category(key="accepted", label="Accepted", colour="accepted", shape="disc", is_sent=True, is_answer=True,
             is_closed=True,
             words="hired zusage angenommen accepté aceptado contratado"),
    Category(key="rejected", label="Rejected", colour="rejected", shape="ring", is_answer=True, is_closed=True,
             words="closed declined not-selected absage abgelehnt refus refusé rechazado not-this-time "
                   "unsuccessful turned-down"),
    Category(key="withdrawn", label="Withdrawn", colour="withdrawn", shape="ring", is_closed=True,
             words="withdrew not-for-me zurückgezogen retiré retirado"),
    Category(key="no answer", label="No response", colour="no-answer", shape="ring", is_closed=True,
             words="ghosted no-response no-reply went-quiet expired keine-antwort sans-réponse sin-respuesta"),
)
# fmt: on

CATEGORY: Mapping[str, Category] = {
    category.key: msgspec.structs.replace(category, order=order) for order, category in enumerate(_DECLARED)
}
CATEGORIES = tuple(CATEGORY)
CATEGORY_NAMES = {category.key: category.label for category in _DECLARED}
CATEGORY_OF_WORD = {word: category.key for category in _DECLARED for word in (category.key, *category.words.split())}


def rank(category: str) -> int:
    """Return how far along a category is, from 0, so that imports never move a status back; -1 for no category."""
    return CATEGORY[category].order if category in CATEGORY else -1
