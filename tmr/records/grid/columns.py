"""Which columns a list has, in what order: as a person set them for this width of the screen, or as a view has them."""

from collections.abc import Mapping
from typing import TypeVar

from tmr.domain.columns.order import in_order, lead_first
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field
from tmr.domain.kinds.application import APPLICATION
from tmr.repository.accounts.accounts import Preferences
from tmr.repository.records.saved_views import KeptView

T = TypeVar("T")

# What a screen shows that nobody has set anything for: what was set without a script, then for the screen most like it.
_ALIKE = {
    "": ("", "medium", "wide", "narrow"),
    "narrow": ("narrow", "", "medium", "wide"),
    "medium": ("medium", "", "wide", "narrow"),
    "wide": ("wide", "", "medium", "narrow"),
}


def columns_of(
    kind: Kind, preferences: Preferences, screen: str = "", saved: KeptView | None = None
) -> tuple[Field, ...]:
    """Return the columns that this person sees on a screen, or those of a saved view, in their order."""
    if saved and saved.view.columns:
        return in_order(kind, saved.view.columns)
    kept = dict(preferences.views)
    if kind.key == APPLICATION.key and preferences.columns is not None:
        kept.setdefault(kind.plural, preferences.columns)
    names = kept_for(kept, kind, screen)
    return lead_first(kind, kind.shown) if names is None else in_order(kind, names)


def kept_for(kept: Mapping[str, T], kind: Kind, screen: str) -> T | None:
    """Return what is kept for a list on this screen, or else on the one most like it; None where nothing is."""
    keys = (key_of(kind, other) for other in _ALIKE[screen])
    return next((kept[key] for key in keys if key in kept), None)


def key_of(kind: Kind, screen: str) -> str:
    """Return the name under which something is kept for a list on a screen."""
    return f"{kind.plural} {screen}".strip()


def has_chosen_for_phone(kind: Kind, preferences: Preferences, screen: str) -> bool:
    """Whether this is a narrow screen, and its columns were chosen on one: its cards then show own fields too."""
    return screen == "narrow" and key_of(kind, screen) in preferences.views


def widths_of(kind: Kind, preferences: Preferences, screen: str) -> dict[str, int]:
    """Return how wide a person made the columns of a list on a screen, in pixels; nothing where they fit themselves."""
    return kept_for(preferences.widths, kind, screen) or {}
