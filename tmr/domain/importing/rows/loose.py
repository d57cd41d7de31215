"""Reads the rows of other programs' tables; what no field can take goes to the notes, so that nothing is lost."""

import datetime as dt
import re
from collections import Counter
from functools import lru_cache

import msgspec

from tmr.domain.fields.folding import fold
from tmr.domain.fields.formula_escaping import restore
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field, FieldType, ValueRefusedError
from tmr.domain.fields.types.choices import Choice
from tmr.domain.fields.types.links import Link, Links
from tmr.domain.fields.types.numbers import Amount, Currency
from tmr.domain.fields.types.stages import StageChoice
from tmr.domain.fields.types.texts import LongText, Url
from tmr.domain.importing.headers import CERTAIN, PERSON, REFERENCE, SALARY, SAVED_ON, STAGE, header_scores
from tmr.domain.importing.plan import Plan
from tmr.domain.importing.proposing.columns import TO_NOTES, takes_several
from tmr.domain.importing.proposing.evidence import UNMARKED
from tmr.domain.importing.proposing.statuses import read_stage
from tmr.domain.importing.proposing.two_names import two_names
from tmr.domain.importing.readers.dates import DAY_FIRST
from tmr.domain.importing.readers.html_text import plain_text
from tmr.domain.importing.readers.links import read_link
from tmr.domain.importing.readers.salaries import Pay, read_salary
from tmr.domain.importing.rows.asides import HEADING, Asides
from tmr.domain.importing.rows.draft import Draft, Linker, Step
from tmr.domain.importing.rows.moments import MomentReader
from tmr.domain.pipeline.category import APPLIED, rank

REMEMBERED = 2_048
MAX_PERSON = 300
_EMAIL = re.compile(r"[^\s@<>(),;]{1,64}@[^\s@<>(),;]{1,200}")
_PHONE = re.compile(r"(?<!\w)\+?\(?\d[\d\s()./-]{6,18}\d(?!\w)")


class _Row(msgspec.Struct):
    """What was read of a row so far: texts by field, and lines for the notes.

    ``own_lines`` are notes of the file itself, ``labelled`` what columns without a field say, ``left`` what a field
    could not take.
    """

    texts: dict[str, str] = {}
    left: list[str] = []
    own_lines: list[str] = []
    labelled: list[str] = []
    saved_on: dt.datetime | None = None
    person: dict[str, str] = {}
    steps: list[Step] = []
    reference: str = ""
    link_behind_title: str = ""


class LooseReader:
    """Reads the rows of one table in the way that its plan says."""

    def __init__(self, kind: Kind, plan: Plan, linker: Linker, moments: MomentReader) -> None:
        self._kind, self._plan, self._linker, self._moments = kind, plan, linker, moments
        self._targets = [(index, target) for index, target in enumerate(plan.columns) if target]
        self._labels = [header.strip(" :*") or f"Column {at + 1}" for at, header in enumerate(plan.table.header)]
        self._defaults = kind.defaults()
        self._asides = Asides(kind, plan)
        counts = Counter(target for _, target in self._targets)
        self._joined = {target for target, count in counts.items() if count > 1 and self._is(target, LongText)}
        self._spaced = {target for target in counts if takes_several(kind, target) and not self._is(target, LongText)}
        self._unlabelled = self._plain_notes()
        self._heading = ""
        self._keeps_status: dict[str, bool] = {}
        self._read_salary = lru_cache(maxsize=REMEMBERED)(read_salary)  # a list has the same pay many times

    def read(self, cells: list[str]) -> Draft:
        """Return the draft of one row."""
        if aside := self._asides.reason(cells):
            self._heading = self._stage_of_heading(cells) if aside == HEADING else self._heading
            return Draft({}, aside=aside)
        row = _Row()
        for index, target in self._targets:
            if cell := restore(cells[index]).strip():
                self._put(row, index, target, cell)
        if beyond := cells[len(self._plan.columns) :]:
            self._put_beyond(row, beyond)
        if self._plan.has_two_names:
            self._split_names(row)
        if row.link_behind_title:
            row.texts.setdefault("url", row.link_behind_title)
        self._set_stage(row)
        return self._draft(row, cells)

    def _stage_of_heading(self, cells: list[str]) -> str:
        """Return the stage that a heading gives the rows below it, in a table without a column for statuses."""
        field = self._kind.stage_field
        if field is None or not isinstance(field.type, StageChoice) or field.name in self._plan.columns:
            return ""
        guess = read_stage(field.type.pipeline, next(cell for cell in cells if cell.strip()))
        return guess.stage.key if guess else ""

    def _plain_notes(self) -> set[int]:
        """Return the columns whose own header says that they are notes, so that their text needs no label."""
        notes = self._kind.catch_all
        columns = [index for index, target in self._targets if target == notes]
        named = [
            at for at in columns if header_scores(self._kind, self._plan.table.header[at]).get(notes, 0) >= CERTAIN
        ]
        chosen = [at for at in columns if self._plan.reason(at) != TO_NOTES]
        return set(named[:1] or (chosen if len(columns) == 1 else []))

    def _put(self, row: _Row, index: int, target: str, cell: str) -> None:
        label = self._labels[index]
        if target == SAVED_ON:
            row.saved_on = self._moments.midnight(cell, self._order(index))
            if row.saved_on is None:
                row.left.append(f"{label}: {cell}")
        elif target == REFERENCE:
            row.reference = fold(cell)
            row.labelled.append(f"{label}: {cell}")
        elif target.startswith(PERSON):
            self._put_person(row, label, target.removeprefix(PERSON), cell)
        elif target.startswith(STAGE):
            self._put_step(row, index, label, target.removeprefix(STAGE), cell)
        elif target == SALARY:
            self._put_salary(row, label, cell)
        elif target == self._kind.catch_all:
            self._put_note(row, index, label, cell)
        else:
            self._put_text(row, index, target, cell)

    def _put_note(self, row: _Row, index: int, label: str, cell: str) -> None:
        text = plain_text(cell)
        row.own_lines.append(text) if index in self._unlabelled else row.labelled.append(f"{label}: {text}")

    def _put_person(self, row: _Row, label: str, name: str, cell: str) -> None:
        link = read_link(cell) if name == "profile_url" else None
        text = link.url if link else cell
        found = _split_person(text) if name == "name" else {name: text}
        if any(row.person.get(part) for part in found):
            row.left.append(f"{label}: {cell}")
        else:
            row.person |= found

    def _put_step(self, row: _Row, index: int, label: str, stage: str, cell: str) -> None:
        if cell.casefold() in UNMARKED:
            return
        date, rest = self._moments.date(cell, self._order(index))
        row.steps.append(Step(stage, self._moments.instant(cell, self._order(index)) if date else ""))
        if rest and len(rest) > 1 and (date or rest.casefold() not in ("yes", "true", "done")):
            row.left.append(f"{label}: {cell}")

    def _put_salary(self, row: _Row, label: str, cell: str) -> None:
        pay = self._read_salary(cell)
        if pay is None or any(row.texts.get(name, text) != text for name, text in pay.texts.items()):
            row.left.append(f"{label}: {cell}")
            return
        row.texts |= {**self._pay_in_header(label, pay), **pay.texts}
        if pay.rest:
            row.left.append(f"{label}: {pay.rest}")

    def _pay_in_header(self, label: str, pay: Pay) -> dict[str, str]:
        """Return what a header says of all pay below it: its currency and its period, as in “Monthly salary (EUR)”."""
        said = self._read_salary(f"1000 {label}")
        texts = said.texts if said else {}
        return {name: texts[name] for name in ("salary_currency", "salary_period") if name in texts and pay.texts}

    def _put_text(self, row: _Row, index: int, target: str, cell: str) -> None:
        label, text = self._labels[index], self._text(row, index, target, cell)
        if target in self._joined and text:
            row.texts[target] = "\n".join(filter(None, (row.texts.get(target, ""), f"{label}: {text}")))
        elif target in self._spaced and text:
            row.texts[target] = _spaced(row.texts.get(target, ""), text)
        elif not text or row.texts.get(target, text) != text:
            row.left.append(f"{label}: {cell}")  # unreadable, or another column has filled the field already
        else:
            row.texts[target] = text

    def _text(self, row: _Row, index: int, target: str, cell: str) -> str:
        """Return a cell as its field reads it; what else the cell says becomes a line of the notes."""
        field, label = self._kind.by_name[target], self._labels[index]
        if self._kind.stage_field is field:
            if self._is_kept(cell):
                row.left.append(f"{label}: {cell}")
            return self._plan.stage_for(cell) or cell
        if field.type.is_dated:
            text, rest = self._moments.read(field, cell, self._order(index))
            row.left.extend([f"{label}: {rest}"] if rest and text else [])
            return text
        if isinstance(field.type, Amount):
            return self._amount(row, label, cell)
        if isinstance(field.type, Url):
            link = read_link(cell)
            row.left.extend([f"{label}: {link.rest}"] if link and link.rest else [])
            return link.url if link else cell
        if isinstance(field.type, LongText):
            return plain_text(cell)
        return self._without_link(row, target, label, cell) if "](" in cell else cell

    def _amount(self, row: _Row, label: str, cell: str) -> str:
        """Return the amount in a cell; the currency beside it fills its own field, and words go to the notes."""
        pay = self._read_salary(cell)
        amounts = [pay.texts[name] for name in ("salary_min", "salary_max") if name in pay.texts] if pay else []
        if pay is None or len(amounts) != 1:
            return cell
        field = next((other.name for other in self._kind.fields if isinstance(other.type, Currency)), "")
        if field and "salary_currency" in pay.texts:
            row.texts.setdefault(field, pay.texts["salary_currency"])
        row.left.extend([f"{label}: {pay.rest}"] if pay.rest else [])
        return amounts[0]

    def _without_link(self, row: _Row, target: str, label: str, cell: str) -> str:
        """Return the words of ``[words](address)``; the address behind a title is the link of the application."""
        words, _, address = cell.partition("](")
        link = read_link(cell)
        if not link or not words.startswith("[") or not words[1:].strip():
            return cell
        if target == self._kind.required[-1] and "url" in self._kind.by_name:
            row.link_behind_title = link.url
        else:
            row.left.append(f"{label}: {link.url}")
        return words[1:].strip() + address.partition(")")[2]

    def _is_kept(self, cell: str) -> bool:
        """Whether a status says more than the stage that it became, so that its words are kept."""
        if cell not in self._keeps_status:
            field = self._kind.stage_field
            guess = read_stage(field.type.pipeline, cell) if field and isinstance(field.type, StageChoice) else None
            says_more = len(cell.split()) > 4 or any(char.isdigit() for char in cell)
            self._keeps_status[cell] = not guess.is_all if guess else says_more or cell in self._plan.rare_words
        return self._keeps_status[cell]

    def _put_beyond(self, row: _Row, cells: list[str]) -> None:
        """Keep the cells beyond the header: joined to a long text in the last column, which had separators in it."""
        last, delimiter = self._plan.columns[-1], self._plan.table.delimiter
        at = len(self._plan.columns) - 1
        if last == self._kind.catch_all and row.own_lines and at in self._unlabelled:
            row.own_lines[-1] = delimiter.join([row.own_lines[-1], *cells])
        elif last in row.texts and self._is(last, LongText):
            row.texts[last] = delimiter.join([row.texts[last], *cells])
        else:
            row.left.append(f"After the last column: {delimiter.join(cells)}")

    def _split_names(self, row: _Row) -> None:
        names = self._kind.identity.together
        cell = next((row.texts[name] for name in names if name in row.texts), "")
        if found := two_names(cell):
            row.texts |= dict(zip(names, found, strict=True))

    def _set_stage(self, row: _Row) -> None:
        """Give a row without a status one: from its steps, from its source, or by its date of application."""
        field = self._kind.stage_field
        if field is None or not isinstance(field.type, StageChoice) or row.texts.get(field.name):
            return
        applied = next((other.name for other in self._kind.fields if other.role == "applied"), "")
        if row.steps:
            pipeline = field.type.pipeline
            if (first := pipeline.first_of(APPLIED)) and row.texts.get(applied):
                row.steps.append(Step(first.key, f"{row.texts[applied]}T00:00:00Z"))
            row.steps.sort(key=lambda step: (step.happened_at, rank(pipeline.category_of(step.stage))))
            undated = [step for step in row.steps if not step.happened_at]
            reached = max([*undated, row.steps[-1]], key=lambda step: rank(pipeline.category_of(step.stage)))
            row.texts[field.name] = reached.stage
        elif self._plan.status or self._heading:
            row.texts[field.name] = self._plan.status or self._heading
        elif self._plan.undecided_status and row.texts.get(applied):
            row.texts[field.name] = self._plan.undecided_status

    def _draft(self, row: _Row, cells: list[str]) -> Draft:
        draft = Draft(dict(self._defaults), row.saved_on, given={*row.texts})
        draft.number = cells[self._plan.number_column] if self._plan.number_column >= 0 else ""
        draft.person, draft.steps, draft.reference = row.person, row.steps, row.reference
        own = [*([row.texts.pop(self._kind.catch_all)] if self._kind.catch_all in row.texts else []), *row.own_lines]
        if own:
            row.texts[self._kind.catch_all] = "\n".join(own)
            draft.given.add(self._kind.catch_all)
        for name, text in row.texts.items():
            field = self._kind.by_name[name]
            (self._link if isinstance(field.type, Link) else self._parse)(draft, row.left, field, text)
        for name in self._kind.contradictions(draft.values, {}):
            row.left.append(f"{self._kind.by_name[name].label}: {row.texts[name]}")
            draft.values[name] = None
        self._stand_in(draft)
        if row.left or row.labelled:
            self._note(draft, [*row.labelled, *row.left])
        draft.is_noted = bool(row.left)
        missing = next((name for name in self._kind.required if not draft.values[name]), "")
        if missing and not draft.error:
            draft.error = f"{self._kind.by_name[missing].label}: {self._kind.by_name[missing].missing}"
        return draft

    def _stand_in(self, draft: Draft) -> None:
        """Name a row that lacks its name: by what only it has, such as an email address, else as the person chose."""
        for name in self._kind.required:
            if draft.values[name] or isinstance(self._kind.by_name[name].type, Link):
                continue
            alone = self._kind.identity.unique if len(self._kind.required) == 1 else ()
            own = next((draft.values[unique] for unique in alone if draft.values[unique]), None)
            draft.values[name] = own or self._plan.stand_ins.get(name) or None

    def _note(self, draft: Draft, left: list[str]) -> None:
        name = self._kind.catch_all
        rest = filter(None, (str(draft.values[name] or ""), *left))
        self._parse(draft, [], self._kind.by_name[name], "\n".join(rest))
        draft.given.add(name)

    def _link(self, draft: Draft, left: list[str], field: Field, text: str) -> None:
        """Link to the records that a row names clearly; the rest goes to the notes or the error, never guessed."""
        is_many, target = field.type.is_many, field.type.target  # type: ignore[attr-defined]
        words = [word.strip() for word in (text.split(";") if is_many else [text]) if word.strip()][: Links.most]
        matches = [self._meant(target, word) for word in words]
        unclear = [word for word, ids in zip(words, matches, strict=True) if len(ids) != 1]
        if unclear and field.is_required:
            count = len(matches[words.index(unclear[0])])
            why = f"{count} records match" if count else "nothing has that name; add or import it first"
            draft.error = f"{field.label} “{unclear[0][:60]}”: {why}."
            return
        left.extend(f"{field.label}: {word}" for word in unclear)
        ids = [ids[0] for ids in matches if len(ids) == 1]
        draft.values[field.name] = (ids or None) if is_many else (ids[0] if ids else None)

    def _meant(self, target: str, words: str) -> list[str]:
        """Return the ids that may be meant: our own exports name records by number, other files by name."""
        if self._plan.number_column < 0:
            return self._linker.by_name(target, words)
        target_id = self._linker.by_number(target, words)
        return [target_id] if target_id else []

    def _choice(self, field: Field, text: str) -> str:
        """Return the only choice that begins with ``text``, such as a phone screen for “Phone”, else ``text``."""
        if not isinstance(field.type, Choice) or isinstance(field.type, StageChoice) or len(fold(text)) < 4:
            return text
        matching = [key for key, label in field.type.options if fold(label).startswith(fold(text))]
        return matching[0] if len(matching) == 1 else text

    def _parse(self, draft: Draft, left: list[str], field: Field, text: str) -> None:
        try:
            draft.values[field.name] = field.type.parse(self._choice(field, text))
        except ValueRefusedError as error:
            if field.is_required and type(field.type) is FieldType and len(text) > field.type.max_length:
                left.append(f"{field.label}: {text}")
                draft.values[field.name] = " ".join(text.split())[: field.type.max_length - 1] + "…"
            elif field.is_required or isinstance(field.type, LongText):
                draft.error = f"{field.label}: {error}"
            else:
                left.append(f"{field.label}: {text}")
                draft.given.discard(field.name)

    def _order(self, index: int) -> str:
        return self._plan.date_orders.get(str(index), DAY_FIRST)

    def _is(self, target: str, kind_of: type) -> bool:
        return target in self._kind.by_name and isinstance(self._kind.by_name[target].type, kind_of)


def _split_person(text: str) -> dict[str, str]:
    """Return name, email and phone of a person in one cell, such as ``Pat Roe <pat@b.example>``."""
    found = {}
    for name, pattern in (("email", _EMAIL), ("phone", _PHONE)):
        if match := pattern.search(text[:MAX_PERSON]):
            found[name] = match[0]
            text = text.replace(match[0], " ")
    name = " ".join(re.sub(r"[<>()\[\]|,;:]+", " ", text).split()) if found else text
    return {**found, **({"name": name} if name else {})}


def _spaced(before: str, text: str) -> str:
    """Return both parts of a name, or the one that holds the other: a first, a last and a full name are one name."""
    if fold(text) in fold(before):
        return before
    return text if fold(before) in fold(text) else f"{before} {text}"
