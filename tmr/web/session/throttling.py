"""Named limits, all in one place. They count attempts, whether or not those succeed.

The limits of an address come first, and an overall one counts only what passed them, so that one client cannot use up
what is there for everyone. A known device of an account has separate counters: guessing elsewhere never locks the owner
out.
"""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from flask import abort, g, request

from tmr.repository.queue.rate_limits import Limit
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.services import now, services
from tmr.web.session.current import device_token, known_device_of
from tmr.web.transport.networks import network_of

FIVE_MINUTES = dt.timedelta(minutes=5)
SIGN_IN_BY_ACCOUNT = Limit("sign-in by account", 10, FIVE_MINUTES)
SIGN_IN_BY_ADDRESS = Limit("sign-in by address", 10, FIVE_MINUTES)
SIGN_IN_BY_SITE = Limit("sign-in by site", 100, FIVE_MINUTES)
SIGN_IN_OVERALL = Limit("sign-in overall", 1_000, FIVE_MINUTES)
SIGN_UP_BY_ADDRESS = Limit("sign-up by address", 30, dt.timedelta(hours=1))
SIGN_UP_BY_SITE = Limit("sign-up by site", 60, dt.timedelta(hours=1))
SIGN_IN_BY_DEVICE = Limit("sign-in by known device", 10, FIVE_MINUTES)
SIGN_IN_BY_DEVICES_OF_ACCOUNT = Limit("sign-in by known devices of an account", 10, FIVE_MINUTES)
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
ADDRESS_CHANGE_BY_ACCOUNT = Limit("changes of address by account", 10, dt.timedelta(hours=1))
NAMES_IN_MAILS_BY_ACCOUNT = Limit("names in reminder mails by account", 10, dt.timedelta(days=1))
SIGN_OUT_BY_SESSION = Limit("signing out others by session", 20, dt.timedelta(hours=1))
ASKED_AGAIN_BY_SESSION = Limit("password asked again by session", 10, FIVE_MINUTES)
ASKED_AGAIN_BY_ACCOUNT = Limit("password asked again by account", 10, FIVE_MINUTES)
ASKED_AGAIN_A_DAY = Limit("password asked again, a day", 200, dt.timedelta(days=1))
UNLOCK_BY_SESSION = Limit("unlocking by session", 10, FIVE_MINUTES)
UNLOCK = (Limit("unlocking", 20, FIVE_MINUTES), Limit("unlocking, a day", 200, dt.timedelta(days=1)))
LOCK_CHANGE_BY_ACCOUNT = Limit("changes of the lock by account", 10, dt.timedelta(days=1))
GRANT_BY_ACCOUNT = Limit("support grants by account", 10, dt.timedelta(hours=1))
GRANT_MAIL_BY_SITE = Limit("mails about support grants by site", 20, dt.timedelta(hours=1))
GRANT_MAIL_OVERALL = Limit("mails about support grants overall", 100, dt.timedelta(hours=1))
FACTOR_BY_ACCOUNT = Limit("second factors by account", 10, dt.timedelta(hours=1))
FEED_BY_ACCOUNT = Limit("calendar feeds by account", 20, dt.timedelta(hours=1))
FEED_BY_ADDRESS = Limit("reading of feeds by address", 600, dt.timedelta(hours=1))
FEED_BY_TOKEN = Limit("reading of a feed by token", 30, dt.timedelta(hours=1))
TOKEN_BY_ACCOUNT = Limit("access tokens by account", 20, dt.timedelta(hours=1))
SCRIPT_BY_ADDRESS = Limit("requests of scripts by address", 1_200, dt.timedelta(hours=1))
SCRIPT_BY_TOKEN = Limit("requests of a script by token", 600, dt.timedelta(hours=1))
COACH_LINK_BY_ACCOUNT = Limit("coach links by account", 20, dt.timedelta(hours=1))
COACH_CODE_BY_ADDRESS = Limit("coach code by address", 20, FIVE_MINUTES)
COACH_CODE_BY_LINK_AND_SITE = (
    Limit("coach code by link and site", 10, FIVE_MINUTES),
    Limit("coach code of a day by link and site", 50, dt.timedelta(days=1)),
)
COACH_CODES_OF_A_DAY = Limit("coach code of a day by link", 1_000, dt.timedelta(days=1))
COACH_LOOK_BY_ADDRESS = Limit("looks of coaches by address", 600, dt.timedelta(hours=1))
COACH_LOOK_BY_LINK = Limit("looks of a coach by link", 120, dt.timedelta(hours=1))
EXPORT_BY_ACCOUNT = Limit("export by account", 60, dt.timedelta(hours=1))
IMPORT_BY_ACCOUNT = Limit("imports by account", 60, dt.timedelta(hours=1))
PREVIEW_BY_ACCOUNT = Limit("previews of imports by account", 120, dt.timedelta(hours=1))
CAPTURE_BY_ACCOUNT = Limit("postings and mails read by account", 300, dt.timedelta(hours=1))
PASTE_BY_ACCOUNT = Limit("pasted tables by account", 300, dt.timedelta(hours=1))


def count(limit: Limit, subject: str) -> None:
    """Count an attempt by ``subject``; answer 429 with ``Retry-After`` if there were too many."""
    wait = services().limits.hit(limit, subject, now())
    if wait:
        g.retry_after = wait
        abort(429)


def count_password(owner: UUID | None, email: str) -> None:
    """Count a password typed for the account of ``owner``, if the address ``email`` leads to one.

    A known device of the account has one counter, and only that counts, as long as all of them together sign in seldom:
    beyond that, what comes from known devices of a site counts together, since one person may have many accounts with
    many devices each. Elsewhere the client's address comes first, then the account, and the shared limits count what
    passed both. Without an account no browser counts as known: strangers' devices, which their own accounts know, would
    pass every limit.
    """
    if device := known_device_of(owner) if owner else "":
        count(SIGN_IN_BY_DEVICE, device)
        if services().limits.hit(SIGN_IN_BY_DEVICES_OF_ACCOUNT, str(owner), now()):
            count(SIGN_IN_BY_DEVICES_OF_SITE, client_site())
        return None
    count(SIGN_IN_BY_ADDRESS, client_network())
    count(SIGN_IN_BY_ACCOUNT, email)
    return _count_shared_sign_in()


def count_sign_in_without_password() -> None:
    """Count a sign-in by passkey or provider, before it is known whose account it is.

    A known device of any account has a separate counter; all such devices of a site also count together.
    """
    if device := known_device_of(None):
        count(SIGN_IN_BY_DEVICE, device)
        return count(SIGN_IN_BY_DEVICES_OF_SITE, client_site())
    count(SIGN_IN_BY_ADDRESS, client_network())
    return _count_shared_sign_in()


def may_mail_about_grant() -> bool:
    """Count a mail to the operator about a request for support; say whether there were few, of this site and in all.

    Accounts cost nothing, and the operator's mailbox is one. What is not mailed is still in the list of requests.
    """
    limits = services().limits
    return not (limits.hit(GRANT_MAIL_BY_SITE, client_site(), now()) or limits.hit(GRANT_MAIL_OVERALL, "all", now()))


def count_sign_up() -> None:
    """Count a sign-up for the client's address, then for its site."""
    count(SIGN_UP_BY_ADDRESS, client_network())
    count(SIGN_UP_BY_SITE, client_site())


def _count_shared_sign_in() -> None:
    count(SIGN_IN_BY_SITE, client_site())
    count(SIGN_IN_OVERALL, "all")


def count_second_factor(owner: UUID, purpose: str = "") -> None:
    """Count a try at a second factor: for this browser if it is a known device, else for the account."""
    subject = known_device_of(owner) or str(owner)
    _count_each(SECOND_FACTOR, f"{subject} {purpose}".rstrip())


def count_confirmation(uow: UnitOfWork, purpose: str = "") -> None:
    """Count a try to show who is signed in: for the session, then for this browser if it is a known device.

    As for ``count_unlock``, other browsers share the counters of the account.
    """
    count(ASKED_AGAIN_BY_SESSION, f"{uow.session_id} {purpose}".rstrip())
    _count_each((ASKED_AGAIN_BY_ACCOUNT, ASKED_AGAIN_A_DAY), f"{_browser_or_account(uow)} {purpose}".rstrip())


def count_unlock(uow: UnitOfWork) -> None:
    """Count a try to open locked records: for the session, then for this browser if it is a known device.

    Other browsers share the counters of the account, so that what is tried with a stolen cookie leaves those alone from
    which its owner signs in.
    """
    count(UNLOCK_BY_SESSION, str(uow.session_id))
    _count_each(UNLOCK, _browser_or_account(uow))


def _browser_or_account(uow: UnitOfWork) -> str:
    token = device_token(uow)
    return f"{uow.owner} {token}" if token and uow.known_devices.knows(token, now()) else str(uow.owner)


def count_reset_mail(owner: UUID | None, email: str) -> None:
    """Count a request for a reset mail to ``email``, which leads to the account of ``owner`` if there is one.

    One site may ask for fewer mails a day than the account may get, so that one place alone cannot use those up.
    """
    if device := known_device_of(owner):
        return count(RESET_MAIL_BY_DEVICE, device)
    count_reset_mail_from_here()
    count(RESET_MAIL_BY_ACCOUNT_AND_SITE, f"{client_site()} {email}")
    return count(RESET_MAIL_BY_ACCOUNT, email)


def count_reset_mail_from_here() -> None:
    """Count a request for a reset mail for the client's address, then for its site."""
    count(RESET_MAIL_BY_ADDRESS, client_network())
    count(RESET_MAIL_BY_SITE, client_site())


def count_coach_code(token: str) -> None:
    """Count a code that is typed for a coach's link: for the address, then for the link and the site, then the link.

    So someone who has only the link keeps nobody else out; 80 bits are not guessed in a thousand tries a day.
    """
    count(COACH_CODE_BY_ADDRESS, client_network())
    _count_each(COACH_CODE_BY_LINK_AND_SITE, f"{client_site()} {token}")
    count(COACH_CODES_OF_A_DAY, token)


def count_journey() -> None:
    """Count a browser that is sent to the sign-in provider."""
    count(PROVIDER_BY_ADDRESS, known_device_of(None) or client_network())


def is_first_use(subject: str) -> bool:
    """Whether ``subject`` is used for the first time, by anyone, in the last ten minutes."""
    return not services().limits.hit(ONCE, subject, now())


def client_network() -> str:
    """Return what limits count as one client: the peer's address, or the one that a trusted proxy names.

    For IPv6 it is the /64 network.
    """
    return network_of(request.remote_addr or "unknown")


def client_site() -> str:
    """Return what limits count as one site, such as a home or an office: an IPv4 address, or an IPv6 /48 network."""
    return network_of(request.remote_addr or "unknown", 48)


def _count_each(limits: Sequence[Limit], subject: str) -> None:
    for limit in limits:
        count(limit, subject)
