"""Runs a command, and says at its end how much CPU time it took, with everything that it started.

    python -m tests.support.running.cpu_time COMMAND [ARGUMENT…]

A shell's own ``times`` knows those processes only that were waited for by one that was waited for. Servers that tests
start go on when their parent ends, so they become children of this process, which waits for them too (Linux only).
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_CHILD_SUBREAPER = 36


def main(command: list[str]) -> int:
    """Run the command; return its exit status."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    pid = os.spawnvp(os.P_NOWAIT, command[0], command)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the command as well, and that says when it is over
    signal.signal(signal.SIGTERM, lambda *_: os.kill(pid, signal.SIGTERM))
    ended, status = os.wait()
    while ended != pid:
        ended, status = os.wait()
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = spent.ru_utime + spent.ru_stime
    print(f"CPU time: {seconds:.0f} s (user {spent.ru_utime:.0f} s, system {spent.ru_stime:.0f} s)")
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
