"""The categories that statistics count stages under, each declared once here."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files

import msgspec

SAVED, APPLIED, SCREENING, INTERVIEWING = "saved", "applied", "screening", "interviewing"
OFFER, ACCEPTED, REJECTED, WITHDRAWN, NO_ANSWER = "offer", "accepted", "rejected", "withdrawn", "no answer"


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """One category: its ``key`` in storage, and what is true of every stage that counts as it.

    ``shape`` is what is drawn beside the word. ``order`` is how far along it is. ``usual_wait`` is the number of days
    without an answer after which Today asks; 0 for never, as of an offer, which waits for its owner. An application in
    a category that ``is_sent`` has certainly been sent; one that ``is_answer`` is news from the company. What files and
    people call its stage, whatever its owner named it, is in ``stage_words.toml``.
    """

    key: str
    label: str
    shape: str
    order: int = -1
    usual_wait: int = 0
    is_sent: bool = False
    is_answer: bool = False
    is_closed: bool = False

    @property
    def colour(self) -> str:
        """Its class ``s-…`` in ``static/css/shared/status.css``."""
        return self.key.replace(" ", "-")


# fmt: off
_DECLARED = (
    Category(key=SAVED, label="Saved", shape="ring"),
    Category(key=APPLIED, label="Applied", shape="half", usual_wait=14, is_sent=True),
    Category(key=SCREENING, label="Screening", shape="half", usual_wait=10, is_sent=True,
             is_answer=True),
    Category(key=INTERVIEWING, label="Interviewing", shape="diamond", usual_wait=10,
             is_sent=True, is_answer=True),
    Category(key=OFFER, label="Offer", shape="disc", is_sent=True, is_answer=True),
    Category(key=ACCEPTED, label="Accepted", shape="disc", is_sent=True, is_answer=True,
             is_closed=True),
    Category(key=REJECTED, label="Rejected", shape="ring", is_answer=True, is_closed=True),
    Category(key=WITHDRAWN, label="Withdrawn", shape="ring", is_closed=True),
    Category(key=NO_ANSWER, label="No response", shape="ring", is_closed=True),
)
# fmt: on

CATEGORY: Mapping[str, Category] = {
    category.key: msgspec.structs.replace(category, order=order) for order, category in enumerate(_DECLARED)
}
CATEGORIES = tuple(CATEGORY)
CATEGORY_NAMES = {category.key: category.label for category in _DECLARED}
_WORDS = tomllib.loads((files("tmr.domain.pipeline") / "stage_words.toml").read_text(encoding="utf-8"))
CATEGORY_OF_WORD = {word: key for key in CATEGORIES for word in (key, *_WORDS.get(key, "").split())}


def rank(category: str) -> int:
    """Return how far along a category is, from 0, so that imports never move a status back; -1 for no category."""
    return CATEGORY[category].order if category in CATEGORY else -1
