"""A sign-in that waits for its second step, and the codes that are mailed for it."""

import re

from tmr.auth.sign_in import pending
from tmr.auth.sign_in.pending import MAILED_CODE, PURPOSE, Pending, new_code


def test_a9_a_mailed_code_is_eight_digits_drawn_from_a_hundred_million(services, owner, clock) -> None:
    with services.repository.for_owner(owner) as uow:
        token = uow.tokens.add(PURPOSE, Pending(MAILED_CODE, "/"), pending.LASTS, clock())
        codes = [new_code(uow, token, Pending(MAILED_CODE, "/")) for _ in range(100)]

    assert all(re.fullmatch(r"\d{8}", code) for code in codes)
    assert len(set(codes)) == len(codes)
    assert max(codes) > "60000000"  # the chance that none of a hundred is above that is below 10 to the -22
    assert min(codes) < "40000000"


def test_s4_a_sign_in_is_not_kept_unless_its_person_asks() -> None:
    assert Pending(MAILED_CODE, "/").keep is False


def test_a9_a_pending_sign_in_lasts_ten_minutes() -> None:
    assert pending.LASTS.total_seconds() == 600
