import pytest

from tests.support.capture_samples import JUDGED, cases, is_right, page_text
from tmr.domain.capture.posting.reader import read_posting

FEWEST_RIGHT = 0.95
LOOKS = ("first", "second", "third", "fourth", "sixth", "seventh", "eighth", "ninth", "eleventh")


@pytest.mark.parametrize(
    "folder",
    ["postings", "own-postings", *(f"{look}-look/postings" for look in LOOKS)],
)
def test_postings_fill_in_nearly_all_fields_as_a_careful_person_would(folder):
    judged, wrong = 0, []
    for name, content, case in cases(folder):
        read = read_posting(page_text(content), case["url"]).fields
        for field in JUDGED:
            value = read[field].value if field in read else ""
            if value or case["fields"].get(field):
                judged += 1
                if not is_right(field, value, case):
                    wrong.append(f"{name} {field}: {value!r}, not {case['fields'].get(field)!r}")
    assert judged > 150
    assert len(wrong) <= judged * (1 - FEWEST_RIGHT), "\n".join(wrong)


def test_each_value_says_from_where_it_was_taken():
    page = (
        '<html><title>Baker at Crumb</title><script type="application/ld+json">'
        '{"@type": "JobPosting", "title": "Baker", "employmentType": "PART_TIME"}</script>'
        "<h1>Baker</h1><p>Location: Leeds</p><p>£14.50 an hour</p>"
    )
    read = read_posting(page, "https://crumb.example/jobs/1").fields
    assert {name: taken.source for name, taken in read.items() if name != "job_description"} == {
        "title": "data",
        "employment_type": "data",
        "company": "title",
        "location": "label",
        "salary_min": "line",
        "salary_currency": "line",
        "salary_period": "line",
        "url": "address",
    }
    assert read["location"].quote == "Location: Leeds"


def test_scripts_and_hidden_text_are_no_part_of_a_posting():
    page = (
        "<html><h1>Baker</h1><script>Company: Evil</script><style>p{content:'Company: Evil'}</style>"
        "<div style='display:none'>Company: Evil</div><p hidden>Company: Evil</p><template>Company: Evil</template>"
        "<p>Company: Crumb</p>"
    )
    read = read_posting(page).fields
    assert read["company"].value == "Crumb"
    assert "Evil" not in read["job_description"].value


@pytest.mark.parametrize("text", ["", " ", "\0", "<html>", "<script type='application/ld+json'>{", "{}", "a" * 500])
def test_what_says_nothing_fills_in_nothing_but_its_own_text(text):
    assert set(read_posting(text).fields) <= {"title", "job_description"}
