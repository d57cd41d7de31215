"""A believable job search to try the app with: four months of one person, invented from end to end, always the same.

What it says is in ``demo.toml``, with days counted from the day on which the search ends; here that becomes dates,
descriptions and files.
"""

import datetime as dt
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from tmr.domain.fields.folding import searchable

STAGES = {"s": "saved", "a": "applied", "c": "screening", "i": "interviewing", "o": "offer"}
STAGES |= {"r": "rejected", "w": "withdrawn", "n": "no answer"}
EMPLOYMENT = {"day": "contract", "hour": "part-time"}
SUFFIXES = ("Nord", "Süd", "Digital", "Studio", "Werke", "Group", "Online", "Mobil", "Plus", "Atelier")
CONTENT = Path(__file__).with_name("demo.toml")
Cells = dict[str, str]


class Content(msgspec.Struct, frozen=True):
    """The file of the made-up search: each list holds what a form would, but for days and links."""

    resume: str
    letter: str
    resume_heads: Cells
    applications: list[Cells]
    paragraphs: list[Cells]
    contacts: list[Cells]
    interviews: list[Cells]
    tasks: list[Cells]
    offers: list[Cells]
    documents: list[Cells]
    history: list[Cells]


@dataclass(frozen=True)
class DemoItem:
    """One record as a form would send it; its links name other items by their ``ref``."""

    ref: str
    kind: str
    texts: Cells
    links: dict[str, list[str]]
    created_at: dt.datetime
    file: tuple[str, bytes] | None = None


@dataclass(frozen=True)
class DemoSearch:
    """Every record of the search; a record comes after those that it links to."""

    items: list[DemoItem]

    def of(self, kind: str) -> list[DemoItem]:
        """Return the items of one kind, named in the plural."""
        return [item for item in self.items if item.kind == kind]


def demo_search(today: dt.date, records: int = 60) -> DemoSearch:
    """Return the search that ends on ``today``, with that many applications; never fewer than 60."""
    content, calendar = _content(), _Calendar(today)
    rows = content.applications
    roles = [_varied(rows[n % len(rows)], n // len(rows)) for n in range(max(records, len(rows)))]
    applications = [_application(number, role) for number, role in enumerate(roles)]
    events = [event for number, role in enumerate(roles, start=1) for event in _statuses(f"a{number}", role)]
    events += [event | {"happened_at": event["ago"]} for event in content.history]
    events.sort(key=lambda event: calendar.moment(event["ago"]))
    tables = {
        "applications": applications,
        "contacts": content.contacts,
        "interviews": content.interviews,
        "tasks": content.tasks,
        "offers": content.offers,
        "documents": content.documents,
        "events": events,
    }
    return DemoSearch(
        [_item(calendar, kind, n, cells) for kind, table in tables.items() for n, cells in enumerate(table, start=1)]
    )


@cache
def _content() -> Content:
    return msgspec.toml.decode(CONTENT.read_bytes(), type=Content)


def one_page_pdf(text: str) -> bytes:
    """Return a PDF of one A4 page of ``text`` in Helvetica; a line that begins with ``#`` is a heading."""
    lines = [line for whole in text.strip().splitlines() for line in textwrap.wrap(whole, 92) or [""]]
    drawn = "\n".join(_drawn(lines)).encode("cp1252")
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /{} /Encoding /WinAnsiEncoding >>"
    page = "/MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >>"
    plain = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"]
    plain += [f"<< /Type /Page /Parent 2 0 R {page} >>", font.format("Helvetica"), font.format("Helvetica-Bold")]
    objects = [body.encode("ascii") for body in plain]
    objects.insert(3, b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
    return _assembled(objects)


def _drawn(lines: Sequence[str]) -> Iterator[str]:
    yield "BT\n15 TL\n56 780 Td"
    for line in lines:
        text = re.sub(r"([()\\])", r"\\\1", line.lstrip("# "))
        yield f"{'/F2 12' if line.startswith('#') else '/F1 10'} Tf ({text}) Tj T*"
    yield "ET"


def _assembled(objects: Sequence[bytes]) -> bytes:
    """Number the objects, and end the file with the table of where each begins (ISO 32000-1, 7.5)."""
    pdf, entries = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", [b"0000000000 65535 f \n"]
    for number, body in enumerate(objects, start=1):
        entries.append(b"%010d 00000 n \n" % len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n0 %d\n%s" % (len(entries), b"".join(entries))
    return pdf + table + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(entries), len(pdf))


class _Calendar(NamedTuple):
    today: dt.date

    def read(self, name: str, text: str) -> str:
        """Return what a form would hold in the field of that name for a value of the file."""
        if name == "starts_at":
            day, clock = text.split()
            return f"{self._working(int(day))}T{clock}"
        if name.endswith("_at"):
            return self.moment(text).isoformat().replace("+00:00", "Z")
        if name in ("applied_on", "start_on"):
            return str(self._working(int(text)))
        is_date = name.endswith("_on") and name != "sign_on"
        return str(self.today + dt.timedelta(int(text))) if is_date else text.replace(" / ", "\n")

    def moment(self, ago: str) -> dt.datetime:
        """Return a moment of a past working day, before evening reaches any zone where people are likely to be."""
        days, _, step = ago.partition(".")
        time = dt.time(7 + int(step or 0), (int(days) * 7 + int(step or 0) * 13) % 60, tzinfo=dt.UTC)
        return dt.datetime.combine(self._working(-int(days)), time)

    def _working(self, offset: int) -> dt.date:
        """Return the working day on or before a past day, or the one that many working days ahead."""
        if offset < 0:
            day = self.today + dt.timedelta(offset)
            return day - dt.timedelta(max(0, day.weekday() - 4))
        ahead = (self.today + dt.timedelta(days) for days in range(1, 2 * offset + 3))
        return [day for day in ahead if day.weekday() < 5][offset - 1]


def _item(calendar: _Calendar, kind: str, number: int, cells: Cells) -> DemoItem:
    links = {name: text.split() for name, text in cells.items() if text and re.search("_ids?$", name)}
    plain = {name: text for name, text in cells.items() if text and name not in (*links, "ago", "file")}
    texts = {name: calendar.read(name, text) for name, text in plain.items()}
    return DemoItem(f"{kind[0]}{number}", kind, texts, links, calendar.moment(cells["ago"]), _file(cells.get("file")))


def _file(name: str | None) -> tuple[str, bytes] | None:
    content = _content()
    if name in content.resume_heads:
        return name, one_page_pdf(content.resume.replace("…", content.resume_heads[name]))
    return (name, content.letter.encode()) if name else None


def _varied(role: Cells, turn: int) -> Cells:
    """Return a role of the file for its first turn, and one at a sister company for every later one."""
    if not turn:
        return role
    more, which = divmod(turn - 1, len(SUFFIXES))
    company = f"{role['company']} {SUFFIXES[which]}{f' {more + 1}' if more else ''}"
    steps = " ".join(f"{step[0]}{int(step[1:]) + turn % 4}" for step in role["steps"].split())
    return role | {"company": company, "steps": steps}


def _path(role: Cells) -> list[tuple[str, str]]:
    return [(STAGES[step[0]], f"{step[1:]}.{place}") for place, step in enumerate(role["steps"].split())]


def _application(number: int, role: Cells) -> Cells:
    path = _path(role)
    applied = [f"-{ago.split('.')[0]}" for stage, ago in path if stage == "applied"]
    added = {"status": path[-1][0], "ago": path[0][1], "applied_on": "".join(applied)}
    pay = dict(
        zip(("salary_min", "salary_max", "salary_currency", "salary_period"), role.get("pay", "").split(), strict=False)
    )
    added |= {"employment_type": EMPLOYMENT.get(pay.get("salary_period", ""), "full-time"), **pay}
    host, page = _slug(role["company"], f"company-{number + 1}"), _slug(role["title"], "opening")
    added |= {"url": f"https://{host}.example/jobs/{page}-{4100 + number * 7}"}
    if number % 2 or path[-1][0] in ("interviewing", "offer"):
        added |= {"job_description": _description(number, role)}
    return {name: text for name, text in (role | added).items() if name not in ("pay", "steps")}


def _description(number: int, role: Cells) -> str:
    does = "p" if re.search("plat|infra|reliab", searchable(role["title"])) else "d"
    groups = ["o", does, "w", "l", "s"][: 2 + number // 2 % 4]
    options = [[row["text"] for row in _content().paragraphs if row["part"] == part] for part in groups]
    chosen = [those[(number // 2 + place) % len(those)] for place, those in enumerate(options)]
    return "\n\n".join(chosen).format_map(role)


def _statuses(ref: str, role: Cells) -> Iterator[Cells]:
    before = ""
    for stage, ago in _path(role):
        moved = {"application_id": ref, "type": "status", "from_stage": before, "to_stage": stage}
        yield moved | {"happened_at": ago, "ago": ago}
        before = stage


def _slug(words: str, otherwise: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", searchable(words))) or otherwise
