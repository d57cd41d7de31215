"""Proof of search: choose a period, columns and stages; a page to print, and a CSV file."""

import codecs
import datetime as dt
from typing import Any
from urllib.parse import urlencode

import msgspec
from flask import Response as FlaskResponse
from flask import request
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import pipeline_of_kind
from tmr.domain.fields.type import ValueRefusedError
from tmr.domain.fields.types.dates import Date
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.reports.proof import COLUMNS, LANGUAGES, Proof, csv_of
from tmr.domain.security_events import PROOF_EXPORTED
from tmr.records.blueprint import blueprint
from tmr.records.reports.applied import MOST_LINES, applied_between
from tmr.web import htmx
from tmr.web.display.typed_values import current_typing
from tmr.web.display.zone import current_zone, today
from tmr.web.event_log import note
from tmr.web.return_path import LONGEST_PATH
from tmr.web.session.current import is_confirmed, unit_of_work
from tmr.web.session.guards import ask_to_confirm, sign_in_required
from tmr.web.session.reading import scan_turn
from tmr.web.session.throttling import EXPORT_BY_ACCOUNT, count

PATH = "/report"
LONGEST = 120  # characters of a name and a number
NOT_A_DAY = "This is not a date. Try 2026-11-24, or 24 Nov 2026."
BACKWARDS = "The last day is before the first."


class Choice(msgspec.Struct, frozen=True):
    """What a person chose; days that mean nothing are None."""

    first: dt.date | None
    last: dt.date | None
    columns: tuple[str, ...]
    stages: tuple[str, ...]
    language: str


@blueprint.get(PATH)
@sign_in_required
def show_report() -> Response:
    """Show the form and the proof that it asks for, or with ``format=csv`` send the proof as a file."""
    choice = _choice()
    if request.args.get("format") == "csv" and not _errors(choice):
        return _as_file(choice)
    return _page(choice)


@blueprint.post(PATH)
@sign_in_required
def print_report() -> Response:
    """Show the proof with a name and a number, which stand in this one answer: neither is kept, nor in an address."""
    return _page(_choice(), person=_typed("person"), number=_typed("number"))


def _choice() -> Choice:
    sent = request.values
    language = sent.get("language", sent.get("lang", ""))
    wanted = set(sent.getlist("columns"))
    first, last = today().replace(day=1), today()
    return Choice(
        first=_day(sent["from"]) if sent.get("from") else first,
        last=_day(sent["to"]) if sent.get("to") else last,
        columns=tuple(column for column in COLUMNS if column in wanted) or COLUMNS,
        stages=tuple(dict.fromkeys(sent.getlist("stages")))[:100],
        language=language if language in LANGUAGES else "en",
    )


def _day(typed: str) -> dt.date | None:
    kind = Date(is_past=True)
    try:
        value = kind.parse(kind.read(typed[:60], current_typing()))
    except ValueRefusedError:
        return None
    return dt.date.fromisoformat(str(value)) if value else None


def _errors(choice: Choice) -> dict[str, str]:
    errors = {name: NOT_A_DAY for name, day in (("from", choice.first), ("to", choice.last)) if day is None}
    if choice.first and choice.last and choice.last < choice.first:
        errors["to"] = BACKWARDS
    return errors


def _proof(choice: Choice) -> tuple[Proof, int]:
    language, first, last = LANGUAGES[choice.language], choice.first or today(), choice.last or today()
    with scan_turn(), unit_of_work() as uow:
        lines, found = applied_between(uow, first, last, choice.stages, language, current_zone())
        uow.commit()
    return Proof(language, choice.columns, first, last, lines), found


def _page(choice: Choice, *, person: str = "", number: str = "") -> Response:
    errors, found, proof = _errors(choice), 0, None
    stages = pipeline_of_kind(unit_of_work().kinds[APPLICATION.plural]).stages
    if not errors:
        proof, found = _proof(choice)
    context: dict[str, Any] = {
        "proof": proof,
        "found": found,
        "most": MOST_LINES,
        "choice": choice,
        "from_day": str(choice.first or ""),
        "to_day": str(choice.last or ""),
        "refused": {name: request.values.get(name, "") for name in ("from", "to") if errors.get(name) == NOT_A_DAY},
        "stages": stages,
        "languages": [(code, language.name) for code, language in LANGUAGES.items()],
        "column_words": LANGUAGES["en"].columns,
        "errors": errors,
        "person": person,
        "number": number,
        "today": today(),
    }
    return htmx.render("records/reports/proof.html", status=422 if errors else 200, **context)


def _as_file(choice: Choice) -> Response:
    """Send the CSV file; what leaves the account takes a step-up, has a limit, and is in the log.

    A file that has not all that was found says so by its name.
    """
    if not is_confirmed():
        return ask_to_confirm(_page_of_this())
    uow = unit_of_work()
    count(EXPORT_BY_ACCOUNT, str(uow.owner))
    if request.method == "GET":  # HEAD downloads nothing
        note(uow, PROOF_EXPORTED)
    proof, found = _proof(choice)  # which commits the entry as well
    shown = len(proof.lines)
    part = f"-first-{shown}-of-{found}" if found > shown else ""
    content = codecs.BOM_UTF8 + b"".join(csv_of(proof))
    headers = {"Content-Disposition": f'attachment; filename="proof-of-search-{proof.first}-{proof.last}{part}.csv"'}
    return FlaskResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


def _page_of_this() -> str:
    """Return the address of the page with the same choice, unless that is too long to come back to."""
    chosen = [(name, text) for name, text in request.args.items(multi=True) if name != "format"]
    path = f"{PATH}?{urlencode(chosen)}" if chosen else PATH
    return path if len(path) <= LONGEST_PATH else PATH


def _typed(name: str) -> str:
    return " ".join(request.form.get(name, "").replace("\0", "").split())[:LONGEST]
