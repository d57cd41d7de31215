"""What each event revokes on an account: one table, so that no event ends one way in and forgets another."""

import datetime as dt
from collections.abc import Callable
from enum import Enum

from tmr.repository.unit_of_work import UnitOfWork

# What the links are for by which an owner takes the account back.
RESET = "reset password"
END_SESSION = "end session"


class Access(Enum):
    """A way to get into an account, now or later."""

    OTHER_SESSIONS = "every session except the one that asked"
    SESSIONS = "every session"
    TOKENS = "pending sign-ins and mailed links, but for the next two"
    RESETS = "mailed links to reset the password"
    SESSION_ENDS = "mailed links that end the session of a new device"
    EMAIL_CHANGE = "a pending change of address"
    OTHER_DEVICES = "known devices except the one that asked"
    OTHER_TRUST = "what other known devices are spared, but not the guesses that each has of its own"
    KNOWN_DEVICES = "known devices"
    FEEDS = "calendar feeds"
    GRANTS = "support access"
    ACCESS_TOKENS = "access tokens of scripts"
    COACH_LINKS = "links for a coach"
    BEGINNING_AGAIN = "beginning again without what opens locked records"
    EXPORTS = "exports that are ready or in preparation"
    IDENTITIES = "linked identities"
    PASSKEYS = "passkeys"
    TOTP = "authenticator app and recovery codes"
    PASSWORD = "password"  # noqa: S105 - its name


class Event(Enum):
    """What happened to an account."""

    SESSION_ENDED = "one session signed out from the list"
    SIGN_OUT_EVERYWHERE = "signed out everywhere else"
    SESSION_DISOWNED = "the owner answered a new device's mail: that was not me"
    PASSWORD_CHANGED = "password changed"  # noqa: S105 - words
    PASSWORD_RESET = "password reset by a mailed link"  # noqa: S105 - words
    FACTOR_CHANGED = "second factor or linked identity added or removed"
    EMAIL_CHANGED = "email address changed"
    TAKEN_OVER = "an address that was never confirmed was confirmed by its owner"
    DISABLED = "disabled by the operator"
    OPERATOR_SIGNED_OUT = "signed out by the operator"
    FACTORS_RESET = "factors reset by the operator"
    LOCK_TURNED_ON = "records locked by their owner, or sealed under another key"


# Whoever asked to begin again may be a stranger, so it has to be asked for again after a change of what leads in.
_WAITING = {Access.TOKENS, Access.EMAIL_CHANGE, Access.BEGINNING_AGAIN}
_EVERY_DEVICE = {Access.SESSIONS, Access.KNOWN_DEVICES, Access.RESETS, Access.SESSION_ENDS} | _WAITING
_OTHER_DEVICES = {Access.OTHER_SESSIONS, Access.KNOWN_DEVICES, Access.RESETS} | _WAITING
# What a stranger who was in for a minute could have left behind to get at the data later.
LEFT_BEHIND_WORDS = "calendar links, access tokens, coach links, support access and waiting downloads"
_LEFT_BEHIND = {Access.FEEDS, Access.GRANTS, Access.ACCESS_TOKENS, Access.COACH_LINKS, Access.EXPORTS}

# Where the records are locked, tokens, links with their codes, and codes for support are slots, which go with those.
#
# An owner who changes a factor or the address gives no sign that a stranger was in, so feeds and grants go on. Two ways
# out are not in this table: signing out ends that one session, and ``UnitOfWork.erase_account`` removes everything.
TAKES: dict[Event, frozenset[Access]] = {
    # These two ask for no confirmation, so a stranger with a cookie can do them. They leave the owner every way back:
    # links that reset the password or end the stranger's session, and on each browser guesses that others don't use up.
    Event.SESSION_ENDED: frozenset(_WAITING | {Access.OTHER_TRUST}),
    Event.SIGN_OUT_EVERYWHERE: frozenset(_WAITING | {Access.OTHER_SESSIONS, Access.OTHER_TRUST} | _LEFT_BEHIND),
    # The caller ends the session that the mail was about and every later one, which the link names: by then the
    # stranger's browser was a known device, so they may have signed in again. Links of other such mails still work.
    Event.SESSION_DISOWNED: frozenset(_WAITING | {Access.KNOWN_DEVICES, Access.RESETS} | _LEFT_BEHIND),
    Event.PASSWORD_CHANGED: frozenset(_OTHER_DEVICES | {Access.SESSION_ENDS} | _LEFT_BEHIND),
    Event.PASSWORD_RESET: frozenset(_EVERY_DEVICE | _LEFT_BEHIND),
    Event.FACTOR_CHANGED: frozenset(_OTHER_DEVICES),
    Event.EMAIL_CHANGED: frozenset(_OTHER_DEVICES | {Access.SESSION_ENDS}),
    Event.TAKEN_OVER: frozenset(set(Access) - {Access.OTHER_SESSIONS, Access.OTHER_DEVICES, Access.OTHER_TRUST}),
    Event.DISABLED: frozenset(_EVERY_DEVICE | _LEFT_BEHIND),
    Event.OPERATOR_SIGNED_OUT: frozenset(_EVERY_DEVICE | _LEFT_BEHIND),
    Event.FACTORS_RESET: frozenset(_EVERY_DEVICE | _LEFT_BEHIND | {Access.TOTP, Access.PASSKEYS, Access.IDENTITIES}),
    # Only hashes of links and tokens are kept, so none that is there can get a slot; those made from then on have one.
    Event.LOCK_TURNED_ON: frozenset(_WAITING | {Access.OTHER_DEVICES, Access.RESETS} | _LEFT_BEHIND),
}


def revoke(uow: UnitOfWork, event: Event, now: dt.datetime, device_token: str = "") -> None:
    """Revoke what ``event`` revokes; ``device_token`` is that of the browser that asked. The caller commits.

    The account is held first: what is being added at this moment, such as a session, is waited for and goes too.
    """
    uow.account.hold()
    for access in TAKES[event]:
        if access == Access.OTHER_DEVICES:
            uow.known_devices.remove_others(device_token)
        elif access == Access.OTHER_TRUST:
            uow.known_devices.distrust_others(device_token)
        else:
            _REVOKERS[access](uow, now)


def _remove_totp_and_codes(uow: UnitOfWork, _now: dt.datetime) -> None:
    uow.totp.remove()
    uow.recovery_codes.remove()


_REVOKERS: dict[Access, Callable[[UnitOfWork, dt.datetime], object]] = {
    Access.OTHER_SESSIONS: lambda uow, _now: uow.sessions.remove_others(uow.session_id),
    Access.SESSIONS: lambda uow, _now: uow.sessions.remove_all(),
    Access.TOKENS: lambda uow, _now: uow.tokens.remove_all_but(RESET, END_SESSION),
    Access.RESETS: lambda uow, _now: uow.tokens.remove(RESET),
    Access.SESSION_ENDS: lambda uow, _now: uow.tokens.remove(END_SESSION),
    Access.EMAIL_CHANGE: lambda uow, _now: uow.account.change_preferences(email_change=None),
    Access.KNOWN_DEVICES: lambda uow, _now: uow.known_devices.remove_all(),
    Access.FEEDS: lambda uow, _now: uow.feeds.remove_all(),
    Access.GRANTS: lambda uow, _now: uow.grants.revoke_all(),
    Access.ACCESS_TOKENS: lambda uow, _now: uow.access_tokens.remove_all(),
    Access.COACH_LINKS: lambda uow, _now: uow.coach_links.remove_all(),
    Access.BEGINNING_AGAIN: lambda uow, _now: uow.beginning_again.stop(),
    Access.EXPORTS: lambda uow, _now: uow.exports.remove_all(),
    Access.IDENTITIES: lambda uow, _now: uow.identities.remove_all(),
    Access.PASSKEYS: lambda uow, _now: uow.passkeys.remove_all(),
    Access.TOTP: _remove_totp_and_codes,
    Access.PASSWORD: lambda uow, now: uow.account.set_password(None, 0, now),
}
