"""Security reports: the form for them, and ``security.txt`` (RFC 9116), where programs look for the contact."""

import datetime as dt
from uuid import UUID

import msgspec
from flask import Response, abort, request

from tmr.privacy.blueprint import blueprint
from tmr.repository.installation import ANSWERED_WITHIN
from tmr.repository.queue.mails import Mail
from tmr.web import htmx
from tmr.web.services import now, services
from tmr.web.session.guards import public
from tmr.web.session.throttling import (
    REPORT_BY_ADDRESS,
    REPORT_BY_SITE,
    REPORT_OVERALL,
    client_network,
    client_site,
    count,
)

MOST_CHARACTERS, LONGEST_ADDRESS = 20_000, 254
EMPTY = "Describe what you found."
TOO_LONG = f"Use at most {MOST_CHARACTERS:,} characters. You can link to more."
NO_ADDRESS = "Enter an email address, or leave this empty."
VALID_FOR = dt.timedelta(days=180)


class ReportForm(msgspec.Struct):
    """A report as typed, with an error message for each field that is refused."""

    report: str
    reply_to: str
    errors: dict[str, str]

    @classmethod
    def parse(cls, typed: dict[str, str]) -> "ReportForm":
        """Read the form; an address to reply to may be left out."""
        form = cls(typed.get("report", "").replace("\0", "").strip(), typed.get("reply_to", "").strip(), {})
        if not form.report:
            form.errors["report"] = EMPTY
        if len(form.report) > MOST_CHARACTERS:
            form.errors["report"] = TOO_LONG
        is_odd = len(form.reply_to) > LONGEST_ADDRESS or not form.reply_to.isprintable()
        if form.reply_to and (is_odd or form.reply_to.count("@") != 1 or len(form.reply_to.split()) != 1):
            form.errors["reply_to"] = NO_ADDRESS
        return form


@blueprint.get("/security/report")
@public
def show_report() -> Response:
    """Show the form for a report, or that this installation has no contact."""
    return _render_report(ReportForm("", "", {}), 200)


@blueprint.post("/security/report")
@public
def send_report() -> Response:
    """Mail a report to the contact, with the time an answer is due; the database stores that time and no text."""
    contact = services().settings.security_contact
    if contact is None:
        abort(404)
    count(REPORT_BY_ADDRESS, client_network())
    form = ReportForm.parse(request.form)
    if form.errors:
        return _render_report(form, 422)
    # Only reports that are sent count against the larger limits: a refused form must not use them up.
    count(REPORT_BY_SITE, client_site())
    count(REPORT_OVERALL, "all")
    number, due = _mail_report(form, contact), now() + ANSWERED_WITHIN
    return htmx.render("privacy/promises/report_sent.html", number=number, due=due, is_answerable=bool(form.reply_to))


@blueprint.get("/.well-known/security.txt")
@public
def security_txt() -> Response:
    """Return the file that names the contact; 404 if there is none."""
    settings = services().settings
    if settings.security_contact is None:
        abort(404)
    # A whole day, so that the file is the same however often it is fetched on one.
    expires = (now() + VALID_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [f"Contact: mailto:{settings.security_contact}"]
    lines += [f"Contact: {settings.base_url}/security/report"] if settings.is_secure else []
    lines += [f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages: en"]
    lines += [f"Canonical: {settings.base_url}/.well-known/security.txt"]
    lines += [f"Policy: {settings.base_url}/privacy#P29"] if settings.is_secure else []
    return Response("\r\n".join(lines) + "\r\n", content_type="text/plain; charset=utf-8")


def _mail_report(form: ReportForm, contact: str) -> UUID:
    with services().repository.installation() as installation:
        number = installation.add_report(now())
        due = f"{now() + ANSWERED_WITHIN:%Y-%m-%d %H:%M} UTC"
        values = {"number": str(number), "due": due, "reply_to": form.reply_to or "nobody", "report": form.report}
        installation.mails.add(Mail(contact, "security_report", values), now())
        installation.commit()
    return number


def _render_report(form: ReportForm, status: int) -> Response:
    has_contact = services().settings.security_contact is not None
    return htmx.render("privacy/promises/report.html", form=form, has_contact=has_contact, status=status)
