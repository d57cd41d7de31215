"""Questions with their answers, read out of what people write about their interviews.

A line that ends with a question mark, or begins with ``Q:``, is a question; the lines after it, up to an empty one or
the next question, are its answer. In the field of questions to ask every other line is a question as well.
"""

import re
from collections.abc import Iterator
from itertools import islice

import msgspec

from tmr.domain.agenda.checklist import points_of
from tmr.domain.fields.folding import fold, searchable
from tmr.domain.fields.type import Wire

LONGEST_QUESTION, LONGEST_ANSWER, MOST_OF_A_TEXT = 500, 4_000, 200
_Q = re.compile(r"(?:Q|F|P|Question|Frage|Pregunta)\s?\d{0,3}\s?[:.)]\s*(?P<words>\S.*)", re.IGNORECASE)
_A = re.compile(r"(?:A|R|Answer|Antwort|Réponse|Respuesta)\s?\d{0,3}\s?[:.)]\s*(?P<words>.*)", re.IGNORECASE)


class Question(msgspec.Struct, frozen=True):
    """A question and its answer, which may be empty."""

    words: str
    answer: str = ""

    @property
    def key(self) -> str:
        """What is the same for the same question in other interviews."""
        return fold(self.words.rstrip("?!. "))

    def has_words(self, terms: list[str]) -> bool:
        """Whether each of these folded words is somewhere in the question or its answer."""
        text = searchable(f"{self.words}\n{self.answer}")
        return all(term in text for term in terms)

    def written(self) -> str:
        """Return the question with its answer as they are written into a text, so that they are read out again."""
        marked = self.words if self.words.endswith("?") else f"Q: {self.words}"
        return f"{marked}\n{self.answer}" if self.answer else marked


def questions_of(text: Wire, *, is_list: bool = False) -> list[Question]:
    """Return the questions in a text; with ``is_list``, what belongs to no question is one."""
    return list(islice(_questions(str(text or ""), is_list), MOST_OF_A_TEXT))


def _questions(text: str, is_list: bool) -> Iterator[Question]:
    asked, answer, last = "", list[str](), -1
    for point in points_of(text):
        is_next, last = point.number == last + 1, point.number
        words = _asked(point.words)
        if not words and is_list and not (asked and is_next):
            words = point.words
        if words or (asked and not is_next):
            if asked:
                yield _question(asked, answer)
            asked, answer = words, []
        elif asked:
            match = _A.fullmatch(point.words)
            answer.append(match["words"] if match else point.words)
    if asked:
        yield _question(asked, answer)


def _asked(words: str) -> str:
    """Return the question in a line; nothing if the line is none."""
    match = _Q.fullmatch(words[: LONGEST_QUESTION + 20])
    if match:
        return match["words"]
    return words if words.endswith("?") else ""


def _question(words: str, answer: list[str]) -> Question:
    return Question(words[:LONGEST_QUESTION], "\n".join(answer).strip()[:LONGEST_ANSWER])
