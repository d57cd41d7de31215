"""The task: something to do, for an application, for a contact, or for neither."""

from tmr.domain.fields.kind import Identity, Kind
from tmr.domain.fields.type import Field, FieldType
from tmr.domain.fields.types.choices import Choice
from tmr.domain.fields.types.dates import Date
from tmr.domain.fields.types.links import Link
from tmr.domain.fields.types.texts import LongText
from tmr.domain.fields.types.times import Instant

# fmt: off
TASK = Kind(
    key="task", plural="tasks", title="Task", heading="Tasks", place=4, shortcut="t", named_by=("title",),
    icon="M3 8l3 3 7-7", settled={"done_at": ()}, sorted_by="due_on",
    empty="Keep what you have to do, and by when. Tasks show up on Today when they are due.",
    described_by=("due_on", "application_id", "contact_id"),
    identity=Identity(together=("title", "application_id"), apart=("due_on",)),
    fields=[
        Field(name="title", label="Task", number=2, type=FieldType(), is_required=True, is_quick=True,
              missing="Enter a task.",
              words="task, to do, todo, what, action, Aufgabe, tâche, tarea"),
        Field(name="due_on", label="Due", number=3, type=Date(), is_quick=True, is_due=True,
              role="due",
              words="due, due date, deadline, date, fällig, Frist, échéance, vence"),
        Field(name="priority", label="Priority", number=4, is_quick=True,
              type=Choice("High", "Normal", "Low", words={"High": "urgent, hoch, haute, alta, hoog, wysoki, hög",
                          "Normal": "medium, mittel, moyenne, media, média, gemiddeld, średni, medel",
                          "Low": "niedrig, basse, baja, baixa, bassa, laag, niski, låg"}),
              words="importance, Priorität, priorité, prioridad"),
        Field(name="application_id", label="Application", number=5, type=Link("application"), is_quick=True,
              is_headline=True,
              aliases=("application_ids",),
              words="application, company, company name, employer, Firma, entreprise, empresa"),
        Field(name="contact_id", label="Contact", number=6, type=Link("contact"), aliases=("contact_ids",),
              words="contact, person"),
        Field(name="done_at", label="Done", number=7, type=Instant(),
              words="done, completed, completed at, finished, erledigt, terminé, hecho"),
        Field(name="notes", label="Notes", number=1, type=LongText(), section="detail",
              is_in_panel=True,
              words="note, comments, comment, description, Bemerkung, Notizen, remarques, notas"),
    ],
)
# fmt: on
