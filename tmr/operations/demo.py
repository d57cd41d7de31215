"""The demo: an account that is ready to use, with a made-up job search in it."""

import datetime as dt
import secrets
from collections.abc import Callable

from tmr.records.samples.adding import add_samples
from tmr.repository.accounts.accounts import NewAccount
from tmr.repository.repository import Repository

DEMO_EMAIL = "ada@example.org"
DEMO_ZONE = "Europe/Berlin"


def make_demo(
    repository: Repository, hash_password: Callable[[str], str], records: int, now: dt.datetime
) -> str | None:
    """Make the demo's account with its search and return its password; None when the account is there already.

    The password is new each time, since an installation with a known one would be an open door.
    """
    if repository.find_owner(DEMO_EMAIL):
        return None
    password = "-".join(secrets.token_hex(2) for _ in range(5)) + "-Demo"
    account = NewAccount(DEMO_EMAIL, DEMO_EMAIL, hash_password(password), 4, is_verified=True)
    owner = repository.add_account(account, now)
    with repository.for_owner(owner) as uow:
        uow.account.change_preferences(zone=DEMO_ZONE)
        add_samples(uow, now.date(), now, records)
        uow.commit()
    return password
