"""The stage that a status names, however it is written."""

import pytest

from tmr.domain.importing.proposing.statuses import group_of, read_stage, stage_of_header
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("Closed - hired internally", "rejected"),
        ("Entrevue", "interviewing"),
        ("2e entrevue", "interviewing"),
        ("Rejected by me", "withdrawn"),
        ("Candidature reçue", "applied"),
        ("Stelle gestrichen", "rejected"),
        ("Nunca contestaron", "no answer"),
        ("Aceita", "accepted"),
        ("Telefonata", "screening"),
        ("Niet weerhouden", "rejected"),
        ("Decyzja pozytywna", "offer"),
        ("Ansøgning sendt", "applied"),
        ("Jobsamtale", "interviewing"),
        ("待申请", "saved"),
        ("書類合格", "screening"),
        ("二次面接待ち", "interviewing"),
        ("Shortlisted for test", "screening"),
        ("Not suitable", "rejected"),
        ("Zusage", "offer"),
        ("Zusage erhalten!", "offer"),
        ("Ich habe zugesagt", "accepted"),
        ("Einladung zum Test", "screening"),
        ("Eingeladen zum Gespräch", "interviewing"),
        ("Knocked back after the interview", "rejected"),
        ("long list", "screening"),
        ("Gone quiet", "no answer"),
        ("Online tests", "screening"),
        ("Selected", "offer"),
        ("Selected for interview", "interviewing"),
        ("Not selected", "rejected"),
        ("À envoyer", "saved"),
        ("Dead", "rejected"),
        ("Trial", "interviewing"),
        ("Registered", "applied"),
        ("HR round pending", "interviewing"),
        ("Entretien RH", "interviewing"),
        ("Started application", "saved"),
        ("dropped off CV", "applied"),
        ("CV with client", "applied"),
        ("von mir abgesagt", "withdrawn"),
        ("sem retorno ainda", "applied"),
        ("ciekawa oferta", "saved"),
        ("proposta aceita", "accepted"),
        ("淘汰", "rejected"),
        ("連絡待ち", "applied"),
        ("✅ Applied", "applied"),
        ("1. Applied", "applied"),
        ("(2) Phone interview", "screening"),
        ("APPLIED!", "applied"),
        ("Rejected :(", "rejected"),
        ("Rejected on 3/4", "rejected"),
        ("1st interview", "interviewing"),
        ("Interview scheduled", "interviewing"),
        ("Technical interview (2nd round)", "interviewing"),
        ("Rejected after interview", "rejected"),
        ("Applied - no response", "no answer"),
        ("Offer declined", "withdrawn"),
        ("Declined offer", "withdrawn"),
        ("Offer received!", "offer"),
        ("Offer accepted 🎉", "accepted"),
        ("Not applied", "saved"),
        ("To apply", "saved"),
        ("Application sent", "applied"),
        ("No longer under consideration", "rejected"),
        ("Did not get an offer", "rejected"),
        ("Denied", "rejected"),
        ("Withdrew", "withdrawn"),
        ("Ghosted 👻", "no answer"),
        ("Absage erhalten", "rejected"),
        ("Vorstellungsgespräch am 4.3.", "interviewing"),
        ("Candidature envoyée", "applied"),
        ("Refusé", "rejected"),
        ("Rechazado", "rejected"),
        ("Candidatado", "applied"),
        ("Rifiutato", "rejected"),
        ("Afgewezen", "rejected"),
        ("Odrzucono", "rejected"),
        ("Avslag", "rejected"),
        ("已投递", "applied"),
        ("一次面接", "interviewing"),
        ("内定", "offer"),
        ("Superday", "interviewing"),
        ("1st stage booked", "interviewing"),
        ("Not put forward", "rejected"),
        ("Lost interest", "withdrawn"),
        ("Closed - no reply", "no answer"),
        ("On hold", "applied"),
        ("HireVue done", "screening"),
        ("Reviewed", "applied"),
        ("PFO", "rejected"),
        ("heard back - it's a no", "rejected"),
        ("Turned them down", "withdrawn"),
        ("got it!!", "accepted"),
        ("Négative", "rejected"),
        ("CV leído", "applied"),
        ("Em processo seletivo", "applied"),
        ("Sem retorno", "no answer"),
        ("Rozmowa z HR", "screening"),
        ("Czekam na odpowiedź", "applied"),
        ("Didn't pass", "rejected"),
        ("Not a match", "rejected"),
        ("Fick nej", "rejected"),
        ("offer已拒", "withdrawn"),
        ("Não respondeu", "no answer"),
        ("Guardada", "saved"),
        ("Postulada", "applied"),
        ("Postulée", "applied"),
        ("Entrevistada", "interviewing"),
        ("Convoquée", "interviewing"),
        ("Zaproszona na rozmowę", "interviewing"),
        ("Desclassificada", "rejected"),
        ("Contrattata", "accepted"),
        ("Screened in", "screening"),
        ("Written exam", "screening"),
        ("Screened out", "rejected"),
        ("Not screened in", "rejected"),
        ("Appointed", "accepted"),
        ("Not appointed", "rejected"),
        ("Someone else appointed", "rejected"),
        ("已挂", "rejected"),
        ("已拿offer", "offer"),
        ("最終面接落ち", "rejected"),
        ("二面通过", "interviewing"),
    ],
)
def test_a_status_names_its_stage(text: str, stage: str) -> None:
    guess = read_stage(DEFAULT_PIPELINE, text)

    assert guess is not None
    assert guess.stage.key == stage


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("Hired someone else", "rejected"),
        ("Offer made to another candidate", "rejected"),
        ("Accepted another job", "withdrawn"),
        ("Accepted other offer", "withdrawn"),
        ("Accepted (internal transfer)", "accepted"),
        ("Internal candidate hired", "rejected"),
        ("Anderes Angebot angenommen", "withdrawn"),
        ("Offer rescinded", "rejected"),
        ("Rejected the offer", "withdrawn"),
        ("Angebot abgelehnt", "withdrawn"),
        ("Offre refusée", "withdrawn"),
        ("Oferta rechazada", "withdrawn"),
        ("Proposta recusada", "withdrawn"),
        ("Rejected after offer", "rejected"),
        ("Thanks for applying", "applied"),
        ("Waiting for interview", "interviewing"),
    ],
)
def test_what_others_did_and_what_became_of_an_offer_decide(text: str, stage: str) -> None:
    guess = read_stage(DEFAULT_PIPELINE, text)

    assert guess is not None
    assert guess.stage.key == stage


@pytest.mark.parametrize(
    "text",
    [
        "Waiting for offer",
        "Hoping for an interview",
        "Offer withdrawn",
        "Offer expired",
        "Interviewing other candidates",
        "内定待ち",
        "未面试",
    ],
)
def test_what_is_only_hoped_for_or_done_by_others_is_left_open(text: str) -> None:
    assert read_stage(DEFAULT_PIPELINE, text) is None


@pytest.mark.parametrize("text", ["", "zorp", "no interview yet", "Accepted / Rejected", "🙂"])
def test_a_status_that_names_none_or_several_is_left_open(text: str) -> None:
    assert read_stage(DEFAULT_PIPELINE, text) is None


@pytest.mark.parametrize(
    ("text", "is_all"),
    [("✅ Applied", True), ("2. Applied", True), ("Rejected on 3/4", False), ("Rejected, they were rude", False)],
)
def test_what_a_status_says_besides_is_noticed(text: str, *, is_all: bool) -> None:
    guess = read_stage(DEFAULT_PIPELINE, text)

    assert guess is not None
    assert guess.is_all == is_all


def test_spellings_of_one_word_are_one_group() -> None:
    assert {group_of(text) for text in ("Take-home", "take home ", "TAKE HOME!", "3. Take-Home")} == {"take home"}


@pytest.mark.parametrize(
    ("header", "stage"),
    [
        ("1st Interview", "interviewing"),
        ("Date of offer", "offer"),
        ("Rejected on", "rejected"),
        ("Job Offer", "offer"),
    ],
)
def test_a_header_can_be_about_a_stage(header: str, stage: str) -> None:
    found = stage_of_header(DEFAULT_PIPELINE, header)

    assert found is not None
    assert found.key == stage


@pytest.mark.parametrize(
    "text", ["Dead slow, they say", "no trial shifts here", "Selected the CV to send", "Case by case"]
)
def test_a_word_that_is_a_status_alone_is_none_within_others(text: str) -> None:
    assert read_stage(DEFAULT_PIPELINE, text) is None


def test_a_word_that_is_a_status_alone_is_no_header() -> None:
    assert stage_of_header(DEFAULT_PIPELINE, "References") is None


@pytest.mark.parametrize(
    ("text", "is_all"),
    [
        ("Interview", True),
        ("Vorstellungsgespräch", True),
        ("Entretien", True),
        ("面接", True),
        ("Applied", True),
        ("Beworben", True),
        ("Candidature envoyée", True),
        ("Absage", True),
        ("Second interview", False),
        ("Panel interview", False),
        ("Phone screen w/ HR", False),
        ("Online tests", False),
        ("Einladung zum Test", False),
        ("最終面接", False),
        ("On hold", False),
        ("Position filled", False),
        ("Verbal offer", False),
    ],
)
def test_a_status_that_names_a_step_says_more_than_its_stage(text: str, is_all: bool) -> None:
    guess = read_stage(DEFAULT_PIPELINE, text)

    assert guess is not None
    assert guess.is_all is is_all
