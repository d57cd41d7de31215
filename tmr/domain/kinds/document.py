"""The document: a résumé, a letter, whatever goes out with applications, with the file itself."""

from tmr.domain.fields.kind import Identity, Kind
from tmr.domain.fields.type import Field, FieldType
from tmr.domain.fields.types.choices import Choice
from tmr.domain.fields.types.links import FileLink, Links
from tmr.domain.fields.types.numbers import Size
from tmr.domain.fields.types.texts import LongText

# fmt: off
DOCUMENT = Kind(
    key="document", plural="documents", title="Document", heading="Documents", place=6, shortcut="d",
    icon="M4 2.5h5l3 3v8H4zM9 2.5v3h3", named_by=("name",),
    empty="Keep your résumés and cover letters here. When you apply, a copy of what you sent is saved.",
    described_by=("kind", "file_name", "application_ids"),
    identity=Identity(together=("name", "file_sha256")),
    fields=[
        Field(name="name", label="Name", number=2, type=FieldType(), is_required=True, is_quick=True,
              missing="Enter a name.",
              words="document, title, Dokument, nom, nombre"),
        Field(name="kind", label="Type", number=3, is_quick=True, words="type, Art",
              is_headline=True,
              type=Choice("Résumé", "Cover letter", "Portfolio", "Message template", "Company notes", "Other")),
        Field(name="application_ids", label="Applications", number=4, type=Links("application"),
              is_headline=True,
              aliases=("application_id",), words="applications, application"),
        Field(name="file_name", label="File", number=5, type=FieldType(), is_fixed=True),
        Field(name="file_type", label="File type", number=6, type=FieldType(), is_fixed=True, is_shown=False),
        Field(name="file_size", label="Size", number=7, type=Size(), is_fixed=True),
        Field(name="file_sha256", label="File fingerprint (SHA-256)", number=8, type=FieldType(),
              is_fixed=True, is_column=False),
        Field(name="file", label="File", number=9, type=FileLink(), is_fixed=True, is_column=False),
        Field(name="notes", label="Notes", number=1, type=LongText(), section="detail",
              is_in_panel=True,
              words="note, comments, comment, Bemerkung, Notizen, remarques, notas"),
    ],
)
# fmt: on
