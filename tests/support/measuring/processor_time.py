"""What work costs, in hashes of a password: machines differ threefold in speed, and such a ratio hardly does."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import bcrypt

# A step of a machine that others use too can take a hundred times its share, so a dear one is tried again.
MOST_TIMES = 12


def hash_seconds() -> float:
    """Return the processor time of one hash of a password, in seconds: about 0.24 where the shares were chosen."""
    salt = bcrypt.gensalt(12)
    return min(cpu_seconds(lambda: bcrypt.hashpw(b"x", salt)) for _ in range(3))


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the processor time of ``work`` in this process, in seconds, without clearing up after other tests."""
    with _without_collection():
        began = time.process_time()
        work()
        return time.process_time() - began


def least_cpu_seconds(work: Callable[[], object], enough: float = 0) -> float:
    """Return the least processor time of several times; one of at most ``enough`` seconds is not tried again."""
    least = cpu_seconds(work)
    for _ in range(MOST_TIMES - 1 if enough else 2):
        if least <= enough:
            break
        least = min(least, cpu_seconds(work))
    return least


@contextmanager
def takes_at_most(hashes: float) -> Iterator[None]:
    """Fail when what is done within takes more processor time than so many hashes."""
    with _without_collection():
        began = time.process_time()
        yield
        spent = time.process_time() - began
    assert spent < hashes * hash_seconds()


@contextmanager
def _without_collection() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
