"""The references for reading: the same bytes from a bare Starlette endpoint and from a bare ASGI function.

Run as a process: `python -m bench.reference starlette|asgi PORT FILE`, where FILE is a pickled list of
answers; the n-th is served at `/n` with the status and headers the application gave it.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.machine import free_port
from bench.process import Server
from bench.wire import Answer

Message = MutableMapping[str, Any]
Application = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]
ADDED_BY_SERVER = frozenset({"date", "server", "content-length"})


def own_headers(answer: Answer) -> dict[str, str]:
    """The headers the application itself set."""
    return {name: value for name, value in answer.headers.items() if name not in ADDED_BY_SERVER}


def starlette_application(answers: Sequence[Answer]) -> Starlette:
    """One Starlette route per answer, each making an ordinary `Response`."""

    def route(number: int, answer: Answer) -> Route:
        headers = own_headers(answer)

        async def endpoint(_request: Request) -> Response:
            return Response(answer.body, status_code=answer.status, headers=headers)

        return Route(f"/{number}", endpoint)

    return Starlette(routes=[route(number, answer) for number, answer in enumerate(answers)])


def asgi_application(answers: Sequence[Answer]) -> Application:
    """A function that sends two messages and does nothing else."""
    messages: dict[str, tuple[Message, Message]] = {}
    for number, answer in enumerate(answers):
        headers = [(name.encode(), value.encode()) for name, value in own_headers(answer).items()]
        headers.append((b"content-length", str(len(answer.body)).encode()))
        start = {"type": "http.response.start", "status": answer.status, "headers": headers}
        messages[f"/{number}"] = (start, {"type": "http.response.body", "body": answer.body})

    async def application(
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        start, body = messages[scope["path"]]
        await send(start)
        await send(body)

    return application


def reference_server(kind: str, answers: Sequence[Answer], *, core: int, directory: Path) -> Server:
    """A reference process (not started yet) for the answers; `kind` is "starlette" or "asgi"."""
    port = free_port()
    path = directory / f"reference-{port}.pickle"
    path.write_bytes(pickle.dumps(list(answers)))
    return Server(["-m", "bench.reference", kind, str(port), str(path)], port=port, core=core, ready="/0")


def main() -> None:
    """Serve until SIGTERM, with the options the application's own server has."""
    kind, port, path = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    answers: list[Answer] = pickle.loads(path.read_bytes())  # noqa: S301 - from our own parent
    application: Any = starlette_application(answers) if kind == "starlette" else asgi_application(answers)
    uvicorn.run(
        application,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
    )


if __name__ == "__main__":
    main()
