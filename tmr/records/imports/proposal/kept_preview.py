"""What a proposed import would do, kept sealed with it, so that a look at its page reads no row again."""

import datetime as dt
import hashlib

import msgspec

from tmr.domain.importing.reading.bundle import Bundle
from tmr.records.imports.run import Preview, preview
from tmr.records.imports.staged_file import Source
from tmr.repository.records.imports import Import
from tmr.repository.unit_of_work import UnitOfWork

KEPT_ROWS = 200  # of those that are named one by one: as many as the page lists


class _Previewed(Bundle):
    """A proposal with what it would do. ``mark`` tells what that was worked out from: the plans and the account."""

    preview: Preview | None = None
    mark: str = ""


def kept_preview(uow: UnitOfWork, proposed: Import, bundle: Bundle, today: dt.date) -> Preview | None:
    """Return the preview that is kept with a proposal, or None if it was of other plans, records or code."""
    try:
        kept = msgspec.convert(proposed.plan, _Previewed)
    except msgspec.ValidationError:  # kept by another release
        return None
    return kept.preview if kept.mark == _mark(uow, bundle, today) else None


def keep_preview(uow: UnitOfWork, proposed: Import, bundle: Bundle, made: Preview, today: dt.date) -> Preview:
    """Keep a proposal with what it would do, and return that, without what its page does not show."""
    result = made.result
    result.left, result.skips, result.refusals = [], result.skips[:KEPT_ROWS], result.refusals[:KEPT_ROWS]
    result.likes = result.likes[:KEPT_ROWS]
    of_bundle = {name: getattr(bundle, name) for name in Bundle.__struct_fields__}
    uow.imports.set_plan(proposed.id, _Previewed(**of_bundle, preview=made, mark=_mark(uow, bundle, today)))
    return made


def renew_preview(uow: UnitOfWork, proposed: Import, bundle: Bundle, today: dt.date) -> Preview:
    """Read the rows of a proposal, keep it with what they would do, and return that."""
    bundle.leave_out_beyond()  # it may be of before there was a bound
    return keep_preview(uow, proposed, bundle, preview(uow, Source(uow, proposed.id), bundle), today)


def _mark(uow: UnitOfWork, bundle: Bundle, today: dt.date) -> str:
    """Return what is another one when the plans, the records, their fields or stages, the zone or the day are others.

    Records are told by their counts and by the last changes to them, neither of which opens any.
    """
    stages, zone = uow.private.get().stages, uow.account.preferences().zone
    plans = {name: getattr(bundle, name) for name in Bundle.__struct_fields__}
    account = (uow.counts_at_claim, uow.steps.marks(), stages, zone, uow.own_fields.declared)
    return hashlib.sha256(msgspec.json.encode((plans, account, today))).hexdigest()
