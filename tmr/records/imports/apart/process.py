"""Run as a process of its own: it loads what reads files once, and forks for each file that it is asked about.

It has one thread, an empty environment, and no connection but the one to the web process that started it, with which it
ends. It also ends when it was not asked for some minutes.
"""

import gc
import os
import signal
import socket
import sys
from pathlib import Path

IDLE_SECONDS = 300
_ROOT = Path(__file__).resolve().parents[4]


def main() -> None:
    """Serve the web process whose socket is the first argument."""
    sys.path.insert(0, str(_ROOT))
    from tmr.records.imports.apart.work import work  # here, since the path is set above

    control = socket.socket(fileno=int(sys.argv[1]))
    control.settimeout(IDLE_SECONDS)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so that those who end leave no entry behind
    gc.freeze()
    me = os.getpid()
    while connection := _next(control):
        try:
            child = os.fork()
        except OSError:  # no memory or no place for one: the web process hears no answer
            connection.close()
            continue
        if not child:
            _serve(control, connection, work, me)
        connection.close()


def _next(control: socket.socket) -> socket.socket | None:
    """Return the connection of the next file; None when the web process has ended, or asked nothing for long."""
    try:
        _, received, _, _ = socket.recv_fds(control, 1, 1)
    except TimeoutError:
        return None
    return socket.socket(fileno=received[0]) if received else None


def _serve(control: socket.socket, connection: socket.socket, work: object, me: int) -> None:
    """Do the work of a fork, and end it, whatever happens."""
    try:
        control.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # it may start a process itself, and wait for it
        work(connection, me)  # type: ignore[operator]
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
