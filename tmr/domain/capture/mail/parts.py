"""The parts of a saved mail, within strict bounds: headers by the standard library, parts split here.

``email.parser`` follows parts within parts without end; here a mail has at most so many parts so deep, and what is
beyond is left out.
"""

import binascii
import quopri
import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import HeaderParser

import msgspec

MOST_BYTES = 5_000_000  # of a mail; what follows is left out
MOST_TEXT = 200_000  # bytes of one part of text after decoding
_MOST_PARTS = 60
_DEEPEST = 8
_MOST_HEADERS = 64_000  # bytes of those of a mail
_MOST_OF_PART = 8_000
_LONGEST_HEADER = 2_000
_LONGEST_CONTENT = 1_000  # of a header with parameters: the time to read them grows with the square of its length
_LONGEST_NAME = 600  # of a file, as it is written
_BLANK_LINE = re.compile(rb"\r?\n[ \t]{0,99}\r?\n")
_STRAY = re.compile("[\udc80-\udcff]+")  # bytes that are no UTF-8
# What mail programs write. A codec of Python's by any other name may take long, or make what is no text.
_CHARSETS = {
    re.sub("[^a-z0-9]", "", name): name
    for name in (
        *("utf-8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "koi8-r", "koi8-u", "gb2312", "gbk", "gb18030"),
        *("big5", "big5-hkscs", "shift_jis", "iso-2022-jp", "euc-jp", "euc-kr", "iso-2022-kr", "tis-620", "hz-gb-2312"),
        *(f"iso-8859-{part}" for part in (*range(1, 12), *range(13, 17))),
        *(f"{prefix}{page}" for prefix in ("windows-", "cp") for page in range(1250, 1259)),
        *("cp437", "cp850", "cp866", "cp874", "cp932", "cp936", "cp949", "cp950", "macintosh", "mac-roman"),
    )
} | {"utf8": "utf-8", "ascii": "us-ascii", "latin1": "latin-1", "ksc56011987": "cp949", "windows874": "cp874"}


class Part(msgspec.Struct, frozen=True):
    """A part of a mail that may be read: its type, its file name, and its decoded text."""

    kind: str
    name: str
    text: str


class RawMail(msgspec.Struct, frozen=True):
    """A mail as it was saved: some headers by their lower-case names, and its parts in their order."""

    headers: dict[str, str]
    parts: list[Part]
    inner: "list[RawMail]" = []  # mails that are attached to it


_READ = ("text/plain", "text/html", "text/calendar", "application/ics")
_KEPT = (
    *("from", "to", "subject", "date", "sender", "reply-to", "list-unsubscribe", "list-id", "precedence"),
    *("auto-submitted", "content-language"),
)
_CONTENT = ("content-type", "content-disposition", "content-transfer-encoding")
_USED = frozenset((*_KEPT, *_CONTENT))


def read_parts(content: bytes) -> RawMail:
    """Return the headers and the readable parts of a saved mail."""
    return _Walker().mail(content[:MOST_BYTES], 0)


class _Walker:
    def __init__(self) -> None:
        self._left = _MOST_PARTS

    def mail(self, content: bytes, depth: int) -> RawMail:
        head, body = _split(content, _MOST_HEADERS)
        read = RawMail({name: _header(head.get(name, "")) for name in _KEPT if name in head}, [], [])
        self._part(head, body, depth, read)
        return read

    def _part(self, head: Message, body: bytes, depth: int, mail: RawMail) -> None:
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST:
            return
        kind, name = head.get_content_type(), _header(str(head.get_filename("") or "")[:_LONGEST_NAME])[:200]
        if kind.startswith("multipart/"):
            for piece in _pieces(body, head.get_boundary("") or ""):
                if self._left <= 0:
                    return
                self._part(*_split(piece), depth + 1, mail)
        elif kind == "message/rfc822":
            mail.inner.append(self.mail(_decoded(head, body), depth + 1))
        elif kind in _READ or name.lower().endswith((".ics", ".eml")):
            content = _decoded(head, body)
            if name.lower().endswith(".eml"):
                mail.inner.append(self.mail(content, depth + 1))
            elif kind != "text/plain" or head.get_content_disposition() != "attachment":
                is_calendar = name.lower().endswith(".ics") or kind == "application/ics"
                text = decode(content[:MOST_TEXT], _charset(head))
                mail.parts.append(Part("text/calendar" if is_calendar else kind, name, text))


def _split(content: bytes, most: int = _MOST_OF_PART) -> tuple[Message, bytes]:
    """Return the headers of a mail or a part, and what follows them."""
    if content[:1] in (b"\n", b"\r"):
        return Message(), content
    match = _BLANK_LINE.search(content)
    head, body = (content[: match.start()], content[match.end() :]) if match else (content, b"")
    parsed = HeaderParser().parsestr(_header_text(head[:most]))
    short = Message()
    for name, value in parsed.raw_items():
        if name.lower() in _USED and name not in short:
            short[name] = value[: _LONGEST_CONTENT if name.lower() in _CONTENT else _LONGEST_HEADER]
    return short, body


def _header_text(head: bytes) -> str:
    """Return headers as text: bytes that are no UTF-8 are letters as most mail programs wrote them."""
    text = head.decode("utf-8", "surrogateescape")
    return _STRAY.sub(lambda found: found[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace"), text)


def _pieces(body: bytes, boundary: str) -> list[bytes]:
    """Return the parts between the lines of a boundary, without what is before the first and behind the last."""
    if not boundary:
        return []
    mark = b"--" + boundary[:200].encode("utf-8", "replace")
    found = (b"\n" + body).split(b"\n" + mark, _MOST_PARTS + 2)[1:]
    pieces = []
    for piece in found:
        if piece.startswith(b"--"):
            break
        pieces.append(piece.partition(b"\n")[2].removesuffix(b"\r"))
    return pieces


def _decoded(head: Message, body: bytes) -> bytes:
    encoding = str(head.get("content-transfer-encoding", "")).strip().lower()
    if encoding == "base64":
        bare = re.sub(rb"[^A-Za-z0-9+/]", b"", body[: MOST_BYTES // 2])
        whole, rest = bare[: len(bare) // 4 * 4], bare[len(bare) // 4 * 4 :]
        return binascii.a2b_base64(whole + (rest + b"==")[:4] if len(rest) > 1 else whole)  # one letter is no byte
    return quopri.decodestring(body) if encoding == "quoted-printable" else body


def _charset(head: Message) -> str:
    try:
        return str(head.get_content_charset("") or "")
    except (LookupError, ValueError):
        return ""


def decode(content: bytes, charset: str) -> str:
    """Return bytes as text: in their charset, else as UTF-8, else as most mail programs wrote."""
    known = _CHARSETS.get(re.sub("[^a-z0-9]", "", charset[:40].lower()), "")
    for name in filter(None, (known, "utf-8")):
        try:
            return content.decode(name).replace("\0", "")
        except ValueError:
            continue
    return content.decode("cp1252", "replace").replace("\0", "")


def _header(value: object) -> str:
    """Return a header as one line of text; words in a charset that does not exist are read as UTF-8."""
    text = re.sub(r"\s+", " ", str(value)[:_LONGEST_HEADER])
    try:
        words = decode_header(text)
    except (HeaderParseError, ValueError):
        words = [(text, None)]
    pieces = [
        decode(word, charset or "") if isinstance(word, bytes) else word.replace("\0", "") for word, charset in words
    ]
    return " ".join("".join(pieces).split())
