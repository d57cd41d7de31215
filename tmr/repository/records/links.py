"""Which record links to which: an index, in plain ids, of the links that are sealed inside the records themselves."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from tmr.domain.fields.type import Wire
from tmr.domain.record import Record
from tmr.repository.schema import record_links, records
from tmr.repository.schema.columns import is_among


class RecordLinks:
    """The links between records, and from records to files, of one owner."""

    def __init__(self, connection: Connection, owner: UUID) -> None:
        self._connection = connection
        self._owner = owner

    def add(self, pairs: Sequence[tuple[UUID, str]]) -> None:
        """Note that the first of each pair links to the second."""
        rows = [{"owner_id": self._owner, "record_id": source, "target_id": UUID(target)} for source, target in pairs]
        if rows:
            self._connection.execute(insert(record_links).on_conflict_do_nothing(), rows)

    def replace(self, record_id: UUID, targets: Iterable[str]) -> None:
        """Note that a record links to these and no others."""
        links_of_record = (record_links.c.owner_id == self._owner, record_links.c.record_id == record_id)
        self._connection.execute(delete(record_links).where(*links_of_record))
        self.add([(record_id, target) for target in targets])

    def follow(self, changed: Iterable[tuple[Record, Mapping[str, Wire]]]) -> None:
        """Update the index after these records got these values."""
        for before, values in changed:
            later = before.kind.linked_ids(values)
            if later != before.kind.linked_ids(before.values):
                self.replace(before.id, later)

    def sources(
        self, targets: Iterable[UUID], kind: str, deleted_at: Iterable[dt.datetime | None] = (None,)
    ) -> list[UUID]:
        """Return the records of ``kind`` that link to one of ``targets``, deleted at these instants (None: live)."""
        instants = list(deleted_at)
        is_at = is_among(records.c.deleted_at, [instant for instant in instants if instant])
        query = (
            select(records.c.id)
            .join(
                record_links,
                (record_links.c.owner_id == records.c.owner_id) & (record_links.c.record_id == records.c.id),
            )
            .where(record_links.c.owner_id == self._owner, is_among(record_links.c.target_id, targets))
            .where(records.c.kind == kind, is_at | records.c.deleted_at.is_(None) if None in instants else is_at)
        )
        return list(self._connection.scalars(query.distinct()))

    def deleted_sources(self, targets: Iterable[UUID], kind: str) -> list[UUID]:
        """Return the records of ``kind`` that link to one of ``targets`` and are deleted, whenever that was."""
        same = (record_links.c.owner_id == records.c.owner_id) & (record_links.c.record_id == records.c.id)
        is_linked = (record_links.c.owner_id == self._owner, is_among(record_links.c.target_id, targets))
        query = select(records.c.id).join(record_links, same).where(*is_linked, records.c.kind == kind)
        return list(self._connection.scalars(query.where(records.c.deleted_at.is_not(None)).distinct()))

    def without_live_target(self, ids: Iterable[UUID]) -> set[UUID]:
        """Return those of ``ids`` that link to no live record."""
        wanted = set(ids)
        # Two look-ups by key: joined, the database read a kind's every record for each of them without statistics.
        linked = select(record_links.c.record_id, record_links.c.target_id).where(
            record_links.c.owner_id == self._owner, is_among(record_links.c.record_id, wanted)
        )
        pairs = self._connection.execute(linked).all()
        live = select(records.c.id).where(
            records.c.owner_id == self._owner,
            is_among(records.c.id, {row.target_id for row in pairs}),
            records.c.deleted_at.is_(None),
        )
        there = set(self._connection.scalars(live)) if pairs else set()
        return wanted - {row.record_id for row in pairs if row.target_id in there}

    def existing(self, kind: str, ids: Iterable[str], *, held: bool = False) -> set[str]:
        """Return those of ``ids`` that are live records of this owner and kind; ``held`` locks them until the end."""
        query = select(records.c.id).where(
            records.c.owner_id == self._owner,
            records.c.kind == kind,
            is_among(records.c.id, [UUID(text) for text in ids]),
            records.c.deleted_at.is_(None),
        )
        held_query = query.order_by(records.c.id).with_for_update(read=True)
        return {str(target) for target in self._connection.scalars(held_query if held else query)}

    def forget_targets(self, gone: Iterable[UUID]) -> None:
        """Delete links to records that are gone for good."""
        query = delete(record_links).where(
            record_links.c.owner_id == self._owner, is_among(record_links.c.target_id, gone)
        )
        self._connection.execute(query)
