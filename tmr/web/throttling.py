"""Named limits, in one place. They count attempts, not successes."""

import datetime as dt

from flask import abort, g, request

from tmr.repository.limits import Limit
from tmr.web.parts import now, parts

FIVE_MINUTES = dt.timedelta(minutes=5)
SIGN_IN_BY_ACCOUNT = Limit("sign-in by account", 10, FIVE_MINUTES)
SIGN_IN_BY_ADDRESS = Limit("sign-in by address", 10, FIVE_MINUTES)
SIGN_IN_OVERALL = Limit("sign-in overall", 1_000, FIVE_MINUTES)
SIGN_UP_BY_ADDRESS = Limit("sign-up by address", 30, dt.timedelta(hours=1))
SIGN_IN_BY_DEVICE = Limit("sign-in by known device", 10, FIVE_MINUTES)
SECOND_FACTOR_BY_ACCOUNT = (
    Limit("second factor by account", 5, FIVE_MINUTES),
    Limit("second factor by account, an hour", 20, dt.timedelta(hours=1)),
    Limit("second factor by account, a day", 50, dt.timedelta(days=1)),
)
RESET_MAIL_BY_ACCOUNT = Limit("reset mail by account", 5, dt.timedelta(days=1))
RESET_MAIL_BY_ADDRESS = Limit("reset mail by address", 30, dt.timedelta(hours=1))
VERIFY_MAIL_BY_ACCOUNT = Limit("verify mail by account", 3, dt.timedelta(hours=6))
SUPPORT_CODE_BY_ACCOUNT = Limit("support code by account", 10, FIVE_MINUTES)
REPORT_BY_ADDRESS = Limit("security report by address", 5, dt.timedelta(hours=1))
REPORT_OVERALL = Limit("security reports overall", 100, dt.timedelta(hours=1))
ONCE = Limit("once", 1, dt.timedelta(minutes=10))
ASKED_AGAIN_BY_ACCOUNT = Limit("password asked again by account", 10, FIVE_MINUTES)


def count(limit: Limit, subject: str) -> None:
    """Count one attempt; answer 429 with Retry-After when there were too many."""
    wait = parts().limits.hit(limit, subject, now())
    if wait:
        g.retry_after = wait
        abort(429)


def is_first_use(subject: str) -> bool:
    """Whether this is the first time that ``subject``, good for ten minutes at most, is used by anybody."""
    return not parts().limits.hit(ONCE, subject, now())


def client_address() -> str:
    """Return the address that a limit counts: the peer's, or the one that trusted proxies name."""
    return request.remote_addr or "unknown"
