"""P30: `tmr doctor` tries the keyring on every locked account, and says when memory can end up on a disk."""

from pathlib import Path

import pytest

from tests.support.factories import new_account
from tests.support.locked import CODE, RECOVERY_SLOT, Locked
from tmr.crypto.lock.slot_keys import random_key_of
from tmr.operations.doctor import local_checks
from tmr.operations.doctor.report import BROKEN, KEPT, UNKNOWN, Finding
from tmr.repository.database.connections import across_owners_engine
from tmr.repository.database.inspection import Inspection
from tmr.repository.lock.kept_slots import SlotKey
from tmr.wiring.keyring import load_keyring


class Doctor:
    """The one check, with the other parts of an examination left out."""

    def __init__(self, settings, server) -> None:
        self.keyring = load_keyring(settings)
        self.inspection = Inspection(across_owners_engine(server.migration_url), self.keyring)

    def findings(self) -> list[Finding]:
        return list(local_checks.locked_accounts(self))


@pytest.fixture
def doctor(settings, server) -> Doctor:
    return Doctor(settings, server)


@pytest.fixture(autouse=True)
def swaps(tmp_path: Path, monkeypatch) -> Path:
    """What the machine says of its swap: that there is none."""
    made = tmp_path / "swaps"
    made.write_text("Filename Type Size Used Priority\n")
    monkeypatch.setattr(local_checks, "SWAPS", made)
    return made


def said(state: str, words: str) -> list[Finding]:
    return [Finding("P30", "locked accounts", state, words, accounts=int(words.split()[0]))]


def test_p30_proof_7_a_locked_account_is_counted_and_the_keyring_opens_none(doctor, services, owner, clock) -> None:
    assert doctor.findings() == said(KEPT, "0 accounts are locked; the keyring opens 0 of them")

    Locked(services, owner, clock)

    assert doctor.findings() == said(KEPT, "1 account is locked; the keyring opens 0 of them")


def test_p30_proof_7_an_account_that_is_being_locked_is_not_counted_as_locked(doctor, services, clock) -> None:
    owner = services.repository.add_account(new_account("halfway@example.org"), clock())
    with services.repository.for_owner(owner) as uow:
        uow.lock.begin({RECOVERY_SLOT: SlotKey(random_key_of(owner, RECOVERY_SLOT, CODE))}, clock())
        uow.commit()

    assert doctor.findings() == said(KEPT, "0 accounts are locked; the keyring opens 0 of them; 1 more is being locked")


def test_p30_proof_7_a_wrap_that_the_keyring_opens_is_a_broken_promise_whatever_it_is_called(
    doctor, services, owner, clock, admin
) -> None:
    locked = Locked(services, owner, clock)
    with locked.repository.claim(locked.unlock(locked.sign_in()), clock()) as uow:
        plain = uow._owner_keys.newest("records").wrap(doctor.keyring)
    admin.execute(
        "UPDATE key_wraps SET wrapped_key = %s, kek_id = %s WHERE kind = 'recovery'", (plain.wrapped, plain.kek_id)
    )

    assert doctor.findings() == said(BROKEN, "1 account is locked; the keyring opens 1 of them")


def test_p30_proof_7_swap_is_named_where_an_account_is_locked(doctor, services, owner, clock, swaps: Path) -> None:
    swaps.write_text("Filename Type Size Used Priority\n/swapfile file 2097148 0 -2\n")
    assert len(doctor.findings()) == 1

    Locked(services, owner, clock)

    [_counted, swap] = doctor.findings()
    assert (swap.what, swap.state) == ("swap", UNKNOWN)
