"""The contact: a person met on the way to a role."""

from tmr.domain.fields.kind import Identity, Kind
from tmr.domain.fields.type import Field, FieldType, Opening
from tmr.domain.fields.types.choices import Choice
from tmr.domain.fields.types.dates import Date
from tmr.domain.fields.types.links import Links
from tmr.domain.fields.types.texts import Email, LongText, Tags, Url

# fmt: off
CONTACT = Kind(
    key="contact", plural="contacts", title="Contact", heading="Contacts", place=2, shortcut="c", named_by=("name",),
    icon="M8 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M3 13.5c.5-2.5 2.5-3.5 5-3.5s4.5 1 5 3.5",
    empty="Keep track of recruiters, referrals and people you meet, and when you last spoke.",
    described_by=("job_title", "company", "phone", "email", "application_ids"),
    identity=Identity(together=("name",), unique=("email",), apart=("email", "company")),
    fields=[
        Field(name="name", label="Name", number=2, type=FieldType(), is_required=True, is_quick=True,
              missing="Enter a name.",
              words="full name, contact, contact name, first name, last name, Ansprechpartner, Kontakt, nom, nombre"),
        Field(name="company", label="Company", number=3, type=FieldType(), is_quick=True,
              words="company name, employer, organisation, organization, firm, Firma, Unternehmen, entreprise"),
        Field(name="job_title", label="Job title", number=4, type=FieldType(),
              words="position, role, title, Stelle, Funktion, poste, cargo, puesto"),
        Field(name="relationship", label="Relationship", number=5, is_quick=True,
              type=Choice("Recruiter", "Hiring manager", "Referral", "Peer", "Other"),
              words="type, relation, Beziehung, relación"),
        Field(name="email", label="Email", number=6, type=Email(), is_quick=True,
              opens=Opening(short="Email", scheme="mailto:"),
              words="email address, e-mail, mail, E-Mail-Adresse, courriel, correo, correo electrónico"),
        Field(name="phone", label="Phone", number=7, type=FieldType(),
              opens=Opening(scheme="tel:"),
              words="phone number, telephone, mobile, Telefon, Handy, téléphone, teléfono"),
        Field(name="last_contacted_on", label="Last contact", number=8, type=Date(is_past=True),
              role="contacted",
              words="last contacted, last contact, letzter Kontakt, dernier contact, último contacto"),
        Field(name="follow_up_on", label="Follow-up", number=9, type=Date(), is_due=True,
              role="follow_up",
              words="follow up, follow-up date, next action date, Nachfassen, relance, seguimiento"),
        Field(name="application_ids", label="Applications", number=10, type=Links("application"),
              is_headline=True,
              aliases=("application_id",), words="applications, application"),
        Field(name="tags", label="Tags", number=11, type=Tags(), is_shown=False, hint="Separate tags with semicolons.",
              words="tag, labels, label, Schlagwörter, étiquettes, etiquetas"),
        Field(name="profile_url", label="Profile URL", number=1, type=Url(), section="detail", aliases=("url",),
              opens=Opening("Open profile"),
              words="linkedin, linkedin url, profile, link, Profil, perfil"),
        Field(name="notes", label="Notes", number=2, type=LongText(), section="detail",
              is_in_panel=True,
              words="note, comments, comment, Bemerkung, Bemerkungen, Notizen, remarques, notas, comentarios, "
                    "connected on"),
    ],
)
# fmt: on
