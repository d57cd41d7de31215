"""What a search opened is kept for a minute, for the person who searched, and only while nothing changes."""

import re
import threading

import pytest

from tests.support.factories import application
from tests.support.locked import Locked
from tests.support.people import PASSWORD
from tmr.domain.kinds.application import APPLICATION
from tmr.repository.scans import kept_texts, scans
from tmr.repository.scans.kept_texts import KEPT_SECONDS, MOST_BYTES, KeptTexts

MARK, FORM = "7", ("company",)
ANN, BEN = "ann", "ben"  # any key does


@pytest.fixture
def kept(services, monkeypatch) -> KeptTexts:
    """What is kept of accounts, of small ones too."""
    monkeypatch.setattr(scans, "KEPT_FROM", 1)
    return services.repository.kept.texts


@pytest.fixture
def searcher(alice, kept):
    alice.sign_in()
    alice.add(company="Müller", title="Welder", notes='Said "wait"')
    alice.add(company="Quartz", title="Clockmaker")
    return alice


def make_ready() -> None:
    for thread in threading.enumerate():
        if thread.name == kept_texts.THREAD:
            thread.join()


def found(person, q: str) -> set[str]:
    """Which of the two companies a search finds in the grid; the search over everything must agree."""
    grid, everywhere = (person.get(place, query_string={"q": q}).text for place in ("/applications", "/search"))
    rows = "".join(re.findall(r'<tr id="application-.*?</tr>', grid, re.DOTALL))
    companies = [{name for name in ("Müller", "Quartz", "Nova") if name in text} for text in (rows, everywhere)]
    assert companies[0] == companies[1]
    return companies[0]


@pytest.mark.parametrize("is_ready", [False, True])
def test_what_is_kept_finds_what_a_first_search_finds(searcher, kept, is_ready) -> None:
    words = ["welder", "muller", "mueller", "eller", "muller welder", 'd "wait', "saved", "quartz saved", "ﬁnd"]
    first = []
    for q in words:
        kept.drop(searcher.owner)
        first.append(found(searcher, q))
    found(searcher, "welder")
    make_ready() if is_ready else None

    assert [found(searcher, q) for q in words] == first
    assert first[:4] == [{"Müller"}, {"Müller"}, {"Müller"}, set()]
    assert kept.size > 0


def test_what_becomes_ready_between_two_looks_at_it_is_found(searcher, kept, services, clock) -> None:
    """Seen failing: a search that saw no texts ready, and asked again a moment later, had nothing to look through."""
    found(searcher, "welder")
    make_ready()
    cookie = searcher.client.get_cookie("tmr").value

    with services.repository.claim(cookie, clock()) as uow:
        assert len(list(uow.records.search(APPLICATION, lambda _: True))) == 2


@pytest.mark.parametrize("is_ready", [False, True])
def test_every_change_shows_in_the_next_search(searcher, kept, is_ready) -> None:
    assert found(searcher, "nova") == set()
    make_ready() if is_ready else None

    new = searcher.elsewhere().add(company="Nova")

    assert found(searcher, "nova") == {"Nova"}
    make_ready() if is_ready else None
    searcher.post(f"/applications/{new}", company="Quartz", version="1")
    assert found(searcher, "nova") == set()


def test_c4_what_is_kept_of_one_account_answers_no_other(searcher, bob, kept) -> None:
    found(searcher, "welder")
    make_ready()
    assert kept.size > 0
    bob.sign_in()
    bob.add(company="Nova", title="Welder")

    assert found(bob, "welder") == {"Nova"}
    assert found(searcher, "welder") == {"Müller"}


@pytest.mark.parametrize("event", ["sign-out", "revoked elsewhere", "erased"])
def test_w3_sign_out_revocation_and_erasure_take_away_what_is_kept(searcher, kept, event) -> None:
    other = searcher.elsewhere()
    found(searcher, "welder")
    assert kept._accounts.get(searcher.owner)

    if event == "sign-out":
        owner, _ = searcher.owner, searcher.post("/logout", page="/applications")
    elif event == "revoked elsewhere":
        owner, _ = searcher.owner, other.post("/settings/sessions/revoke-others", page="/settings/sessions")
    else:
        owner = searcher.owner
        assert (
            searcher.post("/settings/privacy/erase-data", page="/settings/privacy", password=PASSWORD).status_code
            == 303
        )

    make_ready()
    assert owner not in kept._accounts


def test_s4_what_is_kept_is_no_use_without_a_session(searcher, kept, services) -> None:
    found(searcher, "welder")

    with services.repository.for_owner(searcher.owner) as uow:
        assert not uow.records.is_kept(uow.kinds["applications"])


def test_w3_nothing_is_kept_of_records_under_a_lock(services, owner, clock, kept) -> None:
    def search(cookie: str) -> int:
        with services.repository.claim(cookie, clock()) as uow:
            found = list(uow.records.search(uow.kinds["applications"], lambda _text: True))
            uow.commit()
        return len(found)

    with services.repository.for_owner(owner) as uow:
        uow.records.add(APPLICATION, application(company="Narwhal"), clock())
        uow.commit()
    before = kept.drops
    locked = Locked(services, owner, clock)  # turns the lock on

    assert kept.drops > before
    assert search(locked.unlock(locked.sign_in())) > 0
    assert owner not in kept._accounts


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def keep(texts: KeptTexts, owner: str, size: int = 1) -> bool:
    drops = texts.drops
    if not texts.reserve(owner, size):
        return False
    texts.keep(owner, "application", (MARK, FORM, "opened", size), drops)
    return True


def test_p06_opened_texts_are_gone_a_minute_after_the_last_search_without_a_request() -> None:
    clock = Seconds()
    texts = KeptTexts(clock)
    keep(texts, ANN)
    clock.now = KEPT_SECONDS - 1
    assert texts.find(ANN, "application", MARK, FORM) == "opened"

    clock.now = 2 * KEPT_SECONDS - 2
    texts.forget_old()
    assert (texts.size, texts._timer is None) == (1, False)
    clock.now = 2 * KEPT_SECONDS - 1
    texts._timer.function()  # what the timer does when it is over

    assert (texts.size, texts._timer) == (0, None)


def test_p06_what_is_kept_has_a_bound_and_those_who_searched_last_have_it() -> None:
    texts = KeptTexts(Seconds())
    assert keep(texts, ANN, MOST_BYTES // 2)
    assert keep(texts, BEN, MOST_BYTES // 2)
    assert not texts.reserve(BEN, MOST_BYTES)
    assert texts.find(ANN, "application", MARK, FORM) is None
    assert texts.size <= MOST_BYTES


def test_w3_what_was_begun_before_a_sign_out_is_not_kept_after_it() -> None:
    texts = KeptTexts(Seconds())
    drops = texts.drops
    assert texts.reserve(ANN, 1)
    texts.drop(ANN)
    texts.keep(ANN, "application", (MARK, FORM, "opened", 1), drops)

    assert (texts.find(ANN, "application", MARK, FORM), texts.size) == (None, 0)
