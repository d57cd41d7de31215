"""What a mail may change, to look through: the application, its stage, an interview. Nothing changes by itself."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from flask import request
from werkzeug.datastructures import MultiDict

from tmr.domain.capture.alike import Known, applications_of_mail
from tmr.domain.capture.mail.kinds import CONFIRMATION, INVITATION, OFFER, RECRUITER, REJECTION
from tmr.domain.capture.mail.reader import Interview, Mail
from tmr.domain.fields.kind import Kind, pipeline_of_kind
from tmr.domain.fields.type import Wire
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.pipeline import category
from tmr.domain.pipeline.pipeline import Pipeline
from tmr.domain.record import Record
from tmr.records.editing.form import RecordForm
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.dates import clock, short_date, weekday_date
from tmr.web.display.typed_values import typed

NEW, NONE = "new", ""
AT = "at:"  # before the time of an interview that is added, if it is one of those that a mail proposes
MOST_CANDIDATES, MOST_PROPOSED = 8, 10
TOLD = {
    CONFIRMATION: "This looks like a confirmation of an application",
    INVITATION: "This looks like an invitation to an interview",
    REJECTION: "This looks like a rejection",
    OFFER: "This looks like an offer",
    RECRUITER: "This looks like a message from a recruiter",
}
UNTOLD = "This doesn’t look like an email about an application, so no change is suggested"
_CATEGORY = {
    CONFIRMATION: category.APPLIED,
    INVITATION: category.INTERVIEWING,
    REJECTION: category.REJECTED,
    OFFER: category.OFFER,
    RECRUITER: category.SAVED,
}
ASKED = ("kind", "starts_at", "time_zone", "duration", "place")  # of an interview


class Review(msgspec.Struct, kw_only=True):
    """A form about one mail: what it was taken for, and what is to change."""

    told: str
    sentence: str = ""
    texts: dict[str, str]
    applications: list[tuple[str, str]]
    stages: list[tuple[str, str]]
    interviews: list[tuple[str, str]]
    proposed: list[tuple[str, str]]
    form: RecordForm
    errors: dict[str, str] = {}


def review_of(uow: UnitOfWork, mail: Mail) -> Review:
    """Return what a mail proposes: at most one application, one stage and one interview."""
    kind = uow.kinds[APPLICATION.plural]
    pipeline = pipeline_of_kind(kind)
    likely = applications_of_mail(mail, _known(uow, kind, pipeline), MOST_CANDIDATES)
    found = likely[0] if likely else None
    chosen = uow.records.get(kind, UUID(found.id)) if found else None
    interviews = _interviews(uow, chosen)
    texts = {
        "application": found.id if found else NEW if mail.kind in TOLD and mail.company else NONE,
        "company": mail.company or str(kind.by_name["company"].stand_in),
        "title": mail.title or str(kind.by_name["title"].stand_in),
        "stage": _stage(pipeline, mail.kind, chosen),
        "interview": _which_interview(mail.interview, interviews),
        "sent_on": mail.sent_on,
        "text": mail.text,
    }
    return Review(
        told=TOLD.get(mail.kind, UNTOLD),
        sentence=mail.sentence if mail.kind in TOLD else "",
        texts=texts,
        applications=_options(likely),
        stages=_stages(pipeline),
        interviews=interviews,
        proposed=_proposed([one.starts_at for one in mail.proposed]),
        form=_interview_form(mail.interview or _what_all_share(mail.proposed)),
    )


def review_again(uow: UnitOfWork, form: RecordForm, errors: dict[str, str]) -> Review:
    """Return the form as it was sent, with what is wrong with it."""
    kind = uow.kinds[APPLICATION.plural]
    ids = [_uuid(known) for known in request.form.getlist("known")[:MOST_CANDIDATES]]
    known = uow.records.get_many(kind, [one for one in ids if one])
    options = [(str(record.id), f"{record['title']} at {record['company']}") for record in known]
    chosen = next((record for record in known if str(record.id) == request.form.get("application")), None)
    return Review(
        told="Nothing was changed yet",
        texts={
            name: request.form.get(name, "")
            for name in (
                "application",
                "company",
                "title",
                "stage",
                "interview",
                "sent_on",
                "text",
                "keep",
            )
        },
        applications=options,
        stages=_stages(pipeline_of_kind(kind)),
        interviews=_interviews(uow, chosen),
        proposed=_proposed(request.form.getlist("proposed")),
        form=form,
        errors=errors,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _known(uow: UnitOfWork, kind: Kind, pipeline: Pipeline) -> list[Known]:
    company, title, stage = (kind.by_name[name].number for name in ("company", "title", "status"))
    count = uow.records.counts.of(kind)
    closed = {one.key for one in pipeline.stages if category.CATEGORY[one.category].is_closed}
    return [
        Known(
            str(UUID(bytes=row.id)),
            str(row.summary[company] or ""),
            str(row.summary[title] or ""),
            row.summary[stage] in closed,
            count - at,
        )
        for at, row in enumerate(uow.records.scan(kind))
    ]


def _options(likely: list[Known]) -> list[tuple[str, str]]:
    return [(one.id, f"{one.title} at {one.company}{' (closed)' if one.is_closed else ''}") for one in likely]


def _stages(pipeline: Pipeline) -> list[tuple[str, str]]:
    return [(stage.key, stage.label) for stage in pipeline.active]


def _stage(pipeline: Pipeline, mail_kind: str, application: Record | None) -> str:
    """Return the stage that a mail proposes: never one further back than where the application is."""
    wanted = _CATEGORY.get(mail_kind)
    stage = pipeline.first_of(wanted) if wanted else None
    if stage is None or application is None:
        return stage.key if stage else ""
    now_at = pipeline.category_of(application["status"])
    if now_at == wanted or category.rank(now_at) > category.rank(str(wanted)):
        return ""
    return stage.key


def _interviews(uow: UnitOfWork, application: Record | None) -> list[tuple[str, str]]:
    """Return the interviews of an application that may be moved: those that are scheduled."""
    if application is None:
        return []
    linked = uow.records.linked(INTERVIEW, application.id)
    open_ones = [one for one in linked if one["outcome"] in (None, "scheduled") and one["starts_at"]]
    return [(str(one.id), f"Move the one of {short_date(str(one['starts_at'])[:10])}") for one in open_ones[:5]]


def _proposed(starts: list[str]) -> list[tuple[str, str]]:
    """Return the interviews that may be added at one of these local times; what is no time is left out."""
    return [
        (f"{AT}{start.isoformat(timespec='minutes')}", f"Add the one on {weekday_date(start.date())}, {clock(start)}")
        for start in map(_moment, starts[:MOST_PROPOSED])
        if start
    ]


def _moment(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def _what_all_share(proposed: Sequence[Interview]) -> Interview | None:
    """Return what the interviews of which one is chosen have in common: not when they are."""
    return msgspec.structs.replace(proposed[0], starts_at="") if proposed else None


def _which_interview(interview: Interview | None, interviews: list[tuple[str, str]]) -> str:
    if interview is None:
        return NONE
    return interviews[0][0] if interview.is_update and len(interviews) == 1 else NEW


def _interview_form(interview: Interview | None) -> RecordForm:
    """Return the fields of an interview, as this person writes them."""
    if interview is None:
        return RecordForm(INTERVIEW)
    kind = "video" if interview.url else "on-site" if interview.place else ""
    said = {
        "kind": kind,
        "starts_at": interview.starts_at,
        "time_zone": interview.zone,
        "duration": str(interview.duration or ""),
        "place": interview.url or interview.place,
    }
    values, _ = INTERVIEW.parse({name: text for name, text in said.items() if text})
    return RecordForm(INTERVIEW, {name: typed(value, INTERVIEW.by_name[name]) for name, value in values.items()})


def sent_interview(application_id: str) -> RecordForm:
    """Return the form of an interview as it was sent, about an application."""
    sent: MultiDict[str, str] = MultiDict({name: request.form.get(name, "") for name in ASKED})
    sent["application_id"] = application_id
    return RecordForm.parse_new(INTERVIEW, sent)


def chosen_time() -> dict[str, Wire]:
    """Return the start of the proposed interview that was chosen, as it is stored; nothing if none was."""
    chosen = request.form.get("interview", "")
    return INTERVIEW.parse({"starts_at": chosen.removeprefix(AT)})[0] if chosen.startswith(AT) else {}


def context_of(review: Review) -> dict[str, Any]:
    """Return what the page of a review needs."""
    fields = [INTERVIEW.by_name[name] for name in ASKED]
    return {"review": review, "interview_fields": fields}
