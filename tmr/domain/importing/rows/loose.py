"""Reads the rows of other programs' tables; what no field can take goes to the notes, so that nothing is lost."""

from tmr.domain.fields.folding import fold
from tmr.domain.fields.formula_escaping import restore
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field, FieldType, ValueRefusedError
from tmr.domain.fields.types.choices import Choice
from tmr.domain.fields.types.links import Link, Links
from tmr.domain.fields.types.stages import StageChoice
from tmr.domain.fields.types.texts import LongText
from tmr.domain.importing.plan import Plan
from tmr.domain.importing.proposing.short_values import says_sent, short_value
from tmr.domain.importing.proposing.statuses import read_stage
from tmr.domain.importing.proposing.two_names import two_names
from tmr.domain.importing.readers.places import REMOTE, read_place
from tmr.domain.importing.rows.asides import HEADING, Asides
from tmr.domain.importing.rows.cells import CellReader
from tmr.domain.importing.rows.draft import Draft, Linker, Row, Step
from tmr.domain.importing.rows.moments import MomentReader
from tmr.domain.pipeline.category import APPLIED, rank

_PLACE, _MODE = "location", "work_mode"
_THE_SAME = frozenset({"↳", "〃", '"', "''", "″", "ditto", "Ditto", "s.o.", "dito", "idem", "同上"})


class LooseReader:
    """Reads the rows of one table in the way that its plan says."""

    def __init__(self, kind: Kind, plan: Plan, linker: Linker, moments: MomentReader) -> None:
        self._kind, self._plan, self._linker = kind, plan, linker
        self._cells = CellReader(kind, plan, moments)
        self._defaults = kind.defaults()
        self._headers = {field.name: self._cells.label_of(field) for field in kind.fields}
        self._asides = Asides(kind, plan)
        self._heading = self._above = ""
        self._applied = next((field.name for field in kind.fields if field.role == "applied"), "")
        self._applied_at = plan.columns.index(self._applied) if self._applied in plan.columns else -1
        self._links = {field.name for field in kind.fields if isinstance(field.type, Link)}
        self._choices = {
            field.name: [(key, fold(label)) for key, label in field.type.options]
            for field in kind.fields
            if isinstance(field.type, Choice) and not isinstance(field.type, StageChoice)
        }

    def read(self, cells: list[str]) -> Draft:
        """Return the draft of one row."""
        if aside := self._asides.reason(cells):
            self._heading = self._stage_of_heading(cells) if aside == HEADING else self._heading
            return Draft({}, aside=aside)
        row = Row()
        for index, put in self._cells.columns:
            if cell := restore(cells[index]).strip():
                put(row, cell)
        self._repeat_company(row)
        if beyond := cells[len(self._plan.columns) :]:
            self._cells.put_beyond(row, beyond)
        if self._plan.has_two_names:
            self._split_names(row)
        for link in filter(None, (row.link_behind_title, row.link_behind_company)):
            if row.texts.setdefault("url", link) != link:
                row.left.append(f"{self._kind.by_name['url'].label}: {link}")
        self._split_place(row)
        self._set_stage(row, cells)
        return self._draft(row, cells)

    def _stage_of_heading(self, cells: list[str]) -> str:
        """Return the stage that a heading gives the rows below it, in a table without a column for statuses."""
        field = self._kind.stage_field
        if field is None or not isinstance(field.type, StageChoice) or field.name in self._plan.columns:
            return ""
        guess = read_stage(field.type.pipeline, next(cell for cell in cells if cell.strip()))
        return guess.stage.key if guess else ""

    def _repeat_company(self, row: Row) -> None:
        """Read a mark for “the same” as the company of the row above."""
        name = self._kind.required[0]
        if (text := row.texts.get(name)) in _THE_SAME and self._above:
            row.texts[name] = self._above
        elif text:
            self._above = text

    def _split_names(self, row: Row) -> None:
        names = self._kind.identity.together
        cell = next((row.texts[name] for name in names if name in row.texts), "")
        if found := two_names(cell):
            row.texts |= dict(zip(names, found, strict=True))

    def _split_place(self, row: Row) -> None:
        """Take the way of working out of a place, unless a column of its own says another."""
        cell = row.texts.get(_PLACE, "")
        place = read_place(cell) if cell and _MODE in self._kind.by_name else None
        if place is None or not place.mode:
            return
        if (
            _MODE in row.texts
            and short_value(self._kind.by_name[_MODE].type, row.texts[_MODE])[0].lower() != place.mode
        ):
            return
        row.texts[_MODE] = place.mode
        if not place.is_all:
            row.told.append(f"{self._headers[_PLACE]}: {cell}")
        if place.name:
            row.texts[_PLACE] = place.name
        elif place.mode != REMOTE or not place.is_all:
            del row.texts[_PLACE]  # “Hybrid” is no place; “Remote” is one that people look for

    def _set_stage(self, row: Row, cells: list[str]) -> None:
        """Give a row without a status one: from its steps, its source, its ticks, or by its date of application."""
        field = self._kind.stage_field
        if field is None or not isinstance(field.type, StageChoice) or row.texts.get(field.name):
            return
        applied = self._applied
        if row.steps:
            pipeline = field.type.pipeline
            if (first := pipeline.first_of(APPLIED)) and row.texts.get(applied):
                row.steps.append(Step(first.key, f"{row.texts[applied]}T00:00:00Z"))
            row.steps.sort(key=lambda step: (step.happened_at, rank(pipeline.category_of(step.stage))))
            undated = [step for step in row.steps if not step.happened_at]
            reached = max([*undated, row.steps[-1]], key=lambda step: rank(pipeline.category_of(step.stage)))
            row.texts[field.name] = reached.stage
            told = {reached.stage, *(step.stage for step in row.steps if step.happened_at)}
            row.told += [step.text for step in undated if step.text and step.stage not in told]
        elif self._plan.status or self._heading:
            row.texts[field.name] = self._plan.status or self._heading
        elif row.ticked:
            pipeline = field.type.pipeline
            row.texts[field.name] = max(row.ticked, key=lambda key: rank(pipeline.category_of(key)))
        elif self._plan.undecided_status and (row.texts.get(applied) or self._is_sent(cells)):
            row.texts[field.name] = self._plan.undecided_status

    def _is_sent(self, cells: list[str]) -> bool:
        """Whether the cell for the day of application says one, even if no date can be made of it."""
        return self._applied_at >= 0 and says_sent(cells[self._applied_at])

    def _draft(self, row: Row, cells: list[str]) -> Draft:
        draft = Draft(dict(self._defaults), row.saved_on, given={*row.texts})
        draft.number = cells[self._plan.number_column] if self._plan.number_column >= 0 else ""
        draft.person, draft.steps, draft.reference = row.person, row.steps, row.reference
        draft.others = list(row.others.values())
        draft.apart = "\n".join(row.labelled)
        own = [*([row.texts.pop(self._kind.catch_all)] if self._kind.catch_all in row.texts else []), *row.own_lines]
        if own:
            row.texts[self._kind.catch_all] = "\n".join(own)
            draft.given.add(self._kind.catch_all)
        for name, text in row.texts.items():
            field = self._kind.by_name[name]
            (self._link if name in self._links else self._parse)(draft, row.left, field, text)
        for name in self._kind.contradictions(draft.values, {}):
            row.left.append(f"{self._headers[name]}: {row.texts[name]}")
            draft.values[name] = None
        self._stand_in(draft)
        if row.left or row.labelled or row.told:
            self._note(draft, list(dict.fromkeys([*row.labelled, *row.told, *row.left])))
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
        word = fold(text)
        if len(word) < 4:
            return text
        matching = [key for key, label in self._choices[field.name] if label.startswith(word)]
        return matching[0] if len(matching) == 1 else text

    def _parse(self, draft: Draft, left: list[str], field: Field, text: str) -> None:
        try:
            draft.values[field.name] = field.type.parse(
                self._choice(field, text) if field.name in self._choices else text
            )
        except ValueRefusedError as error:
            if field.is_required and type(field.type) is FieldType and len(text) > field.type.max_length:
                left.append(f"{self._headers.get(field.name, field.label)}: {text}")
                draft.values[field.name] = " ".join(text.split())[: field.type.max_length - 1] + "…"
            elif field.is_required or isinstance(field.type, LongText):
                draft.error = f"{field.label}: {error}"
            else:
                left.append(f"{self._headers.get(field.name, field.label)}: {text}")
                draft.given.discard(field.name)
