"""What a form shows of a value, and what a person meant by what they typed into it."""

from tmr.domain.fields.type import Field, Wire
from tmr.domain.locales.typed_dates import Typing
from tmr.web.display.locales import current_locale
from tmr.web.display.zone import current_zone
from tmr.web.services import now


def current_typing() -> Typing:
    """Return who types and when: the person who is signed in, now in their zone."""
    return Typing(current_locale(), now().astimezone(current_zone()))


def typed(value: Wire, field: Field) -> str:
    """Return the text of a stored value in a form, as this person writes it."""
    return field.type.typed(value, current_locale(), current_zone())


def meant(text: str, field: Field) -> str:
    """Return what this person meant by ``text``, as the field's type parses it."""
    return field.type.read(text, current_typing())
