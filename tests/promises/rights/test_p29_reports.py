"""P29, G6: security reports are welcomed and answered within 24 hours.

Seen failing with the due time at 48 hours, with a report's mail stored unsealed, and with Expires in the past.
"""

import datetime as dt
import os
import re
import subprocess
import sys

import msgspec
import pytest

from tmr import create_app
from tmr.operations.jobs.mails import send_installation_mail
from tmr.web.services import Services

FORM = "/security/report"


def tmr(data_dir, *arguments: str) -> subprocess.CompletedProcess:
    environ = {**os.environ, "TMR_DATA_DIR": str(data_dir)}
    return subprocess.run([sys.executable, "-m", "tmr", *arguments], env=environ, capture_output=True, text=True)


def report(visitor, **fields: str) -> str:
    answer = visitor.post(
        FORM, page=FORM, **{"report": "The <b>door</b> is open.", "reply_to": "eve@example.org", **fields}
    )
    assert answer.status_code == 200, answer.text
    return re.search(r'id="report-number">([0-9a-f-]{36})<', answer.text)[1]


def test_p29_a_report_is_stamped_and_mailed_to_the_contact(visitor, admin, job_context, post_office, clock) -> None:
    number = report(visitor)

    [(mail_id, sealed)] = admin.execute("SELECT id, mail_sealed FROM house_mails").fetchall()
    [(received, due)] = admin.execute("SELECT received_at, due_at FROM security_reports").fetchall()
    send_installation_mail(job_context, mail_id)
    [letter] = post_office.letters
    assert b"door" not in sealed
    assert due - received == dt.timedelta(hours=24)
    assert letter.to == "security@localhost"
    assert number in letter.subject
    assert "The <b>door</b> is open." in letter.text
    assert "<b>door" not in letter.html
    assert "eve@example.org" in letter.text
    assert f"{clock() + dt.timedelta(hours=24):%Y-%m-%d %H:%M} UTC" in letter.subject


def test_p29_the_operator_lists_and_answers_reports(visitor, data_dir, admin) -> None:
    number = report(visitor)

    listed = tmr(data_dir, "reports", "list").stdout
    answered = tmr(data_dir, "reports", "answer", number)
    again = tmr(data_dir, "reports", "answer", number)

    assert number in listed
    assert "due" in listed
    assert "door" not in listed
    assert answered.returncode == 0, answered.stderr
    assert again.returncode == 2
    assert "answered" in tmr(data_dir, "reports", "list").stdout
    assert tmr(data_dir, "reports", "answer", "x").returncode == 2


def test_p29_an_overdue_report_says_so(visitor, data_dir, admin) -> None:
    report(visitor)
    admin.execute("UPDATE security_reports SET due_at = now() - interval '1 minute'")

    assert "OVERDUE" in tmr(data_dir, "reports", "list").stdout
    assert "P29" in tmr(data_dir, "doctor").stdout


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"report": " \n"}, "report-error"),
        ({"report": "x" * 20_001}, "report-error"),
        ({"reply_to": "not an address"}, "reply_to-error"),
        ({"reply_to": "a@b, c@d"}, "reply_to-error"),
        ({"reply_to": "a@b\x1bc"}, "reply_to-error"),
        ({"reply_to": "a@" + "b" * 300}, "reply_to-error"),
    ],
)
def test_a_report_that_is_not_clear_keeps_what_was_typed(visitor, admin, fields, wrong: str) -> None:
    answer = visitor.post(FORM, page=FORM, **{"report": "Typed with care", **fields})

    assert answer.status_code == 422
    assert f'id="{wrong}"' in answer.text
    assert next(iter(fields.values())).strip()[:100] in answer.text
    assert admin.execute("SELECT count(*) FROM security_reports").fetchone() == (0,)


def test_a6_reports_are_limited(visitor) -> None:
    codes = [visitor.post(FORM, page=FORM, report="x").status_code for _ in range(6)]

    assert codes == [200] * 5 + [429]


def test_g6_security_txt_is_valid(visitor, clock) -> None:
    answer = visitor.get("/.well-known/security.txt")
    fields = [tuple(line.split(": ", 1)) for line in answer.text.split("\r\n") if line]

    assert answer.content_type == "text/plain; charset=utf-8"
    assert dict(fields)["Contact"] == "mailto:security@localhost"
    expires = dt.datetime.fromisoformat(dict(fields)["Expires"].replace("Z", "+00:00"))
    assert clock() < expires < clock() + dt.timedelta(days=365)
    assert [name for name, _ in fields].count("Expires") == 1


def test_g6_an_installation_behind_https_names_the_form_too(services: Services) -> None:
    changes = {"base_url": "https://roles.example.org", "security_contact": "security@example.org"}
    secure = msgspec.structs.replace(services, settings=msgspec.structs.replace(services.settings, **changes))

    text = create_app(secure).test_client().get("/.well-known/security.txt", base_url="https://roles.example.org").text

    assert "Contact: https://roles.example.org/security/report\r\n" in text
    assert "Canonical: https://roles.example.org/.well-known/security.txt\r\n" in text


def test_without_a_contact_nothing_can_be_sent_and_the_page_says_so(services: Services) -> None:
    settings = msgspec.structs.replace(services.settings, security_contact=None)
    client = create_app(msgspec.structs.replace(services, settings=settings)).test_client()

    assert "has not set a contact" in client.get(FORM).text
    assert client.get("/.well-known/security.txt").status_code == 404
