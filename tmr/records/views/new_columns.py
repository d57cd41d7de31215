"""Shows the column of a new own field where a person chose the columns of a list."""

from collections.abc import Sequence

from tmr.domain.fields.own import OwnField
from tmr.domain.kinds.application import APPLICATION
from tmr.repository.unit_of_work import UnitOfWork


def show_columns(uow: UnitOfWork, fields: Sequence[OwnField]) -> None:
    """Let a person who chose the columns of a list see new ones too, on every width of the screen."""
    preferences = uow.account.preferences()
    chosen = dict(preferences.views)
    if any(field.kind == APPLICATION.plural for field in fields) and preferences.columns is not None:
        chosen.setdefault(APPLICATION.plural, preferences.columns)
    views = {
        key: [*columns, *(field.name for field in fields if field.kind == key.partition(" ")[0])]
        for key, columns in chosen.items()
    }
    if views != preferences.views:
        uow.account.change_preferences(views=views)
