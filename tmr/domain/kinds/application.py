"""The application: one role at one company that a person is after."""

import tomllib
from importlib.resources import files

from tmr.domain.fields.kind import Identity, Kind
from tmr.domain.fields.type import Field, FieldType, Opening
from tmr.domain.fields.types.choices import Choice
from tmr.domain.fields.types.dates import Date
from tmr.domain.fields.types.numbers import Amount, Currency, Rating
from tmr.domain.fields.types.stages import StageChoice
from tmr.domain.fields.types.texts import LongText, Tags, Url

STATUS = "status"  # the field of an application's stage
_CHOICE_WORDS = tomllib.loads((files("tmr.domain.kinds") / "choice_words.toml").read_text(encoding="utf-8"))

# fmt: off
APPLICATION = Kind(
    key="application", plural="applications", title="Application", heading="Applications", place=1, shortcut="a",
    icon="M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
    described_by=("status", "location", "applied_on"),
    identity=Identity(together=("company", "title"), unique=("url",), apart=("applied_on", "url", "location"),
                      shared=("title", "location"), alike=("company", "title")),
    fields=[
        Field(name="company", label="Company", number=2, type=FieldType(), is_required=True, is_quick=True,
              missing="Enter a company name.", stand_in="Unknown company",
              words="company name, employer, organisation, organization, firm, Firma, Unternehmen, Arbeitgeber, "
                    "entreprise, société, employeur, empresa, compañía"),
        Field(name="title", label="Title", number=3, type=FieldType(), is_required=True, is_quick=True,
              missing="Enter a job title.", stand_in="Unknown role",
              words="job title, job position, position, role, job, Stelle, Stellenbezeichnung, Jobtitel, poste, "
                    "intitulé, puesto, cargo"),
        Field(name=STATUS, label="Status", number=4, type=StageChoice(), default="saved", is_quick=True,
              words="stage, list, list name, status label, Stand, statut, étape, estado, etapa"),
        Field(name="location", label="Location", number=5, type=FieldType(),
              words="city, job location, Ort, Standort, Stadt, lieu, ville, ubicación, ciudad, lugar"),
        Field(name="work_mode", label="Work mode", number=6,
              type=Choice("Remote", "Hybrid", "On-site", words=_CHOICE_WORDS["work_mode"]),
              words="workplace type, work type, remote, Arbeitsmodell, télétravail, modalidad"),
        Field(name="employment_type", label="Employment type", number=7, is_shown=False, type=Choice(
            "Full-time", "Part-time", "Contract", "Temporary", "Internship", "Apprenticeship", "Volunteer",
            words=_CHOICE_WORDS["employment_type"], telling=_CHOICE_WORDS["telling"]["employment_type"]),
            words="job type, employment, contract type, Beschäftigungsart, type de contrat, tipo de contrato"),
        Field(name="salary_min", label="Salary", number=8, type=Amount(), short_label="From",
              together=("salary_min", "salary_max", "salary_currency", "salary_period"),
              units=("salary_currency", "salary_period")),
        Field(name="salary_max", label="Salary up to", number=9, type=Amount(), is_column=False, not_below="salary_min",
              short_label="Up to", words="pay up to"),
        Field(name="salary_currency", label="Currency", number=10, type=Currency(), aliases=("currency",),
              is_column=False, words="Währung, devise, moneda"),
        Field(name="salary_period", label="Salary per", number=11, aliases=("period",), is_column=False,
              short_label="Per", type=Choice("Year", "Month", "Week", "Day", "Hour"), words="pay period, pay per"),
        Field(name="source", label="Source", number=12, type=FieldType(), is_shown=False,
              words="channel, platform, via, job source, Quelle, canal, fuente, origen"),
        Field(name="applied_on", label="Applied", number=13, type=Date(is_past=True),
              is_headline=True, role="applied",
              words="date applied, applied date, application date, date, applied, Beworben am, Bewerbungsdatum, Datum, "
                    "candidature, date de candidature, postulé le, fecha, fecha de solicitud"),
        Field(name="deadline_on", label="Deadline", number=14, type=Date(), is_shown=False, is_due=True,
              is_headline=True, role="deadline",
              words="deadline, due date, Frist, Bewerbungsfrist, date limite, fecha límite, plazo"),
        Field(name="follow_up_on", label="Follow-up", number=15, type=Date(), is_due=True,
              is_headline=True, role="follow_up",
              words="follow up, follow-up date, next action date, Nachfassen, relance, seguimiento"),
        Field(name="tags", label="Tags", number=17, type=Tags(), hint="Separate tags with semicolons.",
              words="tag, labels, label, Schlagwörter, étiquettes, etiquetas"),
        Field(name="excitement", label="Excitement", number=16, type=Rating(),
              words="fit rating, rating, interest, priority"),
        Field(name="closed_reason", label="Reason closed", number=18, type=FieldType(), is_shown=False,
              words="how it closed, rejection reason, reason, Grund, raison, motivo"),
        Field(name="url", label="Job posting URL", number=1, type=Url(), section="detail", is_quick=True,
              opens=Opening("Open job posting"),
              words="job url, link, job link, job post url, posting url, Stellenlink, lien, enlace"),
        Field(name="job_description", label="Job description", number=2, type=LongText(), section="detail",
              is_quick=True,
              words="description, html description, Beschreibung, Stellenbeschreibung, descripción"),
        Field(name="notes", label="Notes", number=3, type=LongText(), section="detail",
              words="note, comments, comment, Bemerkung, Bemerkungen, Notizen, remarques, commentaires, notas, "
                    "comentarios"),
    ],
)
# fmt: on
