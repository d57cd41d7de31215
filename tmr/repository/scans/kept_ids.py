"""Which records a page needed of all that it looked through: their ids, and nothing of what is in them."""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Sequence
from typing import Self
from uuid import UUID

import msgspec

from tmr.domain.record import Scanned

MOST_BYTES = 16 * 1024 * 1024  # in this process
ID_BYTES, VERSION_BYTES = 16, 4
SEEN_BYTES = ID_BYTES + VERSION_BYTES


class Chosen(msgspec.Struct, frozen=True):
    """The ids that were chosen, for what question, at which mark of that kind, and all records that were seen then.

    Of each of those there is the id and the version, which the database has in the clear; last added first.
    """

    mark: str
    question: Hashable
    ids: bytes
    seen: bytes

    @classmethod
    def of(cls, mark: str, question: Hashable, rows: Sequence[Scanned], seen: bytes) -> Self:
        """Return what is kept once these rows were chosen."""
        return cls(mark, question, b"".join([row.id for row in rows]), seen)

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return len(self.ids) + len(self.seen)

    @property
    def chosen(self) -> list[bytes]:
        """The ids that were chosen."""
        return list(_split(self.ids, ID_BYTES))

    def to_open(self, seen: bytes) -> list[bytes]:
        """Return the ids in ``seen`` that were chosen, or that are new or at another version, in its order."""
        before, wanted = set(_split(self.seen, SEEN_BYTES)), set(_split(self.ids, ID_BYTES))
        return [one[:ID_BYTES] for one in _split(seen, SEEN_BYTES) if one[:ID_BYTES] in wanted or one not in before]


class KeptIds:
    """The ids that pages chose, by account and kind."""

    def __init__(self) -> None:
        self._by_owner: OrderedDict[UUID, dict[str, Chosen]] = OrderedDict()  # who asked last is last
        self._size = 0
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """How many bytes are kept."""
        return self._size

    def find(self, owner: UUID, kind: str, question: Hashable) -> Chosen | None:
        """Return what was chosen for the same question, at any mark, or None."""
        with self._lock:
            found = self._by_owner.get(owner, {}).get(kind)
            if found is None or found.question != question:
                return None
            self._by_owner.move_to_end(owner)
            return found

    def keep(self, owner: UUID, kind: str, kept: Chosen) -> None:
        """Keep what was chosen; the accounts that asked longest ago make room."""
        with self._lock:
            own = self._by_owner.setdefault(owner, {})
            self._size += kept.size - (own[kind].size if kind in own else 0)
            own[kind] = kept
            self._by_owner.move_to_end(owner)
            while self._size > MOST_BYTES:
                self._drop(next(iter(self._by_owner)))

    def drop(self, owner: UUID) -> None:
        """Forget all of an account."""
        with self._lock:
            self._drop(owner)

    def _drop(self, owner: UUID) -> None:
        self._size -= sum(kept.size for kept in self._by_owner.pop(owner, {}).values())


def _split(content: bytes, size: int) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))
