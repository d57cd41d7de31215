"""What an export has in place of ids: numbers for records, paths for files."""

from uuid import UUID

from tmr.domain.exporting import References
from tmr.domain.fields.files import plain_name
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork

FOLDER = "documents/"


def references(uow: UnitOfWork) -> References:
    """Number every record in the order of the export, and give every file a path made from its name, none twice."""
    numbers = {kind.key: uow.records.numbers(kind) for kind in uow.kinds.values()}
    return References(numbers, _paths(uow))


def _paths(uow: UnitOfWork) -> dict[str, str]:
    paths: dict[str, str] = {}
    taken: set[str] = set()
    for kind in uow.kinds.values():
        for record in uow.records.everything(kind) if kind.file_links else ():
            for file_id in kind.files_of(record.values):
                if file_id not in paths and (name := _file_name(uow, file_id)):
                    paths[file_id] = FOLDER + _free_name(name, taken)
    return paths


def _file_name(uow: UnitOfWork, file_id: str) -> str:
    """Return what the file is called; nothing if it is gone."""
    try:
        return plain_name(uow.files.meta(UUID(file_id)).name)
    except RecordNotFoundError:
        return ""


def _free_name(name: str, taken: set[str]) -> str:
    """Return ``name``, with a number in it if another file has it, and add it to ``taken``.

    Case makes no difference, as some systems would write one file over the other.
    """
    stem, dot, ending = name.rpartition(".")
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{stem} ({number}).{ending}" if dot else f"{name} ({number})"
    taken.add(free.casefold())
    return free
