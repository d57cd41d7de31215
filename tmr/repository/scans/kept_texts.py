"""The opened texts of the person who is searching, so that each letter typed need not open everything again.

They are in the memory of this process alone, bounded in size and in time, and used for the account they are of, behind
a claim of its session (decision 0035).
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from sys import getsizeof
from typing import Any
from uuid import UUID

import msgspec

from tmr.crypto.errors import DecryptionError
from tmr.domain.fields.kind import Kind
from tmr.domain.record import Scanned
from tmr.domain.searching import searched_slots, texts_of
from tmr.repository.records.codec import decode_slots, summary_reader
from tmr.repository.records.sealed_columns import Opened

MOST_BYTES = 64 * 1024 * 1024  # in this process, with those that are being opened
KEPT_SECONDS = 60.0  # after the last search
THREAD = "texts of a search"
STEP_BYTES = 256 * 1024
ROW_BYTES, SLOT_BYTES = 250, 60  # what Python needs for a record and for each of its values, beside their letters
AT_A_TIME, PAUSE_SECONDS = 100, 0.001  # records that are made ready before others have their turn, about half of that


class OpenedRecords(msgspec.Struct):
    """All records of a kind as they were opened, and a moment later with their texts, ready for the next search."""

    opened: list[Opened]
    rows: list[Scanned] | None = None


def form_of(kind: Kind) -> Hashable:
    """Return what texts and names depend on, beside the records."""
    return tuple((field.name, field.number, field.type.is_searched) for field in kind.summary)


class _Kept(msgspec.Struct):
    """What one kind of record was opened to, at which mark of that kind, and in what form."""

    mark: str
    form: Hashable
    content: Any
    size: int


class _Account(msgspec.Struct):
    """What is kept of one account."""

    parts: dict[str, _Kept]
    searched_at: float


class KeptTexts:
    """What searches opened, by account; ``clock`` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._accounts: OrderedDict[UUID, _Account] = OrderedDict()  # who searched last is last
        self._reserved = 0
        self._drops = 0
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    @property
    def size(self) -> int:
        """How many bytes are kept or being opened."""
        with self._lock:
            return self._size()

    @property
    def drops(self) -> int:
        """How often something was dropped. What was begun before a drop must not be kept after it."""
        return self._drops

    def find(self, owner: UUID, part: str, mark: str, form: Hashable) -> Any | None:
        """Return what was kept of a part at this mark in this form, or None; the minute begins anew."""
        with self._lock:
            self._forget_old()
            account = self._accounts.get(owner)
            kept = account.parts.get(part) if account else None
            if account is None or kept is None:
                return None
            if kept.mark != mark or kept.form != form:
                del account.parts[part]  # of no use any more
                return None
            self._note_search(owner, account)
            return kept.content

    def reserve(self, owner: UUID, size: int) -> bool:
        """Whether there is room for so many bytes more; those who searched longest ago make room for ``owner``."""
        with self._lock:
            while self._size() + size > MOST_BYTES:
                other = next((one for one in self._accounts if one != owner), None)
                if other is None:
                    return False
                del self._accounts[other]
            self._reserved += size
            return True

    def release(self, size: int) -> None:
        """Give back what was reserved."""
        with self._lock:
            self._reserved -= size

    def keep(self, owner: UUID, part: str, kept: tuple[str, Hashable, Any, int], drops: int) -> None:
        """Keep the mark, form, content and size of a part, for which room is reserved, unless one was dropped since."""
        with self._lock:
            self._reserved -= kept[3]
            if drops == self._drops:
                account = self._accounts.setdefault(owner, _Account({}, 0))
                account.parts[part] = _Kept(*kept)
                self._note_search(owner, account)

    def while_opening(self, owner: UUID, kind: Kind, mark: str, opened: Iterable[Opened]) -> Iterator[Opened]:
        """Yield what is opened, keep it if all was and there is room, and make it ready for the next search."""
        kept, reserved, size, drops = OpenedRecords([]), 0, 0, self._drops
        has_room = True
        try:
            for one in opened:
                if has_room:
                    kept.opened.append(one)
                    size += ROW_BYTES + len(one[2]) + len(one[3])
                    if size > reserved and (has_room := self.reserve(owner, STEP_BYTES)):
                        reserved += STEP_BYTES
                    elif size > reserved:
                        kept.opened = []
                yield one
            if has_room:
                self.keep(owner, kind.key, (mark, form_of(kind), kept, reserved), drops)
                reserved = 0
                threading.Thread(target=self._make_ready, args=(owner, kind, kept), name=THREAD, daemon=True).start()
        finally:
            self.release(reserved)

    def _make_ready(self, owner: UUID, kind: Kind, kept: OpenedRecords) -> None:
        """Make the texts of what was opened, a little at a time, so that no request waits for it."""
        rows: list[Scanned] = []
        reserved = size = 0
        try:
            for row, row_size in self._texts_of(owner, kind, kept):
                size += row_size
                while size > reserved:  # before there is more of it
                    if not self.reserve(owner, STEP_BYTES):
                        return
                    reserved += STEP_BYTES
                rows.append(row)
            with self._lock:
                account = self._accounts.get(owner)
                part = account.parts.get(kind.key) if account else None
                if part is not None and part.content is kept and len(rows) == len(kept.opened):
                    kept.rows, kept.opened = rows, []
                    part.size = size
        finally:
            self.release(reserved)

    def _texts_of(self, owner: UUID, kind: Kind, kept: OpenedRecords) -> Iterator[tuple[Scanned, int]]:
        """Yield what was opened with its texts, and their size; it ends early where one does not open."""
        searched, slots_of = searched_slots(kind), summary_reader(kind)
        for number, (row_id, _key_id, summary, detail) in enumerate(kept.opened):
            try:
                slots = slots_of(summary)
                text = texts_of(slots, decode_slots(detail), searched)
            except (DecryptionError, UnicodeDecodeError, msgspec.MsgspecError):
                return  # the search itself says which one
            letter_bytes = 1 if summary.isascii() else 4  # at most
            size = ROW_BYTES + len(slots) * SLOT_BYTES + len(summary) * letter_bytes
            yield Scanned(row_id, slots, None, text), size + getsizeof(text.plain) + getsizeof(text.spelled)
            if number % AT_A_TIME == 0:
                time.sleep(PAUSE_SECONDS)
                if not self._is_there(owner, kind.key, kept):
                    return

    def _is_there(self, owner: UUID, part: str, content: object) -> bool:
        with self._lock:
            account = self._accounts.get(owner)
            return account is not None and part in account.parts and account.parts[part].content is content

    def drop(self, owner: UUID) -> None:
        """Forget all of an account: a session of it ended, or it was erased."""
        with self._lock:
            self._drops += 1
            self._accounts.pop(owner, None)

    def forget_old(self) -> None:
        """Forget what nobody searched for a minute; a timer calls this, whether requests come or not."""
        with self._lock:
            self._timer = None
            self._forget_old()
            self._set_timer()

    def _note_search(self, owner: UUID, account: _Account) -> None:
        account.searched_at = self.clock()
        self._accounts.move_to_end(owner)
        self._set_timer()

    def _forget_old(self) -> None:
        now = self.clock()
        for owner in [one for one, account in self._accounts.items() if now - account.searched_at >= KEPT_SECONDS]:
            del self._accounts[owner]

    def _set_timer(self) -> None:
        if self._timer is None and self._accounts:
            oldest = min(account.searched_at for account in self._accounts.values())
            self._timer = threading.Timer(max(oldest + KEPT_SECONDS - self.clock(), 0) + 0.01, self.forget_old)
            self._timer.daemon = True
            self._timer.start()

    def _size(self) -> int:
        kept = (part.size for account in self._accounts.values() for part in account.parts.values())
        return self._reserved + sum(kept)
