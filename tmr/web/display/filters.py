"""The filters of templates, by name: dates and money have modules of their own, the rest is here."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import pass_eval_context
from jinja2.filters import do_xmlattr
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from tmr.domain.agenda.checklist import points_of
from tmr.domain.fields.kind import Kind, pipeline_of_kind
from tmr.domain.fields.type import Wire, is_web_address
from tmr.domain.pipeline.stage import Stage
from tmr.web.display.dates import (
    clock,
    day,
    due_day,
    due_moment,
    duration,
    elsewhere,
    in_days,
    interview_time,
    last_day,
    local_date,
    local_moment,
    long_date,
    moment,
    month_name,
    short_date,
    short_moment,
    spoken_moment,
    weekday,
)
from tmr.web.display.locales import current_locale, number
from tmr.web.display.money import pay
from tmr.web.display.typed_values import meant, typed


def stage_badge(stage: Stage) -> Markup:
    """Write the badge of a stage: its shape, colour and label."""
    return Markup('<span class="st {} s-{}">{}</span>').format(stage.shape, stage.colour, stage.label)


def stage(key: Wire, kind: Kind) -> Markup:
    """Write the badge of the stage with this key; the key itself if the stage no longer exists."""
    known = pipeline_of_kind(kind).by_key.get(str(key))
    return stage_badge(known) if known else escape(key or "")


def category(key: Wire, kind: Kind) -> str:
    """Return the category that statistics count a stage under."""
    return pipeline_of_kind(kind).category_of(key)


@pass_eval_context
def attributes(context: EvalContext, values: Mapping[str, object]) -> str:
    """Write attributes as HTML has them: a true one by its name alone, and none that is false, None or undefined."""
    written = do_xmlattr(context, {name: value for name, value in values.items() if not isinstance(value, bool)})
    return written + Markup("").join(Markup(" {}").format(name) for name, value in values.items() if value is True)


def as_id(name: str) -> str:
    """Return an id made from a field's name, which may have spaces and dots: a list of ids is split at its spaces."""
    return re.sub(r"[^\w-]", "-", name)


def size(count: int) -> str:
    """Write a number of bytes in kB or MB."""
    return f"{number(count / 1024)} kB" if count < 1024**2 else f"{number(count / 1024**2, 1)} MB"


FILTERS: dict[str, Callable[..., Any]] = {
    "short_date": short_date,
    "pay": pay,
    "moment": moment,
    "short_moment": short_moment,
    "local_date": local_date,
    "long_date": long_date,
    "last_day": last_day,
    "local_moment": local_moment,
    "clock": clock,
    "weekday": weekday,
    "interview_time": interview_time,
    "stage": stage,
    "category": category,
    "day": day,
    "due_day": due_day,
    "due_moment": due_moment,
    "in_days": in_days,
    "elsewhere": elsewhere,
    "spoken_moment": spoken_moment,
    "duration": duration,
    "percent": lambda share: "–" if share is None else f"{share * 100:.0f} %",
    "days": lambda count: "–" if count is None else f"{number(count, int(count < 10))} days",
    "fixed": lambda value: f"{value:.1f}",
    "pair": lambda stage: (stage.key, stage.label),
    "month_name": month_name,
    "is_web": lambda value: isinstance(value, str) and is_web_address(value),
    "points": points_of,
    "size": size,
    "xmlattr": attributes,
    "as_id": as_id,
    "number": number,
    "meant": meant,
    "typed": typed,
    "amount": lambda amount: current_locale().amount(amount),
}
