"""How many records of each kind an account has."""

from tmr.domain.kinds import KINDS
from tmr.repository.unit_of_work import UnitOfWork


def record_totals(uow: UnitOfWork) -> list[tuple[int, str]]:
    """Return, for each kind, how many records there are and what to call that many: ``(1, "application")``."""
    counts = [(uow.records.counts.of(kind), kind) for kind in KINDS.values()]
    return [(count, kind.plural if count != 1 else kind.key) for count, kind in counts]
