"""A forgotten password: the mailed link, what it changes, and what it leaves alone."""

import re

import pytest

from tests.support.devices.authenticator import enrol
from tests.support.people import PASSWORD, Browser, Person

NEW = "seven lamps beside the quiet harbour"


def ask(browser: Browser, email: str = "alice@example.org"):
    return browser.post("/forgot", page="/forgot", email=email)


def reset(browser: Browser, path: str, password: str = NEW):
    return browser.post(path, page=path, password=password)


def test_a_mailed_link_sets_a_new_password(alice, visitor, letters) -> None:
    assert ask(visitor).status_code == 200
    [letter] = letters()

    answer = reset(visitor, letter.path)

    assert letter.to == "alice@example.org"
    assert answer.headers["Location"] == "/login"
    assert "Your new password is set" in visitor.get("/login").text
    assert alice.elsewhere_with(NEW).get("/applications").status_code == 200
    assert Person(alice.app, alice.email).sign_in(PASSWORD).status_code == 422


def test_a9_the_link_changes_nothing_by_a_get_and_works_once(alice, visitor, letters) -> None:
    ask(visitor)
    [letter] = letters()

    for _ in range(3):
        assert visitor.get(letter.path).status_code == 200
        assert visitor.client.head(letter.path).status_code == 200
    assert alice.get("/applications").status_code == 200
    assert reset(visitor, letter.path).status_code == 303

    again = visitor.get(letter.path)
    assert again.status_code == 410
    assert "This link has expired" in again.text
    assert visitor.post(letter.path, page="/login", password=NEW).status_code == 410


def test_a9_the_link_expires_after_ten_minutes(alice, visitor, letters, clock) -> None:
    ask(visitor)
    [letter] = letters()
    clock.turn(minutes=10, seconds=1)

    assert visitor.get(letter.path).status_code == 410
    assert visitor.post(letter.path, page="/login", password=NEW).status_code == 410
    assert alice.elsewhere()


def test_a9_a_newer_link_voids_the_older_one(alice, visitor, letters) -> None:
    ask(visitor)
    letters()
    ask(visitor)
    older, newer = letters()

    assert visitor.get(older.path).status_code == 410
    assert visitor.get(newer.path).status_code == 200


def test_a10_reset_neither_removes_nor_skips_the_second_factor(alice, visitor, letters, clock, services) -> None:
    app, _ = enrol(alice, clock)
    with services.repository.for_owner(alice.owner) as uow:
        uow.account.verify(clock())
        uow.commit()
    clock.turn(seconds=30)
    ask(visitor)
    reset(visitor, letters()[-1].path)

    other = Person(alice.app, alice.email)
    assert other.sign_in(NEW).headers["Location"] == "/login/2fa"
    assert other.get("/applications").status_code == 303
    assert other.post("/login/2fa", page="/login", code=app.code()).headers["Location"] == "/"


def test_a17_reset_of_an_address_that_was_never_confirmed_leaves_no_factor_of_a_stranger(
    alice, visitor, letters, clock
) -> None:
    """A stranger typed the address and added an authenticator app; its owner, who got the link, gets in without it."""
    enrol(alice, clock)
    ask(visitor)
    reset(visitor, letters()[-1].path)

    owner = Person(alice.app, alice.email)
    assert owner.sign_in(NEW).headers["Location"] == "/"
    assert alice.get("/applications").status_code == 303


def test_s5_reset_ends_every_session_known_device_and_waiting_link(alice, visitor, letters, admin) -> None:
    other = alice.elsewhere()
    ask(visitor)
    link = letters()[-1].path

    reset(visitor, link)

    assert [person.get("/applications").status_code for person in (alice, other)] == [303, 303]
    for table in ("sessions", "known_devices", "one_time_tokens", "owner_lookups"):
        assert admin.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_a14_the_owner_is_told_that_the_password_was_set(alice, visitor, letters) -> None:
    ask(visitor)
    reset(visitor, letters()[-1].path)

    assert [letter.subject for letter in letters()] == [
        "Reset your password",
        "Password reset with a link sent by email",
    ]


@pytest.mark.parametrize("password", ["", "short1!", "090807060504030201", "alice@example.org"])
def test_a1_a3_a_weak_password_is_refused_and_the_link_stays_valid(alice, visitor, letters, password: str) -> None:
    ask(visitor)
    [letter] = letters()

    assert reset(visitor, letter.path, password).status_code == 422
    assert reset(visitor, letter.path).status_code == 303


def test_a7_unknown_addresses_get_the_same_answer_after_the_same_work(alice, visitor, letters, admin) -> None:
    known, unknown = ask(visitor), ask(visitor, "nobody@example.org")
    jobs = admin.execute("SELECT task_name, length(args::text) FROM procrastinate_jobs").fetchall()

    assert known.status_code == unknown.status_code == 200
    assert stable(known.text, "alice") == stable(unknown.text, "nobody")
    assert jobs == [jobs[0]] * 2
    assert [letter.to for letter in letters()] == ["alice@example.org"]


def stable(page: str, name: str) -> str:
    return re.sub(r'(nonce|value)="[^"]*"', "", page).replace(f"{name}@example.org", "")


def test_l2_the_queue_holds_no_address(alice, visitor, admin) -> None:
    ask(visitor)

    assert "alice" not in str(admin.execute("SELECT args FROM procrastinate_jobs").fetchall())


def ask_from(address: str, visitor, email: str = "alice@example.org") -> int:
    visitor.client.environ_base["REMOTE_ADDR"] = address
    return ask(visitor, email).status_code


def test_a6_reset_mails_are_limited_by_account_whatever_its_spelling(alice, visitor, clock) -> None:
    spellings = ["alice@example.org", "ALICE@example.org", " alice@EXAMPLE.org"]

    codes = [ask_from(f"192.0.2.{n // 2}", visitor, spellings[n % 3]) for n in range(6)]

    assert codes == [200] * 5 + [429]
    clock.turn(days=1)
    assert ask(visitor).status_code == 200


def test_a6_w2_one_site_cannot_use_up_the_reset_mails_of_an_account(alice, visitor) -> None:
    strangers = [ask_from(f"2001:db8:1:{n}::1", visitor) for n in range(20)]

    assert strangers == [200] * 3 + [429] * 17
    assert ask_from("192.0.2.7", visitor) == 200


@pytest.mark.parametrize("path", ["/reset/x", "/verify/x", "/sessions/end/x", "/reset/" + "a" * 5_000, "/verify/%00"])
def test_an_unknown_link_says_what_to_do(visitor, path: str) -> None:
    answer = visitor.get(path)

    assert answer.status_code == 410
    assert "/forgot" in answer.text
    assert visitor.post(path, page="/login", password=NEW).status_code == 410


def test_a_token_of_one_purpose_opens_no_other(alice, visitor, letters) -> None:
    ask(visitor)
    token = letters()[-1].path.rsplit("/", 1)[1]

    assert visitor.get(f"/verify/{token}").status_code == 410
    assert visitor.get(f"/sessions/end/{token}").status_code == 410


def test_a_disabled_account_gets_no_link(alice, visitor, letters, services, clock, admin) -> None:
    owner = admin.execute("SELECT owner_id FROM accounts").fetchone()[0]
    with services.repository.for_owner(owner) as uow:
        uow.account.disable(clock())
        uow.commit()

    ask(visitor)

    assert letters() == []


@pytest.mark.parametrize("email", ["", "x", "a@b@c", "\0@example.org"])
def test_an_invalid_address_is_reported(visitor, email: str) -> None:
    answer = ask(visitor, email)

    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text
