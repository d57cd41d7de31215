"""Reads XML as a stream of events: no tree is kept, and no entity is ever declared."""

from collections.abc import Callable
from xml.parsers import expat


class Handler:
    """Takes what an XML document holds, in its order. Names of elements come without their namespace prefix."""

    def start(self, name: str, attributes: dict[str, str], /) -> None:
        """Take the beginning of an element."""

    def end(self, name: str, /) -> None:
        """Take the end of an element."""

    def text(self, piece: str, /) -> None:
        """Take some of the text in an element; a long text comes in several pieces."""


def read_xml(content: bytes, handler: Handler) -> None:
    """Hand the whole of an XML document to ``handler``.

    Raises:
        ExpatError: it is not well-formed.
        ValueError: it declares a document type, which no part of a workbook does, and entity bombs need.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 64 * 1024
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = _without_prefix(handler.start)
    parser.EndElementHandler = lambda name: handler.end(name.rpartition(":")[2])
    parser.CharacterDataHandler = handler.text
    parser.Parse(content, True)


def _without_prefix(start: Callable[[str, dict[str, str]], None]) -> Callable[[str, dict[str, str]], None]:
    return lambda name, attributes: start(name.rpartition(":")[2], attributes)


def _refuse(*_: object) -> None:
    raise ValueError("a document type")
