"""P22: export, import into a new account, export again: equal, whatever was kept.

Seen failing with `restore` left out of the importer, with notes stripped on import, and with `created_at` left
behind.
"""

import datetime as dt
import io
import zipfile

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import new_account
from tmr.domain.field_types import Choice, Date, LongText, Rating, Tags, Url
from tmr.domain.kinds.application import APPLICATION
from tmr.privacy.archive import archive
from tmr.records import importing
from tmr.repository.records import NewRecord

characters = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
hostile = st.sampled_from(
    ["=1+1", "'=1", "''@x", "-5", "\t=x", 'a"b', "a,b;c", "\r\n", "\u2028", "\ufeff", "\x1f", "ﬁ", "🔑"]
)
text = st.lists(st.one_of(st.text(characters, max_size=30), hostile), max_size=4).map("".join)
long_text = st.one_of(
    text,
    st.builds(lambda piece, count: piece * count, st.text(characters, min_size=1, max_size=9), st.integers(1, 2_000)),
)


def values_of(field) -> st.SearchStrategy:
    kind_of = field.type
    drawn = {
        LongText: long_text,
        Url: st.sampled_from(["", "https://jobs.example/ä?x=1&y=%20#z", "http://a.example/" + "x" * 1_900]),
        Date: st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31)).map(str),
        Rating: st.sampled_from(["", "0", "5"]),
        Tags: st.lists(st.text(characters, max_size=12), max_size=5).map(";".join),
    }.get(type(kind_of), text)
    if isinstance(kind_of, Choice):
        drawn = st.sampled_from([key for key, _ in kind_of.options])
    return st.one_of(st.just(""), drawn).map(lambda typed: accepted(kind_of, typed))


def accepted(kind_of, typed: str):
    try:
        return kind_of.parse(typed)
    except ValueError:
        return None


records = st.fixed_dictionaries({field.name: values_of(field) for field in APPLICATION.fields}).map(
    lambda values: {
        **values,
        "company": values["company"] or "Globex",
        "title": values["title"] or "x",
        "status": values["status"] or "saved",
    }
)
instants = st.integers(946_684_800_000_000, 1_767_225_600_000_000).map(
    lambda count: dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=count)
)
kept = st.lists(st.tuples(records, instants, instants), min_size=1, max_size=8)


def exported(parts, owner, now) -> bytes:
    with parts.repository.for_owner(owner) as uow:
        return b"".join(archive(uow, now))


def contents(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(kept)
def test_p22_a_round_trip_changes_nothing(parts, clock, drawn) -> None:
    import uuid

    first, second = (parts.repository.add_account(new_account(str(uuid.uuid4())), clock()) for _ in range(2))
    with parts.repository.for_owner(first) as uow:
        uow.records.add_many(APPLICATION, [NewRecord(*one) for one in drawn])
        uow.commit()
    out = exported(parts, first, clock())

    with parts.repository.for_owner(second) as uow:
        import_id = importing.stage(uow, out, "", clock())
        uow.imports.change_state(import_id, ["proposed"], "queued")
        importing.carry_out(uow, uow.imports.get(import_id), clock())
        uow.commit()

    assert contents(exported(parts, second, clock())) == contents(out)
    with parts.repository.for_owner(second) as uow:
        stored = sorted(repr(sorted(one.values.items())) for one in uow.records.everything(APPLICATION))
    assert stored == sorted(repr(sorted(values.items())) for values, _, _ in drawn)
