"""A web process whose turn at hashing a test takes, so that everyone who signs in waits for as long as it likes."""

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tmr.auth.passwords import hashing
from tmr.operations.server.processes import OPTIONS
from tmr.wiring.processes import web_application


def application() -> Callable[..., Any]:
    """Return the real application; hashing in it stands still while the file TMR_TEST_HOLD exists."""
    threading.Thread(target=_hold, daemon=True).start()
    return web_application()


def _hold() -> None:
    file = Path(os.environ["TMR_TEST_HOLD"])
    while not file.exists():
        time.sleep(0.01)
    with hashing._one_at_a_time:
        while file.exists():
            time.sleep(0.01)


if __name__ == "__main__":
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "tests.support.servers.crowded:application",
        address="127.0.0.1",
        port=int(sys.argv[1]),
        workers=1,
        interface=Interfaces.WSGI,
        **OPTIONS,
    ).serve()
