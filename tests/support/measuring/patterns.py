"""The regular expressions of a package, and texts on which those take long that go back over what they have read."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from itertools import islice
from re import _constants as signs  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType

_ALWAYS = (" ", "-", "A a ")
_CHARS = " -;a1A.>,:/\"'<(&#b_@*=%\n\t\rä"
_MANY = 20  # a repetition of fewer pieces takes no time to speak of
_MOST_CHARS = 2  # of a class
_REPEATS = (signs.MAX_REPEAT, signs.MIN_REPEAT, signs.POSSESSIVE_REPEAT)
_OF_CATEGORY = {
    signs.CATEGORY_DIGIT: str.isdigit,
    signs.CATEGORY_SPACE: str.isspace,
    signs.CATEGORY_WORD: lambda char: char.isalnum() or char == "_",
    signs.CATEGORY_NOT_DIGIT: lambda char: not char.isdigit(),
    signs.CATEGORY_NOT_SPACE: lambda char: not char.isspace(),
    signs.CATEGORY_NOT_WORD: lambda char: not (char.isalnum() or char == "_"),
}


def patterns_of(package: ModuleType) -> Iterator[tuple[str, re.Pattern, bool]]:
    """Yield every pattern that a module of the package holds: where that is, the pattern, and whether it is searched.

    A pattern that is only matched where a text begins goes over that once, however often it could begin elsewhere.
    """
    names = [info.name for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    modules = [importlib.import_module(name) for name in names]
    sources = "".join(inspect.getsource(module) for module in modules)
    seen = set()
    for module in modules:
        for name, value in vars(module).items():
            is_single = isinstance(value, re.Pattern)
            is_searched = not is_single or re.search(rf"\b{name}\.(?:search|sub|find|split)|\b{name}[,):]", sources)
            for pattern in _patterns_in(value):
                if pattern not in seen:
                    seen.add(pattern)
                    yield f"{module.__name__.rpartition('.')[2]}.{name}", pattern, bool(is_searched)


def _patterns_in(value: object) -> Iterator[re.Pattern]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _patterns_in(one)


def hostile_to(pattern: re.Pattern) -> set[tuple[str, str]]:
    """Return beginnings, and pieces to repeat behind them: what leads to each repetition, and what that repeats."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    found = {("", piece) for piece in _ALWAYS}
    for before, body in _repetitions(parser.parse(text, pattern.flags & ~re.DEBUG), ""):
        found |= {(before, part) for piece in _samples(body) for part in (piece, piece[:1]) if part}
    return found


def _repetitions(nodes: list, before: str) -> Iterator[tuple[str, list]]:
    """Yield each repetition of many pieces, with the least text that leads to it."""
    for sign, value in nodes:
        if sign in _REPEATS:
            if value[1] >= (_MANY if len(value[2]) == 1 and value[2][0][0] is not signs.SUBPATTERN else 2):
                yield before, value[2]
            yield from _repetitions(value[2], before)
        elif sign is signs.BRANCH:
            for branch in value[1]:
                yield from _repetitions(branch, before)
        elif sign is signs.SUBPATTERN:
            yield from _repetitions(value[3], before)
        elif sign is signs.ATOMIC_GROUP:
            yield from _repetitions(value, before)
        before += _sample((sign, value))


def _samples(nodes: list) -> Iterator[str]:
    """Yield texts that the nodes match: several for a class of characters."""
    if len(nodes) == 1 and nodes[0][0] in (signs.IN, signs.NOT_LITERAL, signs.ANY):
        yield from islice(filter(lambda char: _is_in(*nodes[0], char), _CHARS), _MOST_CHARS)
        return
    yield "".join(map(_sample, nodes))


def _sample(node: tuple) -> str:
    sign, value = node
    if sign is signs.LITERAL:
        return chr(value)
    if sign in (signs.IN, signs.NOT_LITERAL, signs.ANY):
        return next(_samples([node]), "")
    if sign in _REPEATS:
        return next(_samples(value[2]), "") * max(value[0], 0 if value[1] >= _MANY else min(value[1], 1))
    inner = {signs.BRANCH: lambda: value[1][0], signs.SUBPATTERN: lambda: value[3], signs.ATOMIC_GROUP: lambda: value}
    return next(_samples(inner[sign]()), "") if sign in inner else ""


def _is_in(sign: object, value: object, char: str) -> bool:
    if sign is signs.ANY:
        return char != "\n"
    if sign is signs.NOT_LITERAL:
        return ord(char) != value
    items = list(value)
    is_negated = items[0][0] is signs.NEGATE
    return is_negated != any(_has(*item, char) for item in items[is_negated:])


def _has(sign: object, value: object, char: str) -> bool:
    if sign is signs.RANGE:
        return value[0] <= ord(char) <= value[1]
    return _OF_CATEGORY[value](char) if sign is signs.CATEGORY else ord(char) == value
