"""A file on its way in: read in a process of its own, and kept sealed with a proposal."""

import copy
import datetime as dt
from collections.abc import Callable
from typing import TextIO, TypeVar
from uuid import UUID

from tmr.domain.fields.kind import pipeline_of_kind
from tmr.domain.fields.own import OwnField
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.plan import Plan
from tmr.domain.importing.reading.bundle import INLINE_ROWS, Bundle
from tmr.domain.importing.reading.choices import apply_choices, prefix_of
from tmr.domain.importing.reading.file import ReadFile
from tmr.domain.importing.reading.staged import StagedBytes
from tmr.domain.kinds import own_fields_of
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.pipeline.pipeline import Pipeline
from tmr.records.imports.apart.reader import ReadingFailedError, choose_apart, read_apart
from tmr.records.imports.run import kinds_of, preview
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.session.current import unit_of_work, without_connection

Result = TypeVar("Result")
UNREADABLE = "This file could not be read, through a fault of ours that is noted. Nothing was changed."


class _NeedsFileError(Exception):
    """A choice needs the file to be read again."""


class _Unread:
    """Stands for a file that is not to be read here."""

    def text(self, _plan: Plan) -> TextIO:
        raise _NeedsFileError

    def pieces(self) -> list[bytes]:
        raise _NeedsFileError

    def file(self, _path: str) -> bytes | None:
        raise _NeedsFileError


def read_without_connection(content: bytes, encoding: str, wanted: str = "") -> ReadFile:
    """Read a file for the person who is signed in; no connection is held meanwhile, and nothing is kept yet.

    Raises:
        FileRefusedError: it is no table, damaged or too large, or takes too long.
    """
    pipeline, own_fields = _declared_by_person(unit_of_work())
    file = _without_connection(lambda: read_apart(pipeline, content, encoding, wanted, own_fields))
    form = {} if wanted else _doubted_kinds(unit_of_work(), file)
    if not form:
        return file
    bundle, _ = _without_connection(lambda: choose_apart(pipeline, file.bundle, form, file.content, own_fields))
    return ReadFile(file.content, bundle)


def keep(uow: UnitOfWork, file: ReadFile, now: dt.datetime) -> UUID:
    """Keep a file that was read, sealed, with its proposal; return the import's id."""
    return uow.imports.add(file.content, file.bundle, file.bundle.rows, now)


def choose_without_connection(import_id: UUID, bundle: Bundle, form: dict[str, str]) -> tuple[Bundle, list[str]]:
    """Return a proposal as the form says, and what has to be decided first; ``bundle`` stays as it is.

    If the file has to be read again for it, no connection is held meanwhile.

    Raises:
        FileRefusedError: it cannot be read in that way, or takes too long.
    """
    uow, chosen = unit_of_work(), copy.deepcopy(bundle)
    try:
        questions = apply_choices(kinds_of(uow, chosen), chosen, form, _Unread())
        if any(after.is_used and not before.is_used for before, after in zip(bundle.plans, chosen.plans, strict=True)):
            raise _NeedsFileError  # the rows of this table were not read yet
        return chosen, questions
    except _NeedsFileError:
        pipeline, own_fields = _declared_by_person(uow)
        content = b"".join(uow.imports.content(import_id))
        return _without_connection(lambda: choose_apart(pipeline, bundle, form, content, own_fields))


def _declared_by_person(uow: UnitOfWork) -> tuple[Pipeline, tuple[OwnField, ...]]:
    """Return the stages and the own fields of a person: what the process that reads a file has to know of them."""
    return pipeline_of_kind(uow.kinds[APPLICATION.plural]), own_fields_of(uow.kinds)


def _without_connection(read: Callable[[], Result]) -> Result:
    def outcome() -> Result | FileRefusedError:
        try:
            return read()
        except FileRefusedError as error:  # returned, so that the page that says so has a unit of work again
            return error
        except ReadingFailedError:  # in the log already
            return FileRefusedError(UNREADABLE)

    result = without_connection(outcome)
    if isinstance(result, FileRefusedError):
        raise result
    return result


def _doubted_kinds(uow: UnitOfWork, file: ReadFile) -> dict[str, str]:
    """Return, as a form, the tables that were proposed as a kind under which every row fails, as applications."""
    bundle, usual = file.bundle, APPLICATION.plural
    if bundle.rows > INLINE_ROWS or all(plan.preset or plan.kind == usual for plan in bundle.used):
        return {}
    parts = preview(uow, StagedBytes(file.content), bundle).result.parts
    failed = [
        plan
        for plan, part in zip(bundle.used, parts, strict=True)
        if part.rejected and not (part.added or part.updated or part.skipped or plan.preset)
    ]
    return {f"{prefix_of(place)}kind": usual for place, plan in enumerate(bundle.plans) if plan in failed}
