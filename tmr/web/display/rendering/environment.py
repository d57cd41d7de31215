"""The Jinja environment of the app."""

from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment


class TemplateEnvironment(Environment):
    """Gives each template its names in one dictionary, so that importing a macro costs next to nothing.

    At each ``import`` Jinja compares the names of both templates. In its own two dictionaries, one over the other, it
    looks up each name in Python. A page imports dozens of macros, and Today some for each line.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the names a template can use; a name that the environment gets later is not among them."""
        return {**self.globals, **(d or {})}
