"""Mail as tests read it. The SMTP server of the mail tests is a real one; elsewhere what would be sent is kept here."""

import re
from email.message import EmailMessage
from operator import itemgetter
from uuid import UUID

import psycopg

from tmr.auth.passwords import reset
from tmr.operations.jobs.context import JobContext
from tmr.operations.jobs.mails import send_installation_mail, send_mail
from tmr.operations.jobs.tasks import hashes_of


class Letter:
    """A message, and what a person finds in it."""

    def __init__(self, message: EmailMessage) -> None:
        self.message = message
        self.to = str(message["To"])
        self.subject = str(message["Subject"])
        self.text = message.get_body(("plain",)).get_content()
        self.html = message.get_body(("html",)).get_content()

    def __repr__(self) -> str:
        return f"Letter({self.subject!r} to {self.to})"

    @property
    def path(self) -> str:
        """The path of the link."""
        return re.search(r"http://localhost:\d+(/(?:reset|verify|sessions)/\S+)", self.text)[1]

    @property
    def code(self) -> str:
        """The code."""
        return re.search(r"^(\d{4} \d{4})$", self.text, re.M)[1]


class PostOffice:
    """Keeps what is handed over."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def send(self, message: EmailMessage, links: list[str]) -> None:
        self.letters.append(Letter(message))

    def forget_sent(self, before) -> None:
        """Tests look at all of them."""

    def forget_address(self, address: str) -> None:
        """Tests look at all of them."""


def carry_out(job_context: JobContext, admin: psycopg.Connection) -> None:
    """Do what the queue holds, as its worker would, until there is no more of it."""
    tasks = {"mail": _mail, "house-mail": _house_mail, "reset": _reset, "refused": _refused}
    while rows := admin.execute(
        "DELETE FROM procrastinate_jobs WHERE task_name = ANY(%s) RETURNING id, task_name, args", (list(tasks),)
    ).fetchall():
        for _, name, arguments in sorted(rows, key=itemgetter(0)):
            tasks[name](job_context, arguments)


def _mail(job_context: JobContext, arguments: dict[str, str]) -> None:
    send_mail(job_context, UUID(arguments["owner"]), UUID(arguments["mail_id"]))


def _house_mail(job_context: JobContext, arguments: dict[str, str]) -> None:
    send_installation_mail(job_context, UUID(arguments["mail_id"]))


def _reset(job_context: JobContext, arguments: dict[str, str]) -> None:
    reset.send_reset(job_context.repository, hashes_of(arguments["email_hash"]), job_context.clock())


def _refused(job_context: JobContext, arguments: dict[str, str]) -> None:
    reset.note_refusal(
        job_context.repository,
        job_context.limits,
        hashes_of(arguments["email_hash"]),
        job_context.clock(),
        sends_mail=True,
    )
