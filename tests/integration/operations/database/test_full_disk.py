"""A disk with no room left: what was acknowledged is kept, and everything goes on once there is room."""

import contextlib
import io
import os
import re
import subprocess
import time
from pathlib import Path

import psycopg
import pytest
import requests

from tests.conftest import libpq
from tests.support.people import Person
from tests.support.servers.served import Crowd, Served, Writer, until
from tmr.operations.database.embedded import EmbeddedServer

LONGEST_SECONDS = 10
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 8_000

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can mount a small disk")


@pytest.fixture
def disk(tmp_path):
    """A file system of 300 MB."""
    folder = tmp_path / "disk"
    folder.mkdir(mode=0o755)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300m,mode=755", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Leave no room at all."""
    with (folder / "filler").open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1_000_000))
    with (folder / "filler").open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(512))


class Uploader:
    """A person who adds documents, and knows which were acknowledged."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.acknowledged: set[str] = set()
        self.statuses: set[int] = set()
        self.number = 0
        self.slowest = 0.0
        self._token = person.token("/documents")

    def upload(self) -> None:
        self.number += 1
        name, began = f"Letter {self.number}", time.monotonic()
        fields = {"csrf_token": self._token, "name": name, "file": (io.BytesIO(PDF), "letter.pdf")}
        with contextlib.suppress(requests.RequestException):
            answer = self.person.client.post("/documents", data=fields)
            self.statuses.add(answer.status_code)
            if answer.status_code == 303:
                self.acknowledged.add(name)
        self.slowest = max(self.slowest, time.monotonic() - began)
        time.sleep(0.05)

    def stored(self) -> dict[str, bytes]:
        listed = self.person.get("/documents?per_page=100").text
        names = {
            document_id: self.person.get(f"/documents/{document_id}?edit=all").text
            for document_id in re.findall(r'data-id="([0-9a-f-]{36})"', listed)
        }
        ids = {
            re.search(r'name="name"[^>]*value="([^"]+)"', page)[1]: document_id for document_id, page in names.items()
        }
        return {name: self.person.get(f"/documents/{document_id}/file").content for name, document_id in ids.items()}


def has_died(served: Served) -> bool:
    """Whether PostgreSQL is down: it ends itself when its log has no room for one more segment."""
    with contextlib.suppress(psycopg.Error), psycopg.connect(libpq(EmbeddedServer(served.folder).admin_url)) as admin:
        admin.execute("SELECT pg_switch_wal()")
        admin.execute("CREATE TABLE some_more ()")
    return requests.get(served.url + "/readyz", timeout=LONGEST_SECONDS).status_code == 503


@pytest.mark.parametrize("takes_down", [False, True], ids=["database refuses", "database ends itself"])
def test_p14_a_full_disk_loses_nothing_acknowledged_and_all_goes_on_once_there_is_room(disk: Path, takes_down) -> None:
    with Served(disk / "var", "--workers", "1") as served:
        ada = Person(served, "ada@example.org").sign_up()
        writers, uploader = Writer.several(ada, 2), Uploader(ada)
        with Crowd(uploader.upload, *(writer.try_to_write for writer in writers)) as crowd:
            until(lambda: len(uploader.acknowledged) > 3, 120, served.log)
            Writer.all_go_on(writers)
            fill(disk)
            until(lambda: 503 in uploader.statuses, 120, served.log)
            if takes_down:
                until(lambda: has_died(served), 120, served.log)
                assert ada.get("/applications").status_code == 503
            (disk / "filler").unlink()
            uploaded = len(uploader.acknowledged)
            seconds = Writer.all_go_on(writers, 120, served.log)
            until(lambda: len(uploader.acknowledged) > uploaded, 120, served.log)
        stored = uploader.stored()

        assert crowd.errors == []
        assert all(writer.is_kept() for writer in writers)
        assert uploader.acknowledged <= set(stored)
        assert set(stored.values()) == {PDF}
        assert uploader.statuses == {303, 503}, served.log.read_text()[-5_000:]
        assert {status for writer in writers for status in writer.statuses} <= {303, 409, 503}
        slowest = max(uploader.slowest, *(writer.slowest for writer in writers))
        assert slowest < LONGEST_SECONDS
        print(
            f"\nfull disk: slowest answer {slowest:.1f} s, everybody writes again {seconds:.1f} s after there is room"
        )
