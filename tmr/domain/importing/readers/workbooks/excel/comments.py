"""What people wrote on the cells of an Excel workbook: comments, also called notes, and threads of them."""

from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.readers.delimited import MAX_CELL_CHARS
from tmr.domain.importing.readers.workbooks.excel.cells import area_of
from tmr.domain.importing.readers.workbooks.excel.values import unescaped
from tmr.domain.importing.readers.workbooks.safe_xml import Handler, read_xml
from tmr.domain.importing.readers.workbooks.sheet import TOO_LARGE_BOOK

THREAD = "[Threaded comment]"  # how a comment begins that only tells older programs of a thread
MAX_COMMENTS = 40_000
_TEXTS = ("t", "text")  # of a comment, and of one in a thread


def comments_of(content: bytes) -> list[tuple[tuple[int, int], str]]:
    """Return the row and the column, from 0, of each cell that has a comment, and the comment.

    Raises:
        ExpatError: it is not well-formed.
        ValueError: it declares entities.
        FileRefusedError: it is too large.
    """
    handler = _Comments()
    read_xml(content, handler)
    return handler.all


class _Comments(Handler):
    """Handles ``comments.xml`` and ``threadedComment.xml``."""

    def __init__(self) -> None:
        self.all: list[tuple[tuple[int, int], str]] = []
        self._place: tuple[int, int] | None = None
        self._pieces: list[str] = []
        self._chars = 0
        self._is_text = False

    def start(self, name: str, attributes: dict[str, str], /) -> None:
        if name in ("comment", "threadedComment"):
            place = area_of(attributes.get("ref", ""))
            self._place = (place.top, place.left) if place else None
            self._pieces, self._chars = [], 0
        elif name in _TEXTS:
            self._is_text = True

    def text(self, piece: str, /) -> None:
        if self._is_text and self._place:
            self._pieces.append(piece)
            self._chars += len(piece)
            if self._chars > MAX_CELL_CHARS:
                raise FileRefusedError(TOO_LARGE_BOOK)

    def end(self, name: str, /) -> None:
        if name in _TEXTS:
            self._is_text = False
        elif name in ("comment", "threadedComment") and self._place:
            self.all.append((self._place, unescaped("".join(self._pieces)).strip()))
            self._place = None
            if len(self.all) > MAX_COMMENTS:
                raise FileRefusedError(TOO_LARGE_BOOK)
