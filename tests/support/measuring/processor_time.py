"""What work costs, in hashes of a password: machines differ threefold in speed, and such a ratio hardly does."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import bcrypt

# A step of a machine that others use too can take a hundred times its share, so a dear one is tried again.
MOST_TIMES = 12
LEAST_HASH_SECONDS = 0.05  # no machine is so fast, so that what stays below its share of this need not ask


SALT = bcrypt.gensalt(12)


_asked: list[float] = []


def hash_seconds() -> float:
    """Return the processor time of one hash of a password, in seconds: about 0.24 where the shares were chosen."""
    _asked[:] = [min(cpu_seconds(_hash) for _ in range(3))]
    return _asked[0]


def _hash() -> None:
    bcrypt.hashpw(b"x", SALT)


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the processor time of ``work`` in this process, in seconds, without clearing up after other tests."""
    with _without_collection():
        began = time.process_time()
        work()
        return time.process_time() - began


def least_cpu_seconds(work: Callable[[], object], enough: float = 0) -> float:
    """Return the least processor time of several times; one of at most ``enough`` seconds is not tried again.

    A machine may be slower by now than when it was asked how long a hash takes, from which ``enough`` was worked out.
    So a hash is timed beside each further try, and the try counts less by as much as that hash took longer.
    """
    least = cpu_seconds(work)
    for _ in range(MOST_TIMES - 1 if enough else 2):
        if least <= enough:
            break
        slower = max(cpu_seconds(_hash) / _asked[0], 1) if enough and _asked else 1
        least = min(least, cpu_seconds(work) / slower)
    return least


@contextmanager
def takes_at_most(hashes: float) -> Iterator[None]:
    """Fail when what is done within takes more processor time than so many hashes."""
    with _without_collection():
        began = time.process_time()
        yield
        spent = time.process_time() - began
    assert spent < hashes * LEAST_HASH_SECONDS or spent < hashes * hash_seconds()


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
