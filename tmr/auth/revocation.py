"""What each event takes away from an account: one table, so that no way in is forgotten where another one ends."""

import datetime as dt
from collections.abc import Callable
from enum import Enum

from tmr.repository.unit_of_work import UnitOfWork


class Access(Enum):
    """Something by which somebody gets at an account, now or later."""

    OTHER_SESSIONS = "sessions, but for the one that asked"
    SESSIONS = "every session"
    TOKENS = "pending sign-ins and mailed links"
    EMAIL_CHANGE = "a change of address that waits"
    OTHER_DEVICES = "known devices, but for the one that asked"
    KNOWN_DEVICES = "known devices"
    FEEDS = "calendar feeds"
    GRANTS = "support access"
    EXPORTS = "exports that wait to be downloaded"
    IDENTITIES = "linked identities"
    PASSKEYS = "passkeys"
    TOTP = "authenticator app and recovery codes"
    PASSWORD = "password"  # noqa: S105 - its name


class Event(Enum):
    """What happened to an account."""

    SESSION_ENDED = "one session ended from the list"
    SIGN_OUT_EVERYWHERE = "signed out everywhere else"
    SESSION_DISOWNED = "a new device's mail was answered with: that was not me"
    PASSWORD_CHANGED = "password changed"  # noqa: S105 - words
    PASSWORD_RESET = "password reset by a mailed link"  # noqa: S105 - words
    FACTOR_CHANGED = "second factor or linked identity added or removed"
    EMAIL_CHANGED = "email address changed"
    TAKEN_OVER = "an address that was never confirmed was shown to be its owner's"
    DISABLED = "disabled by the operator"
    OPERATOR_SIGNED_OUT = "signed out by the operator"
    FACTORS_RESET = "factors reset by the operator"


_EVERY_DEVICE = {Access.SESSIONS, Access.TOKENS, Access.EMAIL_CHANGE, Access.KNOWN_DEVICES}
_OTHER_DEVICES = {Access.OTHER_SESSIONS, Access.TOKENS, Access.EMAIL_CHANGE, Access.KNOWN_DEVICES}
# What a stranger who was in for a minute could have left behind to look in again.
_LEFT_BEHIND = {Access.FEEDS, Access.GRANTS, Access.EXPORTS}

# A factor or an address that its owner changes is no sign that a stranger was in, so feeds and grants go on. Erasing
# the account takes everything with it: ``UnitOfWork.erase_account``. Signing out ends the one session.
TAKES: dict[Event, frozenset[Access]] = {
    # Neither asks who is there, so this browser keeps the token by which its guesses are counted.
    Event.SESSION_ENDED: frozenset({Access.TOKENS, Access.EMAIL_CHANGE, Access.OTHER_DEVICES}),
    Event.SIGN_OUT_EVERYWHERE: frozenset(
        {Access.OTHER_SESSIONS, Access.TOKENS, Access.EMAIL_CHANGE, Access.OTHER_DEVICES} | _LEFT_BEHIND
    ),
    # The session that was told of goes with every later one: a stranger may have signed in again, on the browser that
    # was known by then. Which those are, the mailed link knows.
    Event.SESSION_DISOWNED: frozenset({Access.TOKENS, Access.EMAIL_CHANGE, Access.KNOWN_DEVICES} | _LEFT_BEHIND),
    Event.PASSWORD_CHANGED: frozenset(_OTHER_DEVICES | _LEFT_BEHIND),
    Event.PASSWORD_RESET: frozenset(_EVERY_DEVICE | _LEFT_BEHIND),
    Event.FACTOR_CHANGED: frozenset(_OTHER_DEVICES),
    Event.EMAIL_CHANGED: frozenset(_OTHER_DEVICES),
    Event.TAKEN_OVER: frozenset(set(Access) - {Access.OTHER_SESSIONS, Access.OTHER_DEVICES}),
    Event.DISABLED: frozenset(_EVERY_DEVICE | _LEFT_BEHIND),
    Event.OPERATOR_SIGNED_OUT: frozenset(_EVERY_DEVICE | _LEFT_BEHIND),
    Event.FACTORS_RESET: frozenset(_EVERY_DEVICE | _LEFT_BEHIND | {Access.TOTP, Access.PASSKEYS, Access.IDENTITIES}),
}


def revoke(uow: UnitOfWork, event: Event, now: dt.datetime, device_token: str = "") -> None:
    """Take away what ``event`` takes away; the browser that holds ``device_token`` asked. The caller commits."""
    for access in TAKES[event]:
        if access == Access.OTHER_DEVICES:
            uow.known_devices.remove_others(device_token)
        else:
            _TAKE[access](uow, now)


def _remove_totp(uow: UnitOfWork, _now: dt.datetime) -> None:
    uow.totp.remove()
    uow.recovery_codes.remove()


_TAKE: dict[Access, Callable[[UnitOfWork, dt.datetime], object]] = {
    Access.OTHER_SESSIONS: lambda uow, _now: uow.sessions.remove_others(uow.session_id),
    Access.SESSIONS: lambda uow, _now: uow.sessions.remove_all(),
    Access.TOKENS: lambda uow, _now: uow.tokens.remove(),
    Access.EMAIL_CHANGE: lambda uow, _now: uow.account.change_preferences(email_change=None),
    Access.KNOWN_DEVICES: lambda uow, _now: uow.known_devices.remove_all(),
    Access.FEEDS: lambda uow, _now: uow.feeds.remove_all(),
    Access.GRANTS: lambda uow, _now: uow.grants.revoke_all(),
    Access.EXPORTS: lambda uow, _now: uow.exports.remove_all(),
    Access.IDENTITIES: lambda uow, _now: uow.identities.remove_all(),
    Access.PASSKEYS: lambda uow, _now: uow.passkeys.remove_all(),
    Access.TOTP: _remove_totp,
    Access.PASSWORD: lambda uow, now: uow.account.set_password(None, 0, now),
}
