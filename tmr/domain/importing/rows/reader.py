"""Reads the rows of a table in the way that its plan says."""

import datetime as dt

from tmr.domain.fields.kind import Kind
from tmr.domain.importing.plan import Plan
from tmr.domain.importing.rows.draft import Draft, Linker, NoLinks
from tmr.domain.importing.rows.exact import ExactReader
from tmr.domain.importing.rows.loose import LooseReader
from tmr.domain.importing.rows.moments import MomentReader


class RowReader:
    """Reads rows: of our own export exactly, of any other table as a person means them."""

    def __init__(
        self,
        kind: Kind,
        plan: Plan,
        linker: Linker | None = None,
        now: dt.datetime | None = None,
        zone: dt.tzinfo = dt.UTC,
    ) -> None:
        links = linker or NoLinks()
        moments = MomentReader(now or dt.datetime.now(dt.UTC), zone)
        self._exact = ExactReader(kind, plan, links)
        self._reader = self._exact if plan.is_exact else LooseReader(kind, plan, links, moments)

    def read(self, cells: list[str]) -> Draft:
        """Return the draft of one row; what a field refuses goes to the notes, so that nothing is lost."""
        return self._reader.read(cells)

    def created_at(self, cells: list[str]) -> dt.datetime | None:
        """Return when the record in a row of our own export was added, or None."""
        return self._exact.created_at(cells)
