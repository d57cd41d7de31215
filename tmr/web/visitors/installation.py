"""What the pages for visitors may say of this installation."""

import msgspec

from tmr.web.services import services


class Installation(msgspec.Struct, frozen=True):
    """Who may sign up (``open``, ``invite`` or ``closed``), its address, and where its source code is."""

    registration: str
    base_url: str
    source_url: str | None


def installation() -> Installation:
    """Return what visitors may know of the installation that answers."""
    settings = services().settings
    return Installation(settings.registration, settings.base_url, settings.source_url)


def is_private() -> bool:
    """Whether search engines have no business here: not everyone may sign up, or only this machine can."""
    settings = services().settings
    return settings.registration != "open" or settings.is_loopback
