"""Links ES modules into one script, because a request for each module would make the first visit slow.

It knows the part of the language that our modules use, and refuses the rest: named imports and exports without
renaming, JSON as a default import, no circles. Each module runs once, in a separate function, in the standard order.

Modules can be scripts apart, each with what only that module needs. Pages that use one load that script first, and it
runs where the other one imports the module. So both share their modules, and events are heard in the same order.
"""

import posixpath
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

IMPORT = re.compile(r'^import (?:(\{[\w$,\s]+\}|\w+) from )?"(\.[\w./-]+)"(?: with \{ type: "json" \})?;\n', re.M)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) (\w+))", re.M)
# An address that only the page knows can be imported: a script of its own, which is loaded when it is needed.
LEFT_OVER = re.compile(r"^.*(?:^(?:import|export)\b(?!\()|\bimport(?:\.|\(\W)|^await\b).*$", re.M)


class LinkError(Exception):
    """A module cannot be linked; the message names it and says why."""


@dataclass
class _Linking:
    sources: Mapping[str, str]
    apart: Collection[str] = ()
    given: Collection[str] = ()
    names: dict[str, str] = field(default_factory=dict)
    linked: list[str] = field(default_factory=list)

    def name_of(self, path: str, importers: tuple[str, ...]) -> str:
        """Link a module if it is not linked yet, and return the variable that holds its exports."""
        if path in importers:
            raise LinkError(f"{path} imports itself, by way of {' and '.join(importers)}")
        if path not in self.sources:
            raise LinkError(f"{importers[-1] if importers else 'A page'} imports {path}, which is missing")
        if path not in self.names:
            value = self._value(path, importers)
            self.names[path] = f"$_{len(self.names)}"
            self.linked.append(f"const {self.names[path]} = {value};\n")
        return self.names[path]

    def _value(self, path: str, importers: tuple[str, ...]) -> str:
        if path in self.given:
            return f'$_given["{path}"]'
        if importers and path in self.apart:
            return self._run_apart(path, importers)
        return self._json(path) if path.endswith(".json") else self._module(path, importers)

    def _run_apart(self, path: str, importers: tuple[str, ...]) -> str:
        """Run a script apart, if this page has loaded it, and give it the modules that are in this script."""
        shared = shared_modules(self.sources, importers[0], path, self.apart)
        given = ", ".join([f'"{module}": {self.name_of(module, importers)}' for module in shared])
        return f'globalThis.$_apart?.["{path}"]?.({{ {given} }})'

    def _json(self, path: str) -> str:
        return self.sources[path].strip()

    def _module(self, path: str, importers: tuple[str, ...]) -> str:
        def import_(match: re.Match[str]) -> str:
            wanted, address = match.groups()
            source = posixpath.normpath(posixpath.join(posixpath.dirname(path), address))
            variable = self.name_of(source, (*importers, path))
            if wanted is None:
                return ""
            missing = set(re.findall(r"\w+", wanted)) - set(EXPORT.findall(self.sources[source]))
            if missing and not source.endswith(".json"):
                raise LinkError(f"{path} imports {', '.join(sorted(missing))}, which {source} does not export")
            return f"const {wanted} = {variable};\n"

        body = IMPORT.sub(import_, self.sources[path])
        names = EXPORT.findall(body)
        body = EXPORT.sub("", body)
        if left_over := LEFT_OVER.search(body):
            raise LinkError(f"{path} cannot be linked: {left_over[0].strip()}")
        return f"(() => {{\n{body}return {{ {', '.join(names)} }};\n}})()"


def modules_of(sources: Mapping[str, str], entry: str, without: Collection[str] = ()) -> list[str]:
    """Return the modules that ``entry`` needs, itself last, or raise ``LinkError`` as ``link`` does.

    ``without`` are modules that are left out, with all that only they need.
    """
    linking = _Linking({**sources, **dict.fromkeys(without, "")})
    linking.name_of(entry, ())
    return [path for path in linking.names if path not in without]


def shared_modules(sources: Mapping[str, str], entry: str, apart: str, all_apart: Collection[str]) -> list[str]:
    """Return the modules that ``apart`` needs and that the script of ``entry`` has anyway, without those apart."""
    others = set(modules_of(sources, entry, without=all_apart))
    return [module for module in modules_of(sources, apart) if module in others]


def link(sources: Mapping[str, str], entry: str, apart: Collection[str] = ()) -> str:
    """Return one script that does what the module ``entry`` does, or raise ``LinkError``.

    It runs the modules ``apart`` on pages that have loaded their scripts before it.
    """
    linking = _Linking(sources, apart=apart)
    linking.name_of(entry, ())
    return f'"use strict";\n{{\n{"".join(linking.linked)}}}\n'


def link_later(sources: Mapping[str, str], entry: str) -> str:
    """Return the module ``entry`` with all that it imports, as one module that gives away the same."""
    linking = _Linking(sources)
    exports, names = linking.name_of(entry, ()), EXPORT.findall(sources[entry])
    given = f"export const {{ {', '.join(names)} }} = {exports};\n" if names else ""
    return f"{''.join(linking.linked)}{given}"


def link_apart(sources: Mapping[str, str], entry: str, apart: str, all_apart: Collection[str]) -> str:
    """Return the script of ``apart``, one of ``all_apart``, which runs when the script of ``entry`` comes to it."""
    linking = _Linking(sources, given=shared_modules(sources, entry, apart, all_apart))
    linking.name_of(apart, ())
    return f'"use strict";\n(globalThis.$_apart ??= {{}})["{apart}"] = ($_given) => {{\n{"".join(linking.linked)}}};\n'
