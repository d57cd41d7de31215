"""What stands for ids in an export: numbers for records, paths for files."""

from uuid import UUID

from tmr.domain.exporting import References
from tmr.domain.fields.files import plain_name
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork

FOLDER = "documents/"


def references(uow: UnitOfWork) -> References:
    """Number every record in the order of the export, and give every file a path of its own by its name."""
    numbers = {kind.key: uow.records.numbers(kind) for kind in uow.kinds.values()}
    return References(numbers, _paths(uow))


def _paths(uow: UnitOfWork) -> dict[str, str]:
    paths: dict[str, str] = {}
    taken: set[str] = set()
    for kind in uow.kinds.values():
        for record in uow.records.everything(kind) if kind.file_links else ():
            for file_id in kind.files_of(record.values):
                if file_id not in paths and (name := _name(uow, file_id)):
                    paths[file_id] = FOLDER + _free(name, taken)
    return paths


def _name(uow: UnitOfWork, file_id: str) -> str:
    try:
        return plain_name(uow.files.meta(UUID(file_id)).name)
    except RecordNotFoundError:
        return ""


def _free(name: str, taken: set[str]) -> str:
    """Return ``name``, or with a number in it the first that no other file has; case makes no difference."""
    stem, dot, ending = name.rpartition(".")
    number, found = 1, name
    while found.casefold() in taken:
        number += 1
        found = f"{stem} ({number}).{ending}" if dot else f"{name} ({number})"
    taken.add(found.casefold())
    return found
