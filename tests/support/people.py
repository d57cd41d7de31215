"""A fixed cast: Alice owns, Bob is a stranger. They use the real forms."""

import html
import io
import re
from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse

PASSWORD = "correct horse battery staple"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """A test client that sends the token of the page it is on."""

    def __init__(self, app) -> None:
        self.client = app.test_client()

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.client.get(path, **kwargs)

    def htmx_get(self, path: str) -> TestResponse:
        return self.client.get(path, headers=htmx_headers())

    def token(self, page: str) -> str:
        match = TOKEN.search(self.client.get(page).text)
        assert match, f"{page} has no form"
        return html.unescape(match[1])

    def post(self, path: str, *, page: str = "/login", htmx: bool = False, **fields: Any) -> TestResponse:
        data = {**fields, "csrf_token": self.token(page)}
        return self.client.post(path, data=data, headers=htmx_headers() if htmx else {})


class Person(Browser):
    """A person with an account."""

    def __init__(self, app, email: str) -> None:
        super().__init__(app)
        self.app = app
        self.email = email

    @property
    def owner(self) -> UUID:
        """The id that the session's cookie begins with."""
        return UUID(self.client.get_cookie("tmr").value.partition(".")[0])

    def sign_up(self, password: str = PASSWORD) -> "Person":
        answer = super().post("/signup", page="/signup", email=self.email, password=password)
        assert answer.status_code == 303, answer.text
        return self

    def sign_in(self, password: str = PASSWORD, **fields: Any) -> TestResponse:
        return super().post("/login", page="/login", email=self.email, password=password, **fields)

    def elsewhere(self) -> "Person":
        """The same person in another browser, signed in."""
        return self.elsewhere_with(PASSWORD)

    def elsewhere_with(self, password: str) -> "Person":
        """The same person in another browser, signed in with this password."""
        other = Person(self.app, self.email)
        assert other.sign_in(password).status_code == 303
        return other

    def post(self, path: str, *, page: str = "/import", htmx: bool = False, **fields: Any) -> TestResponse:
        return super().post(path, page=page, htmx=htmx, **fields)

    def add(self, **fields: str) -> str:
        """Add an application through the form; return its id."""
        before = self.ids()
        values = {"company": "Ørsted", "title": "Site reliability engineer", **fields}
        answer = self.post("/applications", **values)
        assert answer.status_code == 303, answer.text
        [new] = self.ids() - before
        return new

    def ids(self) -> set[str]:
        return set(re.findall(r'data-id="([0-9a-f-]{36})"', self.get("/applications?per_page=100").text))

    def version(self, record_id: str) -> str:
        match = re.search(r'name="version" value="(\d+)"', self.get(f"/applications/{record_id}").text)
        assert match
        return match[1]

    def change(self, record_id: str, *, htmx: bool = False, **fields: Any) -> TestResponse:
        fields.setdefault("version", self.version(record_id))
        return self.post(f"/applications/{record_id}", htmx=htmx, **fields)

    def csv(self) -> str:
        answer = self.get("/export/applications.csv")
        if answer.status_code == 303:  # taking it along wants a fresh confirmation
            self.post("/reauthenticate", page="/reauthenticate", password=PASSWORD)
            answer = self.get("/export/applications.csv")
        return answer.text.removeprefix("\ufeff")  # the mark that tells Excel it is UTF-8

    def upload(self, content: bytes, name: str = "list.csv", **fields: str) -> TestResponse:
        return self.post("/import", file=(io.BytesIO(content), name), **fields)

    def bring(self, content: bytes, name: str = "list.csv", **choices: str) -> dict[str, int]:
        """Import a file as proposed, but for ``choices``; return the counts of the result."""
        answer = self.upload(content, name)
        assert answer.status_code == 303, answer.text
        place = answer.headers["Location"]
        answer = self.post(place, **choices)
        assert answer.status_code == 303, answer.text
        return counts(self.get(place).text, "import-result")


def counts(page: str, element: str) -> dict[str, int]:
    """Read the numbers that an element of the import carries."""
    match = re.search(rf'id="{element}"([^>]*)>', page)
    assert match, page
    return {name: int(number) for name, number in re.findall(r'data-(\w+)="(\d+)"', match[1])}


def htmx_headers() -> dict[str, str]:
    return {"HX-Request": "true", "HX-Request-Type": "partial"}
