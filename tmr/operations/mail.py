"""Mail: rendered from templates, and handed to an SMTP server, or kept in the outbox folder on a private machine."""

import datetime as dt
import smtplib
import ssl
from contextlib import suppress
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from tmr.auth.sign_up.email_address import deliverable
from tmr.config import LOOPBACK_NAMES, Settings, host_of
from tmr.private_files import write_private
from tmr.repository.queue.mails import Mail, WaitingMail

MAIL_FOLDERS = ("", "/account", "/operator", "/reminders")  # a mail that waits names its template alone
TIMEOUT_SECONDS = 15.0


class MailRefusedError(Exception):
    """The server will never take this mail: trying again is useless."""


class Transport(Protocol):
    """What carries a message away."""

    def send(self, message: EmailMessage, links: list[str]) -> None:
        """Hand the message over, or raise."""

    def forget_sent(self, before: dt.datetime) -> None:
        """Delete what was kept of messages from before that time."""

    def forget_address(self, address: str) -> None:
        """Delete what was kept of messages to an address."""


class Mailer:
    """Turns waiting mails into messages and hands them over."""

    def __init__(self, settings: Settings, transport: Transport) -> None:
        # Imported here, since every command builds on this module and hardly one sends mail.
        from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape

        self._settings = settings
        self._transport = transport
        self._templates = Environment(
            loader=ChoiceLoader([PackageLoader("tmr", f"templates/mails{folder}") for folder in MAIL_FOLDERS]),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def send(self, waiting: WaitingMail) -> None:
        """Send a mail.

        Raises:
            MailRefusedError: it will never be taken.
            OSError, smtplib.SMTPException: not now; try again later.
        """
        values = self._values(waiting.mail)
        links = [value for name, value in values.items() if name == "link"]
        self._transport.send(self._message(waiting, values), links)

    def forget_sent(self, before: dt.datetime) -> None:
        """Delete what is kept here of messages from before that time."""
        self._transport.forget_sent(before)

    def forget_address(self, address: str) -> None:
        """Delete what is kept here of messages to an address."""
        self._transport.forget_address(address)

    def _values(self, mail: Mail) -> dict[str, Any]:
        values = {name: value for name, value in mail.values.items() if name != "link"}
        if "link" in mail.values:
            values["link"] = self._settings.base_url + mail.values["link"]
        return {**values, "home": self._settings.base_url}

    def _message(self, waiting: WaitingMail, values: dict[str, Any]) -> EmailMessage:
        text = self._templates.get_template(f"{waiting.mail.template}.txt").render(values)
        subject, _, body = text.partition("\n")
        layout = self._templates.get_template("layout.html")
        html = layout.render(title=subject.strip(), paragraphs=_paragraphs(body), **values)
        message = EmailMessage(policy=SMTP)
        message["Subject"], message["From"] = subject.strip(), _sender(self._settings.mail_from)
        message["To"] = Address(addr_spec=deliverable(waiting.mail.to))
        message["Date"] = format_datetime(waiting.created_at.astimezone(dt.UTC))
        message["Message-ID"] = f"<{waiting.id}@{host_of(self._settings.base_url).strip('[]')}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(body.strip() + "\n")
        message.add_alternative(html, subtype="html")
        return message


class SmtpTransport:
    """An SMTP server: TLS with a certificate that fits its name, unless it is on this machine."""

    def __init__(
        self, url: str, context: ssl.SSLContext | None = None, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        parts = urlsplit(url)
        self._host, self._is_smtps = parts.hostname or "", parts.scheme == "smtps"
        self._port = parts.port or (465 if self._is_smtps else 587)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._timeout = timeout_seconds
        self._is_here = host_of(url) in LOOPBACK_NAMES
        self._context = context or ssl.create_default_context()

    def __repr__(self) -> str:
        return f"SmtpTransport(host={self._host!r}, port={self._port})"

    def send(self, message: EmailMessage, links: list[str]) -> None:  # noqa: ARG002
        """Hand the message over; the server's answer to the complete message decides."""
        with self._connect() as server:
            if self._user:
                server.login(self._user, self._password)
            try:
                server.send_message(message)
            except smtplib.SMTPRecipientsRefused as error:
                [(code, _)] = error.recipients.values()
                raise _permanent(code, error) from None
            except smtplib.SMTPResponseException as error:
                raise _permanent(error.smtp_code, error) from None

    def forget_sent(self, before: dt.datetime) -> None:
        """Nothing is kept here."""

    def forget_address(self, address: str) -> None:
        """Nothing is kept here."""

    def _connect(self) -> smtplib.SMTP:
        if self._is_smtps:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=self._timeout, context=self._context)
        server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        server.ehlo()
        if server.has_extn("starttls") or not self._is_here:
            server.starttls(
                context=self._context
            )  # raises if the server offers no TLS: nothing goes to another host unencrypted
            server.ehlo()
        return server


NOT_SEALED = """\
The mails in this folder are NOT sealed: anyone who can read the folder can read them. They are here because
TMR_MAIL_URL is not set, and are deleted after a week. With a mail server configured nothing is kept here.
"""


class Outbox:
    """A folder on this machine. Each link is printed on the terminal, without the address, and never logged."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: EmailMessage, links: list[str]) -> None:
        """Write the message, readable by its owner only, whole or not at all."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self._folder / "NOT-SEALED.txt").write_text(NOT_SEALED, encoding="utf-8")
        path = self._folder / (message["Message-ID"].strip("<>").partition("@")[0] + ".eml")
        write_private(path, message.as_bytes())
        print(f"Mail: {message['Subject']}", *links, f"{path} (not sealed)", sep="\n  ", flush=True)  # noqa: T201

    def forget_sent(self, before: dt.datetime) -> None:
        """Delete the messages from before that time."""
        for path in self._folder.glob("*.eml"):
            if path.stat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)

    def forget_address(self, address: str) -> None:
        """Delete the messages to an address."""
        for path in self._folder.glob("*.eml"):
            with suppress(FileNotFoundError):
                named = message_from_bytes(path.read_bytes(), policy=SMTP)["To"].addresses
                if any(one.addr_spec.casefold() == deliverable(address.strip()).casefold() for one in named):
                    path.unlink()


def make_mailer(settings: Settings) -> Mailer:
    """Return the mailer that the settings name."""
    if settings.mail_url:
        return Mailer(settings, SmtpTransport(settings.mail_url))
    return Mailer(settings, Outbox(settings.data_dir / "outbox"))


def _permanent(code: int, error: smtplib.SMTPException) -> Exception:
    return MailRefusedError(f"the server answered {code}") if code >= 500 else error


def _sender(text: str) -> Address:
    name, address = parseaddr(text)
    return Address(display_name=name or "TrackMyRoles", addr_spec=address)


def _paragraphs(body: str) -> list[str]:
    return [paragraph.strip() for paragraph in body.strip().split("\n\n") if paragraph.strip()]
