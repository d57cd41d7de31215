"""The answer while records are closed: 423, with a form in place that opens them and loses nothing that was typed."""

import re

from flask import Flask, Response, g, make_response, render_template, request

from tmr.repository.errors import DecryptionError, LockedError
from tmr.repository.lock.kept_slots import KeptSlot, password_slot
from tmr.repository.lock.passkeys import passkey_slots
from tmr.web.bearer.problems import is_for_script
from tmr.web.error_pages import Words, with_retry
from tmr.web.error_pages import answer as answer_error
from tmr.web.htmx import into_messages, is_htmx
from tmr.web.services import services
from tmr.web.session.csrf import FIELD
from tmr.web.transport.request import MULTIPART, URLENCODED

PASSWORD_FIELD = "unlock_password"  # noqa: S105 - the name of a field, as no form of records has
EMAIL_FIELD = "unlock_email"  # for password managers
CODE_FIELD = "unlock_code"
CREDENTIAL_FIELD, SECRET_FIELD = "unlock_credential", "unlock_secret"
# What other forms call a secret. No page has it in its text: their routes ask for it again.
SECRETS = {"password", "current", "key_password", "recovery_code", "code", "credential", "prf_secret"}
CLOSED = Words("These records are locked", "Only their owner can open them. Nothing was changed.")
CLOSED_TO_SCRIPT = Words(
    CLOSED.title,
    "This access token does not open them. Make a new one in Settings, Scripts, while they are unlocked. Nothing was "
    "changed.",
)
FORMS = (URLENCODED, MULTIPART)
# A file is saved beside the page that it was asked for on: behind the form that unlocks, that would be this form.
PAGES_OF_FILES = (
    (re.compile(r"/(documents|events)/([^/]+)/files?(?:/.*)?"), r"/\1/\2"),
    (re.compile(r"/import/([^/]+)/left/.*"), r"/import/\1"),
    (re.compile(r"/export/(\w+)\.csv(.*)"), r"/\1\2"),
    (re.compile(r"/settings/privacy/exports?(?:/.*\.zip)?"), "/settings/privacy"),
)


def init_closed_pages(app: Flask) -> None:
    """Answer 423 wherever a request needs records that are closed, and let the menu say whether they are."""
    app.register_error_handler(LockedError, lambda _error: answer_closed())
    app.jinja_env.globals["lock_state"] = lock_state


def lock_state() -> str:
    """Return ``open`` or ``closed`` if the account that is signed in has the lock on, else an empty text."""
    uow = g.get("unit_of_work")
    try:
        return uow.lock.state if uow else ""
    except DecryptionError:  # damaged: the page that needs the records says so
        return ""


def answer_closed(error: str = "", by: str = PASSWORD_FIELD, elsewhere: int = 0, status: int = 423) -> Response:
    """Return the form that opens the records of who is signed in; for anyone else only that they are locked.

    ``error`` is what was wrong with the field ``by``: the one of the password, of the code or of the passkey.
    ``elsewhere`` says in how many other sessions they are open. With another ``status`` it says in ``Retry-After`` when
    to try again.

    A form that was sent while they were closed is sent again, to the same address, with what was typed, secrets aside,
    and what opens them: the password, the code or a passkey, each where the account has a slot for it. A file has to be
    chosen again, in the same form: no page can hold it. htmx gets the form with its messages: the editor that sent the
    request stays, and sends itself again.
    """
    if is_for_script():
        return answer_error(423, words=CLOSED_TO_SCRIPT)
    if "counts" not in g or request.path.startswith("/support"):  # no session of the account that is asked for
        return answer_error(423, words=CLOSED)
    is_form = request.method == "POST" and request.mimetype in FORMS and request.path not in ("/unlock", "/lock")
    left_out = {FIELD, PASSWORD_FIELD, EMAIL_FIELD, CODE_FIELD, CREDENTIAL_FIELD, SECRET_FIELD, *SECRETS}
    again = [pair for pair in request.form.items(multi=True) if pair[0] not in left_out] if is_form else []
    page_of_file = _page_of_file(request.full_path.rstrip("?"))
    resends = is_form and not is_htmx() and not page_of_file
    context = {
        "action": request.full_path.rstrip("?") if resends else "/unlock",
        "typed": again if resends else [],
        "next": page_of_file or _next(),
        "error": error if by == PASSWORD_FIELD else "",
        "code_error": error if by == CODE_FIELD else "",
        "passkey_error": error if by == CREDENTIAL_FIELD else "",
        "email": g.unit_of_work.account.known_email() if "unit_of_work" in g else "",
        "code_field": CODE_FIELD,
        "credential_field": CREDENTIAL_FIELD,
        "secret_field": SECRET_FIELD,
        "files": _chosen_files() if resends else [],
        "has_parts": resends and request.mimetype == MULTIPART,  # written otherwise, a long text would be too long
        "is_for_file": bool(page_of_file),
        "elsewhere": elsewhere,
    }
    slots = _slots()
    context |= {"has_password": password_slot(slots) is not None, "has_passkey": bool(passkey_slots(slots))}
    name = "lock/closed.fragment.html" if is_htmx() else "lock/closed.html"
    response = into_messages(make_response(render_template(name, field=PASSWORD_FIELD, **context), status))
    return with_retry(response, status, g.get("retry_after"))


def _chosen_files() -> list[tuple[str, str]]:
    """Return the field and the name of each file that came with the form; an empty field is none."""
    return [(field, file.filename) for field, file in request.files.items(multi=True) if file.filename]


def _slots() -> list[KeptSlot]:
    """Return what opens the records of the account that is signed in."""
    uow = g.get("unit_of_work")
    if uow is None:
        return []
    if not uow.is_over:
        return list(uow.lock.slots())
    with services().repository.for_owner(uow.owner) as another:
        return another.lock.slots()


def _next() -> str:
    if request.path in ("/unlock", "/lock"):
        return request.values.get("next", "")
    return request.full_path.rstrip("?") if request.method == "GET" and not is_htmx() else ""


def _page_of_file(address: str) -> str:
    """Return the page that a file is asked for on, or an empty text if ``address`` is of none."""
    found = ((pattern.fullmatch(address), page) for pattern, page in PAGES_OF_FILES)
    return next((match.expand(page) for match, page in found if match), "")
