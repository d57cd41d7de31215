"""Whether pages stay as quick when a search grows: each page of a large one against the same page of a small one."""

import datetime as dt
import statistics
import time
from pathlib import Path
from uuid import UUID, uuid4

from tests.support.factories import values_of
from tmr.config import load_settings
from tmr.domain.kinds import KINDS
from tmr.operations.database.embedded import EmbeddedServer
from tmr.repository.records.records import NewRecord
from tmr.repository.unit_of_work import UnitOfWork
from tmr.wiring.services import build

SMALL = {**dict.fromkeys(KINDS, 25), "offers": 5, "events": 50}
LARGE = {
    "applications": 500,
    "contacts": 300,
    "interviews": 200,
    "tasks": 300,
    "offers": 5,
    "documents": 100,
    "events": 1_000,
}
STAGES = ("saved", "applied", "screening", "interviewing", "rejected", "offer", "no answer", "withdrawn")
PAGES = {
    2: "/today /applications /contacts /interviews /tasks /offers /documents /events /import /settings/pipeline "
    "/offers/compare /applications/APPLICATION /contacts/CONTACT /tasks/TASK /applications?sort=company "
    "/applications?q=zzz /interviews?q=company+7",
    5: "/search?q=engineer /board /calendar /calendar?view=agenda /insights",
}
TIMES = 25
Row = tuple[str, str, str]


def measure_search(folder: Path, people: list) -> list[Row]:
    """Fill two accounts and return each page's median times and their ratio, measured in turn."""
    now = dt.datetime.now(dt.UTC)
    small, large = people
    ids = [fill_account(folder, client, counts, now) for client, counts in ((small, SMALL), (large, LARGE))]
    rows = []
    for aim, paths in PAGES.items():
        for path in paths.split():
            low, high = interleaved((small, large), [named(path, search_ids) for search_ids in ids])
            rows.append((path, f"{low:.1f}, {high:.1f} ms", f"{high / low:.1f} x that of 25 records (aim: {aim})"))
    return rows


def interleaved(clients: tuple, paths: list[str]) -> list[float]:
    taken: list[list[float]] = [[], []]
    for _ in range(TIMES):
        for bucket, client, path in zip(taken, clients, paths, strict=True):
            start = time.perf_counter()
            assert client.request("GET", path)[0] == 200, path
            bucket.append((time.perf_counter() - start) * 1_000)
    return [statistics.median(bucket) for bucket in taken]


def named(path: str, ids: dict[str, list[str]]) -> str:
    for key, record_ids in ids.items():
        path = path.replace(key.upper(), record_ids[3] if len(record_ids) > 3 else "")
    return path


def fill_account(folder: Path, client, counts: dict[str, int], now: dt.datetime) -> dict[str, list[str]]:
    settings, server = load_settings({"TMR_DATA_DIR": str(folder)}), EmbeddedServer(folder)
    server.join()
    owner = UUID(client.cookies["tmr"].partition(".")[0])
    with build(settings, server.app_url).repository.for_owner(owner) as uow:
        ids = fill(uow, counts, now)
        uow.commit()
    server.leave()
    return ids


def fill(uow: UnitOfWork, counts: dict[str, int], now: dt.datetime) -> dict[str, list[str]]:
    """Keep that many records of each kind, linked, a few of them due; return their ids."""
    ids: dict[str, list[str]] = {}
    for plural, kind in KINDS.items():
        new = []
        for n in range(counts[plural]):
            values = {**values_of(kind), **special(plural, n, now)}
            if field := kind.link_to("application"):
                application_id = ids["application"][n % len(ids["application"])]
                values[field.name] = [application_id] if field.type.is_many else application_id
            new.append(NewRecord(values, now, now, uuid4()))
        uow.records.add_many(kind, new)
        ids[kind.key] = [str(record.record_id) for record in new]
    return ids


def special(plural: str, n: int, now: dt.datetime) -> dict[str, object]:
    day = lambda days: (now.date() + dt.timedelta(days=days)).isoformat()  # noqa: E731
    return {
        "applications": {
            "company": f"Company {n}",
            "title": f"Engineer {n % 9}",
            "status": STAGES[n % 8],
            "applied_on": day(-(n % 100)),
            "follow_up_on": day(0 if n < 5 else 100 + n % 200),
            "source": f"Source {n % 5}",
            "notes": f"Talked to person {n}.",
            "job_description": "We look for an engineer who builds. " * 40,
        },
        "contacts": {"name": f"Person {n}", "company": f"Company {n}"},
        "interviews": {"kind": "video", "starts_at": f"{day(1 if n < 5 else 20 + n % 60)}T10:00", "time_zone": "UTC"},
        "tasks": {"title": f"Task {n}", "due_on": day(0 if n < 5 else 10 + n % 50)},
        "offers": {"base": "50000", "currency": "EUR"},
        "documents": {"name": f"Document {n}"},
        "events": {"type": "status", "to_stage": "applied", "happened_at": f"{day(-(n % 100))}T09:00:00Z"},
    }[plural]
