"""Turns the first part of a record's address, the plural of its kind, into the kind."""

from werkzeug.routing import BaseConverter, ValidationError

from tmr.domain.fields.kind import Kind
from tmr.domain.kinds import KINDS


class KindConverter(BaseConverter):
    """Turns ``applications`` into its kind; any other word leads to no route."""

    def to_python(self, value: str) -> Kind:
        """Return the kind that is called ``value``, or raise ``ValidationError``, so that the route does not match."""
        if value not in KINDS:
            raise ValidationError
        return KINDS[value]

    def to_url(self, value: Kind) -> str:
        """Return what stands for the kind in an address."""
        return value.plural
