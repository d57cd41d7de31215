"""Own fields in settings: declared for a kind of record, renamed, given other choices, deleted and restored."""

from typing import Any
from uuid import UUID

import msgspec
from flask import flash, request
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.own import CHOICE, TYPE_LABELS, OwnField
from tmr.domain.fields.own_changes import (
    LONGEST_LABEL,
    MOST_CHOICES,
    NO_KIND,
    OwnFieldRefusedError,
    changed,
    checked_label,
    declared,
    require_room,
)
from tmr.domain.kinds import kinds_for
from tmr.domain.ordering import value_at
from tmr.records.blueprint import blueprint
from tmr.records.editing.undo_button import Undo
from tmr.records.views.new_columns import show_columns
from tmr.records.views.retyping import retype
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.own_fields.own_fields import KeptField
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.locales import number
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import confirmation_required, sign_in_required
from tmr.web.session.reading import scan_turn, scan_turn_in_a_change
from tmr.web.storage_limit import stores

PAGE = "/settings/fields"
MOVES = {"up": -1, "down": 1}


class FieldView(msgspec.Struct, frozen=True):
    """An own field as the page shows it; ``filled`` is how many records have a value in it, if that was counted."""

    id: UUID
    field: OwnField
    filled: int | None

    @property
    def type_label(self) -> str:
        """What it holds, in words."""
        return TYPE_LABELS[self.field.type]


@blueprint.get(PAGE)
@sign_in_required
def show_fields() -> Response:
    """Show the own fields of every kind, and those that were deleted in the last 30 days."""
    with scan_turn(), unit_of_work() as uow:
        return _page(uow, 200)


@blueprint.post(PAGE)
@sign_in_required
@stores
def add_field() -> Response:
    """Declare a field for a kind of record."""
    with unit_of_work() as uow:
        uow.own_fields.hold()
        sent = {name: request.form.get(name, "") for name in ("label", "type", "choices")}
        try:
            field = declared(_kind_sent(uow), sent["label"], sent["type"], sent["choices"])
        except OwnFieldRefusedError as error:
            return _page(uow, 422, {error.field: str(error)})
        uow.own_fields.add(field, now())
        show_columns(uow, [field])
        uow.commit()
    next_step = " Add its choices below." if field.type == CHOICE and not field.labels else ""
    flash(f"Field “{field.label}” added.{next_step}")
    return htmx.go(f"{PAGE}#{field.kind}")


@blueprint.post(f"{PAGE}/<uuid:field_id>")
@sign_in_required
@stores
def change_field(field_id: UUID) -> Response:
    """Rename a field, give it other choices or another type, or move it among the others."""
    with unit_of_work() as uow:
        uow.own_fields.hold()
        kept = _present(uow, field_id)
        if by := MOVES.get(way := request.form.get("move", "")):
            uow.own_fields.move(field_id, by)
            uow.commit()
            return htmx.go(f"{PAGE}?moved={field_id}&{way}")  # where the keyboard goes on; with a #part it would not
        label, choices = request.form.get("label"), request.form.get("choices")
        try:
            new = changed(uow.kinds[kept.field.kind], kept.field, label, choices)
        except OwnFieldRefusedError as error:
            return _page(uow, 422, {error.field: str(error)}, wrong=field_id)
        uow.own_fields.change(field_id, new)
        words = f"Field “{new.label}” saved."
        if (of_type := request.form.get("type", new.type)) != new.type:
            may_leave = bool(request.form.get("leave"))
            try:
                with scan_turn_in_a_change(uow):
                    left = retype(uow, uow.own_fields.get(field_id), of_type, now(), may_leave=may_leave)
            except OwnFieldRefusedError as error:
                return _page(uow, 422, {error.field: str(error)}, wrong=field_id)
            words = _retyped_words(new.label, of_type, left)
        uow.commit()
    flash(words)
    return htmx.go(f"{PAGE}#{new.kind}")


@blueprint.post(f"{PAGE}/<uuid:field_id>/delete")
@sign_in_required
def delete_field(field_id: UUID) -> Response:
    """Delete a field with its values, which can be restored for 30 days; once more changes nothing."""
    with unit_of_work() as uow:
        uow.own_fields.hold()
        kept = uow.own_fields.get(field_id)
        if kept.deleted_at is not None:
            return htmx.go(PAGE)
        uow.own_fields.remove(field_id, now())
        uow.commit()
    undo = Undo(f"{PAGE}/{field_id}/restore", [], "#messages")
    return htmx.saved_with_undo(f"{PAGE}#{kept.field.kind}", f"Field “{kept.field.label}” deleted.", undo)


@blueprint.post(f"{PAGE}/<uuid:field_id>/delete-for-good")
@confirmation_required(PAGE)
def delete_field_for_good(field_id: UUID) -> Response:
    """Delete a deleted field and its values for good, from every record, its versions and the trash."""
    with scan_turn(), unit_of_work() as uow:
        uow.own_fields.hold()
        label = uow.own_fields.get(field_id).field.label
        uow.own_fields.forget(field_id)
        uow.commit()
    flash(f"Field “{label}” and its values deleted for good.")
    return htmx.go(PAGE)


@blueprint.post(f"{PAGE}/<uuid:field_id>/restore")
@sign_in_required
def restore_field(field_id: UUID) -> Response:
    """Bring a deleted field back with its values."""
    with unit_of_work() as uow:
        uow.own_fields.hold()
        kept = uow.own_fields.get(field_id)
        field = kept.field
        if why := _why_not_back(uow.kinds[field.kind], kept):
            flash(why)
            return htmx.go(PAGE)
        uow.own_fields.restore(field_id)
        uow.commit()
    flash(f"Field “{field.label}” restored.")
    return htmx.go(PAGE)  # without a part of the page: the Undo of a message would stay on the page as it is


def _retyped_words(label: str, of_type: str, left: int) -> str:
    stayed = f" {number(left)} did not fit and stayed in the field that was deleted." if left else ""
    return f"Field “{label}” holds another type now: {TYPE_LABELS[of_type]}.{stayed}"


def _kind_sent(uow: UnitOfWork) -> Kind:
    kind = uow.kinds.get(request.form.get("kind", ""))
    if kind is None:
        raise OwnFieldRefusedError("kind", NO_KIND)
    return kind


def _present(uow: UnitOfWork, field_id: UUID) -> KeptField:
    kept = uow.own_fields.get(field_id)
    if kept.deleted_at is not None:
        raise RecordNotFoundError
    return kept


def _why_not_back(kind: Kind, kept: KeptField) -> str:
    """Return why a field can't be restored, as a sentence; nothing if it can, or is there."""
    try:
        if kept.deleted_at is not None:
            require_room(kind)
    except OwnFieldRefusedError as error:
        return str(error)
    try:
        checked_label(kind, kept.field.label, kept.field.name)
    except OwnFieldRefusedError as error:
        return f"{error} Rename that one first."
    return ""


def _page(uow: UnitOfWork, status: int, errors: dict[str, str] | None = None, wrong: UUID | None = None) -> Response:
    kept = uow.own_fields.all()
    present = [one for one in kept if one.deleted_at is None]
    # What is refused is shown under the account's lock, and to count opens every record: that is for its own page.
    filled = {} if errors else _filled(uow, [one.field for one in present])
    views = [FieldView(one.id, one.field, filled.get(one.field.name)) for one in present]
    kinds = [(kind.plural, kind.heading) for kind in uow.kinds.values()]
    context: dict[str, Any] = {
        "kind_choices": kinds,
        "types": list(TYPE_LABELS.items()),
        "choice": CHOICE,
        "listed": [
            (plural, heading, [view for view in views if view.field.kind == plural]) for plural, heading in kinds
        ],
        "deleted": [one for one in kept if one.deleted_at is not None],
        "errors": errors or {},
        "wrong": wrong,
        "typed": request.form if errors else {},
        "wanted": request.args.get("kind", ""),
        "moved": request.args.get("moved", ""),
        "goes_up": "up" in request.args,
        "longest_label": LONGEST_LABEL,
        "most_choices": MOST_CHOICES,
    }
    if status == 200:
        uow.commit()
    return htmx.render("records/fields/index.html", status=status, **context)


def _filled(uow: UnitOfWork, fields: list[OwnField]) -> dict[str, int]:
    """Return how many records have a value in each of these fields, by the name of the field."""
    counts = {field.name: 0 for field in fields}
    for plural, kind in kinds_for(own_fields=tuple(fields)).items():
        positions = [(field.name, kind.by_name[field.name].number) for field in fields if field.kind == plural]
        for row in uow.records.scan(kind) if positions else ():
            for name, position in positions:
                counts[name] += value_at(row.summary, position) is not None
    return counts
