"""Headers that say a field, each language in its own words, and values that decide between two meanings."""

import pytest

from tests.unit.domain.importing.test_columns import plan_of

_DAYS = "15/06/2026;22/06/2026;30/07/2026"
_NAMES = "Sarah Miller;Tom Becker;Ann Roe"
_PLACES = "Leeds;Bristol;York"
_SITES = "LinkedIn;Indeed;Friend"
_HOURS = "17.50;18.25;15.60"


# fmt: off
@pytest.mark.parametrize(
    ("headers", "values", "target"),
    [
        (("Area, Depot, Base, Branch, State, Pays, Standort, Niederlassung, Succursale, "
         "Sucursal, Filial, Filia, Sted, Neighborhood, Neighbourhood, 地区, エリア"),
         _PLACES, "location"),
        (("Last Date, Last date to apply, Cut-off date, Einsendeschluss, Date butoir, Hasta, "
         "Encerramento, Entro il, Sluit op, "
         "Termin aplikowania, Sök senast, Søknadsfrist, DDL, 〆切, Anmeldefrist bis"), _DAYS, "deadline_on"),
        (("Richiamare il, Nabellen op, Nachfassen am, Relancer le, Llamar el, Ligar em, "
         "Call back on, Dopytać, Följ upp, Opfølgning, "
         "下次联系, リマインド, Nachfasstermin HR"), _DAYS, "follow_up_on"),
        (("Personne-ressource, Pessoa de contacto, Persona de contacto, Persona di contatto, "
         "Zuständig, Aanspreekpunt, Opiekun, "
         "Rekryterare, 对接人, 採用担当"), _NAMES, "contact.name"),
        (("Como encontrei, Wie gefunden, How did I find it, Seek/Other, Indeed/LinkedIn/etc., "
         "Job site, Où trouvé, Visto en, "
         "Come trovato, Hoe gevonden, Jak znalazłam, Hur hittade jag, 途径, 転職サイト"), _SITES, "source"),
        (("£ per hour, €/h, $/hr, $ / hour, € pro Stunde, CHF/Std., kr/tim, zł/godz., R$/hora, "
         "€ par heure, PLN, Per hour, Base, 元/时"),
         _HOURS, "salary"),
        ("Tipo, Type, Contrato, Art", "Tempo inteiro;Part-time;Estágio", "employment_type"),
        ("Rolle, Offre, Empleo, Emprego, Offerta, Functienaam, Oferta pracy, Yrke, Stilling, 求人名, Anúncio",
         "Cook;Clerk;Driver", "title"),
        (("Kunde, Raison sociale, Razón social, Entidade, Ditta, Bedrijfsnaam, Szpital, "
         "Arbetsplats, 社名, Praxis"),
         "Elm;Oak;Birch", "company"),
    ],
)  # fmt: skip
def test_a_header_of_its_own_language_names_its_field(headers: str, values: str, target: str) -> None:
    placed = {header: _target(header, values.split(";"), target) for header in headers.split(", ")}

    assert {header: found for header, found in placed.items() if found != target} == {}
# fmt: on


def _target(header: str, values: list[str], target: str) -> str:
    beside = {"company": ["Elm", "Oak", "Birch"], "title": ["Cook", "Clerk", "Driver"]}
    beside |= {"status": ["Applied", "Interview", "Rejected"]}
    columns = [(name.capitalize(), cells) for name, cells in beside.items() if name != target] + [(header, values)]
    plan = plan_of([name for name, _ in columns], *([cells[at] for _, cells in columns] for at in range(3)))
    return plan.columns[-1]


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Area manager", _NAMES),
        ("Follow-up sent", _DAYS),
        ("Rappel envoyé", _DAYS),
        ("Closed on", _DAYS),
        ("State", "Applied;Interview;Rejected"),
    ],
)
def test_words_beside_others_name_no_such_field(header: str, values: str) -> None:
    found = _target(header, values.split(";"), "notes")

    assert found not in ("location", "follow_up_on", "deadline_on")


def test_a_kind_of_public_employer_is_the_company_where_no_other_is() -> None:
    rows = [["Lund", "Ekonom", "Skickad"], ["Umeå", "Lärare", "Avslag"], ["Kalmar", "Kock", "Sökt"]]

    assert plan_of(["Kommun", "Tjänst", "Status"], *rows).columns[0] == "company"
    assert plan_of(["Kommun", "Tjänst", "Företag"], *rows).columns[0] == "location"
