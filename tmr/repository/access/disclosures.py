"""How often operators or authorities saw an account, without saying whose: for the public count of each year."""

import datetime as dt
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import Connection, extract, func, insert, select, update

from tmr.repository.schema import disclosures, security_reports

LEGAL_ORDER, SUPPORT_LOOK = "legal order", "support look"
A_YEAR = dt.timedelta(days=365)


class YearCount(msgspec.Struct, frozen=True):
    """What happened in one year: legal orders met, those whose owner is not told after a year, views by support."""

    year: int
    legal_orders: int = 0
    untold: int = 0
    support_looks: int = 0


class PublicCounts(msgspec.Struct, frozen=True):
    """What the public may know: each year, the newest first, and the security reports of the last twelve months."""

    years: list[YearCount]
    reports: int
    median_answer: dt.timedelta | None


class Disclosures:
    """Counts what happened to the account of a unit of work, in its transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, kind: str, now: dt.datetime, line: UUID | None = None) -> None:
        """Count one, under the id ``line`` if it will be marked as told later."""
        self._connection.execute(insert(disclosures).values(id=line or uuid4(), kind=kind, happened_at=now))

    def mark_told(self, line: UUID, at: dt.datetime) -> None:
        """Note when the owner was told, or will be."""
        self._connection.execute(update(disclosures).where(disclosures.c.id == line).values(told_at=at))


def public_counts(connection: Connection, now: dt.datetime) -> PublicCounts:
    """Return the counts. An order whose owner is not told yet is counted in with the others.

    It is shown as such once it is over a year old, so that no count gives an order away to the person it is about.
    """
    year = extract("year", func.timezone("UTC", disclosures.c.happened_at))
    is_untold = (disclosures.c.told_at.is_(None) | (disclosures.c.told_at > now)) & (
        disclosures.c.happened_at <= now - A_YEAR
    )
    query = select(
        year,
        func.count().filter(disclosures.c.kind == LEGAL_ORDER),
        func.count().filter((disclosures.c.kind == LEGAL_ORDER) & is_untold),
        func.count().filter(disclosures.c.kind == SUPPORT_LOOK),
    )
    years = [YearCount(int(row[0]), *row[1:]) for row in connection.execute(query.group_by(year).order_by(year.desc()))]
    if not years or years[0].year != now.year:
        years.insert(0, YearCount(now.year))
    taken = security_reports.c.answered_at - security_reports.c.received_at
    median = func.percentile_cont(0.5).within_group(taken.asc())  # leaves out what was not answered
    of_a_year = security_reports.c.received_at > now - A_YEAR
    count, answer = connection.execute(select(func.count(), median).where(of_a_year)).one()
    return PublicCounts(years, count, answer)
