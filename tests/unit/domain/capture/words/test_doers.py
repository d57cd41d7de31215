"""What is called as roles are is told from what is not, in four languages."""

import datetime as dt

import pytest

from tmr.domain.capture.mail.reader import read_mail
from tmr.domain.capture.words.ideas.doers import is_role

NOW = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "name",
    [
        *("Bus Driver", "Head of Finance", "Chief of Staff", "Trainee", "Staff Nurse", "Librarian"),
        *("Buchhalterin", "Tischler", "Pflegefachkraft", "Leiter Einkauf", "Chefarzt"),
        *("Menuisier", "Chargée de communication", "Responsable qualité", "Infirmière"),
        *("Jefe de proyecto", "Técnica de laboratorio", "Carpintero", "Auxiliar administrativo"),
    ],
)
def test_a_role_is_called_by_what_somebody_does(name: str) -> None:
    assert is_role(name.split())


@pytest.mark.parametrize(
    "name", ["Monday", "Berlin", "Our Offer", "September", "Prueba diseño gráfico", "Zoom", "Kiel"]
)
def test_other_names_are_called_otherwise(name: str) -> None:
    assert not is_role(name.split())


@pytest.mark.parametrize(
    ("text", "sender", "company", "title"),
    [
        (
            "We had a lot of interest for Stage Carpenter and have chosen somebody else.",
            "jo@harlan",
            "",
            "Stage Carpenter",
        ),
        ("Te hablo de la plaza de educadora infantil: no has sido elegida.", "jo@harlan", "", "Educadora infantil"),
        ("Votre candidature d'infirmier n'a pas été retenue.", "rh@clos-marin", "Clos Marin", "Infirmier"),
        ("Ihre Bewerbung war leider nicht erfolgreich.\n\nFrau Kolb", "kolb@harlan", "", ""),
    ],
)
def test_a_role_and_a_company_are_told_where_no_known_words_say_them(text, sender, company, title) -> None:
    """Seen failing: no role was told, and “Frau Kolb” was a company."""
    head = (
        f"From: {sender}.example.com\nSubject: Update\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
    )
    read = read_mail(f"{head}{text}\n".encode(), NOW)
    assert (read.kind, read.company, read.title) == ("rejection", company, title)
