"""Every address of the app, with something of a person behind it."""

import datetime as dt
import re

from psycopg import Connection

from tests.support.devices.passkey import add_passkey
from tests.support.factories import one_of_each, table
from tests.support.people import Person
from tmr.domain.fields.own import OwnField
from tmr.domain.kinds import KINDS
from tmr.domain.saved_views import SavedView
from tmr.repository.access.access_tokens import AccessToken
from tmr.repository.access.calendar_feeds import Feed
from tmr.repository.access.coach_links import CoachLink
from tmr.repository.access.support_grants import Terms
from tmr.repository.accounts.provider_identities import ProviderIdentity
from tmr.web.services import Services

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def one_of_everything(person: Person, admin: Connection, services: Services, clock) -> dict[str, str]:
    """Give the only person there is one of all that has an id, and return the ids by the name that routes give them.

    ``record_id`` is an application; there is one of each kind, by its plural.
    """
    place = person.upload(table({"company": "A", "title": "B"})).headers["Location"]
    add_passkey(person)
    owner = person.owner
    with services.repository.for_owner(owner) as uow:
        uow.identities.add(ProviderIdentity("https://issuer.example", "4711", "x"), clock())
        uow.feeds.add(Feed("x", "full"), clock())
        uow.access_tokens.add(AccessToken("x", "both"), clock() + dt.timedelta(days=1), clock())
        uow.coach_links.add(CoachLink("x", notes=True, pay=True), clock() + dt.timedelta(days=1), clock())
        uow.grants.add(Terms("records", ""), 1, clock())
        view_id = uow.saved_views.add(SavedView("applications", "x", "q=x"), clock())
        uow.account.change_preferences(has_saved_views=True)
        field_id = uow.own_fields.add(OwnField("applications", "own_x", "x", "text"), clock())
        uow.exports.start(1, clock())
        records = {plural: str(made.id) for plural, made in one_of_each(uow, clock()).items()}
        uow.commit()
    session_id = str(admin.execute("SELECT id FROM sessions WHERE owner_id = %s", (owner,)).fetchone()[0])
    return {
        **records,
        "record_id": records["applications"],
        "import_id": place.rsplit("/", 1)[1],
        "session_id": session_id,
        "passkey_id": str(admin.execute("SELECT id FROM passkeys").fetchone()[0]),
        "identity_id": str(admin.execute("SELECT id FROM external_identities").fetchone()[0]),
        "feed_id": str(admin.execute("SELECT id FROM calendar_feeds").fetchone()[0]),
        "token_id": str(admin.execute("SELECT id FROM access_tokens").fetchone()[0]),
        "link_id": str(admin.execute("SELECT id FROM coach_links").fetchone()[0]),
        "grant_id": str(admin.execute("SELECT id FROM support_grants").fetchone()[0]),
        "export_id": str(admin.execute("SELECT id FROM exports").fetchone()[0]),
        "view_id": str(view_id),
        "field_id": str(field_id),
        "number": "1",
        "position": "0",
        "stage": "applied",
        "token": "x",
    }


def addresses(rule: str, ids: dict[str, str]) -> list[str]:
    """Return every address of a rule: one for each kind, with the id of a record of that kind."""
    plurals = (
        KINDS
        if "<kind:" in rule
        else [plural for plural in KINDS if rule.startswith(f"/{plural}/")] or ["applications"]
    )
    return [_filled(rule, {**ids, **_of_kind(plural, ids)}) for plural in plurals]


def _of_kind(plural: str, ids: dict[str, str]) -> dict[str, str]:
    return {
        "kind": plural,
        "record_id": ids.get(plural, ids["record_id"]),
        "column": KINDS[plural].columns[-1].name,
    }


def _filled(rule: str, ids: dict[str, str]) -> str:
    return PARAMETER.sub(lambda match: ids[match[1]], rule)
