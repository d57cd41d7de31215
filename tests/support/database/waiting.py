"""Two things at once: the second waits for the first, which then commits."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg

from tmr.repository.unit_of_work import UnitOfWork

Answer = TypeVar("Answer")


def commit_once_it_waits(
    admin: psycopg.Connection[tuple[object, ...]], first: UnitOfWork, work: Callable[[], Answer]
) -> Answer:
    """Do ``work`` in another thread until it waits for what ``first`` holds, commit that, and return the answer."""
    answers: list[Answer] = []
    thread = threading.Thread(target=lambda: answers.append(work()), daemon=True)
    thread.start()
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    deadline = time.monotonic() + 120
    while not admin.execute(waiting).fetchone()[0]:
        assert thread.is_alive(), "it did not wait"
        assert time.monotonic() < deadline
    first.commit()
    thread.join(120)
    return answers[0]
