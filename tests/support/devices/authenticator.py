"""An authenticator app as a person has it on a phone."""

import datetime as dt
import re
from collections.abc import Callable

import pyotp

from tests.support.people import Person


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Authenticator:
    """Shows the code of the moment."""

    def __init__(self, secret: str, clock: Callable[[], dt.datetime] = now) -> None:
        self.secret = secret
        self.clock = clock

    @classmethod
    def of(cls, page: str, clock: Callable[[], dt.datetime] = now) -> "Authenticator":
        return cls(re.search(r'<code id="totp-secret">([A-Z2-7]+)</code>', page)[1], clock)

    def code(self, steps: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(self.clock() + dt.timedelta(seconds=30 * steps))


def enrol(person: Person, clock: Callable[[], dt.datetime]) -> tuple[Authenticator, list[str]]:
    """Add an authenticator app through the real form; return it with the recovery codes."""
    app = Authenticator.of(person.get("/settings/security/totp").text, clock)
    answer = person.post("/settings/security/totp", page="/settings/security/totp", code=app.code())
    assert answer.status_code == 200, answer.text
    codes = re.findall(r"<li><code>([^<]+)</code></li>", answer.text)
    return app, codes
