"""Stops the embedded server that a command started once that command is gone, however it ended (even by SIGKILL).

A process of its own. It reads from a pipe whose other end the command alone holds: the end of that file is the end of
the command. A server that another process uses by then stays.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

# Until then it imports nothing, so that it costs a command next to nothing.
PROGRAM = """
import sys
sys.stdin.buffer.read()
from tmr.operations.database.guardian import stop
stop(sys.argv[1])
"""
STARTING_SECONDS = 10.0


class Guardian:
    """The process that waits for the end of this one."""

    def __init__(self, folder: Path) -> None:
        reading, self._writing = os.pipe()
        command = [sys.executable, "-c", PROGRAM, str(folder.absolute())]
        # A session of its own, so that Ctrl-C and a signal to the command's group do not reach it.
        self._process = subprocess.Popen(command, stdin=reading, start_new_session=True)
        os.close(reading)

    def dismiss(self) -> None:
        """End it: this process has stopped the server itself, or left it to others."""
        self._process.kill()
        self._process.wait()
        os.close(self._writing)


def stop(name: str) -> None:
    """Stop the server of the data directory ``name`` unless it is used, and remove the folder if it was a scratch one.

    A server that was just being started may be ready a moment later only.
    """
    from tmr.operations.database.scratch import remove_if_scratch, stop_unused

    folder, deadline = Path(name), time.monotonic() + STARTING_SECONDS
    while not (folder / "postgres" / "postmaster.pid").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    if stop_unused(folder):
        remove_if_scratch(folder)
