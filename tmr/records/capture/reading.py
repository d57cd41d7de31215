"""What a person brings, read in the process apart, without a connection of the database."""

from flask import request

from tmr.domain.capture.reader import Captured
from tmr.domain.importing.errors import FileRefusedError
from tmr.records.imports.apart.reader import ReadingFailedError, capture_apart
from tmr.web.display.zone import current_zone
from tmr.web.services import now
from tmr.web.session.current import unit_of_work, without_connection
from tmr.web.session.reading import reading_turn
from tmr.web.session.throttling import CAPTURE_BY_ACCOUNT, count

NOTHING = "Paste a link, a posting or an email first, or choose a saved email."
UNREADABLE = "This could not be read. Nothing was changed. Paste the part about the job as plain text."
LONGEST_URL = 2_000


def read_brought() -> Captured:
    """Read what this request brings: a file, else pasted text, else a link.

    Raises:
        FileRefusedError: there is nothing, it takes more time or memory than it may, or it met a fault of ours.
    """
    url, content = request.form.get("url", "").strip()[:LONGEST_URL], _content()
    if not content and not url:
        raise FileRefusedError(NOTHING)
    owner, zone = unit_of_work().owner, current_zone()
    count(CAPTURE_BY_ACCOUNT, str(owner))

    def outcome() -> Captured | FileRefusedError:
        try:
            return capture_apart(content or url.encode(), url, now().astimezone(zone), zone.key)
        except FileRefusedError as error:  # returned, so that the page that says so has a unit of work again
            return error
        except ReadingFailedError:  # in the log already
            return FileRefusedError(UNREADABLE)

    with reading_turn(owner):
        result = without_connection(outcome)
    if isinstance(result, FileRefusedError):
        raise result
    return result


def _content() -> bytes:
    sent = request.files.get("file")
    if sent and sent.filename:
        return sent.stream.read()
    return request.form.get("pasted", "").replace("\0", "").strip().encode(errors="replace")
