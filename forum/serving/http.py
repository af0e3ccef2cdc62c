"""The HTTP server: uvicorn, started and stopped by us, saying where it listens and leaving with a clean exit."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import uvicorn
import uvloop
from starlette.types import ASGIApp
from uvicorn.config import STARTUP_FAILURE
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.supervisors import Multiprocess

from forum.app import create_app
from forum.serving.errors import CannotStart
from forum.serving.logs import configure_logs
from forum.settings import Settings, load_settings

BACKLOG = 2048
# Longer than reverse proxies keep idle connections (nginx: 60 s), so that it is never us who closes one in use.
KEEP_ALIVE_SECONDS = 65
MOST_HEAD_BYTES = 64 * 1024
Announce = Callable[[], None]


class BoundedHead(HttpToolsProtocol):
    """Uvicorn's protocol with an end to what a request may send before its body: otherwise all of it is kept."""

    _head = 0
    _in_head = False

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > MOST_HEAD_BYTES:
                self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        self._head, self._in_head = 0, True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()


class Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it, and tells when it has begun to listen."""

    def __init__(self, config: uvicorn.Config, announce: Announce = lambda: None) -> None:
        super().__init__(config)
        self._tell = announce

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # uvicorn would raise the signal again at the end, and the exit code would not be 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._tell()

    def stop(self) -> None:
        """Finish the requests under way and stop; asked twice, stop at once."""
        self.force_exit = self.should_exit
        self.should_exit = True


def application() -> ASGIApp:
    """The application of one of several processes; each reads the same settings from its environment."""
    settings = load_settings(os.environ)
    configure_logs(settings)
    return create_app(settings)


def configuration(app: ASGIApp | str, *, drain_seconds: int, **options: Any) -> uvicorn.Config:
    """How we run uvicorn, wherever we run it. Proxies are our own concern: see `forum.web.visitors`."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=BoundedHead,
        ws="none",
        lifespan="on",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=drain_seconds,
        **options,
    )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises CannotStart with the reason."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(address)
            sock.listen(BACKLOG)
            sock.setblocking(False)
        except BaseException:
            sock.close()
            raise
    except OSError as error:
        raise CannotStart(
            f"Port {port} of {host} cannot be listened on: {(error.strerror or str(error)).lower()}."
        ) from error
    return sock


def address_of(sock: socket.socket) -> str:
    """Where a socket listens, as the beginning of a URL."""
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run_servers(servers: Sequence[tuple[Server, socket.socket]]) -> None:
    """Run servers in one loop until SIGTERM or SIGINT (or until one of them ends), then stop all of them."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run_all(servers))


async def _run_all(servers: Sequence[tuple[Server, socket.socket]]) -> None:
    def stop() -> None:
        for server, _ in servers:
            server.stop()

    async def run(server: Server, sock: socket.socket) -> None:
        try:
            await server.serve(sockets=[sock])
        except SystemExit as error:
            # Raised by uvicorn when the application could not start; the log says why.
            raise CannotStart("The server could not start; the reason stands above.") from error
        finally:
            for other, _ in servers:
                other.should_exit = True

    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wanted, stop)
    await asyncio.gather(*(run(server, sock) for server, sock in servers))


def serve_alone(settings: Settings, sock: socket.socket, announce: Announce) -> None:
    """Serve from this process until it is told to stop."""
    app = create_app(settings)
    run_servers([(Server(configuration(app, drain_seconds=settings.drain_seconds), announce), sock)])


def serve_together(settings: Settings, sock: socket.socket, *, workers: int, announce: Announce) -> None:
    """Serve from several processes that share one socket; for PostgreSQL. Those that die are replaced."""
    config = configuration(
        "forum.serving.http:application", drain_seconds=settings.drain_seconds, factory=True, workers=workers
    )
    announce()
    supervisor = Multiprocess(config, sockets=[sock])
    supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        raise CannotStart("A serving process could not start; the reason stands above.")
