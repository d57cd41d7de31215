"""Every kind of record, each declared in one file of this folder; a file added here adds a kind."""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.own import OwnField
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE, Pipeline


def _declared() -> dict[str, Kind]:
    modules = [import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    kinds = [value for module in modules for value in vars(module).values() if isinstance(value, Kind)]
    return {kind.plural: kind for kind in sorted(kinds, key=lambda kind: kind.place)}


KINDS = _declared()
BY_KEY = {kind.key: kind for kind in KINDS.values()}


def kinds_for(pipeline: Pipeline = DEFAULT_PIPELINE, own_fields: tuple[OwnField, ...] = ()) -> dict[str, Kind]:
    """Return every kind by its plural, with the stages and the own fields of one person.

    Nothing is kept here, for what people declare may be large, and goes with their account: see ``KeptKinds``.
    """
    if pipeline == DEFAULT_PIPELINE and not own_fields:
        return KINDS
    return {plural: kind.bound(pipeline, own_fields) for plural, kind in KINDS.items()}


def own_fields_of(kinds: Mapping[str, Kind]) -> tuple[OwnField, ...]:
    """Return the own fields that these kinds have."""
    return tuple(field for kind in kinds.values() for field in kind.own_fields)


def children_of(key: str) -> list[Kind]:
    """Return the kinds whose records are deleted and restored along with the record of this kind they belong to."""
    return [kind for kind in KINDS.values() if kind.parent and kind.link_to(key) is kind.parent]


@cache
def linking_to(key: str) -> tuple[Kind, ...]:
    """Return the kinds whose records can name one of this kind."""
    return tuple(kind for kind in KINDS.values() if kind.link_to(key))
