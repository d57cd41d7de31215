"""Who else gets data from this installation: the targets that the server may connect to, as configured."""

from urllib.parse import urlsplit

import msgspec

from tmr.config import LOOPBACK_NAMES, Settings, host_of
from tmr.database_address import hosts_elsewhere

HERE = "this machine"


class Processor(msgspec.Struct, frozen=True):
    """Something the server connects to, where it is, and what it gets."""

    role: str
    host: str
    gets: str


def processors(settings: Settings) -> list[Processor]:
    """Return every kind of target in a fixed order; one that is not configured says so."""
    mail = host_of(settings.mail_url) if settings.mail_url else _without_mail_server(settings)
    provider = ", ".join(settings.provider.hosts) if settings.provider else "none"
    database = ", ".join(hosts_elsewhere(settings.database_url)) if settings.database_url else HERE
    return [
        Processor("Database", database or HERE, "sealed records, hashes, times and sizes"),
        Processor("Mail server", mail, "the address an email goes to, and its text"),
        Processor("Sign-in provider", provider, "that you sign in here, if you use its button"),
        Processor("Backups", backup_host(settings.backup_target), "files sealed for the backups' own key"),
    ]


def _without_mail_server(settings: Settings) -> str:
    what = "emails" if settings.is_loopback else "messages to the operator"
    return f"none; {what} go to a folder on this machine"


def backup_host(target: str | None) -> str:
    """Return where backups go, in words that name no path."""
    if target is None:
        return "none"
    return f"S3 bucket {urlsplit(target).hostname}" if target.startswith("s3://") else "a folder"


def is_local(host: str) -> bool:
    """Whether ``host``, as a ``Processor`` names it, is this machine."""
    return host in ("", HERE, *LOOPBACK_NAMES)
