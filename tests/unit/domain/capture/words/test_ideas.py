"""What words of letters mean tells the kind of a letter, in orders and with words that no list has as they stand."""

import pytest

from tmr.domain.capture.words.ideas.reading import ideas_in
from tmr.domain.capture.words.ideas.scores import ENOUGH, Meanings


def _never(_: str) -> bool:
    return False


def _always(_: str) -> bool:
    return True


@pytest.mark.parametrize(
    "sentence",
    [
        "We shall not, on this occasion, be advancing your candidacy.",
        "Das Verfahren setzen wir mit anderen Kandidatinnen fort.",
        "Ihre Unterlagen konnten wir diesmal nicht berücksichtigen.",
        "IHRE UNTERLAGEN KONNTEN WIR DIESMAL NICHT BERUECKSICHTIGEN.",
        "Nous avons préféré quelqu'un d'autre pour ce poste.",
        "Hemos preferido a otra persona para la vacante.",
    ],
)
def test_a_refusal_is_told_by_what_its_words_mean(sentence: str) -> None:
    assert Meanings(_never).told("rejection", [sentence]) == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "Please do not hesitate to contact us about your application.",
        "We cannot reply to every applicant individually.",
        "Unfortunately we have to move your interview to another day.",
        "Leider können wir nicht jede Bewerbung einzeln beantworten.",
        "Nous ne manquerons pas de revenir vers vous au sujet de votre candidature.",
        "No dudes en escribirnos sobre tu candidatura.",
    ],
)
def test_what_is_no_refusal_though_it_has_its_words_is_told_as_none(sentence: str) -> None:
    assert Meanings(_never).score("rejection", [sentence]).points < ENOUGH


def test_a_meeting_is_told_only_with_a_day_and_a_time_or_a_question_for_one() -> None:
    said = "Wir möchten mit Ihnen über die Stelle sprechen."
    assert not Meanings(_never).told("invitation", [said])
    assert Meanings(_always).told("invitation", [said]) == said


def test_points_of_one_rule_count_once_however_often_it_is_fulfilled() -> None:
    """A letter that wishes luck three times refuses nobody."""
    sentences = ["Good luck!", "Good luck.", "We wish you good luck, Robin."]
    assert Meanings(_never).score("rejection", sentences).points == 1


def test_words_of_one_language_are_not_mixed_with_those_of_another() -> None:
    mixed = ideas_in("no la candidatura; the application")
    assert not any({"not", "application"} <= ideas and "papers" not in ideas for ideas in mixed)
    assert all(isinstance(ideas, frozenset) for ideas in mixed)


def test_two_ideas_are_near_each_other_only_without_a_sign_that_parts_them() -> None:
    pairs = ("not~go_on",)
    assert any("not~go_on" in ideas for ideas in ideas_in("we will not proceed", pairs))
    assert not any("not~go_on" in ideas for ideas in ideas_in("certainly not: we will proceed", pairs))
    assert not any("not~go_on" in ideas for ideas in ideas_in(f"not {'so ' * 9}proceed", pairs))
