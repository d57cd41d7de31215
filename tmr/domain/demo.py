"""A believable job search to try the app with: four months of one person, invented from end to end, always the same.

The tables below hold days counted from the day on which the search ends: ``-3`` is three days before, ``12.1`` the
second thing that happened twelve days before.
"""

import datetime as dt
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tmr.domain.fields.folding import searchable

STAGES = {"s": "saved", "a": "applied", "c": "screening", "i": "interviewing", "o": "offer"}
STAGES |= {"r": "rejected", "w": "withdrawn", "n": "no answer"}
EMPLOYMENT = {"day": "contract", "hour": "part-time"}
SUFFIXES = ("Nord", "Süd", "Digital", "Studio", "Werke", "Group", "Online", "Mobil", "Plus", "Atelier")
Cells = dict[str, str]


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
    calendar, rows = _Calendar(today), _table(ROLES)
    roles = [_varied(rows[n % len(rows)], n // len(rows)) for n in range(max(records, len(rows)))]
    applications = [_application(number, role) for number, role in enumerate(roles)]
    events = [event for number, role in enumerate(roles, start=1) for event in _statuses(f"a{number}", role)]
    events += [event | {"happened_at": event["ago"]} for event in _table(HISTORY)]
    events.sort(key=lambda event: calendar.moment(event["ago"]))
    tables = {"applications": applications, "contacts": _table(CONTACTS), "interviews": _table(INTERVIEWS)}
    tables |= {"tasks": _table(TASKS), "offers": _table(OFFERS), "documents": _table(DOCUMENTS), "events": events}
    return DemoSearch(
        [_item(calendar, kind, n, cells) for kind, table in tables.items() for n, cells in enumerate(table, start=1)]
    )


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
        """Return what a form would hold in the field of that name for a cell of the tables."""
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
    if name in RESUME_HEADS:
        return name, one_page_pdf(RESUME.replace("…", RESUME_HEADS[name]))
    return (name, LETTER.lstrip().encode()) if name else None


def _varied(role: Cells, turn: int) -> Cells:
    """Return a role of the table for its first turn, and one at a sister company for every later one."""
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
    pay = dict(zip(("salary_min", "salary_max", "salary_currency", "salary_period"), role["pay"].split(), strict=False))
    added |= {"employment_type": EMPLOYMENT.get(pay.get("salary_period", ""), "full-time"), **pay}
    host, page = _slug(role["company"], f"company-{number + 1}"), _slug(role["title"], "opening")
    added |= {"url": f"https://{host}.example/jobs/{page}-{4100 + number * 7}"}
    if number % 2 or path[-1][0] in ("interviewing", "offer"):
        added |= {"job_description": _description(number, role)}
    return {name: text for name, text in (role | added).items() if name not in ("pay", "steps")}


def _description(number: int, role: Cells) -> str:
    does = "p" if re.search("plat|infra|reliab", searchable(role["title"])) else "d"
    groups = ["o", does, "w", "l", "s"][: 2 + number // 2 % 4]
    options = [[row["text"] for row in _table(PARAGRAPHS) if row["part"] == part] for part in groups]
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


def _table(text: str) -> list[Cells]:
    header, *rows = ([cell.strip() for cell in line.split("|")] for line in text.strip().splitlines())
    return [dict(zip(header, row, strict=True)) for row in rows]


# Pay is "from to currency period"; steps are stages by their first letter (c for screening) with the days since.
ROLES = """
company|title|location|work_mode|pay|source|tags|excitement|steps|deadline_on|follow_up_on|closed_reason|notes
Ørsund Energi|Data platform engineer|Copenhagen|hybrid|54000 60000 DKK month|Newsletter|kafka; energy|5|s3|4|||Wind farm data, a small team. Ask whether Berlin with a week a month in Copenhagen is possible.
株式会社ソラガワ|データ基盤エンジニア (Data platform)|Tokyo|on-site|9000000 11000000 JPY year|Recruiter|spark; relocation|3|s15||||They help with the move. Think about it before spring.
Kiezlicht|Senior data engineer|Berlin|hybrid|78000 90000 EUR year|Company site|dbt; airflow|4|s6|2|||Ten minutes by bike. The letter is half written.
Châtaigne & Fils|Ingénieure de données|Lyon|remote|58000 66000 EUR year|Job board|python; french|2|s21||||
Marrowstone Grid|Platform engineer, data|Europe|remote|95000 115000 USD year|LinkedIn|kubernetes; energy|4|s2|7|||
Hvítfoss|Infrastructure engineer|Reykjavík|hybrid||Meetup|terraform|3|s11||||No pay named. Ask first.
Wattlebird Systems|Data engineer|Melbourne|remote|130000 145000 AUD year|LinkedIn|spark; time zones|1|s26||||
Spreefalter|Analytics engineer|Berlin|hybrid|65000 74000 EUR year|Referral|dbt; sql|4|s4|1|1||Jonas knows the team lead from the meetup.
חוף צלול|Data infrastructure engineer|Tel Aviv|hybrid|26000 30000 ILS month|Job board|kafka|2|s30||||
Mbuyu Rail|Data engineer, timetables|Nairobi|remote|60000 70000 USD year|Newsletter|streaming; rail|4|s8|9|||Timetables for six countries. This is what I would read about anyway.
Čebelica Maps|Geodata engineer|Ljubljana|remote|52000 60000 EUR year|Company site|python; geodata|3|s18||||
Fährlicht Logistik|Platform engineer|Hamburg|hybrid|72000 82000 EUR year|LinkedIn|kubernetes; logistics|3|s1||||
Müller & Söhne Frachttechnik|Data engineer, freight|Hamburg|hybrid|68000 76000 EUR year|Company site|airflow; logistics|3|s5 a2||5||
Wawelska Labs|Senior platform engineer|Kraków|remote|24000 29000 PLN month|LinkedIn|kubernetes; go|4|a3||4||Contract through their German company, says the posting.
Grünspecht Wärme|Data engineer|Berlin|hybrid|70000 80000 EUR year|Referral|python; energy|5|s9 a5||2||Fatma works there now and passed my résumé on.
Quillback Health|Data platform engineer|New York|remote|140000 155000 USD year|Recruiter|spark; health|4|a6||1||
Öresjö Mobility|Site reliability engineer|Gothenburg|hybrid|56000 62000 SEK month|Job board|terraform|3|s12 a8||||
Donauwelle Medien|Analytics engineer|Vienna|remote|62000 70000 EUR year|LinkedIn|dbt; media|3|a9||0||
Brackenfold|Data engineer|London|hybrid|70000 82000 GBP year|Company site|aws; sql|4|s14 a11||-1||Two days a month in London.
Garúa Cloud|Ingeniera de plataforma|Madrid|remote|50000 58000 EUR year|Job board|kubernetes; spanish|2|a13||||
Põhjatuul Pay|Data engineer, payments|Tallinn|remote|60000 72000 EUR year|Newsletter|kafka; payments|4|s24 a21||-3||
Tähtivuori|Platform engineer|Helsinki|remote|5200 6000 EUR month|LinkedIn|aws|3|a23||||
Дунав Данни|Senior data engineer|Sofia|remote|7000 9000 BGN month|LinkedIn|spark; scala|3|a25||||
IJsvogelnet|Data reliability engineer|Utrecht|hybrid|66000 75000 EUR year|Meetup|sre; energy|4|s31 a28||-4||Good talk at the meetup in spring; say so when asking again.
Saltmarsh Instruments|Data engineer|Bristol|remote|62000 70000 GBP year|Job board|python; sensors|3|a31||||
Dufourspitze Robotik|Streaming engineer|Zürich|hybrid|118000 132000 CHF year|Recruiter|kafka; robotics|4|s36 a34||3||
नीलगिरि डेटा|Data engineer|Bengaluru|remote|3200000 4000000 INR year|LinkedIn|spark|2|a38||||
Maré Clara Pagamentos|Engenheira de dados|Lisbon|remote|48000 56000 EUR year|Job board|dbt; payments|2|a45||||
Lanternfold Labs|Data platform engineer|New York|remote|150000 170000 USD year|LinkedIn|kubernetes; time zones|4|s14 a12 c4||2||Hours overlap until 20:00 here. Ask how strict that is.
Havelknoten|Senior data engineer|Potsdam|hybrid|76000 86000 EUR year|Referral|airflow; public sector|4|a19 c7||0||
Fjellrev Sjøfart|Data engineer, vessels|Bergen|remote|720000 820000 NOK year|Newsletter|streaming; shipping|5|s30 a27 c9||-2||Ships that report once a minute over a bad line. Lovely problem.
Thistle & Warp|Analytics engineer|Edinburgh|remote|58000 66000 GBP year|Company site|dbt; textiles|3|a33 c17||||
달무리 데이터|Platform engineer|Seoul|remote|82000000 95000000 KRW year|Recruiter|kubernetes; time zones|3|a22 c6||||
Bibliothèque Ouverte|Data engineer, catalogue|Paris|remote|60000 68000 EUR year|Newsletter|python; open data|5|s40 a38 c30 i20||||Everything they build is open. Less pay, four days a week are possible.
Weißdorn Versicherung|Data platform engineer|Munich|hybrid|82000 92000 EUR year|Recruiter|azure; insurance|3|a44 c33 i18||||
Kvistholm Health|Senior data engineer|Stockholm|remote|62000 68000 SEK month|LinkedIn|dbt; health|4|s37 a35 c26 i14||||
Tamarack Freight|Staff data engineer|Toronto|remote|145000 160000 CAD year|Company site|spark; logistics|4|a52 c40 i27||-1||
Karpfen & Sohn Software|Platform engineer|Dresden|remote|70000 80000 EUR year|Meetup|terraform; go|3|s50 a47 c36 i24||1||
Grachtenwerk|Senior data platform engineer|Amsterdam|remote|84000 94000 EUR year|Referral|kafka; kubernetes|5|s75 a73 c62 i50 o4||2||The team I liked best. The offer is in.
Havørn Data|Data engineer|Aarhus|remote|58000 66000 DKK month|LinkedIn|dbt; airflow|4|a68 c55 i41 o2||||Paid by the month and in kroner: compare with care.
Zitronenfalter Robotik|Machine learning platform engineer|Berlin|hybrid|80000 95000 EUR year|LinkedIn|mlops|4|s98 a95 c84 i72 r58|||They wanted more machine learning; friendly words after the technical round.|
Pembrindle|Data engineer|London|hybrid|75000 85000 GBP year|Recruiter|finance|2|a104 r97|||They only take people who live in the UK already.|
Türkuaz Veri|Data engineer|Istanbul|remote||LinkedIn|spark|2|a112 c101 r90|||The role was filled from inside; they asked to stay in touch.|
青竹数流|数据平台工程师 (Data platform)|Shanghai|on-site|480000 600000 CNY year|Recruiter|relocation|1|a88 r80|||They need someone on site within a month.|
Corrib Ledger|Senior data engineer|Galway|remote|78000 88000 EUR year|Job board|aws; payments|4|s86 a83 c74 r66|||Close, they said: another person had run payments before.|Worth another try next year.
Ravnsborg Media|Analytics engineer|Oslo|hybrid|690000 760000 NOK year|Company site|dbt; media|3|a77 r63|||They want someone who speaks Norwegian.|
Érablière Données|Ingénieure de plateforme|Montréal|remote|105000 120000 CAD year|LinkedIn|kubernetes; french|3|a71 r49|||Hiring is paused until the new budget.|
Kōwhai Nets|Site reliability engineer|Wellington|remote|140000 150000 NZD year|Newsletter|sre; time zones|2|s69 a66 r44|||The hours are too far apart, which is fair.|
Őszfény Labs|Data engineer|Budapest|remote|1400000 1700000 HUF month|Job board|python|2|a54 c42 r33|||The role turned into a junior one; they thanked me for the talk.|
Αιγαίο Δίκτυα|Platform engineer|Athens|remote|42000 50000 EUR year|LinkedIn|networks|3|a40 r12|||Many applied, and they kept those who know telecom networks.|
Juniperhof Beratung|Data consultant|Frankfurt|on-site|600 680 EUR day|Recruiter|contract|1|a80 c70 w61|||Five days a week on site after all; not for me.|
Tiê Crédito|Data engineer|São Paulo|remote|18000 22000 BRL month|LinkedIn|finance|2|a92 w85|||They lend to people who cannot pay back. I would rather not.|
بيانات النخيل|Data platform engineer|Dubai|on-site|28000 34000 AED month|Recruiter|relocation|2|s64 a62 c51 w43|||I want to stay in Berlin for now.|
Șoimul Retail|Data engineer|Bucharest|remote|16000 20000 RON month|Job board|retail|2|a116 n76|||No reply after two emails.|
Обрій Дата|Senior data engineer|Kyiv|remote|4000 5000 USD month|Referral|streaming|4|s110 a108 n72||||They have other worries. Write again when things are calmer.
Ọ̀ṣun Wallet|Platform engineer, half time|Lagos|remote|40 55 USD hour|Newsletter|payments|3|a102 n69||||
Ñandú Cargo|Analytics engineer|Buenos Aires|remote|48000 56000 USD year|LinkedIn|dbt; logistics|2|a99 n64|||The posting is gone.|
Hoa Nắng Data|Data engineer|Hồ Chí Minh City|remote||Job board|spark; time zones|1|a91 n60||||
Génépi Santé|Data engineer|Geneva|hybrid|105000 118000 CHF year|LinkedIn|health; french|3|s90 a87 c78 n47|||Quiet since the first call.|
Łąka Miejska|Data engineer, geodata|Wrocław|remote|18000 23000 PLN month|Company site|geodata|3|a79 n38||||
"""  # noqa: E501
PARAGRAPHS = """
part|text
o|{company} is looking for someone to join a team of seven as {title}. We began with one customer and one database, and we now look after the figures that several hundred people begin their day with. The role is based in {location}.
o|Every night our systems take in about two billion small facts, and every morning someone decides something because of them. As {title} at {company} you make sure that those facts are right, on time, and understood.
o|We are {company}: sixty people, profitable for four years, with no plan to double by next summer. This role ({title}) is open because the person who built our first pipelines has become a parent and will come back half time.
o|Do you like it when nothing happens at three in the morning? So do we. As {title} at {company} you should enjoy quiet systems, plain words and numbers that add up.
o|{company} has grown faster than its data. Reports disagree, people keep their own spreadsheets, and nobody is to blame. We would like to put that right with you, in {location} or wherever you work well, under the title of {title}.
d|Your work: you model what comes in from about forty sources, write the transformations with their tests, and talk with the people who use the result. About half of your time goes into building, a quarter into looking after what runs, and a quarter into conversations.
d|In your first half year you will move our nightly loads to a stream, retire two old warehouses, and write down what each number means. You decide how, together with two colleagues, and you will not be alone on call.
d|You will own the path of our data from the sensor to the chart. That means Python and SQL on most days, Airflow and dbt on many, and a walk to the people in operations whenever a value looks odd.
p|You will run the platform on which nine teams build: Kubernetes, Kafka, and a good deal of Terraform. You are done when a new team can begin on Monday and be live on Friday without asking anyone.
p|Most of what you do here is removing things: an old cluster, a third way to deploy, the alert that nobody reads. What stays is documented, measured and cheap to run.
p|You look after how our services are built, released and watched. We are on call one week in six, we pay for it, and last quarter the phone rang twice. We want to keep it that way while traffic doubles.
p|Together with three engineers you build the tools that the others use all day: environments that start in a minute, secrets that rotate by themselves, restores that are tried every month and not only hoped for.
w|We hope that you have worked with data in production for some years, that you write Python or something like it with ease, and that you can explain a trade-off to someone who does not care for computers. A degree is welcome but not required.
w|What helps: solid SQL, one of the large clouds, experience with streams, and patience. What we do not ask for: every tool of this list. If half of it sounds like you, please write to us.
w|You have seen a system grow old and know why that happens. You test what you write. You ask early, and you would rather delete code than add it. German helps in the kitchen, English is enough for the work.
l|We work thirty-eight hours, and mostly between nine and five. There are thirty days of leave, a budget for learning, a bicycle or a train card, and a quiet room. Children get ill, plumbers come late; nobody has to explain.
l|You can work from home as often as you like. Twice a year all of us meet for three days, and we pay for the journey. Pay follows a table that everyone in the company can read.
l|We decide in writing, so that those who were not in the room can follow. Meetings have an agenda or do not take place. Fridays are free of them altogether.
s|How we hire: a call of thirty minutes, a technical talk about something that you have built, and a meeting with the team. No puzzles, and no work to take home. You hear from us within a week after each step.
s|Please send a résumé and a few lines on why this role. We read everything ourselves. Tell us what you need for the talk to go well, from captions to a later hour, and we will see to it.
"""  # noqa: E501
CONTACTS = """
name|company|job_title|relationship|email|phone|ago|last_contacted_on|follow_up_on|application_ids|tags|profile_url|notes
Ines Baumgart|Grachtenwerk|Data lead|referral|ines.baumgart@grachtenwerk.example||77|-5||a39|former colleague|https://people.example/ines-baumgart|We worked together for three years. She told me of the role before it was posted.
Joost Verweij|Grachtenwerk|Engineering manager|hiring manager|joost@grachtenwerk.example||61|-4|1|a39||https://people.example/joost-verweij|Calm and exact. Answers questions about the contract at any time.
Signe Havmand|Havørn Data|Talent partner|recruiter|signe@havorn.example||66|-2|2|a40|||Wants to hear by the end of next week.
Rasmus Ulvskov|Havørn Data|Head of data|hiring manager|rasmus@havorn.example||50|-6||a40||https://people.example/rasmus-ulvskov|
Claire Aubert-Lenoir|Bibliothèque Ouverte|Directrice technique|hiring manager|claire.al@bibliotheque-ouverte.example||29|-10||a34|||Prefers French for small talk and English for tables.
Benedikt Aschauer|Aschauer Personalberatung|Consultant|recruiter|b.aschauer@aschauer.example|+49 30 23125 118|45|-8|-1|a35 a26|agency||Two roles through him; he calls back the same day.
Elin Kvarnström|Kvistholm Health|Data lead|hiring manager|elin@kvistholm.example||25|-13||a36||https://people.example/elin-kvarnstrom|
Dana Whitlock|Tamarack Freight|Talent partner|recruiter|dana.whitlock@tamarack.example|+1 416 555 0142|39|-8||a37|||
Tobias Krahl|Karpfen & Sohn Software|Founder|hiring manager|tobias@karpfen.example|+49 30 23125 244|48|-16||a38|meetup||Met at the meetup; we talked about backups for an hour.
Priya Raghunath|Lanternfold Labs|Recruiter|recruiter|priya@lanternfold.example|+1 212 555 0177|5|-4|2|a29|||
Fatma Yıldıran|Grünspecht Wärme|Data engineer|peer|fatma@gruenspecht.example||101|-6||a15 a43|former colleague||Was at Türkuaz before. Honest about both.
佐藤 美咲|みなと人材|Consultant|recruiter|sato@minato.example||14|-12||a2|agency||
Oksana Hrytsenko|Обрій Дата|Data engineer|peer|oksana@obriy.example||109|-72||a55|||
Lukas Brandl|Havelknoten|Senior data engineer|referral|lukas.brandl@havelknoten.example|+49 30 23125 307|20|-7||a30|meetup|https://people.example/lukas-brandl|
Wiktoria Zając|Wawelska Labs|Engineering manager|hiring manager|wiktoria@wawelska.example||3|-3||a14|||
Amara Okonjo-Bell|Placewright Search|Consultant|recruiter|amara@placewright.example|+44 20 7946 0321|104|-6||a16 a42|agency|https://people.example/amara-okonjo-bell|Reads the résumé before she calls, which is rare.
Jonas Petersohn|Berliner Datenstammtisch|Organiser|other|jonas@datenstammtisch.example||112|-15|0|a8 a24 a38|meetup||Knows everybody in town. Owes me a coffee.
Sigrid Fjellheim|Fjellrev Sjøfart|Fleet systems lead|hiring manager|sigrid@fjellrev.example||9|-9|-2|a31|||Said that she would come back with a date.
"""  # noqa: E501
INTERVIEWS = """
application_id|kind|starts_at|ago|duration|time_zone|place|interviewers|outcome|thank_you_sent|preparation|questions|notes
a41|technical|-66 10:00|71|90|Europe/Berlin|Ritterstraße, second floor|Mona Seiler, Timo Falk|failed|yes|Read about feature stores. / Bring the diagram of the old pipeline.||Good on pipelines, thin on models. They said so themselves, kindly.
a51|phone screen|-60 09:30|69|30|Europe/Berlin|By phone|Gerd Lohmeier|cancelled|no|||Called off after they changed the days on site.
a39|phone screen|-58 11:00|61|30|Europe/Amsterdam|https://meet.example/grachtenwerk|Joost Verweij|passed|yes|Why this team, in two sentences.||
a40|video|-52 14:00|54|45|Europe/Copenhagen|https://meet.example/havorn|Signe Havmand|passed|yes|||
a39|technical|-46 13:00|49|90|Europe/Amsterdam|https://meet.example/grachtenwerk|Ines Baumgart, Pieter Roos|passed|yes|The outage of last winter: what happened, what we changed.|How do you try your restores? / What would you rebuild?|We drew their whole platform on one page. Great fun.
a40|panel|-30 10:00|40|60|Europe/Copenhagen|https://meet.example/havorn|Rasmus Ulvskov and two engineers|passed|yes||How is the on-call week paid?|
a39|final|-20 15:00|27|60|Europe/Amsterdam|Herengracht, the house with the blue door|Joost Verweij, Anneke Bos|passed|yes|Numbers: pay, notice, start.|What would make this a good first year for you?|
a38|video|-16 16:00|23|45|Europe/Berlin|https://meet.example/karpfen|Tobias Krahl|passed|yes|||They decide after the holidays of one of them.
a34|technical|-12 10:30|19|75|Europe/Paris|https://meet.example/bibliotheque|Claire Aubert-Lenoir|passed|yes|Read how library catalogues are exchanged.||Half in French, which went better than feared.
a37|technical|-8 17:00|20|60|America/Toronto|https://meet.example/tamarack|Marcus Leduc|passed|no|Skewed joins in Spark, with an example.||Waiting for the date of the last round.
a35|video|1 09:30|3|60|Europe/Berlin|https://meet.example/weissdorn|Dr. Karin Stoll, Uwe Brandt|scheduled||Look at what insurers must keep, and for how long. / One story about a migration that went well, one about one that did not. / Notice period: three months to the end of a month.|Who owns the platform today? / How many days in Munich, honestly? / What happened to the person before?|
a34|panel|2 14:00|4|90|Europe/Paris|https://meet.example/bibliotheque|Claire Aubert-Lenoir, two librarians, one developer|scheduled||Ten minutes on a dataset that I opened. / Read their last two annual reports. / Have the answer on four days a week ready.|How do librarians change the model? / Where does the money come from after next year?|
a29|phone screen|3 10:00|1|30|America/New_York|https://meet.example/lanternfold|Priya Raghunath|scheduled||It is 16:00 in Berlin. / Working hours and the contract: employed through whom?|How much overlap do you need? / How large is the data team?|
a36|technical|4 13:00|2|75|Europe/Stockholm|https://meet.example/kvistholm|Elin Kvarnström, Nils Ekdal|scheduled||Window functions, slowly changing dimensions. / How we kept patients' data apart at the last job.|Which tests run before a model goes live? / Who may see what?|
"""  # noqa: E501
TASKS = """
title|due_on|priority|application_id|contact_id|ago|done_at|notes
Ask Sigrid for a date of the second call|-2|high|a31|c18|6||
Answer Dana about the hours in winter|-1|normal|a37|c8|5||
Read Grachtenwerk's contract line by line|0|high|a39|c2|3||Look for notice, overtime and who owns side projects.
Send the letter to Spreefalter|1|high|a8||2||
Practise the migration story aloud|1|normal|a35||3||
Finish the letter to Kiezlicht|2|high|a3||5||
Ten minutes on the open dataset: slides|2|normal|a34||4||
Compare both offers after tax and rent|3|high|a39||2||Tax, pension, five weeks against six of leave.
Ask Signe whether more leave is possible|3|normal|a40|c3|1||
Tailor the résumé for Ørsund|4|normal|a1||2||
Give Grachtenwerk an answer|5|high|a39|c2|3||
Thank Fatma with a coffee|8|low|a15|c11|4||
Write to three people from the meetup|10|low||c17|9||
Renew the passport|24|low|||30||
Rewrite the résumé for platform roles|-95|high|||112|97.5|
Ask Ines for a word with the team|-74|normal|a39|c1|75.3|74.5|
Refresh window functions and Spark joins|-47|normal|||60|48.5|
Thank Ines and Pieter|-45|normal|a39|c1|46.3|45.5|
Send Rasmus the two references|-25|high|a40|c4|29|27.5|
Write up the talk with Claire|-11|low|a34|c5|12|11.5|
"""
OFFERS = """
application_id|ago|base|bonus|sign_on|equity|currency|period|benefits|deadline_on|start_on|decision|notes
a39|4.5|88000|8800|4000|12000|EUR|year|30 days of leave / Train card / 1,500 a year for learning / Home office paid|5|75|open|Shares worth 12,000 a year over four years; worth nothing until someone buys the company.
a40|2.5|62500||||DKK|month|Six weeks of leave / Pension: 12 per cent on top / Lunch / Every third Friday off|11|68|open|No shares, but the pension is large. Paid in kroner: mind the rate and the tax.
"""  # noqa: E501
DOCUMENTS = """
name|kind|file|ago|application_ids|notes
Résumé, platform|résumé|Ada Lindqvist - platform.pdf|97.5|a14 a16 a17 a20 a22 a29 a33 a35 a38 a39|For Kubernetes, Kafka and on-call roles.
Résumé, data|résumé|Ada Lindqvist - data.pdf|112|a13 a15 a18 a19 a21 a25 a30 a31 a34 a36 a37 a40|
Cover letter, Bibliothèque Ouverte|cover letter|letter-bibliotheque-ouverte.txt|39|a34 a15|The paragraph on open data also went to Grünspecht.
"""  # noqa: E501
HISTORY = """
application_id|type|ago|text
a39|email|74.5|Ines has put my name forward; the team lead will write.
a39|call|61.5|Joost: seven people, two of them new. They want someone who likes to remove things.
a39|note|45.5|Best technical talk of this search. If they offer, I want to say yes.
a39|call|4.5|Joost called with the offer. He wants to hear within ten days.
a40|email|51.5|Signe sent the table of pay grades without being asked.
a40|note|29.5|Three friendly people, one dry sense of humour.
a34|email|10.5|Claire: the panel will be Paris time, and the librarians look forward to it.
a35|call|8.5|Benedikt: they liked the first talk and asked about the notice period.
a37|email|7.5|Dana: one more round, the date follows when Marcus is back.
a31|call|9.5|Half an hour with Sigrid: satellite links, storms, and why a minute is a long time.
a30|email|7.5|They ask for times next week; sent three.
a29|email|4.5|Priya proposed a call in the New York morning.
a15|note|5.5|Fatma says that the team is kind and the warehouse is not.
a24|email|14.5|Asked how things stand. No reply so far.
a21|email|12.5|Asked politely; an automatic answer says that they read everything.
a41|email|58.5|A warm no, with three sentences of real feedback. Saved for later.
a43|email|89.5|Filled from inside. Fatma had warned me.
a60|email|60.5|Second follow-up, no answer.
"""
RESUME_HEADS = {
    "Ada Lindqvist - platform.pdf": "Platform engineer: Kubernetes, Kafka, Terraform, and restores that are tried",
    "Ada Lindqvist - data.pdf": "Data engineer: Python, SQL, dbt, Airflow, and numbers that add up",
}
RESUME = """
# Ada Lindqvist
…
Berlin · ada@example.org · German, English, Swedish, some French

# Work
Senior data engineer, Lindenhof Verkehrsdaten (Berlin), five years
Moved 40 nightly loads to a stream (Kafka), and cut the time to a correct figure from nine hours to four minutes. Ran the platform for six teams on Kubernetes; on call one week in five. Tried a full restore every month.

Data engineer, Tollkirsch Medien (Hamburg), three years
Built the first warehouse (dbt, Airflow) and the tests that let others change it. Mentored two juniors; both stayed.

# Education
M.Sc. Computer Science, thesis on late data in streams; B.Sc. Geography, with a weakness for timetables.
"""  # noqa: E501
LETTER = """
Dear Claire Aubert-Lenoir,

for six years I have moved data from places where people collect it to places where people can use it. Most of it was not open. I would like the next six years to be different.

Your catalogue joins the records of ninety libraries that never agreed on a spelling. At Lindenhof I did the same for forty transport companies: one model, tests that librarians could read if they were drivers, and a page that says what each number means.

I could begin in three months, from Berlin, and I would gladly come to Paris to meet the people who write the records.

Kind regards, Ada Lindqvist
"""  # noqa: E501
