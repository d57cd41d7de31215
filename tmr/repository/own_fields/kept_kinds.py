"""The kinds of the accounts that asked last, bound to their stages and own fields: to bind them anew takes a moment."""

import threading
import time
from collections import OrderedDict
from uuid import UUID

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.own import OwnField
from tmr.domain.kinds import KINDS, kinds_for
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE, Pipeline

KEPT_SECONDS = 600.0  # what was not used for so long is forgotten when the next account asks
MOST_ACCOUNTS = 200
HEAVIEST, MOST_WEIGHT = 4_000, 40_000  # stages, fields and choices: of one account, and of all together
Declared = tuple[Pipeline, tuple[OwnField, ...]]


class _Kept(msgspec.Struct, frozen=True):
    declared: Declared
    kinds: dict[str, Kind]
    weight: int
    used_at: float


class KeptKinds:
    """One entry for each account, so that what was renamed is not kept beside it; the account that is idle goes first.

    An account with very many choices has none: what it declares may weigh megabytes.
    """

    def __init__(self) -> None:
        self._by_owner: OrderedDict[UUID, _Kept] = OrderedDict()
        self._weight = 0
        self._lock = threading.Lock()

    def of(self, owner: UUID, pipeline: Pipeline, own_fields: tuple[OwnField, ...]) -> dict[str, Kind]:
        """Return every kind by its plural, with the stages and the own fields of this person."""
        now, declared = time.monotonic(), (pipeline, own_fields)
        is_plain = not own_fields and pipeline == DEFAULT_PIPELINE
        with self._lock:
            self._drop_idle(now)
            kept = self._remove(owner)
            if kept and kept.declared == declared:
                self._put(owner, msgspec.structs.replace(kept, used_at=now))
                return kept.kinds
        if is_plain:
            return KINDS
        kinds = kinds_for(*declared)
        weight = len(pipeline.stages) + sum(1 + len(field.choices) for field in own_fields)
        if weight <= HEAVIEST:
            with self._lock:
                self._remove(owner)
                self._put(owner, _Kept(declared, kinds, weight, now))
        return kinds

    def drop(self, owner: UUID) -> None:
        """Forget all of an account."""
        with self._lock:
            self._remove(owner)

    def _put(self, owner: UUID, kept: _Kept) -> None:
        self._by_owner[owner] = kept
        self._weight += kept.weight
        while self._weight > MOST_WEIGHT or len(self._by_owner) > MOST_ACCOUNTS:
            self._remove(next(iter(self._by_owner)))

    def _remove(self, owner: UUID) -> _Kept | None:
        kept = self._by_owner.pop(owner, None)
        self._weight -= kept.weight if kept else 0
        return kept

    def _drop_idle(self, now: float) -> None:
        while self._by_owner and next(iter(self._by_owner.values())).used_at < now - KEPT_SECONDS:
            self._remove(next(iter(self._by_owner)))
