"""Keeps the own fields that an import needs: those of an export, and those that were made of columns."""

import datetime as dt

from tmr.domain.fields.own import OwnField
from tmr.domain.importing.reading.bundle import Bundle
from tmr.domain.importing.reading.own_fields import joined_fields, settled_fields
from tmr.records.views.new_columns import show_columns
from tmr.repository.errors import FieldsBusyError
from tmr.repository.unit_of_work import UnitOfWork


def keep_own_fields(uow: UnitOfWork, bundle: Bundle, now: dt.datetime) -> None:
    """Declare the fields that came with an export, or that its columns name, as far as they are not there yet.

    Raises:
        FieldsBusyError: the person declared others meanwhile, so that these do not fit; nothing may be committed.
    """
    needed = _needed(bundle)
    if not needed:
        return
    uow.own_fields.hold()
    present = uow.own_fields.declared
    known, settled = {(field.kind, field.name) for field in present}, settled_fields(present, needed)
    if any(settled.get(key) != field for field in needed if (key := (field.kind, field.name)) not in known):
        raise FieldsBusyError  # they fitted when this began, and others were declared since
    kept = {(one.field.kind, one.field.name): one for one in uow.own_fields.all()}
    changed = [field for field in joined_fields(present, needed) if field not in present]
    for field in changed:
        if one := kept.get((field.kind, field.name)):
            uow.own_fields.change(one.id, field)
            if one.deleted_at is not None:  # an earlier export brings back what was deleted since
                uow.own_fields.restore(one.id)
    new = [field for field in changed if (field.kind, field.name) not in kept]
    uow.own_fields.add_many(new, now)
    show_columns(uow, new)


def expect_own_fields(uow: UnitOfWork, bundle: Bundle) -> None:
    """Let values of the fields be written that ``keep_own_fields`` will declare at the end."""
    uow.records.own_names.expect({field.name for field in _needed(bundle)})


def _needed(bundle: Bundle) -> list[OwnField]:
    if any(plan.is_exact and plan.entry for plan in bundle.used):
        return bundle.own_fields
    targets = {(plan.kind, target) for plan in bundle.used for target in plan.columns}
    return [field for field in bundle.own_fields if (field.kind, field.name) in targets]
