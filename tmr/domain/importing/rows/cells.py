"""Puts the cells of other programs' tables where they belong: each column in its own way, chosen once for a table."""

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache, partial
from itertools import pairwise

from tmr.domain.fields.folding import fold
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field
from tmr.domain.fields.types.choices import Choice, Flag
from tmr.domain.fields.types.dates import Date
from tmr.domain.fields.types.numbers import Amount, Currency, Rating
from tmr.domain.fields.types.own import Number, with_decimal_point
from tmr.domain.fields.types.stages import StageChoice
from tmr.domain.fields.types.texts import LongText, Url
from tmr.domain.fields.types.times import WallTime
from tmr.domain.importing.headers import CERTAIN, PERSON, REFERENCE, SALARY, SAVED_ON, STAGE, header_scores, words_of
from tmr.domain.importing.people import FEWEST_DIGITS, NAME_PARTS, OF_PEOPLE, split_person, without_role
from tmr.domain.importing.plan import NO_FIELD, Plan
from tmr.domain.importing.proposing.columns import TO_NOTES, takes_several
from tmr.domain.importing.proposing.short_values import choice_of_header, short_value, tick_of, ticked_choice
from tmr.domain.importing.proposing.statuses import read_stage, stages_of_ticks
from tmr.domain.importing.readers.dates import DAY_FIRST, read_time
from tmr.domain.importing.readers.html_text import plain_text
from tmr.domain.importing.readers.links import NOTION, read_link
from tmr.domain.importing.readers.money.pay_header import PayHeader, pay_header
from tmr.domain.importing.readers.money.salaries import Pay, in_unit_of, is_pay_of_year, read_salary
from tmr.domain.importing.rows.draft import Row, Step
from tmr.domain.importing.rows.moments import MomentReader

_MIDNIGHT = "T00:00"
_NO_TIME = ("", "00:0", "23:5")  # how times begin that only say “that day”
_TIMES = frozenset({"time", "uhrzeit", "heure", "hora", "ora", "tijd", "godzina", "tid", "时间", "時間", "時刻"})
_AS_MOST = {"salary_min": "salary_max"}
REMEMBERED = 2_048
_BRACKETS = re.compile(r"\(([^)]{3,40})\)")


Put = Callable[[Row, str], None]
Read = Callable[[Row, str], str]


class CellReader:
    """Reads the cells of one table in the way that its plan says; ``columns`` are those that lead anywhere.

    How a column is read is decided here and not for each cell, since a table can have a million of them.
    """

    def __init__(self, kind: Kind, plan: Plan, moments: MomentReader) -> None:
        self._kind, self._plan, self._moments = kind, plan, moments
        self._targets = [(index, target) for index, target in enumerate(plan.columns) if target]
        self._labels = [header.strip(" :*") or f"Column {at + 1}" for at, header in enumerate(plan.table.header)]
        self._counts = Counter(target for _, target in self._targets)
        self._unlabelled = self._plain_notes()
        self._ticks = self._stages_of_ticks()
        self._groups = self._groups_of_people()
        self._day = next((target for target in self._counts if self._is(target, WallTime)), "")
        self._keeps_status: dict[str, bool] = {}
        self._read_salary = lru_cache(maxsize=REMEMBERED)(
            partial(read_salary, signs=plan.signs)
        )  # a list has the same pay many times
        self.columns: list[tuple[int, Put]] = [(index, self._put_for(index, target)) for index, target in self._targets]

    def label_of(self, field: Field) -> str:
        """Return what the file calls a field: the header of its only column, else the field's own name."""
        labels = [self._labels[index] for index, target in self._targets if target == field.name]
        return labels[0] if len(labels) == 1 else field.label

    def put_beyond(self, row: Row, cells: list[str]) -> None:
        """Keep the cells beyond the header: joined to a long text in the last column, which had separators in it."""
        last, delimiter = self._plan.columns[-1], self._plan.table.delimiter
        at = len(self._plan.columns) - 1
        if last == self._kind.catch_all and row.own_lines and at in self._unlabelled:
            row.own_lines[-1] = delimiter.join([row.own_lines[-1], *cells])
        elif last in row.texts and self._is(last, LongText):
            row.texts[last] = delimiter.join([row.texts[last], *cells])
        else:
            row.left.append(f"After the last column: {delimiter.join(cells)}")

    def _plain_notes(self) -> set[int]:
        """Return the columns whose own header says that they are notes, so that their text needs no label."""
        notes = self._kind.catch_all
        columns = [index for index, target in self._targets if target == notes]
        named = [
            at for at in columns if header_scores(self._kind, self._plan.table.header[at]).get(notes, 0) >= CERTAIN
        ]
        label = fold(self._kind.by_name[notes].label)
        named.sort(key=lambda at: fold(self._plan.table.header[at]) != label)  # “Notes” before “How we met”
        chosen = [at for at in columns if self._plan.reason(at) not in (TO_NOTES, NO_FIELD)]
        return set(named[:1] or (chosen if len(columns) == 1 else []))

    def _put_for(self, index: int, target: str) -> Put:
        """Return what puts a cell of a column into a row."""
        label, order = self._labels[index], self._order(index)
        if target == SAVED_ON:
            return partial(self._put_saved_on, label, order)
        if target == REFERENCE:
            return partial(self._put_reference, label)
        if target.startswith(PERSON):
            return partial(self._put_person, label, target.removeprefix(PERSON), self._groups.get(index, 0))
        if target.startswith(STAGE):
            return partial(self._put_step, label, order, target.removeprefix(STAGE))
        if target == SALARY:
            return partial(self._put_salary, pay_header(self._kind, label, self._read_salary))
        if target == self._kind.catch_all and self._day and fold(label) in _TIMES:
            return partial(self._put_time, label, self._day)
        if index in self._ticks:
            return partial(self._put_tick, label, self._ticks[index])
        if target == self._kind.catch_all:
            return self._put_own_note if index in self._unlabelled else partial(self._put_note, label)
        return self._put_for_text(index, target)

    def _put_for_text(self, index: int, target: str) -> Put:
        label, read = self._labels[index], self._reader_of(index, target)
        if self._is(target, LongText):
            return partial(self._put_joined if self._counts[target] > 1 else self._put_text, label, target, read)
        if choice := choice_of_header(self._kind.by_name[target].type, label):
            return partial(self._put_ticked, label, target, choice, read)
        spaced = takes_several(self._kind, target)
        return partial(self._put_spaced if spaced else self._put_text, label, target, read)

    def _put_saved_on(self, label: str, order: str, row: Row, cell: str) -> None:
        row.saved_on = self._moments.midnight(cell, order)
        if row.saved_on is None:
            row.left.append(f"{label}: {cell}")

    def _put_reference(self, label: str, row: Row, cell: str) -> None:
        row.reference = fold(cell)
        row.labelled.append(f"{label}: {cell}")

    def _put_time(self, label: str, day: str, row: Row, cell: str) -> None:
        """Add the time in a column of its own to the day beside it."""
        if re.fullmatch(r"\d{1,2}[:.]\d\d(?:\D.{0,10})?", cell) and row.texts.get(day, "").endswith(_MIDNIGHT):
            row.texts[day] = row.texts[day].removesuffix(_MIDNIGHT) + f"T{read_time(cell)}"
        else:
            row.labelled.append(f"{label}: {cell}")

    def _put_own_note(self, row: Row, cell: str) -> None:
        row.own_lines.append(plain_text(cell))

    def _put_note(self, label: str, row: Row, cell: str) -> None:
        row.labelled.append(f"{label}: {plain_text(cell)}")

    def _stages_of_ticks(self) -> dict[int, str]:
        field = self._kind.stage_field
        if field is None or not isinstance(field.type, StageChoice):
            return {}
        found = stages_of_ticks(field.type.pipeline, self._plan.table.header, self._plan.columns, self._kind.catch_all)
        return {index: stage.key for index, stage in found.items()}

    def _put_tick(self, label: str, stage: str, row: Row, cell: str) -> None:
        """Keep a cell of a column such as “Interview?”; where it says yes, a row without a status was that far."""
        self._put_note(label, row, cell)
        if (tick_of(cell) or (False, ""))[0]:
            row.ticked.append(stage)

    def _groups_of_people(self) -> dict[int, int]:
        """Return the number of the person, from 0, that each column about people is of, by the words of its header.

        “Recruiter” and “Recruiter email” are of one, “Hiring manager” of another.
        """
        columns = [(index, target) for index, target in self._targets if target.startswith(PERSON)]
        roles = {
            index: frozenset(words_of(self._plan.table.header[index])) - OF_PEOPLE - NAME_PARTS for index, _ in columns
        }
        named = list(dict.fromkeys(roles[index] for index, target in columns if target == f"{PERSON}name"))
        if len(named) < 2 or any(first & second for first, second in pairwise(named)):
            return {}
        return {index: named.index(roles[index]) if roles[index] in named else 0 for index, _ in columns}

    def _put_person(self, label: str, name: str, group: int, row: Row, cell: str) -> None:
        link = read_link(cell) if name == "profile_url" else None
        text = link.url if link else cell
        found = split_person(text) if name == "name" else {name: text}
        if name == "phone" and sum(map(str.isdigit, cell)) < FEWEST_DIGITS:
            row.labelled.append(f"{label}: {cell}")  # such as the address of a site
            return
        person = row.others.setdefault(group, {}) if group else row.person
        if name == "name" and NAME_PARTS.intersection(words_of(label)):
            person["name"] = _spaced(person.get("name", ""), cell)
        elif any(person.get(part) for part in found):
            row.left.append(f"{label}: {cell}")
        else:
            bare = without_role(found.get("name", ""))
            person |= {**found, "name": bare} if bare else found
            row.told.extend([f"{label}: {cell}"] if bare else [])

    def _put_step(self, label: str, order: str, stage: str, row: Row, cell: str) -> None:
        tick = tick_of(cell)
        is_reached, text = tick or (True, cell)
        if not is_reached:
            row.labelled.extend([f"{label}: {cell}"] if text else [])
            return
        day, rest = self._day_of(text, order) if text else ("", "")
        happened_at = self._moments.instant(day, order) if day else ""
        row.steps.append(Step(stage, happened_at, "" if happened_at or rest else f"{label}: {cell}"))
        if len(rest) > 1:
            row.left.append(f"{label}: {cell}")

    def _day_of(self, text: str, order: str) -> tuple[str, str]:
        """Return the part of a text that is a day, which may be in brackets, and what else the text says."""
        date, rest = self._moments.date(text, order)
        inside = _BRACKETS.search(text) if date is None else None
        if inside and self._moments.date(inside[1], order)[0]:
            return inside[1], _BRACKETS.sub(" ", text, count=1).strip()
        return (text if date else ""), rest

    def _put_salary(self, header: PayHeader, row: Row, cell: str) -> None:
        label = header.label
        pay = self._read_salary(in_unit_of(label, cell))
        is_open = False
        if pay is not None and header.is_most and "salary_max" not in pay.texts:
            pay, is_open = (
                Pay({_AS_MOST.get(name, name): text for name, text in pay.texts.items()}, pay.rest),
                "+" in cell,
            )
        if pay is None or any(row.texts.get(name, text) != text for name, text in pay.texts.items()):
            row.left.append(f"{label}: {cell}")
            return
        said = {**header.said, **pay.texts} if pay.texts else pay.texts
        row.texts |= {**({"salary_period": "year"} if is_pay_of_year(said) else {}), **said}
        if pay.rest:
            row.left.append(f"{label}: {pay.rest}")
        elif is_open or header.is_wished:
            row.told.append(f"{label}: {cell}")  # $90k+ at the most, or what the person asks for

    def _put_joined(self, label: str, target: str, read: Read, row: Row, cell: str) -> None:
        if text := read(row, cell):
            row.texts[target] = "\n".join(filter(None, (row.texts.get(target, ""), f"{label}: {text}")))
        else:
            row.left.append(f"{label}: {cell}")

    def _put_spaced(self, label: str, target: str, read: Read, row: Row, cell: str) -> None:
        if text := read(row, cell):
            row.texts[target] = _spaced(row.texts.get(target, ""), text)
        else:
            row.left.append(f"{label}: {cell}")

    def _put_text(self, label: str, target: str, read: Read, row: Row, cell: str) -> None:
        text = read(row, cell)
        if not text or row.texts.get(target, text) != text:
            row.left.append(f"{label}: {cell}")  # unreadable, or another column has filled the field already
        else:
            row.texts[target] = text

    def _put_ticked(self, label: str, target: str, choice: str, read: Read, row: Row, cell: str) -> None:
        """Take a tick for the choice that the header names: “Remote?” with Yes."""
        said = ticked_choice(choice, cell)
        if said is None or row.texts.get(target, said[0]) != said[0]:
            self._put_text(label, target, read, row, cell)
            return
        text, is_all = said
        if text:
            row.texts[target] = text
        if not is_all:
            row.labelled.append(f"{label}: {cell}")

    def _reader_of(self, index: int, target: str) -> Read:
        """Return what reads a cell as its field does; what else the cell says becomes a line of the notes."""
        field, label = self._kind.by_name[target], self._labels[index]
        if self._kind.stage_field is field:
            return partial(self._stage, label)
        if field.type.is_dated:
            return partial(self._moment, label, field, self._order(index))
        if isinstance(field.type, Amount):
            return partial(self._amount, label)
        if isinstance(field.type, Number) and index in self._plan.comma_columns:
            return self._number
        if isinstance(field.type, Url):
            return partial(self._address, label)
        if isinstance(field.type, LongText):
            return self._prose
        if isinstance(field.type, Choice | Rating):
            return partial(self._short, label, field)
        return partial(self._words, label, target)

    def _stage(self, label: str, row: Row, cell: str) -> str:
        if self._is_kept(cell):
            row.told.append(f"{label}: {cell}")
        return self._plan.stage_for(cell) or cell

    def _moment(self, label: str, field: Field, order: str, row: Row, cell: str) -> str:
        text, rest = self._moments.read(field, cell, order)
        if rest and text:
            row.left.append(f"{label}: {rest}")
        elif text and field.is_due and isinstance(field.type, Date) and read_time(cell)[:4] not in _NO_TIME:
            row.left.append(f"{label}: {cell}")  # a deadline at noon
        return text

    def _address(self, label: str, row: Row, cell: str) -> str:
        link = read_link(cell)
        if link and link.rest:
            row.left.append(f"{label}: {link.rest}")
        return link.url if link else cell

    def _number(self, _row: Row, cell: str) -> str:
        return with_decimal_point(cell)

    def _prose(self, _row: Row, cell: str) -> str:
        return plain_text(cell)

    def _short(self, label: str, field: Field, row: Row, cell: str) -> str:
        text, rest = short_value(field.type, cell)
        if isinstance(field.type, Flag) and not text and (tick := tick_of(cell)):
            text, rest = ("yes" if tick[0] else "no"), tick[1]
        if rest or (isinstance(field.type, Choice) and field.type.says_more(cell)):
            row.labelled.append(f"{label}: {cell}")
        return text or cell

    def _words(self, label: str, target: str, row: Row, cell: str) -> str:
        return self._without_link(row, target, label, cell) if "](" in cell else cell

    def _amount(self, label: str, row: Row, cell: str) -> str:
        """Return the amount in a cell; the currency beside it fills its own field, and words go to the notes."""
        pay = self._read_salary(cell)
        amounts = [pay.texts[name] for name in ("salary_min", "salary_max") if name in pay.texts] if pay else []
        if pay is None or len(amounts) != 1:
            return cell
        field = next((other.name for other in self._kind.fields if isinstance(other.type, Currency)), "")
        if field and "salary_currency" in pay.texts:
            row.texts.setdefault(field, pay.texts["salary_currency"])
        row.left.extend([f"{label}: {pay.rest}"] if pay.rest else [])
        row.told.extend([f"{label}: {cell}"] if "+" in cell and not pay.rest else [])
        return amounts[0]

    def _without_link(self, row: Row, target: str, label: str, cell: str) -> str:
        """Return the words of ``[words](address)``; the address behind a title is the link of the application."""
        words, _, address = cell.partition("](")
        link = read_link(cell)
        if not link or not words.startswith("[") or not words[1:].strip():
            return cell
        if link.url.startswith(NOTION):
            row.left.append(f"{label}: {link.url}")  # a page of the person's own
        elif target == self._kind.required[-1] and "url" in self._kind.by_name:
            row.link_behind_title = link.url
        elif target == self._kind.required[0] and "url" in self._kind.by_name and _leads_to_page(link.url):
            row.link_behind_company = link.url
        else:
            row.left.append(f"{label}: {link.url}")
        return words[1:].strip() + address.partition(")")[2]

    def _is_kept(self, cell: str) -> bool:
        """Whether a status says more than the stage that it became, so that its words are kept."""
        if cell not in self._keeps_status:
            field = self._kind.stage_field
            guess = read_stage(field.type.pipeline, cell) if field and isinstance(field.type, StageChoice) else None
            says_more = len(cell.split()) > 4 or any(char.isdigit() for char in cell)
            is_asked = guess is None and field is not None and self._plan.stage_for(cell) not in ("", fold(cell))
            self._keeps_status[cell] = not guess.is_all if guess else says_more or is_asked
        return self._keeps_status[cell]

    def _order(self, index: int) -> str:
        return self._plan.date_orders.get(str(index), DAY_FIRST)

    def _is(self, target: str, kind_of: type) -> bool:
        return target in self._kind.by_name and isinstance(self._kind.by_name[target].type, kind_of)


def _leads_to_page(url: str) -> bool:
    """Whether an address is one page of a site, such as a posting, and not the site itself."""
    return bool(url.partition("//")[2].partition("/")[2].strip("/"))


def _spaced(before: str, text: str) -> str:
    """Return both parts of a name, or the one that holds the other: a first, a last and a full name are one name."""
    if fold(text) in fold(before):
        return before
    return text if fold(before) in fold(text) else f"{before} {text}"
