"""The jobs of imports."""

import contextlib
from functools import partial
from uuid import UUID

from tmr.operations.jobs.context import JobContext
from tmr.records.imports import run as import_run
from tmr.repository.errors import RecordNotFoundError


def carry_out_import(job_context: JobContext, owner: UUID, import_id: UUID) -> None:
    """Run an import; one that cannot succeed is marked as failed, and nothing of it is kept."""
    with contextlib.suppress(RecordNotFoundError):  # the data or the account was erased since
        import_run.run_or_give_up(partial(job_context.repository.for_owner, owner), import_id, job_context.clock())
