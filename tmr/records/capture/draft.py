"""The form of a new application, filled in with what a posting says, and from where each value was taken."""

from collections.abc import Mapping

import msgspec
from werkzeug.datastructures import MultiDict

from tmr.domain.capture.posting.reader import Posting
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field
from tmr.records.editing.form import RecordForm
from tmr.web.display.typed_values import typed

SHOWN = (
    *("company", "title", "location", "work_mode", "employment_type", "salary_min", "salary_max", "salary_currency"),
    *("salary_period", "deadline_on", "url", "status", "job_description"),
)
# Of pay, the amount says it for all; a description is as long as what it was taken from.
_UNTOLD = ("salary_max", "salary_currency", "salary_period", "job_description")
PLACEHOLDER = "Not found. This is a placeholder; change it now or later."


class Draft(msgspec.Struct, frozen=True):
    """A form to look through and save; ``told`` says of each field where its value is from."""

    form: RecordForm
    told: Mapping[str, str]

    @property
    def groups(self) -> list[list[Field]]:
        """The fields that are shown; those of one amount are together."""
        kind = self.form.kind
        shown = {*SHOWN, *(name for name in self.form.errors if name in kind.by_name)}
        groups = ([field for field in fields if field.name in shown] for fields in kind.edited_together)
        return [fields for fields in groups if fields]


def draft_of(kind: Kind, posting: Posting) -> Draft:
    """Return the form of an application that a posting fills in; what no field takes is left out."""
    texts = {name: taken.value for name, taken in posting.fields.items() if name in SHOWN}
    values, errors = kind.parse(texts)
    written = {name: typed(value, kind.by_name[name]) for name, value in values.items() if name not in errors}
    told = {name: _told(posting, name) for name in written if name not in _UNTOLD}
    for name in kind.required:
        if not written.get(name):
            written[name], told[name] = kind.by_name[name].stand_in, PLACEHOLDER
    return Draft(RecordForm(kind, written, is_open=True), told)


def draft_again(kind: Kind, form: MultiDict[str, str]) -> Draft:
    """Return the form as it was sent, with what is wrong with it."""
    return Draft(RecordForm.parse_new(kind, form), {})


def _told(posting: Posting, name: str) -> str:
    taken = posting.fields[name]
    return f"From {taken.told}: “{taken.quote}”" if taken.quote else f"From {taken.told}"
