"""Static files, under names with their hash in them, so that browsers can cache them forever."""

import gzip
import hashlib
import os
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import brotli
from rcssmin import cssmin
from rjsmin import jsmin
from whitenoise import WhiteNoise

from tmr.web.transport.bundles import APART, LATER, RELEASED, SCRIPTS, STYLES
from tmr.web.transport.headers import static_headers
from tmr.web.transport.linking import link, link_apart, link_later

LONG_BYTES = 100_000
_INSIDE = re.compile(rb"(?<=[\w\])&*]) +:(?=[a-z])")
SOURCE = Path(__file__).parents[2] / "static"


class StaticFiles:
    """Writes a copy of each file under its hashed name, and knows the addresses."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self.names = {name: self._publish(name, content) for name, content in _contents().items()}

    def url(self, name: str) -> str:
        """Return the address of the static file ``name``, or raise ``KeyError``."""
        return f"/static/{self.names[name]}"

    def serve(self, application: Callable[..., Any], *, is_secure: bool) -> WhiteNoise:
        """Return ``application`` wrapped so that requests for static files do not reach it."""
        serving = WhiteNoise(
            application,
            max_age=31_536_000,
            immutable_file_test=lambda _path, _url: True,
            add_headers_function=partial(_add_headers, is_secure=is_secure),
            allow_all_origins=False,
        )
        for name in self.names.values():
            serving.add_file_to_dictionary(f"/static/{name}", str(self._folder / name))
        return serving

    def _publish(self, name: str, content: bytes) -> str:
        stem, _, suffix = name.rpartition(".")
        hashed = f"{stem.replace('/', '-')}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"
        if not (self._folder / f"{hashed}.br").exists():
            _write(self._folder / hashed, content)
            _write(self._folder / f"{hashed}.gz", gzip.compress(content, 9, mtime=0))
            _write(self._folder / f"{hashed}.br", brotli.compress(content, quality=_quality(content)))
        return hashed


def _quality(content: bytes) -> int:
    """Return how well Brotli compresses: at its best, but for long files, which would take a second at the start."""
    return 11 if len(content) < LONG_BYTES else 9


def _contents() -> dict[str, bytes]:
    files = {path.relative_to(SOURCE).as_posix(): path.read_bytes() for path in sorted(SOURCE.rglob("*.*"))}
    styles = _take_folder(files, "css/")
    scripts = {name: content.decode() for name, content in _take_folder(files, "scripts/").items()}
    released = {name: b"\n".join(files.pop(part) for part in parts) for name, parts in RELEASED.items()}
    served = {name: content for name, content in files.items() if name.endswith((".js", ".svg", ".png"))}
    served |= released
    served |= {name: smaller_style(b"".join(styles[part] for part in parts)) for name, parts in STYLES.items()}
    linked = {name: link(scripts, entry, APART.values()) for name, entry in SCRIPTS.items()}
    linked |= {name: link_apart(scripts, SCRIPTS["app.js"], module, APART.values()) for name, module in APART.items()}
    linked |= {name: link_later(scripts, module) for name, module in LATER.items()}
    served |= {name: jsmin(script).encode() for name, script in linked.items()}
    return served


def smaller_style(style: bytes) -> bytes:
    """Return a style sheet without its blanks and comments.

    The minifier takes away a blank before a pseudo-class, as in ``.pick :checked``, then about another element.
    With ``*``, which says the same, it stays.
    """
    small: bytes = cssmin(_INSIDE.sub(b" *:", style))
    return small


def _take_folder(files: dict[str, bytes], folder: str) -> dict[str, bytes]:
    """Remove the files of a folder from ``files`` and return them, by their paths in that folder."""
    return {name.removeprefix(folder): files.pop(name) for name in list(files) if name.startswith(folder)}


def _add_headers(headers: Any, _path: str, _url: str, *, is_secure: bool) -> None:
    security: dict[str, str] = {}
    static_headers(security, is_secure=is_secure)
    for name, value in security.items():
        headers[name] = value


def _write(path: Path, content: bytes) -> None:
    # Renamed into place, so that another process never serves half a file.
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.write_bytes(content)
    draft.rename(path)
