"""Links as people enter them: by the name of a record or by its id, from either of the two records."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec
from werkzeug.datastructures import MultiDict

from tmr.domain.fields.folding import LONGEST_WORD, searchable
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field, Wire
from tmr.domain.fields.types.links import Link, Links, link_ids
from tmr.domain.kinds import BY_KEY, linking_to
from tmr.domain.record import Record
from tmr.records.editing import sent as what_was_sent
from tmr.records.editing.form import RecordForm
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.records.records import Changed
from tmr.repository.unit_of_work import UnitOfWork

UNKNOWN = "There is no {kind} called “{word}”. Choose one from the list, or add it first."
SEVERAL = "Several {plural} match “{word}”. Type more of the name."
NOT_THERE = "Choose one of your {plural}."
FULL = f"“{{title}}” already has {Links.most} links. Remove one first."
IS_SHORTENED = "Type the whole name of “{word}”. Only {most} names can be shortened in one form."
MOST_SHORTENED = 30  # each is looked for in the names of all records
SEPARATOR = ";"
MOST_WORDS = 20
_DIVIDERS = str.maketrans(";,·", "   ")


class LinkRefusedError(ValueError):
    """A link that cannot be made; the message says why."""


def resolve_links(
    uow: UnitOfWork, kind: Kind, sent: MultiDict[str, str], stored: Record | None = None
) -> tuple[MultiDict[str, str], dict[str, str]]:
    """Return the form with ids in place of the names of linked records, and an error for each that is not clear.

    A name that one of the records linked so far has means that record, even if others have the same name.
    """
    form = MultiDict(sent)
    errors: dict[str, str] = {}
    known = names_for(uow, [stored]) if stored else {}
    for field in kind.record_links:
        linked = {target_id: known[target_id] for target_id in field_ids(field, stored) if target_id in known}
        for name in (field.name, *field.aliases):
            if words := _words(field, form.getlist(name)):
                ids, error = _ids(uow, field, words, linked)
                form.setlist(name, ids if not error else form.getlist(name))
                errors |= {field.name: error} if error else {}
    return form, errors


def keep_hidden_links(form: RecordForm, stored: Record) -> None:
    """Keep links to records that are deleted: the form did not show them, and an undo restores those records."""
    for field in form.kind.record_links:
        hidden = [target_id for target_id in field_ids(field, stored) if target_id not in form.names]
        if field.name in form.values and hidden:
            shown = link_ids(form.values[field.name])
            both = [*shown, *(target_id for target_id in hidden if target_id not in shown)]
            form.values[field.name] = both if field.type.is_many else (shown or hidden)[0]  # type: ignore[attr-defined]


def field_ids(field: Field, record: Record | None) -> list[str]:
    """Return the ids that a link of a record holds; none without a record."""
    return link_ids(record.values.get(field.name)) if record else []


def link_errors(uow: UnitOfWork, form: RecordForm, stored: Record | None) -> dict[str, str]:
    """Return an error for each link to what is no record of this person; what was linked before may be deleted."""
    errors = {}
    for field in form.kind.record_links:
        before = set(link_ids(stored.values.get(field.name))) if stored else set()
        new = [target_id for target_id in link_ids(form.values.get(field.name)) if target_id not in before]
        target = target_of(field)
        there = uow.records.links.existing(target.key, new, held=field.is_required) if new else set()
        if len(there) != len(set(new)):
            errors[field.name] = NOT_THERE.format(plural=target.plural)
    return errors


def names_for(uow: UnitOfWork, records: Iterable[Record]) -> dict[str, str]:
    """Return what the records that these link to are called, by their ids."""
    ids = {
        target_id
        for record in records
        for field in record.kind.record_links
        for target_id in link_ids(record.values.get(field.name))
    }
    return uow.names.some(ids)


def other_side_errors(
    uow: UnitOfWork, kind: Kind, sent: MultiDict[str, str], stored: Record | None = None
) -> dict[str, str]:
    """Return an error for each of ``contact_ids``, ``document_ids`` with a record that is not there or is full."""
    errors = {}
    for other, field, wanted in _from_other_side(kind, sent):
        if not _all_there(uow, other, wanted):
            errors[f"{other.key}_ids"] = NOT_THERE.format(plural=other.plural)
        elif full := _full(uow, other, field, wanted, stored):
            errors[f"{other.key}_ids"] = FULL.format(title=full[:60])
    return errors


def _full(uow: UnitOfWork, other: Kind, field: Field, wanted: set[str], stored: Record | None) -> str:
    """Return the title of the first of these records that has no room for a link to ``stored``; empty if none."""
    stored_id = str(stored.id) if stored else ""
    linking = uow.records.get_many(other, [UUID(wanted_id) for wanted_id in wanted])
    links = [(record.title, link_ids(record.values[field.name])) for record in linking]
    return next((title for title, ids in links if stored_id not in ids and len(ids) >= Links.most), "")


def set_from_other_side(uow: UnitOfWork, record: Record, sent: MultiDict[str, str], now: dt.datetime) -> None:
    """Make the records of ``contact_ids`` and ``document_ids`` the ones that link to this one, if they were sent."""
    for other, field, wanted in _from_other_side(record.kind, sent):
        _relink(uow, other, field, record, wanted, now)


def _from_other_side(kind: Kind, sent: MultiDict[str, str]) -> list[tuple[Kind, Field, set[str]]]:
    """Return each kind whose ids were sent to be linked to this record, its field, and those ids."""
    sides = []
    for other in linking_to(kind.key):
        field, name = other.link_to(kind.key), f"{other.key}_ids"
        if field is not None and field.type.is_many and name in sent:  # type: ignore[attr-defined]
            words = (word for text in sent.getlist(name) for word in re.split(r"[;,\s]+", text) if word)
            sides.append((other, field, set(words)))
    return sides


def _all_there(uow: UnitOfWork, other: Kind, wanted: set[str]) -> bool:
    try:
        ids = {str(UUID(wanted_id)) for wanted_id in wanted}
    except ValueError:
        return False
    return uow.records.links.existing(other.key, ids) == ids


def _relink(uow: UnitOfWork, other: Kind, field: Field, record: Record, wanted: set[str], now: dt.datetime) -> None:
    now_linked = set(uow.records.links.sources([record.id], other.key))
    changing = list(now_linked ^ {UUID(wanted_id) for wanted_id in wanted})
    current = uow.records.locked(other, changing)
    changed = uow.records.write_many(
        [(linking, {field.name: _toggled(linking.values[field.name], str(record.id))}) for linking in current], now
    )
    what_was_sent.join_changed(uow, other, changed, now)


def _toggled(value: Wire, target: str) -> Wire:
    """Return the value of a link with ``target`` removed if it is in it, else added."""
    ids = link_ids(value)
    return [target_id for target_id in ids if target_id != target] or None if target in ids else [*ids, target]


def target_of(field: Field) -> Kind:
    """Return the kind that a field links to."""
    kind_of = field.type
    if not isinstance(kind_of, Link):
        raise TypeError(f"{field.name} is no link")
    return BY_KEY[kind_of.target]


class NameIndex(msgspec.Struct):
    """What the records of a kind are called, to find one by what a person typed."""

    exact: dict[str, list[str]]
    all: list[tuple[str, str]]

    @classmethod
    def of(cls, names: Mapping[str, str]) -> "NameIndex":
        """Return an index of these names, given by id."""
        exact: dict[str, list[str]] = {}
        pairs = [(record_id, _folded(name)) for record_id, name in names.items()]
        for record_id, name in pairs:
            exact.setdefault(name, []).append(record_id)
        return cls(exact, pairs)

    def same_as(self, word: str) -> list[str]:
        """Return the ids of all records with exactly this name."""
        return self.exact.get(_folded(word), [])

    def find(self, word: str) -> list[str]:
        """Return the ids of all records with exactly this name, else of all whose names contain every word of it."""
        folded = _folded(word)
        return self.exact.get(folded) or self.containing(folded)

    def containing(self, folded: str) -> list[str]:
        """Return the ids of all records whose names contain every word of a folded text.

        A part of a name has at most ``MOST_WORDS``, since a form can hold half a million of them.
        """
        parts = list(dict.fromkeys(folded.split()))
        if len(parts) > MOST_WORDS:
            return []
        return [record_id for record_id, name in self.all if all(part in name for part in parts)]


def _ids(uow: UnitOfWork, field: Field, words: Sequence[str], linked: Mapping[str, str]) -> tuple[list[str], str]:
    """Return the ids that these words mean; or none, and an error for the first word that is not clear."""
    if all(map(_is_id, words)):
        return list(words), ""
    target = target_of(field)
    already = NameIndex.of(linked)
    names, ids, shortened = NameIndex.of(uow.names.all_of(target)), [], 0
    for word in words:
        folded = _folded(word)
        matches = [word] if _is_id(word) else already.exact.get(folded, [])[:1] or names.exact.get(folded, [])
        if not matches:
            shortened += 1
            if shortened > MOST_SHORTENED:
                return [], IS_SHORTENED.format(word=word[:60], most=MOST_SHORTENED)
            matches = names.containing(folded)
        if len(matches) != 1:
            text = SEVERAL if matches else UNKNOWN
            return [], text.format(kind=target.key, plural=target.plural, word=word[:60])
        ids += matches
    return ids, ""


def _words(field: Field, texts: Sequence[str]) -> list[str]:
    is_many = field.type.is_many  # type: ignore[attr-defined]
    pieces = [piece.strip() for text in texts for piece in (_pieces(text) if is_many else [text])]
    return list(dict.fromkeys(piece for piece in pieces if piece))[: Links.most + 1]


def _pieces(text: str) -> list[str]:
    """Split ids at commas and spaces too, but names, which may contain those, at semicolons only."""
    words = re.split(r"[;,\s]+", text.strip())
    return words if all(map(_is_id, words)) else text.split(SEPARATOR)


def _is_id(word: str) -> bool:
    try:
        return bool(UUID(word))
    except ValueError:
        return False


def _folded(name: str) -> str:
    """Return a name as it is compared; what is too long to be one comes back as it is, as from ``fold``."""
    return " ".join(searchable(name).translate(_DIVIDERS).split()) if len(name) <= LONGEST_WORD else name


def link(uow: UnitOfWork, kind: Kind, record_id: UUID, application: Record, at: dt.datetime) -> Record | None:
    """Link a record to an application; return it as it is now, or None if it was linked already.

    Raises:
        RecordNotFoundError: the record is not there.
        LinkRefusedError: it has as many links as it can.
    """
    return _set_link(uow, kind, record_id, application, at, is_linked=True)


def unlink(uow: UnitOfWork, kind: Kind, record_id: UUID, application: Record, at: dt.datetime) -> Record | None:
    """Remove the link of a record to an application; return it as it is now, or None if there was no link.

    Raises:
        RecordNotFoundError: the record is not there.
    """
    return _set_link(uow, kind, record_id, application, at, is_linked=False)


def _set_link(
    uow: UnitOfWork, kind: Kind, record_id: UUID, application: Record, at: dt.datetime, *, is_linked: bool
) -> Record | None:
    field = kind.link_to(application.kind.key)
    [record] = uow.records.locked(kind, [record_id])
    if field is None:
        raise RecordNotFoundError
    ids, target = link_ids(record.values[field.name]), str(application.id)
    if is_linked and target not in ids and len(ids) >= Links.most:
        raise LinkRefusedError(FULL.format(title=record.title[:60]))
    if (target in ids) == is_linked:
        return None
    changed = uow.records.write(record, {field.name: _toggled(ids, target)}, None, at)
    what_was_sent.join_changed(uow, kind, [Changed(record, changed.values)], at)
    return changed
