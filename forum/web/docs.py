"""The readable page about the HTTP API, drawn from the same document that programs read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forum.web.openapi import resolve

Parameter = tuple[str, str, str, bool, str]
Described = tuple[str, str, str, str, list[Parameter], str | None, list[tuple[str, str]]]
EXAMPLES = {"string": "…", "integer": 1, "boolean": True}


@dataclass(frozen=True, slots=True)
class DocsPage:
    """What `pages/docs.html` draws."""

    operations: list[Described]
    frame: bool = False


def docs_page(document: Mapping[str, Any]) -> DocsPage:
    """The page's context from an OpenAPI document."""
    definitions = document["components"]["schemas"]
    described = [
        _described(method, path, operation, definitions)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return DocsPage(described)


def _described(method: str, path: str, operation: Mapping[str, Any], definitions: Mapping[str, Any]) -> Described:
    parameters: list[Parameter] = [
        (p["name"], p["in"], type_of(p["schema"]), bool(p.get("required")), p.get("description", ""))
        for p in operation["parameters"]
    ]
    example = None
    if "requestBody" in operation:
        (content,) = operation["requestBody"]["content"].values()
        schema = resolve(content["schema"], definitions)
        required = schema.get("required", [])
        for name, field in schema["properties"].items():
            parameters.append((name, "body", type_of(field), name in required, field.get("description", "")))
        example = json.dumps(
            {name: EXAMPLES.get(type_of(schema["properties"][name]), "…") for name in required}, indent=2
        )
    answers = [(status, answer["description"]) for status, answer in operation["responses"].items()]
    summary, description = operation["summary"], operation.get("description", "")
    return (method.upper(), path, summary, description, parameters, example, answers)


def type_of(schema: Mapping[str, Any]) -> str:
    """A short name for a schema's type."""
    if "type" in schema:
        return str(schema["type"])
    kinds = [type_of(option) for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    return " | ".join(dict.fromkeys(kinds)) or str(schema.get("$ref", "any")).rpartition("/")[2]
