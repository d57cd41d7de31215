"""Named limits, in one place. They count attempts, not successes.

The limits of one address come first and an overall one counts only what passed them, so that one client cannot use up
what is there for everybody. A browser that an account knows has counters of its own: guessing elsewhere never locks
its owner out.
"""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from flask import abort, g, request

from tmr.repository.queue.rate_limits import Limit
from tmr.web.services import now, services
from tmr.web.session.current import known_device_of
from tmr.web.transport.networks import network_of

FIVE_MINUTES = dt.timedelta(minutes=5)
SIGN_IN_BY_ACCOUNT = Limit("sign-in by account", 10, FIVE_MINUTES)
SIGN_IN_BY_ADDRESS = Limit("sign-in by address", 10, FIVE_MINUTES)
SIGN_IN_BY_SITE = Limit("sign-in by site", 100, FIVE_MINUTES)
SIGN_IN_OVERALL = Limit("sign-in overall", 1_000, FIVE_MINUTES)
SIGN_UP_BY_ADDRESS = Limit("sign-up by address", 30, dt.timedelta(hours=1))
SIGN_UP_BY_SITE = Limit("sign-up by site", 60, dt.timedelta(hours=1))
SIGN_IN_BY_DEVICE = Limit("sign-in by known device", 10, FIVE_MINUTES)
SIGN_IN_BY_DEVICES_OF_SITE = Limit("sign-in by known devices of a site", 100, FIVE_MINUTES)
SECOND_FACTOR = (
    Limit("second factor", 5, FIVE_MINUTES),
    Limit("second factor, an hour", 20, dt.timedelta(hours=1)),
    Limit("second factor, a day", 50, dt.timedelta(days=1)),
)
RESET_MAIL_BY_ACCOUNT = Limit("reset mail by account", 5, dt.timedelta(days=1))
RESET_MAIL_BY_ACCOUNT_AND_SITE = Limit("reset mail by account and site", 3, dt.timedelta(days=1))
RESET_MAIL_BY_DEVICE = Limit("reset mail by known device", 5, dt.timedelta(days=1))
RESET_MAIL_BY_ADDRESS = Limit("reset mail by address", 30, dt.timedelta(hours=1))
RESET_MAIL_BY_SITE = Limit("reset mail by site", 60, dt.timedelta(hours=1))
RESET_BY_ACCOUNT = Limit("new password by account", 10, FIVE_MINUTES)
VERIFY_MAIL_BY_ACCOUNT = Limit("verify mail by account", 3, dt.timedelta(hours=6))
PROVIDER_BY_ADDRESS = Limit("provider by address", 30, FIVE_MINUTES)
SUPPORT_CODE_BY_ACCOUNT = Limit("support code by account", 10, FIVE_MINUTES)
REPORT_BY_ADDRESS = Limit("security report by address", 5, dt.timedelta(hours=1))
REPORT_BY_SITE = Limit("security report by site", 20, dt.timedelta(hours=1))
REPORT_OVERALL = Limit("security reports overall", 100, dt.timedelta(hours=1))
ONCE = Limit("once", 1, dt.timedelta(minutes=10))
ASKED_AGAIN_BY_ACCOUNT = Limit("password asked again by account", 10, FIVE_MINUTES)
GRANT_BY_ACCOUNT = Limit("support grants by account", 10, dt.timedelta(hours=1))
FEED_BY_ACCOUNT = Limit("calendar feeds by account", 20, dt.timedelta(hours=1))
EXPORT_BY_ACCOUNT = Limit("export by account", 60, dt.timedelta(hours=1))


def count(limit: Limit, subject: str) -> None:
    """Count one attempt; answer 429 with Retry-After when there were too many."""
    wait = services().limits.hit(limit, subject, now())
    if wait:
        g.retry_after = wait
        abort(429)


def count_password(owner: UUID | None, email: str) -> None:
    """Count a password typed for the account of ``owner``, if the address ``email`` leads to one.

    On a browser that the account knows only that browser's counter counts. Elsewhere the client's address comes
    first, then the account, and the overall limit counts what passed both. Without an account no browser is known:
    a stranger's own ones would pass every limit.
    """
    if device := known_device_of(owner) if owner else "":
        return count(SIGN_IN_BY_DEVICE, device)
    count(SIGN_IN_BY_ADDRESS, client_network())
    count(SIGN_IN_BY_ACCOUNT, email)
    return _count_shared_sign_in()


def count_sign_in_without_password() -> None:
    """Count a passkey, or a way back from a provider: whose account it is, is not known yet.

    A browser that any account knows has a counter of its own, so many of one site count together as well.
    """
    if device := known_device_of(None):
        count(SIGN_IN_BY_DEVICE, device)
        return count(SIGN_IN_BY_DEVICES_OF_SITE, client_site())
    count(SIGN_IN_BY_ADDRESS, client_network())
    return _count_shared_sign_in()


def count_sign_up() -> None:
    """Count an attempt to sign up: by the client's address, then by its site."""
    count(SIGN_UP_BY_ADDRESS, client_network())
    count(SIGN_UP_BY_SITE, client_site())


def _count_shared_sign_in() -> None:
    count(SIGN_IN_BY_SITE, client_site())
    count(SIGN_IN_OVERALL, "all")


def count_second_factor(owner: UUID, purpose: str = "") -> None:
    """Count a try at a second factor: for the browser where the account knows it, else for the account."""
    subject = known_device_of(owner) or str(owner)
    _count_each(SECOND_FACTOR, f"{subject} {purpose}".rstrip())


def count_reset_mail(owner: UUID | None, email: str) -> None:
    """Count a request for a reset mail to ``email``, which leads to the account of ``owner`` if there is one.

    One site gets less than there is for the account in a day, so that nobody can use that up from one line.
    """
    if device := known_device_of(owner):
        return count(RESET_MAIL_BY_DEVICE, device)
    count_reset_mail_from_here()
    count(RESET_MAIL_BY_ACCOUNT_AND_SITE, f"{client_site()} {email}")
    return count(RESET_MAIL_BY_ACCOUNT, email)


def count_reset_mail_from_here() -> None:
    """Count a request for a reset mail by the client's address, then by its site."""
    count(RESET_MAIL_BY_ADDRESS, client_network())
    count(RESET_MAIL_BY_SITE, client_site())


def count_journey() -> None:
    """Count a browser that sets out to the sign-in provider."""
    count(PROVIDER_BY_ADDRESS, known_device_of(None) or client_network())


def is_first_use(subject: str) -> bool:
    """Whether this is the first time that ``subject``, good for ten minutes at most, is used by anybody."""
    return not services().limits.hit(ONCE, subject, now())


def client_network() -> str:
    """Return what a limit counts as one client: the peer's address, or the one that trusted proxies name.

    Of IPv6 it is the /64.
    """
    return network_of(request.remote_addr or "unknown")


def client_site() -> str:
    """Return what has one line, of which an overall limit takes only so much: an IPv4 address, or an IPv6 /48."""
    return network_of(request.remote_addr or "unknown", 48)


def _count_each(limits: Sequence[Limit], subject: str) -> None:
    for limit in limits:
        count(limit, subject)
