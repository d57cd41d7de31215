"""The description of these routes in OpenAPI 3.1, made from the kinds that are declared.

A test compares it with the routes and with real answers; `make docs` writes it to docs/openapi.json.
"""

from collections.abc import Mapping
from typing import Any

from tmr.api.records import MOST_PER_PAGE, PER_PAGE, readable, writable
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field
from tmr.domain.fields.types.choices import Choice
from tmr.domain.fields.types.links import Links
from tmr.domain.fields.types.numbers import Rating, Size
from tmr.domain.fields.types.stages import StageChoice
from tmr.domain.fields.types.texts import Tags
from tmr.domain.fields.types.times import Minutes
from tmr.domain.kinds import KINDS

Schema = dict[str, Any]
LISTS, NUMBERS = (Links, Tags), (Rating, Size, Minutes)
OWN = {"^own_": {"type": ["string", "number", "array", "null"], "items": {"type": "string"}}}
PROBLEMS = {
    "400": "The body is no JSON object of fields, or the address is no text.",
    "401": "There is no valid access token.",
    "403": "The token may not do this, or the request comes from a page of another site.",
    "404": "There is nothing at this address.",
    "413": "It is too large, or the account is full.",
    "415": "The body is no JSON.",
    "422": "Some of it can't be used; `errors` says what.",
    "423": "The records are locked, and this token does not open them: make one while they are unlocked.",
    "429": "Too many requests; `Retry-After` says when to come back.",
    "503": "The server is busy; `Retry-After` says when to come back.",
}
_PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "additionalProperties": False,
}
_PARAMETERS: tuple[tuple[str, Schema, str], ...] = (
    ("q", {"type": "string"}, "Only records with these words."),
    (
        "status",
        {"type": "string"},
        "Only records with this status; every other filter of the list works too. What is not understood is refused.",
    ),
    ("sort", {"type": "string"}, "Up to three fields, such as `-applied_on,company`; `-` for the other way round."),
    ("page", {"type": "integer", "minimum": 1, "default": 1}, "Which page."),
    (
        "per_page",
        {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE, "default": PER_PAGE},
        "How many records a page has.",
    ),
)


def description() -> Schema:
    """Return the whole description."""
    schemas = {"problem": _PROBLEM}
    for kind in KINDS.values():
        schemas |= {kind.key: _record(kind), f"new_{kind.key}": _new(kind), f"{kind.plural}_page": _page(kind)}
    security = {"type": "http", "scheme": "bearer", "description": "An access token from Settings, Scripts."}
    return {
        "openapi": "3.1.0",
        "info": {"title": "TrackMyRoles", "version": "1", "description": "List and add records; export everything."},
        "servers": [{"url": "http://localhost:8000", "description": "Your own server."}],
        "security": [{"token": []}],
        "paths": {
            **{f"/api/v1/{kind.plural}": _of_kind(kind) for kind in KINDS.values()},
            "/api/v1/export": _export(),
        },
        "components": {"securitySchemes": {"token": security}, "schemas": schemas},
    }


def _of_kind(kind: Kind) -> Schema:
    parameters = [
        {"name": name, "in": "query", "required": False, "schema": schema, "description": words}
        for name, schema, words in _PARAMETERS
    ]
    listed = {"description": "One page of them.", "content": _json(f"{kind.plural}_page")}
    added = {"description": "It was added.", "content": _json(kind.key)}
    return {
        "get": {
            "operationId": f"list_{kind.plural}",
            "summary": f"List {kind.plural}. The token's scope is read, or both.",
            "parameters": parameters,
            "responses": {"200": listed, **_problems("400", "401", "403", "422", "423", "429", "503")},
        },
        "post": {
            "operationId": f"add_{kind.key}",
            "summary": f"Add one of the {kind.plural}. The token's scope is add, or both.",
            "requestBody": {"required": True, "content": _json(f"new_{kind.key}")},
            "responses": {"201": added, **_problems("400", "401", "403", "413", "415", "422", "423", "429", "503")},
        },
    }


def _export() -> Schema:
    return {
        "get": {
            "operationId": "export",
            "summary": "Everything as one ZIP, as Settings gives it. The token's scope is read, or both.",
            "responses": {
                "200": {"description": "The ZIP.", "content": {"application/zip": {}}},
                "202": {"description": "It is large, and is being prepared; `Retry-After` says when to ask again."},
                **_problems("400", "401", "403", "423", "429", "503"),
            },
        }
    }


def _record(kind: Kind) -> Schema:
    fixed: Schema = {
        "id": {"type": "string", "format": "uuid"},
        "version": {"type": "integer", "minimum": 1},
        "created_at": {"type": "string", "format": "date-time"},
        "updated_at": {"type": "string", "format": "date-time"},
    }
    values = {field.name: _schema(field) for field in readable(kind)}
    return {**_object({**fixed, **values}), "required": [*fixed, *values]}


def _new(kind: Kind) -> Schema:
    aliases = {alias: _schema(field) for field in writable(kind) for alias in field.aliases}
    return {
        **_object({field.name: _schema(field) for field in writable(kind)} | aliases),
        # A required link can be sent by any of its names, so the app says what is missing.
        "required": [name for name in kind.required if not kind.by_name[name].aliases],
    }


def _object(properties: Mapping[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "patternProperties": OWN,
        "additionalProperties": False,
    }


def _page(kind: Kind) -> Schema:
    properties: Schema = {
        "items": {"type": "array", "items": _reference(kind.key), "maxItems": MOST_PER_PAGE},
        "total": {"type": "integer", "minimum": 0},
        "page": {"type": "integer", "minimum": 1},
        "pages": {"type": "integer", "minimum": 1},
        "next": {"type": ["string", "null"], "description": "The address of the next page."},
    }
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _schema(field: Field) -> Schema:
    about: Schema = {"description": field.label}
    if isinstance(field.type, LISTS):
        return {**about, "type": ["array", "null"], "items": {"type": "string"}}
    if isinstance(field.type, NUMBERS):
        return {**about, "type": ["integer", "null"]}
    if isinstance(field.type, Choice) and not isinstance(field.type, StageChoice):  # people have stages of their own
        return {**about, "enum": [*(key for key, _label in field.type.options), None]}
    return {**about, "type": ["string", "null"]}


def _problems(*statuses: str) -> Schema:
    content = {"application/problem+json": {"schema": _reference("problem")}}
    return {status: {"description": PROBLEMS[status], "content": content} for status in statuses}


def _json(name: str) -> Schema:
    return {"application/json": {"schema": _reference(name)}}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
