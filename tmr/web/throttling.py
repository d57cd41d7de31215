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
ASKED_AGAIN_BY_ACCOUNT = Limit("password asked again by account", 10, FIVE_MINUTES)


def count(limit: Limit, subject: str) -> None:
    """Count one attempt; answer 429 with Retry-After when there were too many."""
    wait = parts().limits.hit(limit, subject, now())
    if wait:
        g.retry_after = wait
        abort(429)


def client_address() -> str:
    """Return the address that a limit counts: the peer's, or the one that trusted proxies name."""
    return request.remote_addr or "unknown"
