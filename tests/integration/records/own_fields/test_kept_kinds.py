"""[W1] What people declare stays in the memory of a process for a while, in a bounded amount, and goes with them."""

import pytest

from tests.support.kinds import declare, place_of
from tmr.domain.fields.own import OwnField
from tmr.domain.fields.types.own import OwnChoice
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE
from tmr.repository.own_fields import kept_kinds
from tmr.repository.own_fields.kept_kinds import KeptKinds


def choice_field(words: int, label: str = "Mood") -> OwnField:
    choices = tuple(OwnChoice(f"_{at}", f"Word {at}") for at in range(1, words + 1))
    return OwnField("applications", "own_00000001", label, "choice", choices)


def test_w1_a_field_that_is_renamed_over_and_over_is_kept_once(alice, services) -> None:
    """Seen failing: each name of a large field was one more of 512 entries, up to 52 MB each, for ever."""
    declare(alice, "Mood", "choice", choices="Good\nBad")
    place = place_of(alice, "Mood")
    for turn in range(3):
        alice.post(place, label=f"Mood {turn}")
        alice.get("/applications")

    kept = services.repository._kept_kinds._by_owner
    assert [field.label for field in kept[alice.owner].declared[1]] == ["Mood 2"]


@pytest.mark.parametrize("what", ["data", "account"])
def test_p5_what_an_erased_account_declared_is_not_in_memory_any_more(alice, services, what: str) -> None:
    declare(alice, "Mood")
    alice.get("/applications")
    assert alice.owner in services.repository._kept_kinds._by_owner

    with services.repository.for_owner(alice.owner) as uow:
        assert uow.kinds["applications"].own_fields
        (uow.erase_data if what == "data" else uow.erase_account)(services.clock())
        uow.commit()

    assert alice.owner not in services.repository._kept_kinds._by_owner


def test_w1_what_is_kept_is_bounded_by_accounts_weight_and_time(alice, bob, monkeypatch) -> None:
    kept, owners = KeptKinds(), [alice.owner, bob.owner]
    for owner in owners:
        kept.of(owner, DEFAULT_PIPELINE, (choice_field(10),))
    assert [*kept._by_owner] == owners
    assert kept.of(alice.owner, DEFAULT_PIPELINE, (choice_field(10),)) is kept._by_owner[alice.owner].kinds

    kept.of(bob.owner, DEFAULT_PIPELINE, (choice_field(kept_kinds.HEAVIEST),))
    assert [*kept._by_owner] == [alice.owner]
    monkeypatch.setattr(kept_kinds, "MOST_WEIGHT", 40)
    kept.of(bob.owner, DEFAULT_PIPELINE, (choice_field(20),))
    assert [*kept._by_owner] == [bob.owner]
    monkeypatch.setattr(kept_kinds, "KEPT_SECONDS", -1.0)
    kept.of(alice.owner, DEFAULT_PIPELINE, ())
    assert not kept._by_owner
    assert kept._weight == 0
