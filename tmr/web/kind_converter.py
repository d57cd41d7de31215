"""The first part of a record's address: the plural of its kind."""

from werkzeug.routing import BaseConverter, ValidationError

from tmr.domain.fields.kind import Kind
from tmr.domain.kinds import KINDS


class KindConverter(BaseConverter):
    """Turns ``applications`` into its kind; an unknown word is no route."""

    def to_python(self, value: str) -> Kind:
        """Return the kind, or refuse."""
        if value not in KINDS:
            raise ValidationError
        return KINDS[value]

    def to_url(self, value: Kind) -> str:
        """Return the plural."""
        return value.plural
