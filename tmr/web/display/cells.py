"""Writes grid cells and board cards. A page has hundreds, and Python writes them ten times as fast as a template."""

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup, escape
from msgspec import json

from tmr.domain.fields.kind import NO_NAMES, Kind
from tmr.domain.fields.type import Field, Names, Wire
from tmr.domain.fields.types.links import Link
from tmr.domain.fields.types.own import shown_money, shown_number
from tmr.domain.record import Record
from tmr.web.display.dates import interview_time, short_date, short_moment
from tmr.web.display.filters import size, stage_badge
from tmr.web.display.locales import current_locale
from tmr.web.display.money import pay
from tmr.web.display.zone import local_text, today

Values = Mapping[str, Wire]
Writer = Callable[[Values], str]


def row(record: Record, columns: tuple[Field, ...], names: Names = NO_NAMES) -> Markup:
    """Return the ``<tr>`` of a record; ``names`` has the names of linked records, by id."""
    kind = record.kind
    name = escape(kind.words(kind.lead.name, record.values, names) or kind.title)
    lead = kind.lead.name
    cells = "".join([_cell_writer(field, kind, field.name == lead)(record, names) for field in columns])
    return Markup(  # noqa: S704 - every value is escaped by its writer
        f'<tr id="{kind.key}-{record.id}" data-id="{record.id}" data-version="{record.version}">'
        f'<td class="pick"><input type="checkbox" name="ids" value="{record.id}" form="bulk" '
        f'aria-label="Select {name}"></td>{cells}</tr>\n'
    )


def card(application: Any, today: str) -> Markup:
    """Return the ``<li>`` of an application on the board, which has a ``fact`` and a ``version``; ``today`` is ISO.

    Its last line holds the place and, at the end, the next date; the pay only where there is no date or no place.
    """
    fact, values = application.fact, application.fact.values
    company, title = escape(values["company"]), escape(values["title"])
    date, place = _next_date(application, today), values["location"]
    facts = [place or pay(values)] if date else [place, pay(values)]
    next_date = date.partition(">")[2].removesuffix("</time>")
    spoken = escape("".join(f", {text}" for text in (*facts, next_date) if text))
    return Markup(  # noqa: S704 - every value is escaped
        f'<li id="card-{fact.id}" class="card" tabindex="-1" data-id="{fact.id}" data-version="{application.version}"'
        f' aria-label="{company} · {title}{spoken}">'
        f'<a href="/applications/{fact.id}"><b>{company}</b> <span title="{title}">{title}</span></a>'
        f'<span class="quiet"><span>{escape(", ".join(str(text) for text in facts if text))}</span>{date}</span>'
        f'<label class="pick"><input type="checkbox" name="ids" value="{fact.id}" form="bulk" '
        f'aria-label="Select {title} at {company}"></label>'
        '<button type="button" class="btn plain square scripted" data-move title="Move"'
        f' aria-label="Move {title} at {company}">⋯</button>'
        "</li>\n"
    )


def _next_date(application: Any, today: str) -> str:
    """Write the interview that comes next, else the day to follow up, else the deadline; empty without any of them."""
    values = application.fact.values
    dates = (
        ("Interview", application.interview_on),
        ("Follow-up", str(values["follow_up_on"] or "")),
        ("Deadline", str(values["deadline_on"] or "")),
    )
    what, on = next((pair for pair in dates if pair[1]), ("", ""))
    late = ' class="late"' if on < today else ""
    return f'<time datetime="{on}"{late}>{what} {short_date(on)}</time>' if on else ""


def cell(record: Record, field: Field, names: Names = NO_NAMES) -> Markup:
    """Return the ``<td>`` of one field of a record."""
    writer = _cell_writer(field, record.kind, field.name == record.kind.lead.name)
    return Markup(writer(record, names))  # noqa: S704 - escaped by its writer


CellWriter = Callable[[Record, Names], str]
_NONE: tuple[Any, Any] = (None, None)


# Kept with the kind: what depends on the field alone is worked out once, and not for each row.
def _cell_writer(field: Field, kind: Kind, is_lead: bool) -> CellWriter:
    known: Field | None
    write: CellWriter
    known, write = kind.memory.get(field.name, _NONE)
    if known is not field:
        write = _new_cell_writer(field, kind.plural, is_lead)
        if field.name == kind.done_field:
            write = _with_tick(field, kind, _writer(field))
        if kind.by_name.get(field.name) is field:  # else it is a person's, and their kind is another
            kind.memory[field.name] = field, write
    return write


def _new_cell_writer(field: Field, plural: str, is_lead: bool) -> CellWriter:
    start = f'<td data-field="{field.name}"{" data-lead" if is_lead else ""}'
    if field.type.display == "link":
        return _link_writer(field, start, plural if is_lead else "")
    show = _writer(field)
    if field.together:
        names = field.together
        return lambda record, _: f"{start}{_data_values(names, record.values)}>{escape(pay(record.values))}</td>"
    if field.is_fixed:
        return lambda record, _: f"{start} data-fixed>{show(record.values)}</td>"
    if is_lead:
        return _lead_writer(field, start, plural, show)
    if field.type.is_typed_as_shown:
        return lambda record, _: f"{start}>{show(record.values)}</td>"
    return _data_writer(field, start, show)


def _with_tick(field: Field, kind: Kind, show: Writer) -> CellWriter:
    """Write when something was done with a button that opens it again, or the button that says it is done."""
    name, lead = field.name, kind.lead.name

    def write(record: Record, _: Names) -> str:
        text, words = field.type.write(record.values[name]), escape(record.values[lead] or kind.title)
        action, style, label = ("reopen", " plain", "Reopen") if text else ("done", "", "Done")
        return (
            f'<td data-field="{name}" data-value="{escape(local_text(text)) if text else ""}">{show(record.values)}'
            f'<button type="submit" class="btn small{style}" form="tick" name="{action}" value="{record.id}" '
            f'aria-label="{label}: {words}">{label}</button></td>'
        )

    return write


def _lead_writer(field: Field, start: str, plural: str, show: Writer) -> CellWriter:
    name = field.name

    def write(record: Record, _: Names) -> str:
        words = show(record.values) or "<i>–</i>"
        data = "" if record.values[name] is not None else ' data-value=""'
        return f'{start}{data}><a href="/{plural}/{record.id}">{words}</a></td>'

    return write


def _data_writer(field: Field, start: str, show: Writer) -> CellWriter:
    name, text_of = field.name, field.type.write
    is_local, has_zone, units = field.type.is_local, field.type.display == "wall_time", field.units

    def write(record: Record, _: Names) -> str:
        text = text_of(record.values[name])
        if not text:
            return f"{start}></td>"
        value = local_text(text) if is_local else text
        zone = record.values.get("time_zone") if has_zone else None
        data = f' data-zone="{escape(zone)}"' if zone else ""
        if units:
            unit = " / ".join(str(record.values[unit]) for unit in units if record.values[unit])
            data += f' data-unit="{escape(unit)}"' if unit else ""
        return f'{start} data-value="{escape(value)}"{data}>{show(record.values)}</td>'

    return write


def shown(field: Field, values: Values, names: Names = NO_NAMES) -> Markup:
    """Return what a cell of this field shows, without the ``<td>`` around it."""
    return escape(pay(values)) if field.together else shown_alone(field, values, names)


def shown_alone(field: Field, values: Values, names: Names = NO_NAMES) -> Markup:
    """Return one value as lists show it, without the others that a cell may show with it: a fact for who only reads."""
    if isinstance(field.type, Link):
        ids = values[field.name]
        listed = ids if isinstance(ids, list) else [str(ids)]
        return escape("; ".join(names[linked_id] for linked_id in listed if linked_id in names))
    return Markup(_writer(field)(values))  # noqa: S704 - escaped by its writer


def described(record: Record, names: Names = NO_NAMES) -> Markup:
    """Return what tells a record from others of its name, as a search shows it: a person's company, role and phone."""
    parts = [(field, shown(field, record.values, names)) for field in record.kind.description]
    dated = [Markup("{} {}").format(f.label, text) if f.type.picker == "date" and text else text for f, text in parts]
    return Markup(" · ").join(filter(None, dated))


def _link_writer(field: Field, start: str, plural: str) -> CellWriter:
    """Write linked records by their names, each leading to its record; in a lead cell (``plural``), to the row's."""
    name, target = field.name, field.type.target + "s"  # type: ignore[attr-defined]

    def write(record: Record, names: Names) -> str:
        value = record.values[name]
        listed = value if isinstance(value, list) else [str(value)] if value else []
        ids = [linked_id for linked_id in listed if linked_id in names]  # the others are deleted
        text = "; ".join(names[linked_id] for linked_id in ids)
        data = f' data-value="{escape(text)}"' if text else ""
        lead = f"/{plural}/{record.id}" if plural else ""
        links = ", ".join(
            f'<a href="{lead or f"/{target}/{linked_id}"}">{escape(names[linked_id])}</a>' for linked_id in ids
        )
        return f"{start}{data}>{links}</td>"

    return write


def _data_values(names: Any, values: Values) -> str:
    texts = [str(values.get(name) or "") for name in names]
    return f' data-values="{escape(json.encode(texts).decode())}"' if any(texts) else ""


def _writer(field: Field) -> Writer:
    return _DISPLAYS[field.type.display](field)


def _text(field: Field) -> Writer:
    name = field.name
    return lambda values: str(escape(values[name])) if values[name] is not None else ""


def _label(field: Field) -> Writer:
    name, label = field.name, field.type.label
    return lambda values: str(escape(label(values[name])))


def _stage(field: Field) -> Writer:
    name, pipeline = field.name, field.type.pipeline  # type: ignore[attr-defined]
    badges = {key: str(stage_badge(stage)) for key, stage in pipeline.by_key.items()}
    return lambda values: badges.get(str(values[name]), str(escape(values[name] or "")))


def _wall_time(_field: Field) -> Writer:
    return lambda values: str(escape(interview_time(values)))


def _date(field: Field) -> Writer:
    name = field.name
    if field.is_due:
        return lambda values: _due(values[name], is_done=bool(values.get("done_at")))
    return _of_value(short_date)(field)


def _of_value(write: Callable[[Any], str]) -> Callable[[Field], Writer]:
    """Make a display from ``write``, which needs the value alone and not the rest of the record."""

    def of_field(field: Field) -> Writer:
        name = field.name
        return lambda values: write(values[name])

    return of_field


def _due(value: Wire, *, is_done: bool) -> str:
    """Write a date by which something is due; one that has passed is marked as late, unless it is done."""
    text = short_date(str(value) if value else None)
    is_late = bool(text) and not is_done and str(value) < today().isoformat()
    return f'<span class="late" title="This date has passed">{text}</span>' if is_late else text


def _stars(value: Wire) -> str:
    if not isinstance(value, int):
        return ""
    full, empty = "★" * value, "★" * (5 - value)
    return f'<span class="stars" role="img" aria-label="{value} of 5">{full}<s>{empty}</s></span>'


def _tags(value: Wire) -> str:
    return " ".join([f'<span class="tag">{escape(tag)}</span>' for tag in value]) if isinstance(value, list) else ""


def _length(value: Wire) -> str:
    return length_words(value) if isinstance(value, int) else ""


def length_words(value: int) -> str:
    """Write a number of minutes as ``1 h 30 min``."""
    hours, minutes = divmod(value, 60)
    return " ".join(filter(None, (f"{hours} h" if hours else "", f"{minutes} min" if minutes or not hours else "")))


# By the name of a type's ``display``: each makes the writer of a field, which is called for each row.
_DISPLAYS: dict[str, Callable[[Field], Writer]] = {
    "text": _text,
    "label": _label,
    "stage": _stage,
    "date": _date,
    "wall_time": _wall_time,
    "instant": _of_value(lambda value: short_moment(local_text(value)) if value else ""),
    "tags": _of_value(_tags),
    "stars": _of_value(_stars),
    "length": _of_value(_length),
    "number": _of_value(lambda value: str(escape(shown_number(value, current_locale()))) if value else ""),
    "money": _of_value(lambda value: str(escape(shown_money(value, current_locale()))) if value else ""),
    "amount": _of_value(lambda value: str(escape(current_locale().amount(value))) if value else ""),
    "bytes": _of_value(lambda value: size(value) if isinstance(value, int) else ""),
}
