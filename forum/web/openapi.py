"""The OpenAPI 3.1 document, generated from the declared operations and their types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from forum.web.inputs import ID_PATTERN, JSON
from forum.web.operations import Operation
from forum.web.problems import PROBLEM

REF = "#/components/schemas/{model}"
PATH_PARAMETER = re.compile(r"\{(\w+)\}")
PATH_PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "id": {"description": "A decimal number as text.", "schema": {"type": "string", "pattern": ID_PATTERN}},
    "site": {"description": "The site's key.", "schema": {"type": "string", "pattern": "^[a-z0-9-]{1,40}$"}},
    "kind": {"description": "Who is meant.", "schema": {"type": "string", "enum": ["account", "guest"]}},
    "work": {"description": "A work's id.", "schema": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,99}$"}},
}
PROBLEM_MEANINGS = {
    400: "The request could not be read.",
    401: "Nobody is signed in (any more), or the site's secret is missing or wrong.",
    403: "Not allowed: written by somebody else, closed, too late, signed in too long ago, or from a page of another "
    "origin.",
    404: "There is nothing here.",
    409: "It changed in the meantime, or the idempotency key was used for something else.",
    413: "The body is larger than 64 KB.",
    415: "The body is of a type this address does not read.",
    422: "A field is missing, unknown or wrong; `errors` says which.",
    429: "Too many requests; `Retry-After` says how many seconds to wait.",
    503: "The storage is busy; nothing was saved; `Retry-After` says when to try again.",
}
_TEXT = {"type": "string"}
PROBLEM_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "errors"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; for programs."},
        "detail": _TEXT,
        "errors": {
            "type": "array",
            "items": {"type": "object", "required": ["loc", "code"], "properties": {"loc": _TEXT, "code": _TEXT}},
        },
    },
}


@dataclass(frozen=True, slots=True)
class _Schemas:
    """JSON schemas of every type the operations mention, by type and direction."""

    by_type: Mapping[tuple[Any, JsonSchemaMode], Mapping[str, Any]]
    definitions: Mapping[str, Any]

    def of(self, model: Any, mode: JsonSchemaMode) -> Mapping[str, Any]:
        return self.by_type[(model, mode)]


def _schemas(operations: Iterable[Operation]) -> _Schemas:
    wanted: list[tuple[Any, JsonSchemaMode]] = []
    for operation in operations:
        wanted += [(m, "validation") for m in (operation.body, operation.query) if m is not None]
        if operation.answer.body is not None:
            wanted.append((operation.answer.body, "serialization"))
    unique = list(dict.fromkeys(wanted))
    inputs = [(model, mode, TypeAdapter(model)) for model, mode in unique]
    by_type, shared = TypeAdapter.json_schemas(inputs, ref_template=REF)
    return _Schemas(by_type, shared.get("$defs", {}))


def document(operations: tuple[Operation, ...], *, version: str, public_url: str) -> dict[str, Any]:
    """The whole document."""
    schemas = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Aftershow", "version": version, "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": public_url}],
        "paths": paths,
        "components": {
            "schemas": {**schemas.definitions, "Problem": PROBLEM_SCHEMA},
            "securitySchemes": {"site_secret": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": _operation_id(operation),
        "tags": [operation.tag],
        "summary": operation.summary,
        "parameters": [*_path_parameters(operation), *_headers(operation), *_query(operation, schemas)],
        "responses": _responses(operation, schemas),
    }
    if operation.description:
        described["description"] = operation.description
    if operation.body is not None:
        content = {JSON: {"schema": schemas.of(operation.body, "validation")}}
        described["requestBody"] = {"required": True, "content": content}
    if operation.secret:
        described["security"] = [{"site_secret": []}]
    return described


def _operation_id(operation: Operation) -> str:
    return operation.endpoint.__name__


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, **PATH_PARAMETERS[name]}
        for name in PATH_PARAMETER.findall(operation.path)
    ]


def _headers(operation: Operation) -> list[dict[str, Any]]:
    described = [
        {
            "name": name,
            "in": "header",
            "description": text,
            "schema": {"type": "string", "minLength": 1, "maxLength": 100},
        }
        for name, text in operation.headers.items()
    ]
    return described


def _query(operation: Operation, schemas: _Schemas) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    schema = resolve(schemas.of(operation.query, "validation"), schemas.definitions)
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": described.get("description", ""),
            "schema": {k: v for k, v in described.items() if k != "description"},
        }
        for name, described in schema.get("properties", {}).items()
    ]


def resolve(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema a reference names, or the schema itself."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Mapping[str, Any] = definitions[str(reference).rpartition("/")[2]]
    return found


def statuses(operation: Operation) -> list[int]:
    """Every error an operation may answer."""
    found = {*operation.problems, 503}
    if operation.body is not None:
        found |= {400, 413, 415, 422}
    if operation.method != "GET":
        found.add(403)
    if operation.limit is not None:
        found.add(429)
    return sorted(found)


def _responses(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    good: dict[str, Any] = {"description": operation.answer.description}
    if operation.answer.body is not None:
        good["content"] = {JSON: {"schema": schemas.of(operation.answer.body, "serialization")}}
    if operation.answer.headers:
        good["headers"] = {
            name: {"description": text, "schema": {"type": "string"}} for name, text in operation.answer.headers.items()
        }
    answers: dict[str, Any] = {str(operation.answer.status): good}
    if operation.method == "GET":
        answers["304"] = {"description": "Not modified since the ETag that was sent."}
    problem = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status in statuses(operation):
        answers[str(status)] = {"description": PROBLEM_MEANINGS[status], "content": problem}
    return answers
