"""What the rows of a table hold: counted once for the proposal, in one pass over the whole file."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence

import msgspec

from tmr.domain.fields.folding import fold
from tmr.domain.fields.kind import Kind, pipeline_of_kind
from tmr.domain.fields.types.own import Number
from tmr.domain.fields.types.stages import StageChoice
from tmr.domain.fields.types.times import Instant
from tmr.domain.importing.headers import REFERENCE, STAGE, words_of
from tmr.domain.importing.plan import (
    PREVIEW_ROWS,
    ROWS_ARE_RECORDS,
    ROWS_ARE_STEPS,
    Opener,
    Plan,
    cells_of,
    date_columns,
)
from tmr.domain.importing.presets import preset_date_order
from tmr.domain.importing.proposing.columns import TO_NOTES
from tmr.domain.importing.proposing.evidence import is_date
from tmr.domain.importing.proposing.short_values import MARKS, says_sent, tick_of
from tmr.domain.importing.proposing.statuses import MAX_CHARS, group_of, read_stage, stages_of_ticks
from tmr.domain.importing.readers.dates import (
    AMBIGUOUS,
    DAY_FIRST,
    MONTH_FIRST,
    decide_order,
    read_date,
    read_day_and_month,
)
from tmr.domain.importing.readers.decimals import COMMA, POINT, comma_columns, decimal_sign
from tmr.domain.importing.rows.asides import Asides
from tmr.domain.pipeline.category import APPLIED, CATEGORY
from tmr.domain.pipeline.pipeline import Pipeline

MOST_QUESTIONS = 40  # so many words are asked about one by one; those that are rarer, together
SAMPLED_ROWS = 200
_PREVIEW_CHARS = 200
_DATE_CHARS = 24
# Headers of lists in German, French, Spanish, Portuguese, Italian, Dutch, Polish and Swedish, folded; no English words.
_WORDS = """
    unternehmen arbeitgeber stelle stellenbezeichnung tatigkeit beworben bewerbung bewerbungsdatum entreprise societe
    employeur poste intitule statut candidature empresa puesto cargo vaga estado fecha azienda ruolo esito bedrijf
    werkgever functie vacature sollicitatiedatum stanowisko pracodawca etap foretag arbetsgivare tjanst ansokt
"""
_DAY_FIRST_WORDS = frozenset(_WORDS.split())
_DAY_FIRST_MONEY = frozenset({"AUD", "NZD", "SGD", "MXN", "ARS", "CLP", "COP", "NOK", "DKK"})
_ANY_DAY = dt.date(2024, 12, 31)


class _Rows(msgspec.Struct):
    """What one pass over the rows has found."""

    count: int = 0
    preview: list[list[str]] = []
    words: Counter[str] = msgspec.field(default_factory=Counter)
    dates: dict[int, set[str]] = {}
    others: dict[int, set[str]] = {}
    undecided: int = 0
    unnamed: Counter[str] = msgspec.field(default_factory=Counter)
    decimals: dict[int, Counter[str]] = {}
    steps: dict[tuple[str, ...], list[tuple[str, ...]]] = {}


def survey(kind: Kind, plan: Plan, open_file: Opener) -> None:
    """Count the rows; decide dates, the stages of status words, and whether each row is a step of an application."""
    found = _Rows(
        dates={index: set() for index in date_columns(kind, plan)},
        decimals={index: Counter() for index in _number_columns(kind, plan)},
    )
    at = {target: index for index, target in reversed(list(enumerate(plan.columns))) if target}
    steps_of = _step_columns(kind, at)
    ticks = _tick_columns(kind, plan)
    asides = Asides(kind, plan)
    for _, cells in cells_of(plan, open_file):
        if not plan.is_exact and asides.reason(cells):
            found.count += 1
            continue
        _count(kind, plan, found, cells, at, ticks)
        if steps_of:
            name, step = steps_of
            key = tuple(fold(cells[index]) for index in name)
            found.steps.setdefault(key, []).append(tuple(cells[index].strip() if index >= 0 else "" for index in step))
    plan.rows, plan.preview = found.count, found.preview
    plan.unnamed, plan.undecided_rows = dict(found.unnamed), found.undecided
    _decide_words(kind, plan, found.words)
    if not plan.is_exact:
        _decide_dates(kind, plan, found.dates, found.others)
        usual = COMMA if plan.table.delimiter == ";" or _is_of_day_first_language(plan) else POINT
        plan.comma_columns = comma_columns(found.decimals, usual)
        _decide_defaults(kind, plan)
        _decide_steps(kind, plan, found, at)


def _tick_columns(kind: Kind, plan: Plan) -> list[int]:
    """Return the columns whose tick says how far an application without a status was."""
    pipeline = pipeline_of_kind(kind)
    return list(stages_of_ticks(pipeline, plan.table.header, plan.columns, kind.catch_all)) if kind.stage_field else []


def _number_columns(kind: Kind, plan: Plan) -> list[int]:
    fields = [kind.by_name.get(target) for target in plan.columns]
    return [index for index, field in enumerate(fields) if field and isinstance(field.type, Number)]


def _count(
    kind: Kind, plan: Plan, found: _Rows, cells: Sequence[str], at: dict[str, int], ticks: Sequence[int]
) -> None:
    found.count += 1
    if found.count <= PREVIEW_ROWS:
        found.preview.append([cell[:_PREVIEW_CHARS] for cell in cells])
    for index, values in found.dates.items():
        tick = tick_of(cells[index]) if plan.columns[index].startswith(STAGE) else None
        values.add(tick[1].strip("()") if tick else cells[index])
    for index, signs in found.decimals.items():
        if sign := decimal_sign(cells[index]):
            signs[sign] += 1
    if found.count <= SAMPLED_ROWS:
        for index, target in enumerate(plan.columns):
            if target == kind.catch_all and len(cells[index]) < _DATE_CHARS:
                found.others.setdefault(index, set()).add(cells[index])
    if kind.stage_field:
        words = _status_words(kind, plan.columns, cells)
        found.words.update(words)
        applied = next((at[field.name] for field in kind.fields if field.role == "applied" and field.name in at), None)
        if not words and applied is not None and says_sent(cells[applied]):
            found.undecided += not any((tick_of(cells[index].strip()) or (False, ""))[0] for index in ticks)
    for name in kind.required:
        if kind.by_name[name].stand_in and not plan.has_two_names and (name not in at or not cells[at[name]].strip()):
            found.unnamed[name] += 1


def _status_words(kind: Kind, columns: Sequence[str], cells: Sequence[str]) -> list[str]:
    name = kind.stage_field.name if kind.stage_field else None
    return [cells[i].strip() for i, target in enumerate(columns) if target == name and cells[i].strip()]


def _decide_words(kind: Kind, plan: Plan, words: Counter[str]) -> None:
    """Give each word its stage; spellings of one word are one, and words too rare to ask about are asked about once."""
    field = kind.stage_field
    plan.spellings, plan.rare_words = {}, []
    if field is None or not isinstance(field.type, StageChoice):
        return
    pipeline = field.type.pipeline
    first: dict[tuple[str, str], str] = {}
    for word, _ in words.most_common():
        key = _stage_key(plan, pipeline, word)
        said = first.setdefault((key, word if plan.is_exact else group_of(word)), word)
        plan.words.setdefault(said, key)
        if said != word:
            plan.spellings[word] = said
    rare = plan.open_words[MOST_QUESTIONS:]
    are_rare = frozenset(rare)
    for word in rare:
        plan.words.pop(word)
        plan.spellings[word] = rare[0]
    if rare:
        plan.words[rare[0]], plan.rare_words = "", rare
        plan.spellings.pop(rare[0])
        plan.spellings = {word: rare[0] if said in are_rare else said for word, said in plan.spellings.items()}


def _stage_key(plan: Plan, pipeline: Pipeline, word: str) -> str:
    if plan.is_exact and word in pipeline.by_key:
        return word
    guess = read_stage(pipeline, word[:MAX_CHARS])
    return guess.stage.key if guess else ""


def _decide_defaults(kind: Kind, plan: Plan) -> None:
    """Take applications with a date and no status as sent; give those without a name one."""
    field = kind.stage_field
    if field is not None and isinstance(field.type, StageChoice) and plan.undecided_rows and not plan.status:
        applied = field.type.pipeline.first_of(APPLIED)
        plan.undecided_status = plan.undecided_status or (applied.key if applied else "")
    plan.stand_ins = {name: plan.stand_ins.get(name) or kind.by_name[name].stand_in for name in plan.unnamed}


def _means_done(kind: Kind, target: str, cells: set[str]) -> bool:
    """Whether a column for instants has words such as “yes” that say that something is done."""
    field = kind.by_name.get(target)
    return bool(field and isinstance(field.type, Instant)) and any(cell.strip().casefold() in MARKS for cell in cells)


def _may_be_date(cell: str) -> bool:
    has_day = read_day_and_month(cell, MONTH_FIRST, _ANY_DAY) or read_date(cell, DAY_FIRST)
    return is_date(cell) or has_day is not None


def _proves_order(cells: set[str]) -> bool:
    """Whether the days of a column fit one order only: 15/3 and 3/15 do, 3/4 does not."""
    filled = {cell.strip() for cell in cells if cell.strip()}
    days = {cell for cell in filled if any(char in cell for char in "/.-") and _may_be_date(cell)}
    orders = {order for order in (DAY_FIRST, MONTH_FIRST) if all(_reads(cell, order) for cell in days)}
    return bool(days) and len(orders) == 1 and len(days) * 2 >= len(filled)


def _reads(cell: str, order: str) -> bool:
    return read_date(cell, order) is not None or read_day_and_month(cell, order, _ANY_DAY) is not None


def _decide_dates(kind: Kind, plan: Plan, dates: dict[int, set[str]], others: dict[int, set[str]]) -> None:
    known = preset_date_order(plan.preset)
    for index, cells in dates.items():
        target = plan.columns[index]
        is_filled = any(cell.strip() for cell in cells)
        is_ticked = target.startswith(STAGE) or _means_done(kind, target, cells)
        if is_filled and not is_ticked and not any(map(_may_be_date, cells)):
            plan.columns[index] = kind.catch_all  # a header such as “applied” over Yes and No
            plan.reasons = [TO_NOTES if at == index else plan.reason(at) for at in range(len(plan.columns))]
            continue
        plan.date_orders[str(index)] = known or decide_order(cells)
    # One file has one order: a column that proves it decides for those that prove nothing.
    proven = {decide_order(cells) for cells in [*dates.values(), *others.values()] if _proves_order(cells)}
    decided = proven.pop() if len(proven) == 1 else DAY_FIRST if not proven and _has_day_first(plan) else AMBIGUOUS
    plan.date_orders = {at: decided if order == AMBIGUOUS else order for at, order in plan.date_orders.items()}


def _has_day_first(plan: Plan) -> bool:
    """Whether the list is in a language, or of a country, whose dates all begin with the day."""
    return _is_of_day_first_language(plan) or not _DAY_FIRST_MONEY.isdisjoint(plan.signs.values())


def _is_of_day_first_language(plan: Plan) -> bool:
    return any(word in _DAY_FIRST_WORDS for header in plan.table.header for word in words_of(header))


def _step_columns(kind: Kind, at: dict[str, int]) -> tuple[list[int], list[int]] | None:
    """Return the columns that name an application, and those that tell its steps apart, if each row may be a step."""
    applied = next((field.name for field in kind.fields if field.role == "applied"), "")
    stage = kind.stage_field.name if kind.stage_field else ""
    name = [at[field] for field in kind.identity.together if field in at]
    if not stage or stage not in at or not name:
        return None
    apart = [*(field for field in kind.identity.apart if field != applied), REFERENCE]
    return name, [at[stage], at.get(applied, -1), *(at.get(field, -1) for field in apart)]


def _decide_steps(kind: Kind, plan: Plan, found: _Rows, at: dict[str, int]) -> None:
    """Take rows as steps where those that name one role tell of it on other days, with another status.

    A header that speaks of applying has the day of each application, so that there it is only offered.
    """
    if plan.may_be_steps or plan.preset:
        return  # the person has seen the proposal, and says which it is
    several = [rows for rows in found.steps.values() if len(rows) > 1]
    steps = [rows for rows in several if _tells_steps(kind, plan, rows)]
    if not steps:
        return
    applied = next((at[field.name] for field in kind.fields if field.role == "applied" and field.name in at), -1)
    is_of_applying = applied >= 0 and any(word.startswith("appl") for word in words_of(plan.table.header[applied]))
    is_log = len(steps) * 5 >= len(several) * 4 or sum(map(len, steps)) * 2 >= plan.rows
    plan.may_be_steps = True
    is_log = is_log and (plan.names_go_down or not is_of_applying)
    plan.rows_are = ROWS_ARE_STEPS if is_log else ROWS_ARE_RECORDS


def _tells_steps(kind: Kind, plan: Plan, rows: Sequence[tuple[str, ...]]) -> bool:
    """Whether rows with one name differ in status and day alone, and none begins again after the end of another."""
    pipeline = pipeline_of_kind(kind)
    has_days = all(row[1][:4].isdigit() for row in rows)
    ordered = sorted(rows, key=lambda row: row[1]) if has_days else rows
    categories = [pipeline.category_of(plan.stage_for(row[0])) for row in ordered]
    ends = [place for place, category in enumerate(categories) if category in CATEGORY and CATEGORY[category].is_closed]
    begins_again = bool(ends) and APPLIED in categories[ends[0] + 1 :]
    days = {row[1] for row in rows}
    others = [{value for value in values if value} for values in zip(*(row[2:] for row in rows), strict=True)]
    is_told_apart = len({fold(row[0]) for row in rows}) > 1 and (len(days) > 1 or days == {""})
    return is_told_apart and not begins_again and all(len(values) <= 1 for values in others)
