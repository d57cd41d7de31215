"""Keeps the own fields that an import needs: those of an export, and those that were made of columns."""

import datetime as dt

from tmr.domain.fields.own import OwnField
from tmr.domain.importing.reading.bundle import Bundle
from tmr.domain.importing.reading.own_fields import joined_fields
from tmr.repository.own_fields.own_fields import KeptField
from tmr.repository.unit_of_work import UnitOfWork


def keep_own_fields(uow: UnitOfWork, bundle: Bundle, now: dt.datetime) -> None:
    """Declare the fields that came with an export, or that its columns name, as far as they are not there yet."""
    needed = _needed(bundle)
    if not needed:
        return
    uow.own_fields.hold()
    present = uow.own_fields.declared
    kept = {one.field.name: one for one in uow.own_fields.all()}
    new = [field for field in joined_fields(present, needed) if field not in present]
    for place, field in enumerate(new):
        # Each a moment later, since they are listed in the order in which they were declared.
        _keep(uow, kept.get(field.name), field, now + dt.timedelta(microseconds=place))


def _needed(bundle: Bundle) -> list[OwnField]:
    if any(plan.is_exact and plan.entry for plan in bundle.used):
        return bundle.own_fields
    targets = {(plan.kind, target) for plan in bundle.used for target in plan.columns}
    return [field for field in bundle.own_fields if (field.kind, field.name) in targets]


def _keep(uow: UnitOfWork, kept: KeptField | None, field: OwnField, now: dt.datetime) -> None:
    if kept is None:
        uow.own_fields.add(field, now)
        return
    uow.own_fields.change(kept.id, field)
    if kept.deleted_at is not None:  # an earlier export brings back what was deleted since
        uow.own_fields.restore(kept.id)
