"""Rows that are no duplicates and look like another application: they are named, and the person chooses."""

import csv
import datetime as dt
import io
import re

from tests.integration.records.imports.test_import_cases import rows_of
from tests.support.measuring.processor_time import takes_at_most
from tests.support.paths import SAMPLES
from tests.support.people import Person, counts
from tmr.domain.capture.words.names import clean_title
from tmr.domain.companies.names import company_key
from tmr.domain.demo import demo_search
from tmr.domain.importing.duplicates import Duplicates
from tmr.domain.kinds.application import APPLICATION

MOST_FALSE = 0.02
LISTS = ("linkedin-job-applications.csv", "linkedin-saved-jobs.csv", "reactive-resume.csv", "jobsync.csv")
HEAD = "Company,Title,Location,Date applied,Link,Notes\n"
NIGHT = "Crumb & Daughters,Night baker (all genders),,2026-11-20,https://crumb.example/jobs/7,Again\n"


def propose(person: Person, rows: str) -> tuple[str, str]:
    place = person.upload((HEAD + rows).encode()).headers["Location"]
    return place, person.get(place).text


def likes(page: str) -> list[str]:
    return [
        " ".join(re.sub("<[^>]+>", "", row).replace("&amp;", "&").split())
        for row in re.findall(r"<li>\s*(Row \d+: .*? – like .*?)<select", page, re.S)
    ]


def test_a_row_that_looks_like_an_application_is_named_and_added_unless_the_person_chooses(alice: Person) -> None:
    alice.add(company="Crumb & Daughters Ltd", title="Night Baker", status="rejected", applied_on="2026-11-03")

    place, page = propose(alice, NIGHT)
    alice.post(place)

    [said] = likes(page)
    assert said == (
        "Row 2: Crumb & Daughters · Night baker (all genders) – like Crumb & Daughters Ltd · Night Baker (Rejected, "
        "applied 3 Nov), which you have"
    )
    assert counts(page, "import-counts") == {"added": 1, "updated": 0, "skipped": 0, "rejected": 0}
    assert len(rows_of(alice, "applications")) == 2


def test_a_row_that_looks_like_an_application_can_update_it(alice: Person) -> None:
    alice.add(company="Crumb & Daughters Ltd", title="Night Baker", status="applied", applied_on="2026-11-03")
    place, _ = propose(alice, NIGHT)

    shown = alice.post(place, **{"like.2": "update", "only": "preview"}).text
    alice.post(place, **{"like.2": "update"})

    assert counts(shown, "import-counts") == {"added": 0, "updated": 1, "skipped": 0, "rejected": 0}
    assert "https://crumb.example/jobs/7" in shown[shown.index("What updates change") :]
    [row] = rows_of(alice, "applications")
    assert (row["company"], row["title"]) == ("Crumb & Daughters Ltd", "Night Baker")
    assert (row["url"], row["applied_on"]) == ("https://crumb.example/jobs/7", "2026-11-20")


def test_a_row_that_looks_like_an_application_can_be_skipped_and_is_kept_for_mending(alice: Person) -> None:
    alice.add(company="Crumb & Daughters Ltd", title="Night Baker", applied_on="2026-11-03")
    place, _ = propose(alice, NIGHT + "Other,Cook,,,,\n")

    alice.post(place, **{"like.2": "skip"})
    page = alice.get(place).text

    assert counts(page, "import-result") == {"added": 1, "updated": 0, "skipped": 1, "rejected": 0}
    assert "it looks like another one, and you chose to skip it" in page
    assert "Night baker" in alice.get(f"{place}/left/0").text


def test_a_row_that_looks_like_an_earlier_row_can_be_skipped_and_updates_nothing(alice: Person) -> None:
    place, page = propose(alice, "Crumb Ltd,Baker,,2026-11-03,,\nCrumb,Baker (m/f/d),,2026-11-20,,\n")

    shown = alice.post(place, **{"like.3": "update", "only": "preview"}).text
    alice.post(place, **{"like.3": "skip"})

    assert likes(page) == ["Row 3: Crumb · Baker (m/f/d) – like Row 2, in this file"]
    assert counts(page, "import-counts")["added"] == 2
    assert counts(shown, "import-counts") == {"added": 1, "updated": 0, "skipped": 1, "rejected": 0}
    assert [row["company"] for row in rows_of(alice, "applications")] == ["Crumb Ltd"]


def test_the_link_of_one_posting_is_alike_whatever_the_title_and_a_page_with_all_of_them_is_not(alice: Person) -> None:
    alice.add(company="Crumb", title="Baker", url="https://crumb.example/jobs/4711")
    alice.add(company="Loaf", title="Baker", url="https://loaf.example/careers")

    _, page = propose(
        alice,
        "Crumb GmbH,Dough specialist,,,https://www.crumb.example/jobs/4711/?utm_source=a,\n"
        "Loaf,Cook,,,https://loaf.example/careers,\n",
    )

    assert [row[:5] for row in likes(page)] == ["Row 2"]


def test_another_place_level_team_or_number_is_another_role_and_what_has_no_name_is_like_nothing(alice: Person) -> None:
    alice.add(company="Crumb", title="Baker", location="Leeds", applied_on="2026-11-03")

    _, page = propose(
        alice,
        "Crumb,Baker,York,2026-11-05,,\nCrumb,Senior Baker,,2026-11-05,,\nCrumb,,,2026-11-05,,\nCrumb,,,2026-11-06,,\n"
        ",Cook,,2026-11-05,,\n,Cook (m/w/d),,2026-11-06,,\nCrumb Digital,Baker,,2026-11-07,,\n",
    )

    assert likes(page) == []


def test_i3_nobody_elses_applications_are_looked_at(alice: Person, bob: Person) -> None:
    bob.add(company="Crumb & Daughters Ltd", title="Night Baker", applied_on="2026-11-03")

    _, page = propose(alice, NIGHT)

    assert likes(page) == []


def test_an_export_of_ones_own_is_like_nothing(alice: Person) -> None:
    for day in ("03", "20"):
        alice.add(company="Crumb", title="Baker", applied_on=f"2026-11-{day}")
    alice.csv()  # which confirms who asks
    export = alice.post("/settings/privacy/export").data

    page = alice.get(alice.upload(export, "export.zip").headers["Location"]).text

    assert likes(page) == []


def test_f2_rows_of_one_company_take_no_square_of_each_other() -> None:
    known = Duplicates(APPLICATION, [])

    with takes_at_most(hashes=8):
        for number in range(10_000):
            marks = known.marks({"company": "A GmbH", "title": f"Baker of bread {number}", "url": None})
            known.find_like(marks)
            known.meet(marks, f"Row {number}")


def test_f2_many_rows_with_long_titles_cost_no_more_than_a_large_file_of_ordinary_ones() -> None:
    """Seen failing: 20,000 rows of one company with 40 words each took ten seconds of a web process."""
    known = Duplicates(APPLICATION, [])
    many = " ".join(f"word{number}x" for number in range(40))

    with takes_at_most(hashes=8):
        for number in range(20_000):
            marks = known.marks({"company": "A GmbH", "title": f"{number} {number + 1} {many}", "url": None})
            known.find_like(marks)
            known.meet(marks, f"Row {number}")


def test_fewer_than_two_in_a_hundred_rows_are_like_another_without_a_reason(alice: Person) -> None:
    """Those with the same company, the legal form aside, and the same words in their title are alike with a reason."""
    demo = [one.texts for one in demo_search(dt.date(2026, 11, 30), 400).items if one.kind == "applications"]
    text = io.StringIO()
    csv.writer(text).writerows([("Company", "Title"), *((one["company"], one["title"]) for one in demo)])
    alice.bring(text.getvalue().encode())
    rows = [row for name in LISTS for row in csv.DictReader((SAMPLES / name).open(encoding="utf-8-sig"))]
    said = []
    for name in LISTS:
        place = alice.upload((SAMPLES / name).read_bytes(), name).headers["Location"]
        said += likes(alice.get(place).text)

    names = [re.fullmatch(r"Row \d+: (.*) – like (.*?)(?: \(.*\), which you have|, in this file)", one) for one in said]
    false = [one[0] for one in names if one and one[2][:4] != "Row " and _key(one[1]) != _key(one[2])]

    assert len(rows) >= 80
    assert len(said) >= 4
    assert len(false) < MOST_FALSE * len(rows), false


def _key(name: str) -> tuple[str, str]:
    company, _, title = name.partition(" · ")
    return company_key(company), clean_title(title).casefold()
