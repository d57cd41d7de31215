"""What an export says about the account itself, and the log of who had access to it."""

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
    """Return, as JSON, everything that is kept of the account but secrets: no password, key or code is in it."""
    told = {**_standing(uow), **_ways_in(uow, now), **_shared(uow, now), "log_is_whole": uow.log.is_whole()}
    return msgspec.json.format(msgspec.json.encode(told))


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
            {"name": one.credential.label, "added_at": instant(one.created_at)} for one in uow.passkeys.list()
        ],
        "sign_in_providers": [
            {"issuer": one.identity.issuer, "address": one.identity.email, "linked_at": instant(one.created_at)}
            for one in uow.identities.list()
        ],
        "devices": [
            {"browser": one.device.user_agent, "address": one.device.address, "since": instant(one.created_at)}
            for one in uow.sessions.list(now)
        ],
    }


def _shared(uow: UnitOfWork, now: dt.datetime) -> dict[str, Any]:
    return {
        "calendar_feeds": [
            {"for": one.feed.label, "tells": one.feed.level, "made_at": instant(one.created_at)}
            for one in uow.feeds.list()
        ],
        "support_access": [
            {"scope": one.terms.scope, "message": one.terms.message, "ends_at": instant(one.expires_at)}
            for one in uow.grants.list(now)
        ],
        "legal_orders": [
            {"reference": one.order.reference, "met_at": instant(one.made_at)} for one in uow.legal_orders.told()
        ],
    }


def access_log(uow: UnitOfWork) -> Iterator[bytes]:
    """Yield the log of the account as CSV (RFC 4180), the oldest first."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(LOG_COLUMNS)
    for one in reversed(uow.log.list()):
        device, words = one.event.device, WORDS.get(one.event.name, one.event.name)
        cells = (words, one.event.about, device.user_agent, device.address)
        writer.writerow([one.position, instant(one.happened_at), *map(neutralise, cells)])
    yield text.getvalue().encode()


def _instant(at: dt.datetime | None) -> str | None:
    return instant(at) if at else None
