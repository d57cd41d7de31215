"""The part of an export that is about the account itself, and its log of who had access."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import msgspec

from tmr.domain.exporting import instant
from tmr.domain.fields.formula_escaping import neutralise
from tmr.domain.security_events import WORDS
from tmr.repository.unit_of_work import UnitOfWork

LOG_COLUMNS = ("number", "time", "event", "about", "browser", "address")


def account_data(uow: UnitOfWork, now: dt.datetime) -> bytes:
    """Return, as JSON, everything that is stored about the account except secrets: no password, key or code.

    What its owner wrote is left out where their records are closed.
    """
    content = {**_standing(uow), **_ways_in(uow, now), **_shared(uow, now), "log_is_whole": uow.log.is_whole()}
    return msgspec.json.format(msgspec.json.encode(content))


def _standing(uow: UnitOfWork) -> dict[str, Any]:
    standing = uow.account.standing()
    return {
        "email": uow.account.email(),
        "made_at": instant(standing.created_at),
        "confirmed_at": _instant(standing.verified_at),
        "password_set_at": _instant(standing.password_set_at),
        "mails": uow.account.preferences().morning,
    }


def _ways_in(uow: UnitOfWork, now: dt.datetime) -> dict[str, Any]:
    return {
        "has_authenticator_app": uow.totp.exists(),
        "recovery_codes_left": uow.recovery_codes.left(),
        "passkeys": [
            {"name": passkey.credential.label, "added_at": instant(passkey.created_at)}
            for passkey in uow.passkeys.list()
        ],
        "sign_in_providers": [
            {
                "issuer": linked.identity.issuer,
                "address": linked.identity.email,
                "linked_at": instant(linked.created_at),
            }
            for linked in uow.identities.list()
        ],
        "devices": [
            {
                "browser": session.device.user_agent,
                "address": session.device.address,
                "since": instant(session.created_at),
            }
            for session in uow.sessions.list(now)
        ],
    }


def _shared(uow: UnitOfWork, now: dt.datetime) -> dict[str, Any]:
    return {
        "calendar_feeds": [
            {
                "for": stored.feed.label,
                "tells": stored.feed.level,
                "alarm_minutes": stored.feed.alarm_minutes,
                "made_at": instant(stored.created_at),
            }
            for stored in uow.feeds.list(with_names=uow.lock.is_open)
        ],
        "access_tokens": [
            {
                "for": listed.token.label,
                "may": listed.token.scope,
                "made_at": instant(listed.created_at),
                "ends_at": instant(listed.expires_at),
                "used_at": _instant(listed.used_at),
            }
            for listed in uow.access_tokens.list(now)
        ],
        "coach_links": [
            {
                "for": listed.link.label,
                "shows_notes": listed.link.notes,
                "shows_pay": listed.link.pay,
                "made_at": instant(listed.created_at),
                "ends_at": instant(listed.expires_at),
            }
            for listed in uow.coach_links.list(now)
        ],
        "support_access": [
            {
                "scope": grant.terms.scope,
                "message": uow.grants.message_of(grant) if uow.lock.is_open else "",
                "ends_at": instant(grant.expires_at),
            }
            for grant in uow.grants.list(now)
        ],
        "legal_orders": [
            {"reference": met.order.reference, "met_at": instant(met.made_at)} for met in uow.legal_orders.told()
        ],
    }


def access_log(uow: UnitOfWork) -> Iterator[bytes]:
    """Yield the account's log as CSV (RFC 4180), oldest entry first."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(LOG_COLUMNS)
    for entry in reversed(uow.log.list()):
        event, device = entry.event, entry.event.device
        cells = (WORDS.get(event.name, event.name), event.about, device.user_agent, device.address)
        writer.writerow([entry.position, instant(entry.happened_at), *map(neutralise, cells)])
    yield text.getvalue().encode()


def _instant(at: dt.datetime | None) -> str | None:
    return instant(at) if at else None
