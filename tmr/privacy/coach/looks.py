"""What someone sees who has a coach link and its code: read-only pages. Each look is noted in the owner's log."""

import datetime as dt
from collections.abc import Callable
from heapq import nlargest
from typing import Any
from uuid import UUID

import msgspec
from flask import abort, g, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.event import EVENT
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.kinds.offer import OFFER
from tmr.domain.record import Record, Scanned
from tmr.domain.security_events import COACH_LOOKED, COACH_OPENED, COACH_REFUSED, EventType
from tmr.privacy.blueprint import blueprint
from tmr.privacy.coach.shown import facts
from tmr.repository.access.coach_links import ListedLink
from tmr.repository.accounts.security_log import SecurityEvent, refusal_to_note
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.zone import zone_named
from tmr.web.event_log import called, note_for
from tmr.web.services import now, services
from tmr.web.session.cookies import COACH, read_cookie, set_cookie
from tmr.web.session.current import device
from tmr.web.session.downloads import at_work
from tmr.web.session.guards import public
from tmr.web.session.throttling import (
    COACH_LOOK_BY_ADDRESS,
    COACH_LOOK_BY_LINK,
    client_network,
    count,
    count_coach_code,
)
from tmr.web.transport.networks import network_of

PER_PAGE = 50
MOST_PARTS = 200  # of an application: interviews, offers, entries
AT_A_TIME = 20  # records that are in memory whole
LONGEST_TEXT = 5_000  # characters of an interview, an offer or an entry
LONGEST = 200  # characters of a token, and of a code as it is typed
ONE_ENTRY_IN = dt.timedelta(hours=1)
WRONG = "That isn’t the right code. It was sent separately from the link: ask the person who sent it."

Fact = tuple[Field, Markup]


class Kept(msgspec.Struct, frozen=True):
    """What a browser keeps that entered a code: the proof of that, and the code itself if the records are locked."""

    proof: str
    code: str


class View(msgspec.Struct):
    """A search opened by a link, for one page; its unit of work cannot write."""

    uow: UnitOfWork
    listed: ListedLink


@blueprint.get("/coach/<token>")
@public
def coach_look(token: str) -> Response:
    """Ask for the code; with it, show the applications, the last added first, a page at a time."""
    page = request.args.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 5 and int(page) else 1
    if not _has_entered(token):
        return htmx.render("privacy/coach/code.html", error="", token=token)

    def show(view: View) -> Response:
        kind = view.uow.kinds[APPLICATION.plural]
        found, total = view.uow.records.page(kind, PER_PAGE * (number - 1), PER_PAGE)
        context: dict[str, Any] = {"kind": kind, "records": found, "token": token, "listed": view.listed}
        is_last = PER_PAGE * number >= total
        return htmx.render("privacy/coach/look.html", number=number, is_last=is_last, total=total, **context)

    return _looking(token, "applications", show)


@blueprint.post("/coach/<token>")
@public
def coach_enter(token: str) -> Response:
    """Take the code; its owner gets a mail that the link was opened."""
    code = request.form.get("code", "")[:LONGEST]
    owner = _owner_of(token)
    has_entered = _has_entered(token)
    if has_entered:  # then it is never kept out by what others try
        count(COACH_LOOK_BY_ADDRESS, client_network())
        count(COACH_LOOK_BY_LINK, token)
    else:
        count_coach_code(token)
    with services().repository.in_share(owner) as uow:
        listed = _good(uow, token)
        is_right, is_locked = listed.opens_with(code), uow.lock.is_on
        if not is_right:
            _note_refused(uow, listed)
        elif not has_entered:  # else it was noted and mailed
            _note(uow, COACH_OPENED, _called(uow, listed))
        uow.commit()
    if not is_right:
        return htmx.render("privacy/coach/code.html", error=WRONG, token=token, status=422)
    set_cookie(COACH, listed.proof(code if is_locked else ""))  # until the browser is closed
    return htmx.go(f"/coach/{token}")


@blueprint.get("/coach/<token>/<uuid:record_id>")
@public
def coach_look_at_application(token: str, record_id: UUID) -> Response:
    """Show one application with its interviews and its history, and with its offers where pay is shown."""
    if not _has_entered(token):
        return htmx.go(f"/coach/{token}")

    def show(view: View) -> Response:
        link, kind = view.listed.link, view.uow.kinds[APPLICATION.plural]
        record = view.uow.records.get(kind, record_id)
        context: dict[str, Any] = {
            "title": kind.title_of(record.values),
            "facts": list(facts(record, link)),
            "interviews": _parts(view, record, INTERVIEW.plural),
            "offers": _parts(view, record, OFFER.plural) if link.pay else [],
            "entries": _entries(view, record),
        }
        return htmx.render("privacy/coach/application.html", token=token, listed=view.listed, **context)

    return _looking(token, "one application", show)


def _parts(view: View, record: Record, plural: str) -> list[list[Fact]]:
    """Return what the link shows of the interviews or the offers of an application, in their order."""
    found = _last(view, record, view.uow.kinds[plural], lambda _row: True)
    return [list(facts(part, view.listed.link)) for part in reversed(found)]


def _last(view: View, record: Record, kind: Kind, is_shown: Callable[[Scanned], bool]) -> list[Record]:
    """Return the last ``MOST_PARTS`` records about an application, the last one first.

    Whoever has a link asks for it, so however many there are, no more than those are in memory, and few whole: their
    long texts are there where the link shows those, cut.
    """
    slot = kind.by_name[kind.sorted_by].number if kind.sorted_by else None
    undated = "" if kind.is_newest_first else "9999"  # last where its owner sees them too
    rows = filter(is_shown, view.uow.records.scan(kind, [record.id.bytes]))
    dated = (("" if slot is None else str(row.summary[slot] or undated), row.id) for row in rows)
    ids = [UUID(bytes=row_id) for _, row_id in nlargest(MOST_PARTS, dated)]
    found: list[Record] = []
    for start in range(0, len(ids), AT_A_TIME):
        some = ids[start : start + AT_A_TIME]
        opened = view.uow.records.get_many(kind, some, with_detail=view.listed.link.notes)
        found += map(_shortened, opened)
    when = kind.sorted_by
    found.sort(key=lambda part: (str(part.values[when] or undated) if when else "", part.created_at), reverse=True)
    return found


def _shortened(record: Record) -> Record:
    values = {
        name: value[:LONGEST_TEXT] + "…" if isinstance(value, str) and len(value) > LONGEST_TEXT else value
        for name, value in record.values.items()
    }
    return Record(record.id, record.kind, record.version, record.created_at, record.updated_at, values)


def _entries(view: View, record: Record) -> list[dict[str, Markup]]:
    """Return the moves of an application, and with notes every entry of its timeline, the last one first.

    Of each entry, what the link shows, by the names of its fields.
    """
    link, slot = view.listed.link, EVENT.by_name["to_stage"].number
    found = _last(view, record, view.uow.kinds[EVENT.plural], lambda row: link.notes or bool(row.summary[slot]))
    return [{field.name: words for field, words in facts(entry, link)} for entry in found]


def _owner_of(token: str) -> UUID:
    owner = services().repository.find_by_coach_link(token[:LONGEST])
    if owner is None:
        abort(404)
    return owner


def _good(uow: UnitOfWork, token: str) -> ListedLink:
    """Return the link if it has not ended and its account is not disabled; 404 otherwise."""
    listed = uow.coach_links.find(token, now())
    if listed is None or uow.account.standing().disabled_at:
        abort(404)
    return listed


def _has_entered(token: str) -> bool:
    """Whether this browser has entered the code of a link; 404 where there is no such link.

    Nothing is counted or noted: what the browser keeps has 256 bits and is not the code, so this is no way to guess it.
    """
    with services().repository.in_share(_owner_of(token)) as uow:
        return _good(uow, token).is_open_with(_kept().proof)


def _kept() -> Kept:
    """Return what this browser keeps since the code was entered; empty texts if it was not."""
    proof, _, code = read_cookie(COACH)[:LONGEST].partition(".")
    return Kept(proof, code)


def _looking(token: str, about: str, show: Callable[[View], Response]) -> Response:
    """Return the page that ``show`` makes of the account, which it cannot change; note the look before it is sent."""
    count(COACH_LOOK_BY_ADDRESS, client_network())
    count(COACH_LOOK_BY_LINK, token)
    owner = _owner_of(token)
    with at_work(owner):
        with services().repository.for_owner(owner, is_read_only=True) as uow:
            listed = _good(uow, token)
            listed = uow.coach_links.open_records(listed, token, _kept().code)
            g.zone = zone_named(uow.account.preferences().zone)
            try:
                page = show(View(uow, listed))
            except RecordNotFoundError:
                abort(404)
        with services().repository.for_owner(owner) as uow:  # after records that are locked have refused to open
            _note_look(uow, f"{_called(uow, _good(uow, token))}: {about}")
            uow.commit()
    return page


def _called(uow: UnitOfWork, listed: ListedLink) -> str:
    return called(uow, listed.link.label, listed.created_at)


def _note_look(uow: UnitOfWork, about: str) -> None:
    """Note a look, unless one like it from the same network is in the log of the last hour: the log only grows."""
    here = network_of(device().address)
    for entry in uow.log.since(now() - ONE_ENTRY_IN):
        event = entry.event
        if (event.name, event.about, network_of(event.device.address)) == (COACH_LOOKED.name, about, here):
            return
    _note(uow, COACH_LOOKED, about)


def _note_refused(uow: UnitOfWork, listed: ListedLink) -> None:
    if event_type := refusal_to_note(COACH_REFUSED, services().limits, f"{uow.owner} coach", now()):
        _note(uow, event_type, _called(uow, listed))


def _note(uow: UnitOfWork, event_type: EventType, about: str) -> None:
    note_for(uow, event_type, SecurityEvent(event_type.name, device(), about=about))
