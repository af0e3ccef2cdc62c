"""A check from outside as a site may run one, on loopback: it answers whatever a test wants it to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Checker:
    """`body`, `status` and `headers` are what it answers; `raw` is sent in place of all that, and with `waits` nothing
    ever comes. `asked` is every request that has come."""

    url: str = ""
    body: bytes = b"false"
    status: str = "200 OK"
    headers: tuple[str, ...] = ()
    raw: bytes | None = None
    waits: bool = False
    asked: list[Asked] = field(default_factory=list)

    def answer(self) -> bytes:
        if self.raw is not None:
            return self.raw
        lines = (f"HTTP/1.1 {self.status}", f"Content-Length: {len(self.body)}", "Connection: close", *self.headers)
        return "\r\n".join((*lines, "", "")).encode() + self.body


@asynccontextmanager
async def checker() -> AsyncIterator[Checker]:
    """Run one."""
    running = Checker()
    open_ones: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_ones.add(task)
        try:
            running.asked.append(await _read(reader))
            if running.waits:
                await asyncio.Event().wait()
            writer.write(running.answer())
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    running.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield running
    finally:
        server.close()
        for task in open_ones:
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
    return Asked(method, path, headers, await reader.readexactly(int(headers.get("content-length", "0"))))
