"""Declaring own fields and changing them: what is refused, and which choice is which afterwards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmr.domain.fields.own import OwnField
from tmr.domain.fields.own_changes import OwnFieldRefusedError, changed, declared
from tmr.domain.fields.type import Wire
from tmr.domain.fields.types.own import OwnChoices
from tmr.domain.kinds import kinds_for
from tmr.domain.kinds.application import APPLICATION

words = st.lists(st.sampled_from(["a", "A", "á", "b", "a b", "ab", "c", "cc", "d"]), min_size=1, max_size=6)


def field_of(choices: str) -> OwnField:
    return declared(APPLICATION, "Colour", "choice", choices)


def offered(field: OwnField) -> list[tuple[str, str]]:
    return [(choice.key, choice.label) for choice in field.choices if not choice.is_retired]


def read(field: OwnField, word: str) -> Wire:
    return OwnChoices(field.choices).parse(word)


@pytest.mark.parametrize(
    ("label", "of_type", "choices", "wrong"),
    [
        ("", "text", "", "label"),
        (" \t", "text", "", "label"),
        ("a\0b", "text", "", "label"),
        ("x" * 61, "text", "", "label"),
        ("…", "", "", "type"),
        ("Fee", "script", "", "type"),
        ("Fee", "choice", "a\n\0b", "choices"),
        ("Fee", "choice", "x" * 61, "choices"),
        ("Fee", "choice", "\n".join(map(str, range(101))), "choices"),
        ("Fee", "choice", "a\n" * 500_000, "choices"),
        ("company", "text", "", "label"),
        ("Job-posting URL", "link", "", "label"),
        ("applied on", "date", "", "label"),
        ("Created at", "date", "", "label"),
        ("team  SIZE", "number", "", "label"),
    ],
)
def test_what_cannot_be_declared_names_the_input_that_is_wrong(
    label: str, of_type: str, choices: str, wrong: str
) -> None:
    kind = kinds_for(own_fields=(OwnField("applications", "own_x", "Team size", "text"),))["applications"]

    with pytest.raises(OwnFieldRefusedError) as refused:
        declared(kind, label, of_type, choices)

    assert refused.value.field == wrong


def test_thirty_fields_of_a_kind_are_enough() -> None:
    many = tuple(OwnField("applications", f"own_{number}", f"Field {number}", "text") for number in range(30))

    with pytest.raises(OwnFieldRefusedError, match="30 own fields for applications"):
        declared(kinds_for(own_fields=many)["applications"], "One more", "text")


def test_a_field_may_keep_its_label() -> None:
    field = OwnField("applications", "own_x", "Team size", "text")
    kind = kinds_for(own_fields=(field,))["applications"]

    assert changed(kind, field, "team size", None).label == "team size"


@pytest.mark.parametrize("text", ["Red\nGreen\n\nRed", "Red; Green", "Red, Green,", " Red \r\nGreen"])
def test_choices_are_read_from_lines_or_from_one_line(text: str) -> None:
    assert [label for _, label in offered(field_of(text))] == ["Red", "Green"]


def test_the_choices_of_a_field_can_come_later() -> None:
    later = changed(APPLICATION, field_of(" \n"), None, "Red")

    assert offered(later) == [("_1", "Red")]
    assert offered(changed(APPLICATION, later, None, "")) == []


def test_a_changed_line_renames_a_choice_and_a_new_one_adds_one() -> None:
    before = field_of("Red\nGreen\nBlue")

    after = changed(APPLICATION, before, None, "Red\nSea green\nBlue\nGrey")

    assert offered(after) == [("_1", "Red"), ("_2", "Sea green"), ("_3", "Blue"), ("_4", "Grey")]
    assert read(before, "Green") == read(after, "Sea green")


def test_a_choice_that_is_gone_stays_readable_and_comes_back_as_itself() -> None:
    without = changed(APPLICATION, field_of("Red\nGreen\nBlue"), None, "Red\nBlue")

    assert [label for _, label in offered(without)] == ["Red", "Blue"]
    assert read(without, "green") == "_2"
    assert offered(changed(APPLICATION, without, None, "Green\nRed\nBlue"))[0] == ("_2", "Green")


@given(words, words)
def test_no_choice_ever_turns_into_another_one_that_stays(first: list[str], second: list[str]) -> None:
    before = field_of("\n".join([*first, "last"]))
    after = changed(APPLICATION, before, None, "\n".join([*second, "last"]))
    keys = [choice.key for choice in after.choices]

    assert len(keys) == len(set(keys))
    assert {choice.key for choice in before.choices} <= set(keys)
    for _, label in offered(after):
        stayed = read(before, label) if label in dict(map(reversed, offered(before))) else None
        assert stayed in (None, read(after, label))
