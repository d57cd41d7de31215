"""Figures for Prometheus: rates, latencies, the pool, the queue, the age of the backup, damaged values.

Labels are names of routes, methods and statuses, never a path or a value. Several web processes on a machine add their
figures up, if ``PROMETHEUS_MULTIPROC_DIR`` is set before this module is imported.
"""

import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

from flask import Flask, Response, g, request
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import REGISTRY, Collector

from tmr.repository.errors import DatabaseError, PoolTimeoutError
from tmr.web.monitoring.observation import method
from tmr.web.services import Services

logger = logging.getLogger(__name__)

SEALED_ROOM = "tmr.repository"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
BACKUP_CHECKED_SECONDS = 300.0  # at most this often is the backup target asked

# A line more for each figure, which the figures of several processes have not.
disable_created_metrics()  # type: ignore[no-untyped-call]
REQUESTS = Counter("tmr_requests", "Requests that were answered", ("route", "method", "status"))
SECONDS = Histogram("tmr_request_seconds", "Time to the answer", ("route",), buckets=BUCKETS)
UNREADABLE = Counter("tmr_decrypt_failures", "Sealed values that did not open")
POOL = Gauge("tmr_pool_connections", "Database connections in use by requests", multiprocess_mode="livesum")


class Unreadable(logging.Handler):
    """Counts the sealed values that the repository logs as damaged."""

    def emit(self, record: logging.LogRecord) -> None:
        """Count ``record`` if it is about a value that does not open."""
        if str(record.msg).startswith("a sealed value does not open"):
            UNREADABLE.inc()


class Installation(Collector):
    """Figures of the whole installation, the same from every process: the queue, and the newest backup."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._backup: tuple[float, float | None] = (0.0, None)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield what the database and the backup target say now. The target is asked at most every five minutes."""
        is_up, waiting, oldest = 1, 0, 0.0
        try:
            waiting, oldest = self._services.repository.queue(self._services.clock())
        except (DatabaseError, PoolTimeoutError):
            is_up = 0
        yield GaugeMetricFamily("tmr_database_up", "Whether the database answers", value=is_up)
        yield GaugeMetricFamily("tmr_queue_jobs", "Jobs that wait for a worker", value=waiting)
        yield GaugeMetricFamily("tmr_queue_oldest_seconds", "How long the oldest of them has been due", value=oldest)
        age = self._backup_age()
        if age is not None:
            yield GaugeMetricFamily("tmr_backup_age_seconds", "Age of the newest backup", value=age)

    def _backup_age(self) -> float | None:
        checked_at, made_at = self._backup
        if time.monotonic() - checked_at > BACKUP_CHECKED_SECONDS or not checked_at:
            try:
                newest = self._services.newest_backup()
                made_at = newest.timestamp() if newest else None
            except Exception as error:  # noqa: BLE001 - no error of a target may take the other figures down
                logger.warning("the backup target does not answer: %s", type(error).__name__)
            self._backup = (time.monotonic(), made_at)
        return None if made_at is None else self._services.clock().timestamp() - made_at


_UNREADABLE_HANDLER = Unreadable()


def count_unreadable() -> None:
    """Count damaged values in this process from now on; the worker calls this too. A second call changes nothing."""
    logging.getLogger(SEALED_ROOM).addHandler(_UNREADABLE_HANDLER)


def init_metrics(app: Flask, services: Services) -> None:
    """Count and time every request of ``app``, and offer the figures of its installation."""
    count_unreadable()
    app.extensions["tmr-metrics"] = Installation(services)

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        route = request.endpoint or "unknown"
        REQUESTS.labels(route, method(), str(response.status_code)).inc()
        if "began" in g:
            SECONDS.labels(route).observe(time.perf_counter() - g.began)
        POOL.set(services.repository.connections_in_use())
        return response


def exposition(app: Flask) -> bytes:
    """Return the figures of all web processes of this machine, in the format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(app.extensions["tmr-metrics"])
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        _forget_dead(Path(folder))
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(registry) + generate_latest(REGISTRY)


def _forget_dead(folder: Path) -> None:
    """Drop the live figures of processes that have ended, which would be added up forever."""
    for path in folder.glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        if not Path(f"/proc/{pid}").exists() and Path("/proc/self").exists():
            multiprocess.mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
