"""What a mail changes, once a person has looked it through and says so."""

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import Kind, pipeline_of_kind
from tmr.domain.fields.type import Wire
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.event import EVENT
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.pipeline.category import APPLIED
from tmr.domain.record import Record
from tmr.records import said
from tmr.records.blueprint import blueprint
from tmr.records.capture.review import AT, NEW, chosen_time, context_of, review_again, sent_interview
from tmr.records.capture.routes import FRAGMENT, PAGE
from tmr.records.editing.changes import add_record, change_record, room_errors
from tmr.records.editing.form import RecordForm
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.storage_limit import stores

NO_TIME = "Enter a day and a time."
CHOOSE = "Choose the application that this email is about."
OTHER = "That interview belongs to another application. Choose again, or add one."
LONGEST = 50_000


@blueprint.post("/capture/mail")
@sign_in_required
@stores
def apply_mail() -> Response:
    """Change what was chosen: the stage, an interview, the log. The mail itself is kept only if that was chosen."""
    with unit_of_work() as uow:
        kind = uow.kinds[APPLICATION.plural]
        application, errors = _application(uow, kind)
        interview = sent_interview(str(application.id) if isinstance(application, Record) else str(UUID(int=0)))
        if request.form.get("interview"):
            has_time = interview.values.get("starts_at") or chosen_time().get("starts_at")
            errors |= interview.errors or ({} if has_time else {"starts_at": NO_TIME})
            errors |= _errors_of_chosen_interview(uow, application)
        if errors:
            review = review_again(uow, interview, errors)
            uow.commit_if_open()
            return htmx.render(PAGE, FRAGMENT, 422, **context_of(review))
        record = _changed(uow, kind, application)
        _keep_interview(uow, record, interview)
        _keep_text(uow, record)
        uow.commit()
    return htmx.saved_with_undo(f"/{record.kind.plural}/{record.id}", said.saved(record), None)


def _application(uow: UnitOfWork, kind: Kind) -> tuple[Record | RecordForm | None, dict[str, str]]:
    """Return the application that was chosen, or the form of a new one, and what is wrong."""
    chosen = request.form.get("application", "")
    if chosen == NEW:
        form = RecordForm.parse_new(kind, request.form)
        named = {name: error for name, error in form.errors.items() if name in ("company", "title")}
        return form, {**named, **room_errors(uow, kind)}
    try:
        return uow.records.get_for_edit(kind, UUID(chosen)), {}
    except (ValueError, RecordNotFoundError):
        return None, {"application": CHOOSE}


def _changed(uow: UnitOfWork, kind: Kind, application: Record | RecordForm | None) -> Record:
    pipeline, stage = pipeline_of_kind(kind), request.form.get("stage", "")
    values: dict[str, Wire] = {"status": stage} if stage in {one.key for one in pipeline.active} else {}
    day = kind.by_role["applied"].name
    known = application.values if isinstance(application, Record | RecordForm) else {}
    if values and pipeline.category_of(stage) == APPLIED and not known.get(day):
        sent, errors = kind.parse({day: request.form.get("sent_on", "")})
        values |= {} if errors else sent
    if isinstance(application, Record):
        return change_record(uow, application, values, application.version, now()) if values else application
    new = {name: known[name] for name in ("company", "title")}
    return add_record(uow, kind, {**kind.defaults(), **new, **values}, now())


def _keep_interview(uow: UnitOfWork, record: Record, interview: RecordForm) -> None:
    chosen, kind = request.form.get("interview", ""), uow.kinds[INTERVIEW.plural]
    values = {**interview.values, **chosen_time(), "application_id": str(record.id)}
    if chosen == NEW or chosen.startswith(AT):
        add_record(uow, kind, {**kind.defaults(), **values}, now())
    elif chosen:
        stored = uow.records.get_for_edit(kind, UUID(chosen))
        told = {name: value for name, value in values.items() if value is not None and name != "outcome"}
        change_record(uow, stored, told, stored.version, now())


def _errors_of_chosen_interview(uow: UnitOfWork, application: Record | RecordForm | None) -> dict[str, str]:
    """Return an error if an interview was chosen of another application: the list was made for the one before."""
    chosen = request.form.get("interview", "")
    if chosen == NEW or chosen.startswith(AT) or application is None:
        return {}
    try:
        found = uow.records.get_many(uow.kinds[INTERVIEW.plural], [UUID(chosen)])
    except ValueError:
        found = []
    home = str(application.id) if isinstance(application, Record) else ""
    return {} if found and found[0]["application_id"] == home else {"interview": OTHER}


def _keep_text(uow: UnitOfWork, record: Record) -> None:
    if "keep" in request.form and (text := request.form.get("text", "").strip()):
        event = {**EVENT.defaults(), "application_id": str(record.id), "type": "email", "text": text[:LONGEST]}
        add_record(uow, uow.kinds[EVENT.plural], event, now())
