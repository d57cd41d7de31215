"""Whether an account may have all the records that an import would add."""

from tmr.domain.importing.reading.bundle import Bundle
from tmr.domain.kinds.event import EVENT
from tmr.records.imports.tables.results import Result
from tmr.repository.records.counts import most_of
from tmr.repository.unit_of_work import UnitOfWork


def lack_of_room(uow: UnitOfWork, would: Result) -> list[str]:
    """Return a sentence for each kind of which there would be too many; nothing if all of them fit."""
    sentences = []
    for kind in uow.kinds.values():
        added = sum(part.added for part in would.parts if part.kind == kind.plural) + would.linked.get(kind.key, 0)
        room, what = uow.records.counts.room_for(kind), "entries of timelines" if kind.key == EVENT.key else kind.plural
        if added > room:
            sentences.append(
                f"This would add {added:,} {what}, and your account has room for {room:,}: it can have "
                f"{most_of(kind):,} at most. Bring a smaller file, or delete some that you don’t need."
            )
    return sentences


def may_lack_room(uow: UnitOfWork, bundle: Bundle) -> bool:
    """Whether there could be too many if no row was left out; if not, nobody has to read the rows to know."""
    rows = {kind: sum(plan.rows for plan in bundle.used if plan.kind == kind.plural) for kind in uow.kinds.values()}
    return any(count > uow.records.counts.room_for(kind) for kind, count in rows.items())
