"""What the page of one record shows: its form, and for an application everything that belongs to it."""

from typing import Any

from tmr.domain.fields.kind import Kind
from tmr.domain.kinds import linking_to
from tmr.domain.kinds.application import APPLICATION
from tmr.records.editing.form import RecordForm
from tmr.records.editing.links import target_of
from tmr.records.editing.origin import Origin
from tmr.records.page.panels import panels_of
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx

MAX_OPTIONS = 50


def record_context(uow: UnitOfWork, form: RecordForm, origin: Origin) -> dict[str, Any]:
    """Return what the templates of one record need; all of it is read here, before the unit of work ends."""
    is_panel = origin.place == "panel"
    fragment = "records/page/panels/panel_form.fragment.html" if is_panel else "records/page/show.fragment.html"
    context: dict[str, Any] = {"kind": form.kind, "form": form, "panel": origin.panel, "form_fragment": fragment}
    context["options"] = options_for(uow, form.kind.key) if origin.place != "cell" else {}
    is_page = form.record is not None and form.kind.key == APPLICATION.key and not htmx.is_htmx()
    if is_page:
        context["options"] |= {
            panel.key: uow.names.latest_of(panel, MAX_OPTIONS)
            for panel in linking_to(APPLICATION.key)
            if _is_shared(panel)
        }
    context["panels"] = panels_of(uow, form.record) if is_page and form.record else []
    return context


def options_for(uow: UnitOfWork, kind_key: str) -> dict[str, list[str]]:
    """Return the names to choose from for each kind that this one links to, last changed first."""
    kind = next(kind for kind in uow.kinds.values() if kind.key == kind_key)
    options: dict[str, list[str]] = {}
    for field in kind.record_links:
        target = target_of(field)
        if target.key not in options:
            options[target.key] = uow.names.latest_of(target, MAX_OPTIONS)
    return options


def _is_shared(kind: Kind) -> bool:
    link = kind.link_to(APPLICATION.key)
    return link is not None and bool(link.type.is_many)  # type: ignore[attr-defined]
