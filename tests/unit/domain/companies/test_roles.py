"""“Applied here before?”: who is found, and that nobody is asked without a reason."""

import datetime as dt
import json

import pytest

from tests.support.capture_samples import SAMPLES
from tmr.domain.capture.words.names import clean_title
from tmr.domain.companies.names import company_key
from tmr.domain.companies.roles import SameCompany, are_titles_alike
from tmr.domain.demo import demo_search

MOST_FALSE = 0.02


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme GmbH", "ACME"),
        ("Acme Inc.", "Acme, Inc"),
        ("Webwaren Overath GmbH & Co. KG", "Webwaren Overath"),
        ("The Walled Acre", "Walled Acre"),
        ("Müller & Söhne", "Müller und Söhne".replace("und", "&")),
        ("Huerta Conectada, S.L.", "Huerta Conectada"),
        ("Calderería Monegros, S.A.", "Caldereria Monegros"),
        ("Norrsken Scen AB", "Norrsken Scen"),
        ("Ostergard Paper A/S", "Ostergard Paper"),
    ],
)
def test_a_company_is_the_same_with_and_without_its_legal_form(one, other):
    assert SameCompany(one)(other)
    assert SameCompany(other)(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Acme", "Acme Digital"), ("Acme Nord", "Acme Süd"), ("Serif", "Serif Harbor"), ("SAP", "SAPO"), ("", "")],
)
def test_another_company_is_another_one(one, other):
    assert not SameCompany(one)(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Release Engineer", "Release engineer (Remote)"),
        ("Einkäufer Naturfasern (m/w/d)", "Einkäufer Naturfasern"),
        ("Einkäuferin Naturfasern", "Einkäufer Naturfasern"),
        ("Field Data Analyst, Rivers", "Field Data Analyst Rivers (Contract)"),
        ("Head of Data", "Head of the Data"),
        ("Technicien instrumentation H/F", "Technicien instrumentation"),
    ],
)
def test_a_title_is_the_same_however_it_is_written(one, other):
    assert are_titles_alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Senior Engineer", "Engineer"),
        ("Engineer I", "Engineer II"),
        ("Data Engineer", "Data Analyst"),
        ("Product Manager", "Product Designer"),
        ("Werkstudent Marketing", "Referent Marketing"),
        ("Backend Engineer Payments", "Backend Engineer Search"),
    ],
)
def test_another_title_is_another_role(one, other):
    assert not are_titles_alike(one, other)


def _of_samples() -> list[tuple[str, str]]:
    found = []
    for folder in ("postings", "own-postings"):
        cases = json.loads((SAMPLES / folder / "expected.json").read_text(encoding="utf-8")).values()
        found += [(case["fields"]["company"], case["fields"]["title"]) for case in cases if "title" in case["fields"]]
    return found


def _of_demo() -> list[tuple[str, str]]:
    items = demo_search(dt.date(2026, 11, 30), 400).items
    return [(item.texts["company"], item.texts["title"]) for item in items if item.kind == "applications"]


@pytest.mark.parametrize("applications", [_of_samples, _of_demo])
def test_fewer_than_two_in_a_hundred_applications_are_found_without_a_reason(applications):
    # Those that are the same word by word, the legal form aside, are found with a reason.
    known = list(
        {(company_key(company), clean_title(title)): (company, title) for company, title in applications()}.values()
    )
    false = 0
    for company, title in known:
        is_same = SameCompany(company)
        others = [one for one in known if one != (company, title) and is_same(one[0])]
        false += any(are_titles_alike(other, title) for _, other in others)
    assert len(known) >= 40
    assert false < MOST_FALSE * len(known)
