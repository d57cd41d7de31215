"""Where an upload waits until it is stored: small ones in memory, larger ones in a nameless file, sealed."""

import io
import tempfile
from typing import IO

from tmr.crypto.aead import Cipher, random_key

PIECE_BYTES = 64 * 1024


class SealedUpload(io.RawIOBase):
    """A file to write once from start to end and then read, under a key that lives as long as this object.

    What does not fit into one piece goes to a temporary file of the system, never in the clear.
    """

    def __init__(self) -> None:
        super().__init__()
        self._cipher = Cipher(random_key())
        self._lengths: list[int] = []
        self._file: IO[bytes] | None = None
        self._waiting = bytearray()
        self._size = 0
        self._position = 0

    def writable(self) -> bool:
        """Return True: this takes writes."""
        return True

    def readable(self) -> bool:
        """Return True: this can be read."""
        return True

    def seekable(self) -> bool:
        """Return True: a reader may seek."""
        return True

    def write(self, piece: object) -> int:
        """Append a piece."""
        content = bytes(piece)  # type: ignore[call-overload]
        self._waiting += content
        self._size += len(content)
        self._position = self._size
        while len(self._waiting) > PIECE_BYTES:
            self._put(bytes(self._waiting[:PIECE_BYTES]))
            del self._waiting[:PIECE_BYTES]
        return len(content)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position, as in ``io``, and return it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def tell(self) -> int:
        """Return the position, in bytes from the start."""
        return self._position

    def readinto(self, buffer: object) -> int:
        """Read at most one piece from the current position."""
        number, within = divmod(self._position, PIECE_BYTES)
        view = memoryview(buffer)  # type: ignore[arg-type]
        piece = self._piece(number)[within : within + len(view)]
        view[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def close(self) -> None:
        """Drop the content and its key."""
        if self._file:
            self._file.close()
        self._waiting.clear()
        super().close()

    def _piece(self, number: int) -> bytes:
        if number >= len(self._lengths) or self._file is None:
            return bytes(self._waiting) if number == len(self._lengths) else b""
        self._file.seek(sum(self._lengths[:number]))
        return self._cipher.unseal(self._file.read(self._lengths[number]), number.to_bytes(8, "big"))

    def _put(self, piece: bytes) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with this object
        sealed = self._cipher.seal(piece, len(self._lengths).to_bytes(8, "big"))
        self._file.seek(0, io.SEEK_END)
        self._file.write(sealed)
        self._lengths.append(len(sealed))
