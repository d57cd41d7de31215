"""Spellings of one company have one key, and other companies do not."""

import pytest

from tmr.domain.companies.names import company_key

SAME = [
    ("Ørsted", "Orsted A/S", "ØRSTED AS", "Ørsted, a.s."),
    ("Bosch GmbH", "BOSCH", "Bosch, GmbH"),
    ("Müller GmbH & Co. KG", "Müller", "Muller GmbH & Co KG", "MÜLLER AG"),
    ("Kiosk UG (haftungsbeschränkt) & Co. KG", "Kiosk UG", "Kiosk"),
    ("Acme, Inc.", "The Acme Company", "ACME LLC", "acme co., ltd."),
    ("Société Générale S.A.", "Societe Generale", "Société Générale SA"),
    ("Cementos del Sur, S.L.", "Cementos del Sur S.L.U.", "cementos del sur"),
    ("Firma Sp. z o.o.", "Firma"),
]
OTHERS = ["SE", "Co", "AG", "Spa", "Asana", "Sage", "Visa", "Lisa", "Saab", "Das Ag entur", "Bosch Rexroth", "Bosch"]


@pytest.mark.parametrize("names", SAME, ids=lambda names: names[0])
def test_spellings_of_one_company_have_one_key(names: tuple[str, ...]) -> None:
    assert len({company_key(name) for name in names}) == 1
    assert company_key(names[0])


def test_other_companies_have_other_keys_and_a_name_is_never_empty() -> None:
    keys = [company_key(name) for name in OTHERS]

    assert len(set(keys)) == len(OTHERS)
    assert all(keys)
    assert company_key(" – ") == ""


def test_w1_a_name_made_of_legal_forms_takes_no_time_to_speak_of() -> None:
    assert company_key("GmbH & Co. KG " * 30_000)
    assert company_key("a" + " &" * 100_000)
