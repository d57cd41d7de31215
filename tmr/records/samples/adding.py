"""Sample data to look around in; it is added as an import, so that all of it can be undone at once."""

import datetime as dt
from uuid import UUID, uuid4

from tmr.domain.demo import DemoItem, demo_search
from tmr.domain.fields.files import FILE_TYPES, file_type_of
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.domain.fields.types.links import Link
from tmr.domain.importing.reading.bundle import Bundle
from tmr.records.imports.tables.results import PartCount, Result
from tmr.repository.records.records import NewRecord
from tmr.repository.unit_of_work import UnitOfWork


def add_samples(uow: UnitOfWork, today: dt.date, now: dt.datetime, records: int = 60) -> UUID:
    """Add a believable search of four months that ends today; return the id of the import that can be undone."""
    search = demo_search(today, records)
    ids = {item.ref: uuid4() for item in search.items}
    import_id = uow.imports.add(b"", Bundle([]), len(search.items), now)
    result = Result()
    for kind in uow.kinds.values():
        new = [_record(uow, kind, item, ids, now) for item in search.of(kind.plural)]
        uow.records.add_many(kind, new, import_id)
        result.added += len(new)
        result.parts.append(PartCount(kind.plural, len(new), 0, 0, 0))
    uow.imports.change_state(import_id, ("proposed",), "done")
    uow.imports.finish(import_id, result)
    return import_id


def _record(uow: UnitOfWork, kind: Kind, item: DemoItem, ids: dict[str, UUID], now: dt.datetime) -> NewRecord:
    values, _ = kind.parse(item.texts)
    links: dict[str, Wire] = {}
    for name, refs in item.links.items():
        field = kind.by_name[name]
        targets = [str(ids[ref]) for ref in refs if ref in ids]
        links[name] = targets if isinstance(field.type, Link) and field.type.is_many else next(iter(targets), None)
    whole = {**kind.defaults(), **values, **links, **_file(uow, item, now)}
    return NewRecord(whole, item.created_at, item.created_at, ids[item.ref])


def _file(uow: UnitOfWork, item: DemoItem, now: dt.datetime) -> dict[str, Wire]:
    if item.file is None:
        return {}
    name, content = item.file
    file_id, meta = uow.files.add([content], name, file_type_of(content[:8192], name), now)
    described: dict[str, Wire] = {"file": str(file_id), "file_name": name, "file_type": FILE_TYPES[meta.type]}
    return {**described, "file_size": meta.size, "file_sha256": meta.sha256}
