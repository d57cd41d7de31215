"""Any changes, undone one after the other, give the state before each of them; redone, the state after."""

from collections.abc import Callable
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.factories import application, values_of
from tmr.domain.kinds import KINDS
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.document import DOCUMENT
from tmr.domain.kinds.interview import INTERVIEW
from tmr.records.editing.changes import add_record, change_record, change_records, remove_records, restore_records
from tmr.records.history.undo import redo_step, undo_step
from tmr.repository.unit_of_work import UnitOfWork

STAGES = ("saved", "applied", "rejected")
State = dict[str, dict[str, object]]

numbers = st.integers(0, 3)
changes = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(STAGES), numbers),
    st.tuples(st.just("interview"), st.just(""), numbers),
    st.tuples(st.just("document"), st.just(""), numbers),
    st.tuples(st.just("move"), st.sampled_from(STAGES), numbers),
    st.tuples(st.just("note"), st.sampled_from(["", "a", "b"]), numbers),
    st.tuples(st.just("link"), st.just(""), numbers),
    st.tuples(st.just("move all"), st.sampled_from(STAGES), numbers),
    st.tuples(st.just("delete"), st.just(""), numbers),
    st.tuples(st.just("delete all"), st.just(""), numbers),
    st.tuples(st.just("restore"), st.just(""), numbers),
)


def state(uow: UnitOfWork) -> State:
    """All that a person sees of their records."""
    seen: State = {
        kind.plural: {str(row.id): row.values for row in uow.records.everything(kind)} for kind in KINDS.values()
    }
    seen["counts"] = {kind.plural: uow.records.counts.of(kind) for kind in KINDS.values()}
    linked = {
        row for kind in KINDS.values() for row in uow.records.links.sources(map(UUID, seen["applications"]), kind.key)
    }
    seen["links"] = dict.fromkeys(map(str, linked))
    return seen


def make(uow: UnitOfWork, change: tuple[str, str, int], now) -> None:
    """Make one change, if there is something to make it to."""
    what, value, number = change
    ids = [row.id for row in uow.records.everything(APPLICATION)]
    about = ids[number : number + 1]
    documents = [row.id for row in uow.records.everything(DOCUMENT)]
    if what == "add":
        add_record(uow, APPLICATION, application(status=value, company=str(number)), now)
    elif what == "interview" and about:
        add_record(uow, INTERVIEW, values_of(INTERVIEW, application_id=str(about[0])), now)
    elif what == "document":
        add_record(uow, DOCUMENT, values_of(DOCUMENT, application_ids=[str(row) for row in about] or None), now)
    elif what in ("move", "note") and about:
        values = {"status": value} if what == "move" else {"notes": value or None, "job_description": value or None}
        change_record(uow, uow.records.get_for_edit(APPLICATION, about[0]), values, None, now)
    elif what == "link" and about and documents:
        stored = uow.records.get_for_edit(DOCUMENT, documents[number % len(documents)])
        change_record(uow, stored, {"application_ids": [str(about[0])]}, None, now)
    elif what == "move all" and ids:
        change_records(uow, APPLICATION, ids, {"status": value}, now)
    elif what in ("delete", "delete all"):
        remove_records(uow, APPLICATION, about if what == "delete" else ids, now)
    elif what == "restore":
        deleted = [row.record for row in uow.trash.page(0, 10)]
        for record in deleted[number : number + 1]:
            restore_records(uow, record.kind, [record.id], now)


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.lists(changes, min_size=5, max_size=12))
def test_any_changes_undone_in_turn_give_the_state_before_and_redone_the_state_after(
    app, services, owner, clock, made
) -> None:
    def within(work: Callable[[UnitOfWork], object]) -> State:
        clock.turn(seconds=1)
        with app.app_context(), services.repository.for_owner(owner) as uow:
            work(uow)
            uow.commit()
        with services.repository.for_owner(owner) as uow:
            return state(uow)

    def undo(uow: UnitOfWork) -> None:
        assert undo_step(uow, uow.steps.newest(), clock()).left == 0

    def redo(uow: UnitOfWork) -> None:
        assert redo_step(uow, uow.steps.undone_last(), clock()).left == 0

    def steps() -> list[UUID]:
        with services.repository.for_owner(owner) as uow:
            return [stored.id for stored in uow.steps.list() if stored.undone_at is None]

    def begin(uow: UnitOfWork) -> None:
        for number in range(3):
            make(uow, ("add", STAGES[number], number), clock())
        make(uow, ("document", "", 3), clock())

    within(lambda uow: uow.erase_data(clock()))
    states, known = [within(begin)], steps()
    for change in made:
        after = within(lambda uow, change=change: make(uow, change, clock()))
        if steps() != known:  # some changes find nothing to do
            states.append(after)
            known = steps()
        else:
            assert after == states[-1]

    for before in states[-2::-1]:
        assert within(undo) == before
    for after in states[1:]:
        assert within(redo) == after
