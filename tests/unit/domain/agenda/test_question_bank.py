"""Questions and answers, read out of what people write about their interviews."""

from tmr.domain.agenda.question_bank import Question, questions_of

TEXT = """Company founded in 1991
- [x] Why do you want to leave?
  More responsibility.
  And the commute.

Bring the portfolio
Q: Tell me about a conflict
A: The release of 2024.
Frage 2: Gehalt
Wo sehen Sie sich in fünf Jahren?"""


def test_a_line_with_a_question_mark_or_a_q_is_one_and_what_follows_is_its_answer() -> None:
    assert questions_of(TEXT) == [
        Question("Why do you want to leave?", "More responsibility.\nAnd the commute."),
        Question("Tell me about a conflict", "The release of 2024."),
        Question("Gehalt", ""),
        Question("Wo sehen Sie sich in fünf Jahren?", ""),
    ]


def test_in_the_questions_to_ask_every_line_of_its_own_is_one() -> None:
    assert questions_of("How large is the team?\n\nOn call\n\nParental leave", is_list=True) == [
        Question("How large is the team?"),
        Question("On call"),
        Question("Parental leave"),
    ]


def test_what_is_written_into_a_text_is_read_out_of_it_again() -> None:
    for question in (Question("Why us?", "One.\nTwo."), Question("On call", "Rarely."), Question("Pay?")):
        assert questions_of(f"Before\n\n{question.written()}") == [question]
        assert questions_of(question.written())[0].key == question.key


def test_w1_long_lines_and_many_questions_take_no_time_to_speak_of() -> None:
    assert len(questions_of("?\n" * 50_000)) == 200
    assert questions_of("Q: " + "a" * 50_000)[0].words == "a" * 500
    assert questions_of("Q" + " " * 50_000) == []
