"""What a short line of a posting states, in the words of four languages."""

import pytest

from tmr.domain.capture.posting.reader import read_posting


def _read(line: str, beside: str = "Crumb Ltd\nYork\n") -> dict[str, str]:
    text = f"Baker\n{beside}{line}\n\nWe bake bread every morning for our town and need help.\n"
    return {name: taken.value for name, taken in read_posting(text).fields.items()}


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("Pflichtpraktikum, 6 Monate", "employment_type", "internship"),
        ("Saisonarbeit von April bis Oktober", "employment_type", "temporary"),
        ("Arbeitszeit: 38,5 Stunden", "employment_type", "full-time"),
        ("Bis zu 60 % mobiles Arbeiten", "work_mode", "hybrid"),
        ("Homeoffice nach Absprache", "work_mode", "hybrid"),
        ("Flexible working: split your week between home and the office", "work_mode", "hybrid"),
        ("Closing date for applications: Friday 15 January 2027", "deadline_on", "2027-01-15"),
        ("Position open until 15 January 2027", "deadline_on", "2027-01-15"),
    ],
)
def test_a_line_states_a_field(line: str, field: str, value: str) -> None:
    """Seen failing: none of these was told, or work from home told as remote."""
    assert _read(line).get(field) == value


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("PLZ/Ort: 34117 Kassel", "location", "Kassel"),
        ("Wo: Kassel", "location", "Kassel"),
        ("Zona: Sevilla", "location", "Sevilla"),
        ("Nombre de la empresa: Hartwood SL", "company", "Hartwood SL"),
        ("Who we are: Hartwood Ltd", "company", "Hartwood Ltd"),
    ],
)
def test_a_label_is_known_by_its_parts_and_without_its_small_words(line: str, field: str, value: str) -> None:
    """Seen failing: the whole line, another one, or nothing was told."""
    assert _read(line, beside="").get(field) == value


@pytest.mark.parametrize(
    ("line", "least", "most", "period"),
    [
        ("14 x 2.300 €", "32200", None, "year"),
        ("30.000 € b/a", "30000", None, "year"),
        ("TJM : 450 €", "450", None, "day"),
        ("Sueldo: 2.100 euros netos mensuales en 12 pagas", "2100", None, "month"),
        ("up to £45,000", None, "45000", "year"),
    ],
)
def test_pay_is_read_in_rarer_spellings(line: str, least: str | None, most: str | None, period: str) -> None:
    """Seen failing: no pay was read, or none of its period."""
    read = _read(line)
    assert (read.get("salary_min"), read.get("salary_max"), read.get("salary_period")) == (least, most, period)


def test_a_choice_of_full_and_part_time_is_no_place() -> None:
    """Seen failing: the place was “Vollzeit; Teilzeit”."""
    assert _read("Vollzeit/Teilzeit", beside="Kanzlei Rehbein\n34117 Kassel\n")["location"] == "Kassel"
    assert "location" not in _read("Vollzeit/Teilzeit", beside="Kanzlei Rehbein\n")


def test_a_company_that_seeks_a_role_in_small_letters_names_it_and_its_place() -> None:
    """Seen failing: neither the role nor the place was told."""
    read = read_posting("Hotel Bahía Clara busca recepcionista bilingüe para la temporada en Santander.").fields
    told = {name: read[name].value for name in ("company", "title", "location")}
    assert told == {"company": "Hotel Bahía Clara", "title": "Recepcionista bilingüe", "location": "Santander"}
