"""A text of 300 kB in any field is refused, or kept, before anything dear is done with it."""

import datetime as dt
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace

import pytest

from tests.support.measuring.processor_time import hash_seconds, least_cpu_seconds
from tmr.domain.fields import folding
from tmr.domain.fields.folding import LONGEST_WORD, fold, searchable
from tmr.domain.fields.own_changes import OwnFieldRefusedError, changed, declared, retyped
from tmr.domain.fields.type import FieldType, ValueRefusedError
from tmr.domain.fields.types.own import OwnChoice, OwnChoices
from tmr.domain.kinds import KINDS
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.locales.locale import locale_named
from tmr.domain.locales.typed_dates import Typing
from tmr.domain.pipeline.changes import PipelineRefusedError, added, checked, edited
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE
from tmr.domain.pipeline.stage import Stage
from tmr.records.editing.links import NameIndex

MOST_HASHES = 0.4  # about 100 ms
LONG = "ﷺ" * 100_000  # one letter that stands for eighteen
TEXTS = {"one word": LONG, "words": "ﷺ " * 75_000, "short parts": "ﷺ;" * 75_000, "lines": "ﷺﷺﷺ\n" * 30_000}
HERE = Typing(locale_named("de_DE"), dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC))


def _types(of: type[FieldType] = FieldType) -> Iterator[type[FieldType]]:
    yield of
    for derived in of.__subclasses__():
        yield from _types(derived)


def _made(of: type[FieldType]) -> FieldType:
    """Return a type as some kind of record declares it, or as its module makes it."""
    declared_types = (field.type for kind in KINDS.values() for field in kind.fields)
    if of is OwnChoices:
        return OwnChoices([OwnChoice("_1", "Yes"), OwnChoice("_2", "Nein")])
    return next((made for made in declared_types if type(made) is of), None) or of()


TYPES = [of for of in dict.fromkeys(_types()) if of.__module__.startswith("tmr.")]


@pytest.fixture(scope="module")
def enough() -> float:
    """The most processor time of one field, in seconds."""
    fold("é")  # the table of accents is made once
    return MOST_HASHES * hash_seconds()


@pytest.mark.parametrize("shape", TEXTS)
@pytest.mark.parametrize("of", TYPES, ids=lambda of: of.__name__)
def test_no_type_of_field_does_much_with_a_long_text(of: type[FieldType], shape: str, enough: float) -> None:
    made, text = _made(of), TEXTS[shape]

    def use() -> None:
        with suppress(ValueRefusedError):
            made.parse(made.read(text, HERE))
        made.filter_word(text)
        made.control_options(text)

    spent = least_cpu_seconds(use, enough)

    assert spent <= enough


@pytest.mark.parametrize("shape", TEXTS)
def test_no_change_of_stages_does_much_with_a_long_name(shape: str, enough: float) -> None:
    text = TEXTS[shape]

    def use() -> None:
        for change in (
            lambda: added(DEFAULT_PIPELINE, text, "applied"),
            lambda: edited(DEFAULT_PIPELINE, lambda name: text if name == "label.applied" else None),
            lambda: edited(DEFAULT_PIPELINE, lambda _name: text),
            lambda: checked([*DEFAULT_PIPELINE.stages, Stage("long", text, "applied")]),
        ):
            with suppress(PipelineRefusedError):
                change()
        DEFAULT_PIPELINE.find(text)

    spent = least_cpu_seconds(use, enough)

    assert spent <= enough


@pytest.mark.parametrize("shape", TEXTS)
def test_no_declaring_of_fields_does_much_with_a_long_text(shape: str, enough: float) -> None:
    text = TEXTS[shape]
    field = declared(APPLICATION, "Mood", "choice", "Good\nBad")

    def use() -> None:
        for change in (
            lambda: declared(APPLICATION, text, "choice", "Yes"),
            lambda: declared(APPLICATION, "Fee", "choice", text),
            lambda: changed(APPLICATION, field, text, None),
            lambda: changed(APPLICATION, field, None, text),
            lambda: retyped(APPLICATION, field, "choice", text.splitlines()),
        ):
            with suppress(OwnFieldRefusedError):
                change()

    spent = least_cpu_seconds(use, enough)

    assert spent <= enough


@pytest.mark.parametrize("shape", TEXTS)
def test_no_look_up_of_a_name_does_much_with_a_long_text(shape: str, enough: float) -> None:
    text = TEXTS[shape]
    names = NameIndex.of({str(number): f"Company {number}" for number in range(100)})
    spent = least_cpu_seconds(lambda: (names.same_as(text), names.find(text)), enough)

    assert spent <= enough
    assert names.find(text) == []


def test_w1_a_letter_that_stands_for_words_takes_no_more_room_than_another() -> None:
    """Seen failing: names of such letters took eighteen times the memory, two gigabytes for a page of 50,000 tasks."""
    assert len(searchable(LONG)) == len(LONG)
    assert searchable("ﷺ ÉA") == "ﷺ ea"


def test_w1_a_long_text_is_folded_in_pieces_so_that_others_have_their_turn(monkeypatch) -> None:
    """Seen failing: what Unicode does with a text keeps all other threads waiting, and it was all done at once."""
    text, lengths = "ü" * 100_000, []
    whole = unicodedata.normalize("NFKD", text).replace("\N{COMBINING DIAERESIS}", "")
    searchable("ü")  # the table of accents is made once

    def normalize(form: str, piece: str) -> str:
        lengths.append(len(piece))
        return unicodedata.normalize(form, piece)

    monkeypatch.setattr(folding, "unicodedata", SimpleNamespace(normalize=normalize))

    assert searchable(text) == whole
    assert max(lengths) <= 4_000


def test_what_is_longer_than_a_word_is_left_as_it_is() -> None:
    assert fold("É" * LONGEST_WORD) == "e" * LONGEST_WORD
    assert fold("É" * (LONGEST_WORD + 1)) == "É" * (LONGEST_WORD + 1)
