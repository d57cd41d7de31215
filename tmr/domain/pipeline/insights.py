"""What a job search adds up to: how far applications come, how long answers take, and where they end."""

import datetime as dt
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from operator import attrgetter, itemgetter
from statistics import median

import msgspec

from tmr.domain.locales.locale import INTERNATIONAL, Locale
from tmr.domain.pipeline.category import APPLIED, CATEGORIES, CATEGORY

# Fewer than this say nothing about the next application: then no rate and no median is shown.
MIN_N = 5
WEEKS = 12
MISTAKE = dt.timedelta(hours=24)  # a stage that is left so soon for an earlier one was never reached
STEPS = tuple(category.key for category in CATEGORY.values() if category.is_sent)
ANSWERS = tuple(category.key for category in CATEGORY.values() if category.is_answer)
NO_SOURCE = "No source"
STILL_OPEN = "Still open"
STAGE_NODES = tuple(key.capitalize() for key in STEPS if not CATEGORY[key].is_closed)
_END_OF = {category.key: category.key.capitalize() for category in CATEGORY.values() if category.is_closed}
_SUCCESS, *_OTHER_ENDS = _END_OF.values()
END_NODES = (_SUCCESS, STILL_OPEN, *_OTHER_ENDS)
NODES = (*STAGE_NODES, *END_NODES)
_PLACE_OF_STEP = {category: place for place, category in enumerate(STEPS)}
NODE_WIDTH, NODE_GAP = 12.0, 16.0

_SENT = frozenset(CATEGORIES[CATEGORIES.index(APPLIED) :])
_DAY = dt.timedelta(days=1)
_Entry = tuple[str, dt.datetime]


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one application; ``category`` is the present one, ``created_at`` is aware."""

    id: str
    category: str
    created_at: dt.datetime
    applied_on: dt.date | None = None
    source: str = ""


class Move(msgspec.Struct, frozen=True):
    """One change of status; ``at`` is aware. A first move from nowhere is how the application was added."""

    application: str
    at: dt.datetime
    to_category: str
    from_category: str | None = None


class FunnelStep(msgspec.Struct, frozen=True):
    """How many ever reached a step or a later one, of the ``n`` at the step before (0 for the first)."""

    category: str
    count: int
    n: int
    conversion: float | None


class Duration(msgspec.Struct, frozen=True):
    """The median of the ``n`` times that are over and known, in days, and how many applications are still at it."""

    median_days: float | None
    n: int
    ongoing: int


class SourceRate(msgspec.Struct, frozen=True):
    """How many of the ``n`` applications that came from one source were answered."""

    source: str
    n: int
    answered: int
    rate: float | None


class Week(msgspec.Struct, frozen=True):
    """Applications sent and first answers received in the week that begins on a day."""

    begins_on: dt.date
    sent: int
    answered: int


class Flow(msgspec.Struct, frozen=True):
    """How many applications went from one node to another."""

    source: str
    target: str
    count: int


class Insights(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that Insights shows about one person's search; ``stage_times`` by category."""

    funnel: tuple[FunnelStep, ...]
    stage_times: dict[str, Duration]
    answer_time: Duration
    sources: tuple[SourceRate, ...]
    weeks: tuple[Week, ...]
    flows: tuple[Flow, ...]


class SankeyNode(msgspec.Struct, frozen=True):
    """A node as a rectangle."""

    name: str
    count: int
    x: float
    y: float
    width: float
    height: float


class SankeyLink(msgspec.Struct, frozen=True):
    """A flow as a curve, to be stroked ``stroke_width`` wide and not filled."""

    flow: Flow
    path: str
    stroke_width: float


class SankeyLayout(msgspec.Struct, frozen=True):
    """Nodes and links, placed on a canvas."""

    nodes: tuple[SankeyNode, ...]
    links: tuple[SankeyLink, ...]


def insights(
    applications: Iterable[Application], moves: Iterable[Move], now: dt.datetime, locale: Locale = INTERNATIONAL
) -> Insights:
    """Return what one search adds up to; ``now`` is aware, and its zone decides which day an instant is on.

    Weeks begin where ``locale`` says.
    """
    moves_of: dict[str, list[Move]] = defaultdict(list)
    for move in moves:
        moves_of[move.application].append(move)
    histories = (_history(application, moves_of.get(application.id, ()), now.tzinfo) for application in applications)
    sent = [history for history in histories if history]
    return Insights(
        funnel=_funnel(sent),
        stage_times=_stage_times(sent),
        answer_time=_answer_time(sent),
        sources=_sources(sent),
        weeks=_weeks(sent, now.date(), locale.week_start),
        flows=_flows(sent),
    )


def sankey_layout(flows: Iterable[Flow], width: float, height: float) -> SankeyLayout:
    """Place flows on a canvas: a column for each stage, one for the ends, all to one scale; no two nodes overlap."""
    counted = [flow for flow in flows if flow.count]
    through = {name: _through(counted, name) for name in NODES}
    columns = [[name for name in names if through[name]] for names in (*zip(STAGE_NODES, strict=True), END_NODES)]
    gap, node_width = min(NODE_GAP, height / 20), min(NODE_WIDTH, width / 10)
    rooms = [(height - gap * (len(names) - 1)) / sum(through[name] for name in names) for names in columns if names]
    scale, step = min(rooms, default=0.0), (width - node_width) / (len(columns) - 1)
    nodes = []
    for number, names in enumerate(columns):
        y = 0.0
        for name in names:
            nodes.append(SankeyNode(name, through[name], number * step, y, node_width, through[name] * scale))
            y += through[name] * scale + gap
    return SankeyLayout(tuple(nodes), tuple(_links(counted, nodes, scale)))


class _History(msgspec.Struct, frozen=True):
    """What became of an application that was sent: its categories and since when, and what they come to."""

    application: Application
    entries: Sequence[_Entry]
    zone: dt.tzinfo | None
    furthest: int  # the place in ``STEPS`` of the last step that it reached
    is_answered: bool
    answer: int  # the place of the entry that is the first answer; 0 for none, and for one before it was added

    @property
    def sent_on(self) -> dt.date:
        if self.application.applied_on:
            return self.application.applied_on
        sent = [at for category, at in self.entries if category in _SENT] or [self.application.created_at]
        return sent[0].astimezone(self.zone).date()

    @property
    def answered_on(self) -> dt.date | None:
        return self.entries[self.answer][1].astimezone(self.zone).date() if self.answer else None

    @property
    def wait(self) -> float:
        """Days from applying to the first answer; 0 where either is not known."""
        sent = [at for category, at in self.entries[: self.answer] if category == APPLIED]
        return (self.entries[self.answer][1] - sent[0]) / _DAY if sent else 0


def _history(application: Application, moves: Sequence[Move], zone: dt.tzinfo | None) -> _History | None:
    """Return what became of an application, or None if it was never sent."""
    entries = _entries(application, moves, zone)
    categories = [category for category, _ in entries]
    categories.append(application.category)
    if not _is_sent(application, categories):
        return None
    furthest = max([_PLACE_OF_STEP.get(category, 0) for category in categories])
    answers = [number for number, category in enumerate(categories) if category in ANSWERS]
    answer = answers[0] if answers and answers[0] < len(entries) else 0
    return _History(application, entries, zone, furthest, bool(answers), answer)


def _is_sent(application: Application, categories: Sequence[str]) -> bool:
    """Whether it was applied for. What was only saved can be withdrawn without ever being sent."""
    sent = _SENT.intersection(categories)
    was_applied = application.applied_on is not None or categories[0] == "withdrawn"
    return bool(sent) and (was_applied or sent != {"withdrawn"})


def _entries(application: Application, moves: Sequence[Move], zone: dt.tzinfo | None) -> list[_Entry]:
    """Return the categories that an application went through and since when, oldest first."""
    if not moves:
        entries = [(application.category, application.created_at)] if application.category else []
        return _backdated(entries, application.applied_on, zone) if application.applied_on else entries
    ordered = _chained(moves)
    entries = [(move.to_category, move.at) for move in ordered]
    if first := ordered[0].from_category:
        entries.insert(0, (first, min([application.created_at, *(at for _, at in entries[:1])])))
    merged = _without_mistakes(next(group) for _, group in groupby(entries, key=itemgetter(0)))
    return _backdated(merged, application.applied_on, zone) if application.applied_on else merged


def _without_mistakes(entries: Iterable[_Entry]) -> list[_Entry]:
    """Leave out what was left within a day for an earlier category, or for the one before it: that was a wrong move.

    A search goes forward: nobody takes an offer back to Applied an hour after it came. What was moved step by step,
    as the keyboard moves a card, goes back step by step.
    """
    kept: list[_Entry] = []
    for category, at in entries:
        while kept and at - kept[-1][1] < MISTAKE and category != kept[-1][0]:
            is_back = len(kept) > 1 and category == kept[-2][0]
            if not is_back and CATEGORIES.index(category) > CATEGORIES.index(kept[-1][0]):
                break
            kept.pop()
        if not kept or kept[-1][0] != category:
            kept.append((category, at))
    return kept


def _chained(moves: Sequence[Move]) -> list[Move]:
    """Return moves by their time; those of one instant in the order in which one leads to the next."""
    if len(moves) < 2:
        return list(moves)
    ordered: list[Move] = []
    for _, at_once in groupby(sorted(moves, key=attrgetter("at")), key=attrgetter("at")):
        ordered += _in_chain([*at_once], ordered[-1].to_category if ordered else None)
    return ordered


def _in_chain(at_once: Sequence[Move], last: str | None) -> list[Move]:
    """Return moves of one instant so that each goes on from where the one before led; ``last`` is where they begin."""
    if len(at_once) == 1:
        return [*at_once]
    waiting: dict[str | None, deque[tuple[int, Move]]] = {}
    for place, move in enumerate(at_once):
        waiting.setdefault(move.from_category, deque()).append((place, move))
    reached: Counter[str | None] = Counter(move.to_category for move in at_once)
    ordered: list[Move] = []
    while waiting:
        begins = [last] if last in waiting else [category for category in waiting if not reached[category]]
        category = min(begins or waiting, key=lambda category: waiting[category][0][0])
        _, first = waiting[category].popleft()
        if not waiting[category]:
            del waiting[category]
        reached[first.to_category] -= 1
        last = first.to_category
        ordered.append(first)
    return ordered


def _backdated(entries: list[_Entry], applied_on: dt.date, zone: dt.tzinfo | None) -> list[_Entry]:
    """Let "applied" begin on the day of applying, even where a move skipped it, but never after the answer."""
    first = next((number for number, (category, _) in enumerate(entries) if category in _SENT), None)
    if first is None:
        return entries
    noted_on, *later = [at.astimezone(zone).date() for _, at in entries[first : first + 2]]
    is_noted = entries[first][0] == APPLIED
    is_too_late = noted_on < applied_on and (not is_noted or any(day < applied_on for day in later))
    if noted_on == applied_on or is_too_late:
        return entries
    applied = [(APPLIED, dt.datetime.combine(applied_on, dt.time(), zone))] if is_noted or first else []
    return [*entries[:first], *applied, *entries[first + is_noted :]]


def _duration(days: Iterable[float], ongoing: int) -> Duration:
    """Return the median of ``days``; a time of zero was entered afterwards, and says nothing about waiting."""
    known = [length for length in days if length > 0]
    return Duration(median(known) if len(known) >= MIN_N else None, len(known), ongoing)


def _share(part: int, n: int) -> float | None:
    return part / n if n >= MIN_N else None


def _funnel(sent: Sequence[_History]) -> tuple[FunnelStep, ...]:
    reached = Counter(history.furthest for history in sent)
    counts = [sum(count for furthest, count in reached.items() if furthest >= step) for step in range(len(STEPS))]
    steps = zip(STEPS, counts, [0, *counts[:-1]], strict=True)
    return tuple(FunnelStep(category, count, n, _share(count, n)) for category, count, n in steps)


def _stage_times(sent: Sequence[_History]) -> dict[str, Duration]:
    stays: dict[str, list[float]] = defaultdict(list)
    for history in sent:
        for (category, start), (_, end) in pairwise(history.entries):
            stays[category].append((end - start) / _DAY)
    ongoing = Counter(history.application.category for history in sent)
    return {category: _duration(stays[category], ongoing[category]) for category in STEPS[:-1]}


def _answer_time(sent: Sequence[_History]) -> Duration:
    waiting = sum(history.application.category == APPLIED and not history.is_answered for history in sent)
    return _duration((history.wait for history in sent), waiting)


def _sources(sent: Sequence[_History]) -> tuple[SourceRate, ...]:
    answers: dict[str, list[bool]] = defaultdict(list)
    for history in sent:
        answers[history.application.source.strip() or NO_SOURCE].append(history.is_answered)
    rates = [SourceRate(name, len(all_), sum(all_), _share(sum(all_), len(all_))) for name, all_ in answers.items()]
    return tuple(sorted(rates, key=lambda rate: (-rate.n, rate.source.casefold(), rate.source)))


def _weeks(sent: Sequence[_History], today: dt.date, week_start: Callable[[dt.date], dt.date]) -> tuple[Week, ...]:
    sendings = Counter(history.sent_on for history in sent)
    answers = Counter(day for history in sent if (day := history.answered_on))
    beginnings = [week_start(today) - dt.timedelta(weeks=back) for back in reversed(range(WEEKS))]

    def in_week(counts: Mapping[dt.date, int], first: dt.date) -> int:
        return sum(counts[first + number * _DAY] for number in range(7))

    return tuple(Week(day, in_week(sendings, day), in_week(answers, day)) for day in beginnings)


def _flows(sent: Sequence[_History]) -> tuple[Flow, ...]:
    counts: Counter[tuple[str, str]] = Counter()
    for (furthest, category), count in Counter((one.furthest, one.application.category) for one in sent).items():
        for pair in pairwise((*STAGE_NODES[: furthest + 1], _END_OF.get(category, STILL_OPEN))):
            counts[pair] += count
    ordered = sorted(counts, key=lambda pair: (NODES.index(pair[0]), NODES.index(pair[1])))
    return tuple(Flow(source, target, counts[source, target]) for source, target in ordered)


def _through(flows: Sequence[Flow], name: str) -> int:
    entering = sum(flow.count for flow in flows if flow.target == name)
    return max(entering, sum(flow.count for flow in flows if flow.source == name))


def _links(flows: Sequence[Flow], nodes: Sequence[SankeyNode], scale: float) -> Iterator[SankeyLink]:
    """Stack the links at each node: those from later stages come first, and so arrive above the others."""
    by_name = {node.name: node for node in nodes}
    leaving, arriving = ({node.name: node.y for node in nodes} for _ in range(2))
    for flow in sorted(flows, key=lambda flow: (-NODES.index(flow.source), NODES.index(flow.target))):
        stroke = flow.count * scale
        start, end = by_name[flow.source].x + by_name[flow.source].width, by_name[flow.target].x
        middle, y, to_y = (start + end) / 2, leaving[flow.source] + stroke / 2, arriving[flow.target] + stroke / 2
        path = f"M {start:.2f} {y:.2f} C {middle:.2f} {y:.2f} {middle:.2f} {to_y:.2f} {end:.2f} {to_y:.2f}"
        yield SankeyLink(flow, path, stroke)
        leaving[flow.source] += stroke
        arriving[flow.target] += stroke
