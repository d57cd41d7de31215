"""The history of one record: what each of its versions changed, to bring one back or to forget them."""

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any
from uuid import UUID

import msgspec
from flask import flash, redirect, request
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.domain.fields.types.links import link_ids
from tmr.domain.record import Record
from tmr.records.blueprint import blueprint
from tmr.records.editing.changes import change_record
from tmr.records.editing.links import target_of
from tmr.records.editing.undo_button import undo_of_step
from tmr.records.history.words import shortened
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.history.versions import MOST_VERSIONS
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.storage_limit import stores

FOLDED = 120  # characters, from which on a text is folded
# Characters: of a text, of all texts on a page, and of each beyond that.
LONGEST_TEXT, MOST_TEXT, LATER_TEXT = 4_000, 120_000, 80
AROUND = 40  # characters that are shown before the first difference of texts that are cut


class Difference(msgspec.Struct, frozen=True):
    """One field that a version changed, in the words that people read."""

    label: str
    before: str
    after: str

    @property
    def is_long(self) -> bool:
        """Whether it is shown only when asked for."""
        return len(self.before) > FOLDED or len(self.after) > FOLDED


class Version(msgspec.Struct, frozen=True):
    """One version as it is listed; the first of those that are kept differs from nothing."""

    number: int
    made_at: dt.datetime
    differences: list[Difference]
    is_present: bool
    is_first: bool


@blueprint.get("/<kind:kind>/<uuid:record_id>/history")
@sign_in_required
def show_history(kind: Kind, record_id: UUID) -> Response:
    """Show what each version of a record changed, the newest first."""
    with unit_of_work() as uow:
        record = uow.records.get(kind, record_id)
        versions = list(_versions(uow, record))
        name = shortened(uow.names.anywhere([record_id])[record_id])
        uow.commit()
    context: dict[str, Any] = {"kind": kind, "record": record, "name": name, "versions": versions}
    context["most"] = MOST_VERSIONS
    return htmx.render("records/history/versions.html", **context)


@blueprint.post("/<kind:kind>/<uuid:record_id>/history")
@sign_in_required
@stores
def change_history(kind: Kind, record_id: UUID) -> Response:
    """Bring the version ``version`` back as a new one, or with ``forget``, delete every earlier version."""
    place = f"/{kind.plural}/{record_id}"
    with unit_of_work() as uow:
        stored = uow.records.get_for_edit(kind, record_id)
        if "forget" in request.form:
            uow.records.history.forget(record_id)
            uow.files.forget_unused(now(), dt.timedelta(0))
            uow.steps.forget_records([record_id])  # what can't be undone must not be what Ctrl Z comes to
            uow.commit()
            flash("The earlier versions are deleted.")
            return redirect(f"{place}/history", 303)
        record = change_record(uow, stored, _values_of(uow, stored), None, now())
        step_id = uow.records.notes.step_id
        uow.commit()
    if record.version == stored.version:
        flash("This is how it is already.")
        return redirect(f"{place}/history", 303)
    return htmx.saved_with_undo(place, "That version is back.", undo_of_step(step_id, back=place))


def _values_of(uow: UnitOfWork, stored: Record) -> Mapping[str, Wire]:
    """Return the values of the version that was asked for; what it links to and is gone stays as it is now, and
    so does an own field that there was not yet.

    Where a record links to many, those that are there come back.

    Raises:
        RecordNotFoundError: it is not kept.
    """
    text = request.form.get("version", "")
    version = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    kept = uow.records.history.some(stored.kind, [(stored.id, version)])
    if not kept:
        raise RecordNotFoundError
    values = dict(kept[stored.id, version])
    made_at = next(one.updated_at for one in uow.records.history.of(stored) if one.version == version)
    for name in uow.own_fields.declared_since(made_at):
        if name in stored.kind.by_name and values.get(name) is None:
            values[name] = stored.values.get(name)
    for field in stored.kind.record_links:
        ids = link_ids(values[field.name])
        there = uow.records.links.existing(target_of(field).key, ids, held=True) if ids else set()
        left = [target_id for target_id in ids if target_id in there]
        if len(left) < len(ids):
            is_many = field.type.is_many  # type: ignore[attr-defined]
            values[field.name] = (left or None) if is_many else stored.values[field.name]
    return values


def _versions(uow: UnitOfWork, record: Record) -> Iterator[Version]:
    """Yield every version that is kept; only two are in memory whole at a time."""
    room = MOST_TEXT
    chain = _ending_in_none(record, uow.records.history.of(record))
    for later, earlier in pairwise(chain):
        if later is not None:
            differences = []
            for difference in _differences(uow, earlier, later) if earlier else ():
                differences.append(_cut(difference, LONGEST_TEXT if room > 0 else LATER_TEXT))
                room -= len(differences[-1].before) + len(differences[-1].after)
            yield Version(later.version, later.updated_at, differences, later is record, earlier is None)


def _cut(difference: Difference, most: int) -> Difference:
    """Return a difference with so many characters of each text at most, from where the two begin to differ."""
    texts = difference.before, difference.after
    if max(map(len, texts)) <= most:
        return difference
    pairs = enumerate(zip(*texts, strict=False))
    differ_at = next((at for at, (one, other) in pairs if one != other), min(map(len, texts)))
    start = max(differ_at - AROUND, 0)
    before, after = (
        f"{'…' if start else ''}{text[start : start + most]}{'…' if len(text) > start + most else ''}" for text in texts
    )
    return Difference(difference.label, before, after)


def _ending_in_none(record: Record, earlier: Iterator[Record]) -> Iterator[Record | None]:
    yield record
    yield from earlier
    yield None


def _differences(uow: UnitOfWork, earlier: Record, later: Record) -> list[Difference]:
    kind = later.kind
    changed = [field for field in kind.fields if earlier.values.get(field.name) != later.values.get(field.name)]
    linked = {link for field in changed for values in (earlier, later) for link in link_ids(values[field.name])}
    names = uow.names.some(linked) if any(field in kind.record_links for field in changed) else {}
    return [
        Difference(
            field.label, kind.words(field.name, earlier.values, names), kind.words(field.name, later.values, names)
        )
        for field in changed
        if field not in kind.file_links
    ]
