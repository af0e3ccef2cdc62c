"""`aftershow serve` and `aftershow worker`."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import nullcontext
from dataclasses import replace
from typing import Annotated

import typer
import uvloop

import forum
from forum.accounts.signin.service_first import first_link
from forum.app import create_runtime, running
from forum.cli.output import WRONG_USE, complain, explaining, offer_owning, read_settings, say
from forum.serving.http import address_of, listen, serve_alone, serve_together
from forum.serving.lock import only_server
from forum.serving.schema import require_schema
from forum.settings import Settings, WorkerMode

MOST_WORKERS = 64


def serve(
    host: Annotated[str | None, typer.Option(help="Listen on this address. [AFTERSHOW_HOST]")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Listen on this port; 0 takes a free one. [AFTERSHOW_PORT]")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=MOST_WORKERS, help="Serving processes; more than one needs PostgreSQL.")
    ] = 1,
) -> None:
    """Serve discussions over HTTP until SIGTERM or Ctrl-C.

    Stopping waits for the requests under way (AFTERSHOW_DRAIN_SECONDS) and ends with exit code 0. A new SQLite file
    gets its tables by itself; any other database has to be migrated first. A SQLite file is served by one process.
    """
    with explaining():
        settings = read_settings()
        given = {"host": host, "port": port}
        settings = replace(settings, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
        if settings.is_sqlite and workers > 1:
            complain(
                "--workers needs PostgreSQL: a SQLite database is served by one process, because finished pages are "
                "kept in its memory."
            )
            raise typer.Exit(WRONG_USE)
        with only_server(settings.sqlite_path) if settings.is_sqlite else nullcontext():
            require_schema(settings, say)
            _serve(settings, listen(settings.host, settings.port), workers)


def _serve(settings: Settings, sock: socket.socket, workers: int) -> None:
    link = asyncio.run(_first_link(settings))

    def announce() -> None:
        say(f"Aftershow {forum.__version__} listens on {address_of(sock)} for {settings.public_url}")
        offer_owning(link)

    if workers == 1:
        serve_alone(settings, sock, announce)
        return
    if settings.rate_limits and settings.rate_limit_storage == "memory://":
        say("Rate limits are counted by each process alone: AFTERSHOW_RATE_LIMIT_STORAGE can name a shared place.")
    serve_together(settings, sock, workers=workers, announce=announce)


async def _first_link(settings: Settings) -> str | None:
    rt = create_runtime(settings, serving=False)
    async with running(rt, work=False):
        return await first_link(rt)


def worker() -> None:
    """Carry out the outbox's jobs without serving, until SIGTERM or Ctrl-C.

    For AFTERSHOW_WORKER=separate; otherwise `serve` does this too. Several workers share the work. Jobs that were
    under way when a worker stops are taken up again by the next.
    """
    with explaining():
        settings = read_settings()
        require_schema(settings, say)
        if settings.worker is WorkerMode.INLINE:
            say("AFTERSHOW_WORKER is inline, so `aftershow serve` works on the same jobs.")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_work(settings))


async def _work(settings: Settings) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wanted, stopped.set)
    async with running(create_runtime(settings, serving=False), work=True):
        say("The worker is waiting for jobs.")
        await stopped.wait()
