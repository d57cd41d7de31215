"""Links behind cells, written beside the text that the cell shows."""

import re
from urllib.parse import unquote

_ADDRESS = re.compile(r"(?:https?://|mailto:)\S", re.IGNORECASE)
_SCHEME = re.compile(r"(?:https?://)?(?:www\.)?", re.IGNORECASE)
_MAIL_LABELS = frozenset(("mail", "email", "e-mail", "send mail", "send email", "write", "link"))


def is_web_address(url: str) -> bool:
    """Whether a link leads to a page or writes a mail, not to another cell or a file on a person's disk."""
    return bool(_ADDRESS.match(url.strip()))


def linked(text: str, url: str) -> str:
    """Return a cell that shows ``text`` and leads to ``url``: ``[text](url)``, or only one if it says both.

    An address of mail becomes ``text <address>``.
    """
    text, url = text.strip(), re.sub(r"\s", "%20", url.strip())
    if url.lower().startswith("mailto:"):
        url, _, _ = url.partition("?")
        address = unquote(url[len("mailto:") :])
        if text.lower() in _MAIL_LABELS:
            return address
        return text if address.lower() in text.lower() else f"{text} <{address}>"
    if _is_the_same(text, url):
        return url
    if is_web_address(text) and text in unquote(url).partition("//")[2]:
        return text  # the link passes through another site, which is told the address that the cell shows
    if "\n" in text:
        return f"{text}\n{url}"
    return f"[{text}]({url.replace('(', '%28').replace(')', '%29')})"


def _is_the_same(text: str, url: str) -> bool:
    """Whether ``text`` is ``url``, or the beginning of it."""
    bare = _bare(text.removesuffix("…").removesuffix("..."))
    return bare == _bare(url) or (is_web_address(text) and _bare(url).startswith(bare))


def _bare(address: str) -> str:
    return _SCHEME.sub("", address, count=1).rstrip("/").lower()
