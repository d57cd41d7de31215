"""Every kind of record, each declared in one file of this folder; a file added here adds a kind."""

import pkgutil
from functools import cache, lru_cache
from importlib import import_module

from tmr.domain.fields.kind import Kind
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE, Pipeline


def _declared() -> dict[str, Kind]:
    modules = [import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    kinds = [value for module in modules for value in vars(module).values() if isinstance(value, Kind)]
    return {kind.plural: kind for kind in sorted(kinds, key=lambda kind: kind.place)}


KINDS = _declared()
BY_KEY = {kind.key: kind for kind in KINDS.values()}


@lru_cache(maxsize=512)
def kinds_for(pipeline: Pipeline = DEFAULT_PIPELINE) -> dict[str, Kind]:
    """Return every kind by its plural, with the stages of one person."""
    if pipeline == DEFAULT_PIPELINE:
        return KINDS
    return {plural: kind.bound(pipeline) for plural, kind in KINDS.items()}


def children_of(key: str) -> list[Kind]:
    """Return the kinds whose records are deleted and restored along with the record of this kind they belong to."""
    return [kind for kind in KINDS.values() if kind.parent and kind.link_to(key) is kind.parent]


@cache
def linking_to(key: str) -> tuple[Kind, ...]:
    """Return the kinds whose records can name one of this kind."""
    return tuple(kind for kind in KINDS.values() if kind.link_to(key))
