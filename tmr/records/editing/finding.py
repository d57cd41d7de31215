"""The form that adds a record to an application, or finds one that is there already: which of the two was meant."""

from collections.abc import Mapping
from itertools import islice
from uuid import UUID

from werkzeug.datastructures import MultiDict

from tmr.domain.fields.kind import Kind
from tmr.domain.kinds.application import APPLICATION
from tmr.records.editing.links import NameIndex
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork

NEW = "new"  # the choice that none of the records that were found is meant
ANY = "1"  # what ``find`` is in a form that has not asked yet
MOST_FOUND = 20
CHOOSE = "You have {plural} like this already. Choose one, or add a new one."


class SeveralFoundError(ValueError):
    """What was typed can mean these records, given by their ids, or a new one."""

    def __init__(self, kind: Kind, names: Mapping[str, str]) -> None:
        super().__init__(CHOOSE.format(plural=kind.plural))
        self.names = dict(names)


def found(uow: UnitOfWork, kind: Kind, sent: MultiDict[str, str], *, has_file: bool) -> UUID | None:
    """Return the id of the record that the form means; None if it means a new one.

    A name and nothing else means the one record that is called so. ``add`` answers which one, or that it is a new one,
    as long as the name is still the one that ``find`` asked about.

    Raises:
        SeveralFoundError: several records are called so, or names contain what was typed.
        RecordNotFoundError: the answer is no id.
    """
    word = sent.get(kind.lead.name, "").strip()
    if (answer := sent.get("add", "")) and sent.get("find", "").strip() in (ANY, word):
        return None if answer == NEW else _id(answer)
    if not word or has_file or _says_more(kind, sent):
        return None
    names = uow.names.all_of(kind)
    index = NameIndex.of(names)
    if len(same := index.same_as(word)) == 1:
        return UUID(same[0])
    if matches := list(islice(index.find(word), MOST_FOUND)):
        raise SeveralFoundError(kind, {record_id: names[record_id] for record_id in matches})
    return None


def _says_more(kind: Kind, sent: MultiDict[str, str]) -> bool:
    """Whether anything but the name was filled in: that is of a new record."""
    rest = (field for field in kind.editable if field not in (kind.lead, kind.link_to(APPLICATION.key)))
    return any(sent.get(field.name, "").strip() not in ("", field.default) for field in rest)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise RecordNotFoundError from None
