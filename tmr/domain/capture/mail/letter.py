"""The letter in a mail: what its sender has written, without quotes, and out of what it was forwarded in."""

import datetime as dt
import re
from email.utils import parseaddr, parsedate_to_datetime

import msgspec

from tmr.domain.capture.mail.parts import Part, RawMail, read_parts
from tmr.domain.capture.page.markup import read_page
from tmr.domain.importing.readers.dates import DAY_FIRST, read_dated

MOST_CHARS = 60_000
_MAIL = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]{1,60}+:[^\n]{0,2000}+\n(?:[ \t][^\n]{0,2000}+\n){0,200}+){2,}", re.DOTALL)
_SIGNS_OF_MAIL = re.compile(
    rb"^(?:received|return-path|message-id|mime-version|content-type|delivered-to|x-[\w-]+|dkim-signature):",
    re.I | re.M,
)
_FORWARD = re.compile(r"^\s*(?:fwd?|wg|tr|rv|i|enc|trans(?:fer)?|weitergeleitet)\s?:", re.IGNORECASE)
_REPLY = re.compile(r"^\s*(?:(?:re|aw|antw|rép?|fwd?|wg|tr|rv|sv|vs|i|enc)\s?(?:\[\d+\])?:\s*)+", re.IGNORECASE)
_FORWARDED = re.compile(
    r"^[\s>*-]*+(?:forwarded message|begin forwarded message|weitergeleitete nachricht"
    r"|anfang der weitergeleiteten"
    r"|message transféré|début du message (?:transféré|réexpédié)|mensaje reenviado|inicio del mensaje reenviado"
    r"|original message follows)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r"^\s*(?:-{2,}\s*(?:original message|ursprüngliche nachricht|message d['’]origine|mensaje original)"
    r"|(?:on|am|le|el)\b.{4,200}\b(?:wrote|schrieb(?:en)?|a écrit|escribió)\b.{0,120}:\s*$)",
    re.IGNORECASE,
)
_HEADER_LINE = re.compile(
    r"^[\s>*]{0,9}\*{0,2}(from|von|de|sent|gesendet|date|datum|envoyé|enviado(?: el)?|fecha|to|an|à|a|para|cc"
    r"|subject|betreff|objet|asunto)"
    r"\s?:\*{0,2}\s*(.*)$",
    re.IGNORECASE,
)
_NAMES = {
    **dict.fromkeys(("from", "von", "de"), "from"),
    **dict.fromkeys(("sent", "gesendet", "date", "datum", "envoyé", "enviado", "enviado el", "fecha"), "date"),
    **dict.fromkeys(("subject", "betreff", "objet", "asunto"), "subject"),
}
_FEWEST_HEADERS = 3
_MOST_FORWARDS = 3  # of a mail that was forwarded again
# A cell of a table, or a line, that says what the next one is.
LABEL_ALONE = re.compile(
    r"\W{0,4}(?:date|day|time|when|where|location|place|address|venue|duration|length|format|link|position|role"
    r"|job(?: title)?"
    r"|company|employer|interviewers?|datum|tag|uhrzeit|zeit|wann|wo|ort|adresse|treffpunkt|dauer|stelle|unternehmen"
    r"|firma"
    r"|heure|horaire|quand|où|lieu|adresse|durée|lien|poste|entreprise|fecha|día|hora|cuándo|dónde|lugar|dirección"
    r"|duración"
    r"|enlace|puesto|empresa|date (?:and|&) time|datum und uhrzeit|date et heure|fecha y hora|event type"
    r"|event date/time|invitee|anschrift|ubicación|sede)\s?(?P<mark>:?)\W{0,3}",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"[^\W\d][^:\n]{1,30}:\s")
_LONGEST_CELL = 120
_MOST_LINKS = 100
_SIGNATURE = re.compile(r"^--\s?$")
_NESTING, _MOST_NESTED = "(<[:", 20  # of an address


class Letter(msgspec.Struct, frozen=True):
    """What a mail says: who wrote it and when, its paragraphs, and the calendars in it."""

    name: str
    address: str
    subject: str
    sent: dt.datetime | None
    lines: list[str]
    calendars: list[str] = []
    is_bulk: bool = False
    recipient: str = ""
    links: list[str] = []  # behind words of a page, which its lines do not show

    @property
    def text(self) -> str:
        """The whole letter, lines that belong together in one."""
        return "\n".join(self.lines)


def is_mail(content: bytes) -> bool:
    """Whether this is a saved mail, or text that begins with a mail's headers or with those of a forwarded one."""
    bare = content.lstrip(b"\xef\xbb\xbf\r\n\t ")[:20_000]
    if _MAIL.match(bare) and _SIGNS_OF_MAIL.search(bare):
        return True
    lines = bare.decode("utf-8", "replace").splitlines()[:80]
    return _header_block(lines[:8], 0) is not None or any(_FORWARDED.match(line) for line in lines)


def read_letter(content: bytes) -> Letter:
    """Return the letter in a saved mail, or in text that was copied from one."""
    content = content.lstrip(b"\xef\xbb\xbf\r\n\t ")
    head = content[:20_000]
    if _MAIL.match(head) and _SIGNS_OF_MAIL.search(head):
        return _letter_of(read_parts(content))
    text = content[: MOST_CHARS * 4].decode("utf-8", "replace").replace("\0", "")
    lines = (
        read_page(text).lines if re.match(r"\s*<(?:!doctype|html|body|div|table)\b", text, re.I) else text.splitlines()
    )
    return _unwrapped(Letter("", "", "", None, lines[:4_000]), is_forward=True)


def _letter_of(mail: RawMail) -> Letter:
    subject = mail.headers.get("subject", "")
    lines, links = _lines_of(mail.parts)
    if mail.inner and (_FORWARD.match(subject) or sum(map(len, lines)) < 400):
        return _letter_of(mail.inner[0])
    name, address = _sender(mail.headers.get("from", ""))
    letter = Letter(
        name,
        address,
        subject,
        _date(mail.headers.get("date", "")),
        lines,
        [part.text for part in mail.parts if part.kind == "text/calendar"][:5],
        "list-unsubscribe" in mail.headers or mail.headers.get("precedence", "").lower() in ("bulk", "list"),
        _sender(mail.headers.get("to", ""))[0],
        links,
    )
    return _unwrapped(letter, is_forward=bool(_FORWARD.match(subject)))


def _lines_of(parts: list[Part]) -> tuple[list[str], list[str]]:
    """Return the lines of the plain part, or of the HTML where there is none that says anything, and its links."""
    plain = "\n".join(part.text for part in parts if part.kind == "text/plain")[: MOST_CHARS * 4]
    if len(plain.strip()) >= 20:
        return plain.splitlines(), []
    for part in parts:
        if part.kind == "text/html":
            page = read_page(part.text)
            return page.lines, page.links[:_MOST_LINKS]
    return plain.splitlines(), []


def _unwrapped(letter: Letter, *, is_forward: bool, depth: int = 0) -> Letter:
    """Return the letter that was forwarded or pasted with its headers, or else this one without what it quotes."""
    lines = letter.lines
    marker = next((at for at, line in enumerate(lines[:200]) if _FORWARDED.match(line)), None)
    start = marker + 1 if marker is not None else 0
    block = _header_block(lines, start) if marker is not None or is_forward else None
    if block is None:
        return msgspec.structs.replace(letter, subject=_REPLY.sub("", letter.subject), lines=_own_lines(lines))
    headers, end = block
    body = lines[end:]
    if marker is not None and body and all(line.startswith(">") for line in body if line.strip()):
        body = [line.removeprefix(">").removeprefix(" ") for line in body]
    name, address = _sender(headers.get("from", ""))
    inner = msgspec.structs.replace(
        letter,
        name=name,
        address=address,
        subject=_REPLY.sub("", headers.get("subject", "") or letter.subject),
        sent=_date(headers.get("date", "")) or letter.sent,
        lines=body,
    )
    if depth < _MOST_FORWARDS and any(_FORWARDED.match(line) for line in body[:10]):
        return _unwrapped(inner, is_forward=True, depth=depth + 1)
    return msgspec.structs.replace(inner, lines=_own_lines(body))


def _header_block(lines: list[str], start: int) -> tuple[dict[str, str], int] | None:
    """Return the first block of headers within a text, and the line behind it."""
    for at in range(start, min(start + 60, len(lines))):
        if not _HEADER_LINE.match(lines[at]):
            continue
        headers: dict[str, str] = {}
        count, end = 0, at
        while end < len(lines) and (match := _HEADER_LINE.match(lines[end])):
            name = _NAMES.get(match[1].lower())
            if name:
                headers.setdefault(name, match[2].strip()[:500])
            count, end = count + 1, end + 1
            if (
                end < len(lines)
                and lines[end][:1] in " \t"
                and lines[end].strip()
                and not _HEADER_LINE.match(lines[end])
            ):
                end += 1
        if count >= _FEWEST_HEADERS and "from" in headers:
            return headers, end
    return None


def _own_lines(lines: list[str]) -> list[str]:
    """Return the paragraphs of a letter, each as one line, up to what it quotes."""
    kept: list[str] = []
    for at, line in enumerate(lines[:4_000]):
        is_quote = _QUOTED.match(line) or _QUOTED.match(f"{line} {lines[at + 1]}" if at + 1 < len(lines) else line)
        if is_quote or (at and _begins_quoted_headers(lines, at)):
            break
        if line.startswith(">") or _SIGNATURE.match(line):
            continue
        kept.append(" ".join(line.split()))
    return _joined(kept)


def _begins_quoted_headers(lines: list[str], at: int) -> bool:
    if not re.match(r"[\s*]*(?:from|von|de)\s?:", lines[at], re.IGNORECASE):
        return False
    block = _header_block(lines[at : at + 6], 0)
    return block is not None


def _joined(lines: list[str]) -> list[str]:
    """Return lines with those joined that belong together: a label and what it says, and what a program broke."""
    paragraphs: list[str] = []
    goes_on, size = False, 0
    for line in lines:
        if not line:
            goes_on = False
            continue
        label = LABEL_ALONE.fullmatch(paragraphs[-1]) if paragraphs else None
        is_told = bool(label and not LABEL_ALONE.fullmatch(line))
        if label and is_told and not label["mark"]:
            is_told = _is_cell(line, paragraphs)
            paragraphs[-1] += ":" if is_told else ""
        if is_told or (goes_on and not re.match(r"[-*•–]\s", line)):
            paragraphs[-1] += f" {line}"
        else:
            paragraphs.append(line)
        goes_on = not is_told and 55 <= len(line) <= 100 and not line.endswith((".", ":", "!", "?"))
        size += len(line)
        if size > MOST_CHARS:
            break
    return [paragraph[:8_000] for paragraph in paragraphs]


def _is_cell(line: str, above: list[str]) -> bool:
    """Whether a line is the cell beside a label without a colon, which no other label stands above."""
    is_in_head = len(above) > 1 and LABEL_ALONE.fullmatch(above[-2])
    return not is_in_head and len(line) <= _LONGEST_CELL and not _LABELLED.match(line)


def _sender(text: str) -> tuple[str, str]:
    """Return name and address of a sender; both may be empty."""
    is_plain = sum(map(text[:500].count, _NESTING)) <= _MOST_NESTED  # parseaddr calls itself for each
    name, address = parseaddr(text.replace("mailto:", "")[:500]) if is_plain else ("", "")
    if "@" not in address:
        match = re.search(r"[^\s<>\[\]()\"']{1,100}@[^\s<>\[\]()\"']{1,200}", text[:500])
        address = match[0] if match else ""
        name = re.split(r"[<\[(]", text)[0].strip(" \"'") if text else ""
    return " ".join(name.split()).strip("\"' "), address.lower()


def _date(text: str) -> dt.datetime | None:
    """Return when a mail was sent, as its header says it; without a zone where none is named."""
    try:
        found = parsedate_to_datetime(text[:200])
    except (ValueError, TypeError, IndexError, OverflowError):
        dated = read_dated(text[:80], DAY_FIRST) if text else None
        if dated is None:
            return None
        found = dt.datetime.combine(dated[0], dt.time(12))
    return found if 1990 <= found.year <= 2100 else None
