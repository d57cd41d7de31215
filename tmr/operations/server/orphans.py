"""Processes that end with their parent, however that one ended: on Linux and macOS even after SIGKILL."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

PARENT = "TMR_CHILD_OF"
LOOK_SECONDS = 0.5
GRACE_SECONDS = 10.0


def mark_children() -> None:
    """Tell every process that this one starts from now on who its parent is."""
    os.environ[PARENT] = str(os.getpid())


def end_with_parent(leave: Callable[[], None], *, has_work_to_end: bool) -> None:
    """End this process, after ``leave``, when the one that started it is gone; do nothing if no parent marked it.

    One that has work to end gets SIGTERM first, and some seconds.

    When a parent dies the kernel gives its child another one, which is what is watched here. A signal (Linux,
    PR_SET_PDEATHSIG) would come already when the thread ends that started the child, and not at all on macOS.
    """
    parent = os.environ.get(PARENT, "")
    if parent.isdigit():
        arguments = (int(parent), leave, has_work_to_end)
        threading.Thread(target=_watch, args=arguments, name="parent", daemon=True).start()


def _watch(parent: int, leave: Callable[[], None], has_work_to_end: bool) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    logger.warning("the parent process is gone: this one ends too")
    if has_work_to_end:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
    try:
        leave()
    finally:
        os._exit(1)
