"""Known layouts: the exports of other trackers, and our own."""

from collections.abc import Mapping, Sequence

import msgspec

from tmr.domain.exporting import header
from tmr.domain.fields.folding import fold
from tmr.domain.fields.formula_escaping import restore
from tmr.domain.fields.kind import Kind
from tmr.domain.importing.headers import SALARY, SAVED_ON
from tmr.domain.importing.readers.dates import MONTH_FIRST
from tmr.domain.kinds import KINDS

OWN = "own"
NO_HEADERS: Mapping[str, Mapping[str, str]] = {}


class Preset(msgspec.Struct, frozen=True):
    """A known layout: what each column is, and what its files leave unsaid (status, date order, kind)."""

    key: str
    name: str
    columns: Mapping[str, str]
    status: str = ""
    date_order: str = ""
    empty: Sequence[str] = ()
    kind: str = "applications"


_HUNTR = (
    "id,createdAt,title,salary,location,url,rootDomain,htmlDescription,deadline,color,lastMovedAt,boardId,boardName,"
    "listId,listName,companyId,companyName,companyDomain,creatorUserId,creatorUserFirstName,creatorUserLastName,"
    "creatorUserEmail"
)

PRESETS = (
    Preset(
        "linkedin-applications",
        "LinkedIn, job applications",
        {
            "Application Date": "applied_on",
            "Contact Email": "",
            "Contact Phone Number": "",
            "Company Name": "company",
            "Job Title": "title",
            "Job Url": "url",
            "Resume Name": "notes",
            "Question And Answers": "notes",
        },
        status="applied",
        date_order=MONTH_FIRST,
    ),
    Preset(
        "linkedin-saved",
        "LinkedIn, saved jobs",
        {"Saved Date": SAVED_ON, "Job Url": "url", "Job Title": "title", "Company Name": "company"},
        status="saved",
        date_order=MONTH_FIRST,
    ),
    Preset(
        "linkedin-connections",
        "LinkedIn, connections",
        {
            "First Name": "name",
            "Last Name": "name",
            "URL": "profile_url",
            "Email Address": "email",
            "Company": "company",
            "Position": "job_title",
            "Connected On": SAVED_ON,
        },
        kind="contacts",
    ),
    Preset(
        "linkedin-contacts",
        "LinkedIn, contacts",
        {
            "Source": "",
            "FirstName": "name",
            "LastName": "name",
            "Companies": "company",
            "Title": "job_title",
            "Emails": "email",
            "PhoneNumbers": "phone",
            "CreatedAt": SAVED_ON,
            "Addresses": "notes",
            "Sites": "notes",
            "InstantMessageHandles": "notes",
            "FullName": "name",
            "Birthday": "notes",
            "Location": "notes",
            "BookmarkedAt": "",
            "Profiles": "profile_url",
        },
        date_order=MONTH_FIRST,
        kind="contacts",
    ),
    Preset(
        "huntr",
        "Huntr",
        {
            **dict.fromkeys(_HUNTR.split(","), ""),
            "createdAt": SAVED_ON,
            "title": "title",
            "salary": SALARY,
            "location": "location",
            "url": "url",
            "htmlDescription": "job_description",
            "deadline": "deadline_on",
            "listName": "status",
            "companyName": "company",
        },
        empty=("-",),
    ),
    Preset(
        "jobsync",
        "JobSync",
        {
            "index": "",
            "createdAt": SAVED_ON,
            "applied": "",
            "appliedDate": "applied_on",
            "Company": "company",
            "JobTitle": "title",
            "jobType": "employment_type",
            "workplaceType": "work_mode",
            "Location": "location",
            "JobSource": "source",
            "Status": "status",
        },
        empty=("N/A",),
    ),
    Preset(
        "reactive-resume",
        "Reactive Resume",
        {
            "Company": "company",
            "Role": "title",
            "Stage": "status",
            "Location": "location",
            "Salary": SALARY,
            "Source": "source",
            "Tags": "tags",
            "Notes": "notes",
            "URL": "url",
            "Applied Date": "applied_on",
        },
    ),
)


class Layouts:
    """The layouts that are known for one person, with the columns of their own fields in exports."""

    def __init__(self, kinds: Mapping[str, Kind], own_headers: Mapping[str, Mapping[str, str]] = NO_HEADERS) -> None:
        self._kinds = kinds
        self._own = {
            plural: {**{field.label: field.name for field in kind.own_fields}, **own_headers.get(plural, {})}
            for plural, kind in kinds.items()
        }

    def is_own(self, columns: Sequence[str]) -> bool:
        """Whether this is the header of an export of ours."""
        return self._of_export(columns) is not None

    def find(self, columns: Sequence[str]) -> Preset | None:
        """Return the preset whose header this is, in any order of the columns, or None."""
        if own := self._of_export(columns):
            return own
        folded = sorted(fold(name) for name in columns)
        return next((preset for preset in PRESETS if sorted(map(fold, preset.columns)) == folded), None)

    def _of_export(self, columns: Sequence[str]) -> Preset | None:
        for plural in KINDS:
            own = self._own.get(plural, {})
            exported, declared = header(KINDS[plural]), [name for name in columns if restore(name) not in own]
            # Those from before an own field was declared lack it, and those of earlier releases the last one, a number.
            if declared in (exported, exported[:-1]):
                return Preset(
                    OWN, "TrackMyRoles", {name: own.get(restore(name), name) for name in columns}, kind=plural
                )
        return None


def preset_date_order(key: str) -> str:
    """Return the order of day and month in a preset's files; empty if it is not known."""
    return next((preset.date_order for preset in PRESETS if preset.key == key), "")
