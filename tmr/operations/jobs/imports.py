"""The jobs of imports: what the queue does when an import cannot succeed."""

from uuid import UUID

from tmr.operations.jobs.context import JobContext
from tmr.records.imports import run as import_run
from tmr.records.imports.tables.results import Result
from tmr.repository.errors import RecordNotFoundError, TooManyRecordsError


def carry_out_import(job_context: JobContext, owner: UUID, import_id: UUID) -> None:
    """Run an import; one that cannot succeed is marked as failed, and nothing of it is kept."""
    try:
        import_run.run(job_context.repository, owner, import_id, job_context.clock())
    except RecordNotFoundError:
        return  # the data or the account was erased since
    except TooManyRecordsError as error:  # the proposal said so, or others were added since
        _give_up(job_context, owner, import_id, Result(unread=[str(error)]))
    except ValueError:  # FileRefusedError, or something in the file that no reader foresaw
        _give_up(job_context, owner, import_id, Result())


def _give_up(job_context: JobContext, owner: UUID, import_id: UUID, result: Result) -> None:
    with job_context.repository.for_owner(owner) as uow:
        uow.imports.change_state(import_id, ("queued",), "failed")
        uow.imports.finish(import_id, result)
        uow.commit()
