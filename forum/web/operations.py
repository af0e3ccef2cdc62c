"""The HTTP API as data: each operation says its inputs, answers and limits once.

The route, the rate limit before the endpoint and the OpenAPI document all come from the same declaration.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.web.inputs import JSON, Input
from forum.web.limits import Rule

# An endpoint gets the running product (opaque here) and the request.
Endpoint = Callable[[Any, Request], Awaitable[Response]]
JSON_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


@dataclass(frozen=True, slots=True)
class Success:
    """A good answer: its status, what it means, and the type of its body (None: none)."""

    status: int
    description: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address.

    `query` and `body` are the models of the inputs, `problems` the error statuses it may answer besides those that
    every operation may (429 with a limit, 413 and 415 with a body, 503). `secret` needs the site's key as bearer.
    """

    method: str
    path: str
    endpoint: Endpoint
    summary: str
    answer: Success
    description: str = ""
    query: type[Input] | None = None
    body: type[Input] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[int, ...] = ()
    limit: Rule | None = None
    secret: bool = False
    tag: str = "discussions"


def routes(operations: Iterable[Operation], runtime: Any) -> list[Route]:
    """The operations as routes, one for each address: so a 405 names every method the address takes."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    return [_route(path, methods, runtime) for path, methods in by_path.items()]


def _route(path: str, by_method: Mapping[str, Operation], runtime: Any) -> Route:
    async def endpoint(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await by_method[method].endpoint(runtime, request)

    return Route(path, endpoint, methods=list(by_method))


def json_bytes(value: object) -> bytes:
    """JSON in UTF-8; dataclasses, datetimes and Markup included."""
    return orjson.dumps(value, option=JSON_OPTIONS)


def json_response(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A personal or changing JSON answer, kept by nobody."""
    return Response(
        json_bytes(value), status, {"cache-control": "private, no-store", **(headers or {})}, media_type=JSON
    )
