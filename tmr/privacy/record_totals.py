"""How much of each kind a person keeps here."""

from tmr.domain.kinds import KINDS
from tmr.repository.unit_of_work import UnitOfWork


def record_totals(uow: UnitOfWork) -> list[tuple[int, str]]:
    """Return the number and the name of each kind of record."""
    counts = [(uow.records.counts.of(kind), kind) for kind in KINDS.values()]
    return [(count, kind.plural if count != 1 else kind.key) for count, kind in counts]
