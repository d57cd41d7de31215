"""What an operator does to accounts from the command line."""

import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.support.devices.authenticator import enrol
from tests.support.devices.passkey import add_passkey
from tests.support.people import PASSWORD, Browser, Person
from tmr import create_app
from tmr.config import SettingsError, load_settings
from tmr.operations.accounts import Operator
from tmr.operations.jobs.housekeeping import forget_what_is_due


def tmr(data_dir: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess:
    environ = {**os.environ, "TMR_DATA_DIR": str(data_dir)}
    command = [sys.executable, "-m", "tmr", *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, input=typed)


@pytest.mark.parametrize("spelling", ["alice@example.org", " ALICE@Example.ORG"])
def test_s6_the_operator_ends_all_sessions_of_one_account(alice, bob, data_dir: Path, spelling: str) -> None:
    other = alice.elsewhere()

    done = tmr(data_dir, "account", "sign-out", spelling)

    assert done.returncode == 0, done.stderr
    assert [person.get("/applications").status_code for person in (alice, other, bob)] == [303, 303, 200]
    assert "alice" not in done.stdout.lower()


def test_an_unknown_account_is_reported_and_nobody_is_signed_out(alice, data_dir: Path) -> None:
    done = tmr(data_dir, "account", "sign-out", "nobody@example.org")

    assert done.returncode == 2
    assert done.stderr == "tmr: No account has this address.\n"
    assert alice.get("/applications").status_code == 200


def test_a_wrong_data_directory_is_reported_and_none_is_made(tmp_path: Path) -> None:
    done = tmr(tmp_path / "nowhere", "account", "sign-out", "alice@example.org")

    assert done.returncode == 2
    assert "There is no installation in" in done.stderr
    assert not (tmp_path / "nowhere").exists()


def test_a8_an_account_is_made_from_the_command_line_with_the_password_on_standard_input(app, data_dir: Path) -> None:
    done = tmr(data_dir, "account", "create", "First@example.org", typed=PASSWORD + "\n")

    assert done.returncode == 0, done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert Person(app, "first@example.org").sign_in().status_code == 303


@pytest.mark.parametrize(
    ("email", "password", "words"),
    [
        ("x", PASSWORD, "not an email address"),
        ("a@example.org", "short", "at least 12"),
        ("a@example.org", "", "at least"),
    ],
)
def test_a1_a_wrong_account_is_refused_with_a_reason(database, data_dir: Path, email, password, words: str) -> None:
    done = tmr(data_dir, "account", "create", email, typed=password + "\n")

    assert done.returncode == 2
    assert words in done.stderr


def test_a_taken_address_is_reported(alice, data_dir: Path) -> None:
    for command in ("create", "invite"):
        done = tmr(data_dir, "account", command, "alice@example.org", typed=PASSWORD + "\n")
        assert done.returncode == 2
        assert "There is an account with this address already." in done.stderr


def test_c5_a_disabled_account_is_out_on_the_next_request_and_its_sign_in_looks_like_a_wrong_one(
    alice, data_dir: Path
) -> None:
    assert tmr(data_dir, "account", "disable", "alice@example.org").returncode == 0

    assert alice.get("/applications").status_code == 303
    other = Person(alice.app, alice.email)
    right, wrong = other.sign_in(), other.sign_in("not her password at all")
    assert right.status_code == wrong.status_code == 422
    assert re.sub(r'(nonce|value)="[^"]*"', "", right.text) == re.sub(r'(nonce|value)="[^"]*"', "", wrong.text)

    assert tmr(data_dir, "account", "enable", "alice@example.org").returncode == 0
    assert other.sign_in().status_code == 303


def test_c5_a_live_session_of_a_disabled_account_is_refused_by_the_claim_itself(alice, admin) -> None:
    admin.execute("UPDATE accounts SET disabled_at = now()")

    assert alice.get("/applications").status_code == 303


def test_the_operator_resets_lost_factors_and_the_owner_is_told(alice, clock, letters, data_dir: Path, admin) -> None:
    enrol(alice, clock)
    add_passkey(alice)
    assert Person(alice.app, alice.email).sign_in().headers["Location"] == "/login/2fa"

    assert tmr(data_dir, "account", "reset-factor", "alice@example.org").returncode == 0

    for table in ("totp_secrets", "recovery_codes", "passkeys", "sessions"):
        assert admin.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
    assert alice.elsewhere().get("/applications").status_code == 200
    assert "The operator removed your second factors" in [letter.subject for letter in letters()]


def test_l1_what_the_operator_does_is_in_the_accounts_own_log(alice, data_dir: Path) -> None:
    for command in ("disable", "enable", "sign-out", "reset-factor"):
        tmr(data_dir, "account", command, "alice@example.org")

    page = alice.elsewhere().get("/settings/security/log").text

    for words in (
        "disabled the account",
        "enabled the account again",
        "signed out all your devices",
        "removed your second factors",
    ):
        assert page.count(words) == 1, words


def test_an_invitation_is_gone_once_it_was_used_and_once_it_expired(by_invitation, services, job_context, clock, admin):
    operator = Operator(services.repository, job_context.across_owners, clock(), sends_mail=True)

    def invited() -> str:
        return operator.invite("ada@example.org").partition("=")[2]

    def left() -> int:
        return admin.execute("SELECT count(*) FROM invitations").fetchone()[0]

    ada, token = Person(by_invitation, "ada@example.org"), invited()
    fields = {"invitation": token, "email": ada.email, "password": PASSWORD}
    assert Browser.post(ada, "/signup", page=f"/signup?invitation={token}", **fields).status_code == 303
    assert left() == 0
    operator.invite("ben@example.org")
    clock.turn(days=8)
    forget_what_is_due(job_context)
    assert left() == 0


def test_sessions_that_were_idle_for_too_long_are_gone_within_the_minute(alice, job_context, clock, admin) -> None:
    clock.turn(hours=1, minutes=1)
    forget_what_is_due(job_context)

    assert admin.execute("SELECT count(*) FROM sessions").fetchone() == (0,)


@pytest.fixture
def by_invitation(services):
    settings = msgspec.structs.replace(services.settings, registration="invite")
    return create_app(msgspec.structs.replace(services, settings=settings))


def test_an_invitation_lets_its_address_sign_up_and_no_other(by_invitation, data_dir: Path, clock) -> None:
    done = tmr(data_dir, "account", "invite", "Ada@example.org")
    path = re.search(r"http://localhost:8000(/signup\?invitation=\S+)", done.stdout)[1]
    token = path.partition("=")[2]
    eve = Browser(by_invitation)

    assert "by invitation" in eve.get("/signup").text
    refused = eve.post("/signup", page=path, email="eve@example.org", password=PASSWORD, invitation=token)
    assert refused.status_code == 422
    assert "by invitation" in refused.text
    for wrong in ("", "x", token[:-1]):
        answer = eve.post("/signup", page=path, email="ada@example.org", password=PASSWORD, invitation=wrong)
        assert answer.status_code == 422
    answer = eve.post("/signup", page=path, email="ada@example.org", password=PASSWORD, invitation=token)
    assert answer.status_code == 303


def test_an_invitation_expires_after_seven_days(by_invitation, data_dir: Path, clock) -> None:
    done = tmr(data_dir, "account", "invite", "ada@example.org")
    token = re.search(r"invitation=(\S+)", done.stdout)[1]
    clock.turn(days=7, minutes=1)

    fields = {"email": "ada@example.org", "password": PASSWORD, "invitation": token}
    assert Browser(by_invitation).post("/signup", page="/login", **fields).status_code == 422


def test_a_closed_installation_takes_nobody(services) -> None:
    settings = msgspec.structs.replace(services.settings, registration="closed")
    browser = Browser(create_app(msgspec.structs.replace(services, settings=settings)))

    assert "Sign-up is closed here" in browser.get("/signup").text
    assert browser.post("/signup", email="a@example.org", password=PASSWORD).status_code == 422


@pytest.mark.parametrize(("name", "value"), [("TMR_REGISTRATION", "anybody"), ("TMR_REQUIRE_MFA", "yes")])
def test_a_wrong_setting_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load_settings({name: value})
