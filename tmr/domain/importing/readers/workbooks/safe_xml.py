"""Reads XML as a stream of events: no tree is kept, and no entity is ever declared."""

from xml.parsers import expat

PIECE_BYTES = 64 * 1024
# The parser keeps elements that are open, names, and a tag that has not ended, and people's workbooks have few of them.
MAX_DEPTH = 200
MAX_NAMES = 5_000
MAX_TAG_BYTES = 1024 * 1024


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
        ValueError: it declares a document type, which no part of a workbook does, and entity bombs need; or it has
            deeper elements, more names or a longer tag than any workbook.
    """
    _Reading(handler).read(content)


class _Reading:
    """One document while it is read, within limits on what the parser keeps of it."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._depth = 0
        self._names: dict[str, str] = {}
        parser = self._parser = expat.ParserCreate(intern=self._names)
        parser.buffer_text = True
        parser.buffer_size = PIECE_BYTES
        parser.StartDoctypeDeclHandler = _refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = handler.text

    def read(self, content: bytes) -> None:
        for at in range(0, len(content), PIECE_BYTES):
            self._parser.Parse(content[at : at + PIECE_BYTES], False)
            if at - self._parser.CurrentByteIndex > MAX_TAG_BYTES:
                raise ValueError("a tag that is too long")
        self._parser.Parse(b"", True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH or len(self._names) > MAX_NAMES:
            raise ValueError("too many elements in each other, or too many names")
        self._handler.start(name.rpartition(":")[2], attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._handler.end(name.rpartition(":")[2])


def _refuse(*_: object) -> None:
    raise ValueError("a document type")
