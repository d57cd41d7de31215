"""The interview: one round of talks about an application."""

from tmr.domain.fields.kind import Identity, Kind
from tmr.domain.fields.type import Field, FieldType, Opening
from tmr.domain.fields.types.choices import Choice, Flag
from tmr.domain.fields.types.links import Link
from tmr.domain.fields.types.texts import LongText
from tmr.domain.fields.types.times import Minutes, WallTime, Zone

# fmt: off
INTERVIEW = Kind(
    key="interview", plural="interviews", title="Interview", heading="Interviews", place=3, shortcut="i",
    icon="M3 3.5h10v7H8l-3 2.5v-2.5H3z", named_by=("kind", "application_id"), sorted_by="starts_at",
    settled={"outcome": ("cancelled",)},
    empty="Keep each round here: the time, the people, what to prepare and what to ask.",
    described_by=("starts_at", "place", "outcome"),
    identity=Identity(together=("application_id", "starts_at", "kind")),
    fields=[
        Field(name="application_id", label="Application", number=2, type=Link("application"), is_required=True,
              is_headline=True,
              is_quick=True, aliases=("application_ids",), missing="Choose an application.",
              words="application, company, company name, employer, role, job title, title, Firma, entreprise, empresa"),
        Field(name="kind", label="Type", number=3, is_quick=True, words="type, interview type, round, stage, Art",
              is_headline=True,
              type=Choice("Phone screen", "Video", "Technical", "Take-home", "On-site", "Panel", "Final")),
        Field(name="starts_at", label="Date and time", number=4, type=WallTime(), is_quick=True, is_due=True,
              is_headline=True,
              words="start, starts, date, time, date and time, when, interview date, scheduled, Datum, Termin, fecha"),
        Field(name="time_zone", label="Time zone", number=5, type=Zone(), is_shown=False,
              aliases=("timezone", "zone"), words="timezone, tz, Zeitzone, fuseau horaire, zona horaria"),
        Field(name="duration", label="Duration", number=6, type=Minutes(), aliases=("duration_minutes",),
              hint="Minutes or h:mm, for example 45 or 1:30.", words="minutes, length, Dauer, durée, duración"),
        Field(name="place", label="Location or meeting link", number=7, type=FieldType(), is_quick=True,
              opens=Opening("Join meeting", short="Join"),
              aliases=("meeting_url", "location"),
              words="place or link, location, meeting url, meeting link, link, url, Ort, lieu"),
        Field(name="interviewers", label="Interviewers", number=8, type=FieldType(),
              words="interviewer, with, people, Gesprächspartner"),
        Field(name="outcome", label="Outcome", number=9, words="result, status, Ergebnis, résultat, resultado",
              type=Choice("Scheduled", "Passed", "Failed", "Cancelled"), default="scheduled"),
        Field(name="thank_you_sent", label="Thank-you sent", number=10, type=Flag(),
              words="thanked, thank you, thank you note"),
        Field(name="preparation", label="Preparation", number=1, type=LongText(), section="detail",
              is_in_panel=True,
              words="prep, prepare, Vorbereitung, préparation"),
        Field(name="questions", label="Questions to ask", number=2, type=LongText(), section="detail",
              is_in_panel=True,
              words="questions to ask, Fragen, preguntas"),
        Field(name="notes", label="Notes", number=3, type=LongText(), section="detail",
              is_in_panel=True,
              words="note, comments, comment, feedback, Notizen, notas"),
    ],
)
# fmt: on
