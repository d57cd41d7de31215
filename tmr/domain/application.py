"""The application: one role at one company that a person is after."""

from tmr.domain.field_types import (
    Amount,
    Choice,
    Currency,
    Date,
    Field,
    FieldType,
    LongText,
    Rating,
    StageChoice,
    Tags,
    Url,
)
from tmr.domain.kinds import Kind

# fmt: off
APPLICATION = Kind(
    key="application", plural="applications", title="Application", heading="Applications",
    fields=[
        Field(name="company", label="Company", number=2, type=FieldType(), is_required=True, is_quick=True),
        Field(name="title", label="Title", number=3, type=FieldType(), is_required=True, is_quick=True),
        Field(name="status", label="Status", number=4, type=StageChoice(), default="saved", is_quick=True),
        Field(name="location", label="Location", number=5, type=FieldType()),
        Field(name="work_mode", label="Work mode", number=6, type=Choice("Remote", "Hybrid", "On-site")),
        Field(name="employment_type", label="Employment", number=7, is_shown=False, type=Choice(
            "Full-time", "Part-time", "Contract", "Temporary", "Internship", "Apprenticeship", "Volunteer")),
        Field(name="salary_min", label="Pay", number=8, type=Amount(),
              together=("salary_min", "salary_max", "salary_currency", "salary_period")),
        Field(name="salary_max", label="Pay up to", number=9, type=Amount(), is_column=False),
        Field(name="salary_currency", label="Currency", number=10, type=Currency(), aliases=("currency",),
              is_column=False),
        Field(name="salary_period", label="Pay per", number=11, aliases=("period",), is_column=False,
              type=Choice("Year", "Month", "Week", "Day", "Hour")),
        Field(name="source", label="Source", number=12, type=FieldType(), is_shown=False),
        Field(name="applied_on", label="Applied", number=13, type=Date()),
        Field(name="deadline_on", label="Deadline", number=14, type=Date(), is_shown=False, is_due=True),
        Field(name="follow_up_on", label="Follow up", number=15, type=Date(), is_due=True),
        Field(name="tags", label="Tags", number=17, type=Tags(), hint="Separate tags by semicolons."),
        Field(name="excitement", label="Interest", number=16, type=Rating()),
        Field(name="closed_reason", label="How it closed", number=18, type=FieldType(), is_shown=False),
        Field(name="url", label="Link", number=1, type=Url(), section="detail", is_quick=True),
        Field(name="job_description", label="Job description", number=2, type=LongText(), section="detail"),
        Field(name="notes", label="Notes", number=3, type=LongText(), section="detail"),
    ],
)
# fmt: on

KINDS = {kind.plural: kind for kind in (APPLICATION,)}
