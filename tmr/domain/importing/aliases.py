"""The words by which other trackers and spreadsheets call our fields."""

from collections.abc import Sequence

from tmr.domain.folding import fold
from tmr.domain.kinds import Kind

SAVED_ON = "created_at"
SALARY = "salary"
EXTRA_TARGETS = ((SAVED_ON, "Added on"), (SALARY, "Pay, in one column"))

_WORDS = {
    "company": "company name, employer, organisation, organization, firm, Firma, Unternehmen, Arbeitgeber, entreprise, "
    "société, employeur, empresa, compañía",
    "title": "job title, job position, position, role, job, Stelle, Stellenbezeichnung, Jobtitel, poste, intitulé, "
    "puesto, cargo",
    "status": "stage, list, list name, status label, Stand, statut, étape, estado, etapa",
    "url": "job url, link, job link, job post url, posting url, Stellenlink, lien, enlace",
    "applied_on": "date applied, applied date, application date, applied on, date, applied, Beworben am, "
    "Bewerbungsdatum, Datum, candidature, date de candidature, postulé le, fecha, fecha de solicitud",
    SAVED_ON: "saved, date saved, saved date, date added, created at, added on, Gespeichert am, enregistré le, "
    "guardado el",
    "location": "city, job location, Ort, Standort, Stadt, lieu, ville, ubicación, ciudad, lugar",
    "work_mode": "workplace type, work type, remote, Arbeitsmodell, télétravail, modalidad",
    "employment_type": "job type, employment, contract type, Beschäftigungsart, type de contrat, tipo de contrato",
    SALARY: "salary range, max. salary, pay, compensation, Gehalt, salaire, salario",
    "salary_currency": "currency, Währung, devise, moneda",
    "salary_period": "period, pay period",
    "deadline_on": "deadline, due date, Frist, Bewerbungsfrist, date limite, fecha límite, plazo",
    "follow_up_on": "follow up, follow-up date, next action date, Nachfassen, relance, seguimiento",
    "source": "channel, platform, via, job source, Quelle, canal, fuente, origen",
    "notes": "note, comments, comment, Bemerkung, Bemerkungen, Notizen, remarques, commentaires, notas, comentarios",
    "job_description": "description, html description, Beschreibung, Stellenbeschreibung, descripción",
    "excitement": "fit rating, rating, interest, priority",
    "tags": "tag, labels, label, Schlagwörter, étiquettes, etiquetas",
    "closed_reason": "rejection reason, reason, Grund, raison, motivo",
}
_TARGET_OF_WORD = {fold(word): target for target, words in _WORDS.items() for word in (target, *words.split(","))}


def target_of(header: str) -> str | None:
    """Return the field, or the extra target, that a header names, or None."""
    return _TARGET_OF_WORD.get(fold(header))


def known_headers(row: Sequence[str]) -> int:
    """Return how many cells of a row are words that we know as headers."""
    return sum(1 for cell in row if len(cell) < 60 and target_of(cell))


def targets(kind: Kind) -> list[tuple[str, str]]:
    """Return all that a column can be mapped to, with the words for it."""
    return [*((field.name, field.label) for field in kind.fields), *EXTRA_TARGETS]
