"""The views of lists that a person saved: sealed like the records, since their names and searches tell as much."""

import datetime as dt
from collections.abc import Collection
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from tmr.crypto.envelope import RECORDS
from tmr.domain.saved_views import MOST_OF_A_KIND, SavedView
from tmr.repository.accounts.accounts import hold_account
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.schema import saved_views

MOST = 8 * MOST_OF_A_KIND


class KeptView(msgspec.Struct, frozen=True):
    """A view with its id."""

    id: UUID
    view: SavedView


class SavedViews:
    """The views of the owner that a unit of work is bound to."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys) -> None:
        self._connection = connection
        self._owner_keys = owner_keys
        self._kept: list[KeptView] | None = None

    def all(self) -> list[KeptView]:
        """Return the views of all kinds, oldest first; read once in a unit of work."""
        if self._kept is None:
            order = (saved_views.c.created_at, saved_views.c.id)
            rows = self._connection.execute(select(saved_views).where(self._are_owners()).order_by(*order))
            self._kept = [KeptView(row.id, self._open_row(row)) for row in rows]
        return self._kept

    def of(self, plural: str) -> list[KeptView]:
        """Return the views of one kind, oldest first."""
        return [kept for kept in self.all() if kept.view.kind == plural]

    def add(self, view: SavedView, now: dt.datetime) -> UUID | None:
        """Keep a view; return its id, or None where there are as many as can be kept."""
        hold_account(self._connection, self._owner_keys.owner)
        self._kept = None
        count = select(func.count()).select_from(saved_views).where(self._are_owners())
        if len(self.of(view.kind)) >= MOST_OF_A_KIND or (self._connection.scalar(count) or 0) >= MOST:
            return None
        view_id = uuid4()
        row = {"owner_id": self._owner_keys.owner, "id": view_id, "created_at": now, **self._sealed(view_id, view)}
        self._connection.execute(insert(saved_views).values(row))
        self._settle_default(view_id, view)
        return view_id

    def change(self, view_id: UUID, view: SavedView) -> None:
        """Replace a view; raise ``RecordNotFoundError`` if it is not there."""
        query = update(saved_views).where(self._are_owners(), saved_views.c.id == view_id)
        if not self._connection.execute(query.values(self._sealed(view_id, view))).rowcount:
            raise RecordNotFoundError
        self._settle_default(view_id, view)

    def remove(self, view_id: UUID) -> None:
        """Forget a view; raise ``RecordNotFoundError`` if it is not there."""
        query = delete(saved_views).where(self._are_owners(), saved_views.c.id == view_id)
        if not self._connection.execute(query).rowcount:
            raise RecordNotFoundError
        self._kept = None

    def forget_fields(self, gone: Collection[str]) -> None:
        """Take fields that are gone for good out of every view, with the values that it looked for in them."""
        for kept in self.all():
            view = kept.view.without_fields(gone)
            if view is not kept.view:
                self.change(kept.id, view)

    def _settle_default(self, view_id: UUID, view: SavedView) -> None:
        """Let no other view of the kind be the one that its list begins with."""
        self._kept = None
        for other in self.of(view.kind) if view.is_default else ():
            if other.view.is_default and other.id != view_id:
                self.change(other.id, msgspec.structs.replace(other.view, is_default=False))

    def _sealed(self, view_id: UUID, view: SavedView) -> dict[str, object]:
        key_id = self._owner_keys.newest(RECORDS).key_id
        sealed = self._owner_keys.seal_json(key_id, view, "saved_views", "view_sealed", view_id.bytes)
        return {"key_id": key_id, "view_sealed": sealed}

    def _open_row(self, row: object) -> SavedView:
        view_id, key_id, sealed = row.id, row.key_id, row.view_sealed  # type: ignore[attr-defined]
        content = self._owner_keys.unseal_json(key_id, sealed, "saved_views", "view_sealed", view_id.bytes)
        return msgspec.convert(content, SavedView)

    def _are_owners(self) -> ColumnElement[bool]:
        return saved_views.c.owner_id == self._owner_keys.owner
