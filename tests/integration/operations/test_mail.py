"""Mail through a real SMTP server: also one that refuses, stalls, or hangs up."""

import asyncio
import datetime as dt
import os
import smtplib
import socket
import ssl
import subprocess
import sys
import threading
import time
from email import message_from_bytes, policy
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.support.letters import Letter, carry_out
from tests.support.people import PASSWORD, Browser
from tmr import create_app
from tmr.config import SettingsError, load_settings
from tmr.operations.jobs.context import JobContext
from tmr.operations.jobs.mails import MailWaitsError, send_mail, send_reminders
from tmr.operations.mail import Mailer, MailRefusedError, Outbox, SmtpTransport
from tmr.repository.queue.mails import Mail, WaitingMail


class Inbox:
    """Takes mail as a server does; gives each of ``answers`` once before that, if there are any."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.answers: list[str] = []
        self.stall: threading.Event | None = None

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        if self.stall:
            self.stall.set()
            await asyncio.sleep(60)
        if self.answers:
            return self.answers.pop(0)
        self.letters.append(Letter(message_from_bytes(envelope.content, policy=policy.default)))
        return "250 kept"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def inbox():
    return Inbox()


@pytest.fixture
def smtp(inbox):
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield f"smtp://127.0.0.1:{controller.server.sockets[0].getsockname()[1]}"
    controller.stop()


def to_server(job_context: JobContext, url: str, timeout_seconds: float = 60.0) -> JobContext:
    transport = SmtpTransport(url, timeout_seconds=timeout_seconds)
    return msgspec.structs.replace(job_context, mailer=Mailer(job_context.mailer._settings, transport))


@pytest.fixture
def waiting(services, owner, clock, admin):
    """The id of a mail that waits."""
    with services.repository.for_owner(owner) as uow:
        uow.mails.add(Mail("o@example.org", "reset", {"link": "/reset/abc"}), clock())
        uow.commit()
    return admin.execute("SELECT id FROM outgoing_mails").fetchone()[0]


def is_waiting(admin) -> bool:
    return admin.execute("SELECT count(*) FROM outgoing_mails").fetchone() == (1,)


def test_a_mail_arrives_as_text_and_html_and_is_forgotten(job_context, owner, waiting, smtp, inbox, admin) -> None:
    send_mail(to_server(job_context, smtp), owner, waiting)

    [letter] = inbox.letters
    assert letter.to == "o@example.org"
    assert letter.subject == "Reset your password"
    assert "http://localhost:8000/reset/abc" in letter.text
    assert '<a href="http://localhost:8000/reset/abc">' in letter.html
    assert str(waiting) in letter.message["Message-ID"]
    assert letter.message["Auto-Submitted"] == "auto-generated"
    assert not is_waiting(admin)


@pytest.mark.parametrize(
    ("typed", "sent_to"),
    [("Ada@münchen.example", "Ada@xn--mnchen-3ya.example"), ("o@ＥＸＡＭＰＬＥ。org", "o@example.org")],
)
def test_w3_mail_to_a_domain_in_other_letters_is_taken_by_a_server_that_knows_ascii_only(
    job_context, services, owner, clock, admin, smtp, inbox, typed: str, sent_to: str
) -> None:
    """Seen failing: it was given up after eight tries, and its person never heard anything."""
    with services.repository.for_owner(owner) as uow:
        uow.mails.add(Mail(typed, "reset", {"link": "/reset/abc"}), clock())
        uow.commit()

    send_mail(to_server(job_context, smtp), owner, admin.execute("SELECT id FROM outgoing_mails").fetchone()[0])

    assert [letter.to for letter in inbox.letters] == [sent_to]
    assert not is_waiting(admin)


def test_nothing_is_sent_twice(job_context, owner, waiting, smtp, inbox) -> None:
    for _ in range(3):
        send_mail(to_server(job_context, smtp), owner, waiting)

    assert len(inbox.letters) == 1


def test_two_workers_send_a_mail_once(job_context, owner, waiting, smtp, inbox) -> None:
    threads = [
        threading.Thread(target=send_mail, args=(to_server(job_context, smtp), owner, waiting)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(inbox.letters) == 1


def test_a_server_that_is_busy_gets_it_later(job_context, owner, waiting, smtp, inbox, admin) -> None:
    inbox.answers = ["451 try later"]
    with pytest.raises(MailWaitsError):
        send_mail(to_server(job_context, smtp), owner, waiting)
    assert is_waiting(admin)

    send_mail(to_server(job_context, smtp), owner, waiting)

    assert len(inbox.letters) == 1
    assert not is_waiting(admin)


def test_what_a_server_refuses_for_good_is_dropped_and_the_log_names_no_address(
    job_context, owner, waiting, smtp, inbox, admin, caplog
) -> None:
    inbox.answers = ["550 no such mailbox o@example.org"]

    send_mail(to_server(job_context, smtp), owner, waiting)

    assert not is_waiting(admin)
    assert "dropped" in caplog.text
    assert "example.org" not in caplog.text


@pytest.fixture
def listener():
    """A port where a test decides what happens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def address(server: socket.socket) -> str:
    return f"smtp://127.0.0.1:{server.getsockname()[1]}"


def test_a_server_that_stalls_is_given_up_on_and_the_mail_waits(job_context, owner, waiting, listener, admin) -> None:
    with pytest.raises(MailWaitsError):
        send_mail(to_server(job_context, address(listener), timeout_seconds=1.0), owner, waiting)

    assert is_waiting(admin)


@pytest.mark.parametrize("lines", [0, 1, 2, 3, 4, 5])
def test_a_server_that_hangs_up_anywhere_loses_nothing(
    job_context, owner, waiting, listener, admin, lines: int
) -> None:
    """It hangs up after so many of: greeting, EHLO, MAIL, RCPT, DATA."""
    answers = [b"220 hello\r\n", b"250 you\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"][:lines]

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            for answer in answers:
                connection.sendall(answer)
                connection.recv(10_000)

    thread = threading.Thread(target=serve)
    thread.start()
    with pytest.raises(MailWaitsError):
        send_mail(to_server(job_context, address(listener)), owner, waiting)
    thread.join()

    assert is_waiting(admin)


def test_a_server_that_is_not_there_loses_nothing(job_context, owner, waiting, listener, admin) -> None:
    gone = address(listener)
    listener.close()

    with pytest.raises(MailWaitsError):
        send_mail(to_server(job_context, gone), owner, waiting)

    assert is_waiting(admin)


def test_a_mail_nobody_took_for_a_week_is_forgotten(job_context, owner, waiting, smtp, inbox, admin, clock) -> None:
    clock.turn(days=7)

    send_mail(to_server(job_context, smtp), owner, waiting)

    assert inbox.letters == []
    assert not is_waiting(admin)


def test_sign_up_does_not_wait_for_a_server_that_stalls(services, listener, visitor) -> None:
    settings = msgspec.structs.replace(services.settings, mail_url=address(listener))
    browser = Browser(create_app(msgspec.structs.replace(services, settings=settings)))
    listener.settimeout(0)

    answer = browser.post("/signup", page="/signup", email="ada@example.org", password=PASSWORD)

    assert answer.status_code == 303
    with pytest.raises(BlockingIOError):  # nothing so much as knocked
        listener.accept()


@pytest.fixture
def authority():
    return trustme.CA()


def tls_server(inbox, certificate, *, require_starttls: bool):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    factory = lambda: SMTP(inbox, tls_context=context, require_starttls=require_starttls)  # noqa: E731
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.factory = factory
    return controller


@pytest.mark.parametrize(
    ("name", "is_trusted", "arrives"),
    [
        ("localhost", True, True),
        ("elsewhere.example", True, False),
        ("localhost", False, False),
    ],
)
def test_t4_a_certificate_that_is_wrong_gets_no_mail(
    inbox, authority, name: str, is_trusted: bool, arrives: bool
) -> None:
    controller = tls_server(inbox, authority.issue_cert(name), require_starttls=True)
    controller.start()
    port = controller.server.sockets[0].getsockname()[1]
    context = ssl.create_default_context()
    if is_trusted:
        authority.configure_trust(context)
    waiting = WaitingMail(uuid4(), dt.datetime.now(dt.UTC), Mail("o@example.org", "code", {"code": "1234 5678"}))
    mailer = Mailer(settings(), SmtpTransport(f"smtp://localhost:{port}", context))

    if arrives:
        mailer.send(waiting)
    else:
        with pytest.raises(ssl.SSLCertVerificationError):
            mailer.send(waiting)
    controller.stop()

    assert len(inbox.letters) == arrives


def settings():
    return load_settings({})


def test_t4_another_host_without_tls_gets_no_mail(smtp, inbox) -> None:
    transport = SmtpTransport(smtp)
    transport._is_here = False  # as if the server stood elsewhere
    waiting = WaitingMail(uuid4(), dt.datetime.now(dt.UTC), Mail("o@example.org", "code", {"code": "1234 5678"}))

    with pytest.raises(smtplib.SMTPNotSupportedError):
        Mailer(settings(), transport).send(waiting)

    assert inbox.letters == []


def test_a_permanent_refusal_is_its_own_error(smtp, inbox) -> None:
    inbox.answers = ["554 no"]
    waiting = WaitingMail(uuid4(), dt.datetime.now(dt.UTC), Mail("o@example.org", "code", {"code": "1234 5678"}))

    with pytest.raises(MailRefusedError):
        Mailer(settings(), SmtpTransport(smtp)).send(waiting)


def test_the_outbox_keeps_mail_for_its_owner_and_shows_links_without_the_address(
    job_context, owner, waiting, tmp_path: Path, capsys
) -> None:
    outbox = Mailer(job_context.mailer._settings, Outbox(tmp_path / "outbox"))

    send_mail(msgspec.structs.replace(job_context, mailer=outbox), owner, waiting)

    [path] = (tmp_path / "outbox").glob("*.eml")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert "o@example.org" in path.read_text()
    shown = capsys.readouterr().out
    assert "http://localhost:8000/reset/abc" in shown
    assert "o@example.org" not in shown


def test_k8_a_waiting_mail_is_sealed(waiting, admin) -> None:
    stored = bytes(admin.execute("SELECT mail_sealed FROM outgoing_mails").fetchone()[0])

    assert b"example.org" not in stored
    assert b"/reset/abc" not in stored


@pytest.mark.parametrize("url", ["imap://x", "smtp://", "mail.example.org", "smtp"])
def test_a_wrong_mail_url_stops_the_start(url: str) -> None:
    with pytest.raises(SettingsError, match="TMR_MAIL_URL"):
        load_settings({"TMR_MAIL_URL": url})


def test_every_template_of_a_mail_renders(app) -> None:
    values = dict.fromkeys(
        (
            "code",
            "link",
            "device",
            "address",
            "when",
            "what",
            "new",
            "summary",
            "lines",
            "count",
            "more",
            "at",
            "interview",
            "reference",
            "number",
            "due",
            "reply_to",
            "report",
        ),
        "x",
    )
    values["link"] = "/x"
    kept: list[Letter] = []

    class Keep:
        def send(self, message, links) -> None:
            kept.append(Letter(message))

    names = sorted(path.stem for path in Path(app.root_path, "templates/mails").rglob("*.txt"))
    for name in names:
        waiting = WaitingMail(uuid4(), dt.datetime.now(dt.UTC), Mail("o@example.org", name, values))
        Mailer(settings(), Keep()).send(waiting)

    assert len(kept) == len(names) == 19
    assert all(letter.subject and letter.text.strip() for letter in kept)


def test_i1_what_a_person_typed_cannot_break_a_mail(app) -> None:
    kept: list[Letter] = []

    class Keep:
        def send(self, message, links) -> None:
            kept.append(Letter(message))

    evil = "<script>alert(1)</script>\r\nBcc: evil@example.org"
    for template in ("new_device", "confirm_address"):
        values = {"device": evil, "address": evil, "when": "x", "link": "/x", "new": evil}
        waiting = WaitingMail(uuid4(), dt.datetime.now(dt.UTC), Mail("o@example.org", template, values))
        Mailer(settings(), Keep()).send(waiting)

    assert all("<script>" not in letter.html for letter in kept)
    assert all(letter.message["Bcc"] is None for letter in kept)


@pytest.fixture
def worker(smtp, data_dir: Path):
    """A real worker on the queue of this test process."""
    environ = {**os.environ, "TMR_DATA_DIR": str(data_dir), "TMR_MAIL_URL": smtp}
    process = subprocess.Popen([sys.executable, "-m", "tmr", "worker"], env=environ)
    yield process
    process.terminate()
    process.wait(120)


def wait_for(condition, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_the_queue_tries_again_until_the_server_takes_it_and_sends_it_once(
    alice, visitor, inbox, worker, admin
) -> None:
    inbox.answers = ["451 try later"]

    visitor.post("/forgot", email="alice@example.org")

    wait_for(lambda: inbox.letters)
    wait_for(lambda: admin.execute("SELECT count(*) FROM outgoing_mails").fetchone() == (0,))
    assert [letter.subject for letter in inbox.letters] == ["Reset your password"]
    assert visitor.get(inbox.letters[0].path).status_code == 200


def test_a_worker_killed_while_sending_a_mail_does_not_lose_it(
    alice, visitor, inbox, smtp, data_dir: Path, admin
) -> None:
    """The server stalls before it takes the message; the worker is killed; the next one sends it, once."""
    inbox.stall = threading.Event()
    environ = {**os.environ, "TMR_DATA_DIR": str(data_dir), "TMR_MAIL_URL": smtp}
    command = [sys.executable, "-m", "tmr", "worker"]
    first = subprocess.Popen(command, env=environ)
    visitor.post("/forgot", email="alice@example.org")
    wait_for(inbox.stall.is_set)
    first.kill()
    first.wait()
    inbox.stall = None
    second = subprocess.Popen(command, env=environ)
    try:
        wait_for(lambda: admin.execute("SELECT count(*) FROM outgoing_mails").fetchone() == (0,))
    finally:
        second.terminate()
        second.wait(120)

    assert [letter.subject for letter in inbox.letters] == ["Reset your password"]


def test_the_mail_of_the_morning_goes_through_a_real_server(job_context, alice, clock, smtp, inbox, admin) -> None:
    clock.now = dt.datetime(2026, 10, 20, 4, 0, tzinfo=dt.UTC)  # a Tuesday
    alice.sign_in()
    alice.add(company="Kanarienvogel", follow_up_on="2026-10-19")
    values = {"hour": "8", "days": "workdays", "interview_minutes": "0", "says": "counts"}
    assert alice.post("/settings/mails", **values).status_code == 303
    clock.turn(hours=5)

    send_reminders(job_context)
    carry_out(to_server(job_context, smtp), admin)

    [letter] = [letter for letter in inbox.letters if "Your day" in letter.subject]
    assert letter.to == alice.email
    assert "1 follow-up" in letter.text
    assert "Kanarienvogel" not in letter.text + letter.html
