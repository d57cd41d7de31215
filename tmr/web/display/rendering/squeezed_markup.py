"""Removes the line breaks from templates that are only there for people who read the template.

Templates have one element a line and break long tags at their attributes. Between words and elements a line break is a
space, as everywhere in HTML. After an opening tag, and before a closing tag, a comma or a full stop, it is nothing.
"""

import re

from jinja2 import Environment
from jinja2.ext import Extension

_JINJA = re.compile(r"(\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\})", re.DOTALL)
_WORD = re.compile(r"</?[a-zA-Z][\w-]*|<!|[\"'>]|\s*\n\s*|[^<>\"'\n]+?(?=\s*\n)|[^<>\"'\n]+|.", re.DOTALL)
_VOID = {"br", "hr", "img", "input", "link", "meta", "path", "rect"}
_CLOSING = ",.;:!?)"  # no space is wanted before these, though a line may begin with one
_KEPT_AS_WRITTEN = {"pre", "textarea"}


class SqueezedMarkup(Extension):
    """Squeezes each template once, as Jinja loads it."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """Return the source as ``squeezed`` does; Jinja calls this before it compiles a template."""
        return squeezed(source)


def squeezed(source: str) -> str:
    """Return a template's source without the white space that makes no difference to the page."""
    squeezing = _Squeezing()
    for number, piece in enumerate(_JINJA.split(source)):
        if number % 2:
            squeezing.keep(piece)
        else:
            for word in _WORD.findall(piece):
                squeezing.add(word)
    return "".join(squeezing.out)


class _Squeezing:
    """The output so far, and where it ends: in a tag, in a quoted value, after an opening tag, in ``<pre>``."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self._tag = self._quote = self._kept = ""
        self._is_behind_opening_tag = False

    def keep(self, piece: str) -> None:
        """Add a piece as it is: a Jinja expression, or a word that needs no change."""
        self.out.append(piece)
        self._is_behind_opening_tag = False

    def add(self, word: str) -> None:
        """Add the next word of markup, or what is left of it."""
        if self._quote:
            self._quote = "" if word == self._quote else self._quote
        elif self._tag and word in ('"', "'"):
            self._quote = word
        elif self._tag and word == ">":
            return self._close_tag()
        elif not self._tag and word.startswith("<") and len(word) > 1:
            self._open_tag(word[1:].lower())
        elif _is_break(word) and not self._kept:
            word = " " if self._tag else ("" if self._is_behind_opening_tag else "\n ")
        elif word[0] in _CLOSING and not (self._tag or self._kept):
            self._drop_break()
        return self.keep(word)

    def _drop_break(self) -> None:
        """Remove the last break, if only Jinja statements have followed it."""
        place = len(self.out) - 1
        while place >= 0 and self.out[place].startswith("{%"):
            place -= 1
        if place >= 0 and _is_break(self.out[place]):
            self.out[place] = ""

    def _open_tag(self, tag: str) -> None:
        self._tag = tag
        if tag.startswith("/") and not self._kept and self.out and _is_break(self.out[-1]):
            self.out.pop()

    def _close_tag(self) -> None:
        self._kept = self._tag if self._tag in _KEPT_AS_WRITTEN else ""
        is_opening = not self._tag.startswith(("/", "!")) and self._tag not in _VOID and not self.out[-1].endswith("/")
        self.out.append(">")
        self._is_behind_opening_tag = is_opening and not self._kept
        self._tag = ""


def _is_break(text: str) -> bool:
    return text.isspace() and "\n" in text
