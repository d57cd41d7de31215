"""The stages of an application, and the category that statistics count each one under."""

import msgspec

from tmr.domain.folding import fold


class Stage(msgspec.Struct, frozen=True):
    """One stage: its key in storage, what people read, its category, its shape beside the word."""

    key: str
    label: str
    category: str
    shape: str

    @property
    def is_open(self) -> bool:
        """Whether an application in this stage still wants attention."""
        return self.category not in CLOSED_CATEGORIES


CLOSED_CATEGORIES = ("accepted", "rejected", "withdrawn", "no answer")

STAGES = (
    Stage("saved", "Saved", "saved", "ring"),
    Stage("applied", "Applied", "applied", "half"),
    Stage("screening", "Screening", "screening", "half"),
    Stage("interviewing", "Interviewing", "interviewing", "diamond"),
    Stage("offer", "Offer", "offer", "disc"),
    Stage("accepted", "Accepted", "accepted", "disc"),
    Stage("rejected", "Not this time", "rejected", "ring"),
    Stage("withdrawn", "Withdrawn", "withdrawn", "ring"),
    Stage("no answer", "No answer", "no answer", "ring"),
)
STAGE_BY_KEY = {stage.key: stage for stage in STAGES}
STAGE_ORDER = {stage.key: position for position, stage in enumerate(STAGES)}

_WORDS = {
    "saved": "wishlist bookmarked interested draft to-apply applying gemerkt vorgemerkt entwurf enregistré guardado",
    "applied": "submitted pending in-review viewed beworben eingereicht postulé candidature-envoyée postulado",
    "screening": "screen phone-screen recruiter-screen assessment telefoninterview présélection preselección",
    "interviewing": "interview shortlisted onsite final gespräch vorstellungsgespräch entretien entrevista",
    "offer": "offered negotiating angebot offre oferta",
    "accepted": "hired zusage angenommen accepté aceptado contratado",
    "rejected": "closed declined not-selected absage abgelehnt refus refusé rechazado",
    "withdrawn": "zurückgezogen retiré retirado",
    "no answer": "ghosted no-response expired keine-antwort sans-réponse sin-respuesta",
}
_STAGE_OF_WORD = {
    fold(word): key for key, words in _WORDS.items() for word in (key, STAGE_BY_KEY[key].label, *words.split())
}


def find_stage(word: str) -> Stage | None:
    """Return the stage that ``word`` names in any of the languages known, or None."""
    key = _STAGE_OF_WORD.get(fold(word))
    return STAGE_BY_KEY[key] if key else None
