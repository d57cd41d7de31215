"""A database for a moment, in a folder of its own, to restore a backup into and compare."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tmr.operations.database.embedded import EmbeddedServer

PREFIX = "tmr-scratch-"
SETTLED_SECONDS = 60  # until then a folder may be one that a command has just made, and not locked yet


@contextmanager
def scratch_server() -> Iterator[EmbeddedServer]:
    """Start a server with an empty database; stop it and remove it at the end, and what an earlier kill left first."""
    remove_left()
    server = EmbeddedServer(Path(tempfile.mkdtemp(prefix=PREFIX)) / "var", ends_with_process=True)
    try:
        server.join()
        yield server
    finally:
        server.leave()
        remove_if_scratch(server.pgdata.parent)


def remove_left() -> None:
    """Remove the folders of commands that were killed, with their servers."""
    for made in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        status = made.stat()
        is_settled = status.st_uid == os.getuid() and time.time() - status.st_mtime > SETTLED_SECONDS
        if is_settled and stop_unused(made / "var"):
            remove_if_scratch(made / "var")


def stop_unused(folder: Path) -> bool:
    """Stop the server in a data directory unless a process uses it; return whether none does."""
    return EmbeddedServer(folder).stop_if_unused()


def remove_if_scratch(folder: Path) -> None:
    """Remove a data directory that a scratch server had; leave any other."""
    if folder.parent.name.startswith(PREFIX):
        shutil.rmtree(folder.parent, ignore_errors=True)
