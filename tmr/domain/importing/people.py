"""What headers and cells say of people: parts of names, titles, and several details in one cell."""

import re

from tmr.domain.fields.folding import fold

MAX_PERSON = 300
FEWEST_DIGITS = 3  # of a phone number
# What headers about people say of the field, and not of the person.
# fmt: off
OF_PEOPLE = frozenset({
    "name", "email", "mail", "e", "phone", "telephone", "tel", "mobile", "number", "address", "linkedin", "profile",
    "url", "link", "title", "first", "last", "full", "s", "contact", "the", "of",
})
# Headers with one of these have a part of a name, which other columns go on with.
NAME_PARTS = frozenset({
    "first", "last", "given", "family", "surname", "middle", "salutation", "vorname", "nachname", "anrede", "titel",
    "prenom", "civilite", "apellido", "apellidos", "tratamiento", "sobrenome", "tratamento", "cognome", "voornaam",
    "achternaam", "aanhef", "imie", "nazwisko", "fornamn", "efternamn", "姓", "名",
})
_TITLES = frozenset({
    "dr", "prof", "professor", "mr", "mrs", "ms", "miss", "mx", "sir", "frau", "fr", "herr", "herrn", "hr", "dipl",
    "ing", "mag", "med", "phd", "mme", "mlle", "monsieur", "madame", "sr", "sra", "srta", "senor", "senora", "dra",
    "dott", "dottssa", "sig", "sigra", "signor", "signora", "mevr", "mevrouw", "mw", "dhr", "meneer", "drs", "ir",
    "pan", "pani", "mgr", "inz",
})
# fmt: on
# How words begin, or what they are, that say what a person does there: “Élodie Marchand (RH)”, “Tom Hill, Recruiter”.
_ROLES = (
    *("recruit", "recrut", "reclut", "rekrut", "rekryt", "selezion", "selecc", "personal", "talent", "manag", "chef"),
    *(
        "direct",
        "direkt",
        "leiter",
        "respons",
        "agent",
        "agency",
        "consult",
        "founder",
        "coordinat",
        "superv",
        "headhunt",
    ),
    *("sourcer", "interview", "owner", "referent", "kierownik", "rechercheur", "engineer", "developer", "teamlead"),
)
_SHORT_ROLES = frozenset(
    {
        "hr",
        "rh",
        "rrhh",
        "drh",
        "hrbp",
        "ta",
        "hm",
        "ceo",
        "cto",
        "coo",
        "cfo",
        "vp",
        "md",
        "head",
        "lead",
        "ra",
        "hod",
        "人事",
        "採用",
        "採用担当",
        "人事担当",
        "猎头",
    }
)
_WITH_ROLE = re.compile(
    r"(?P<name>[^()（）,|–—]{2,60}?)\s?(?:[(（](?P<inside>[^()（）]{2,40})[)）]|(?:[,|–—]|\s-)\s?(?P<after>[^()]{2,40}))"
)
_EMAIL = re.compile(r"[^\s@<>(),;]{1,64}@[^\s@<>(),;]{1,200}")
_PHONE = re.compile(r"(?<!\w)\+?\(?\d[\d\s()./-]{6,18}\d(?!\w)")


def split_person(text: str) -> dict[str, str]:
    """Return name, email and phone of a person in one cell, such as ``Pat Roe <pat@b.example>``."""
    found = {}
    for name, pattern in (("email", _EMAIL), ("phone", _PHONE)):
        if match := pattern.search(text[:MAX_PERSON]):
            found[name] = match[0]
            text = text.replace(match[0], " ")
    name = " ".join(re.sub(r"[<>()\[\]|,;:]+", " ", text).split()) if found else text
    return {**found, **({"name": name} if name else {})}


def without_role(text: str) -> str:
    """Return the name in a cell that also says what the person does there; ``""`` for any other cell.

    A nickname in brackets, and a family name before a comma, stay parts of the name.
    """
    match = _WITH_ROLE.fullmatch(text.strip()) if len(text) < MAX_PERSON else None
    words = [fold(word) for word in re.split(r"[\s./&-]+", match["inside"] or match["after"]) if word] if match else []
    is_role = any(word in _SHORT_ROLES or word.startswith(_ROLES) for word in words)
    return match["name"].strip() if match and is_role else ""


def own_name(name: str) -> str:
    """Return a name, folded, without titles and forms of address: ``Frau Dr. Roth`` is ``roth``; ``""`` for no name."""
    words = re.split(r"[\s.,/-]+", name[:MAX_PERSON])
    return " ".join(folded for word in words if (folded := fold(word)) and folded not in _TITLES)


def is_title(cell: str) -> bool:
    """Whether a cell has only titles and forms of address, such as “Frau” or “Prof. Dr.”."""
    return bool(cell.strip()) and not own_name(cell)
