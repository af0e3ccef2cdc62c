"""The load generator: N keep-alive connections, each asking again as soon as it was answered.

Raw non-blocking sockets and epoll: on one core it outruns what a Python server can answer on another. Every
answer's status and length are checked, its bytes on a sample; what was acknowledged is remembered, so that
the database can be asked for it afterwards. Chunked answers are refused: all measured answers have a length.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from bench.stats import percentile
from bench.wire import RECEIVE, BadAnswer, Shot, connect, created_id, split_head

SAMPLE = 16  # one answer of so many is compared byte by byte
LAST_ANSWER_WITHIN = 30.0  # seconds after the last request


class Source(Protocol):
    """Where requests come from. It travels to the generator's process, so it must pickle."""

    def stream(self) -> Iterator[Shot]:
        """Requests, without an end or until there is nothing left to ask."""
        ...


@dataclass(frozen=True, slots=True)
class Same:
    """The same requests again and again."""

    shots: tuple[Shot, ...]

    def stream(self) -> Iterator[Shot]:
        """Cycle through the requests."""
        while True:
            yield from self.shots


@dataclass(slots=True)
class Outcome:
    """What one run saw. Latencies in milliseconds per kind, `seconds` long; `wrong` counts bad answers."""

    seconds: float = 0.0
    latencies: dict[str, list[float]] = field(default_factory=dict)
    created: list[int] = field(default_factory=list)
    wrong: int = 0
    first_wrong: str = ""

    def rate(self) -> float:
        """Answers per second over all kinds."""
        return sum(map(len, self.latencies.values())) / self.seconds if self.seconds else 0.0

    def p(self, share: float, kind: str = "read") -> float:
        """A percentile (0..1) of one kind's latencies, in milliseconds."""
        return percentile(self.latencies.get(kind, []), share)

    def complain(self, what: str) -> None:
        """Count one bad answer."""
        self.wrong += 1
        self.first_wrong = self.first_wrong or what


class _Connection:
    """One keep-alive connection: its socket, the request under way and the bytes of its answer so far."""

    __slots__ = ("body_at", "buffer", "have", "length", "link", "sent_at", "shot", "status", "view")

    def __init__(self, link: socket.socket) -> None:
        self.link = link
        self.buffer = bytearray(RECEIVE)
        self.view = memoryview(self.buffer)
        self.have = self.status = self.length = 0
        self.body_at = -1
        self.sent_at = 0.0
        self.shot: Shot | None = None

    def ask(self, shot: Shot) -> None:
        self.shot = shot
        self.have = 0
        self.body_at = -1
        self.sent_at = time.perf_counter()
        if self.link.send(shot.request) != len(shot.request):
            raise BadAnswer("a request did not fit into the socket's buffer")

    def receive(self) -> bool:
        """Take what has arrived; True when the answer is complete."""
        got = self.link.recv_into(self.view[self.have :])
        if not got:
            raise BadAnswer("the server closed the connection")
        self.have += got
        if self.body_at < 0:
            parsed = split_head(self.buffer, self.have)
            if parsed is None:
                return False
            self.status, self.body_at, self.length = parsed
            if self.body_at + self.length > len(self.buffer):
                self._grow(self.body_at + self.length)
        missing = self.body_at + self.length - self.have
        if missing < 0:
            raise BadAnswer("more bytes than the answer announced")
        return missing == 0

    def body(self) -> bytearray:
        return self.buffer[self.body_at : self.have]

    def _grow(self, size: int) -> None:
        larger = bytearray(size + RECEIVE)
        larger[: self.have] = self.view[: self.have]
        self.buffer = larger
        self.view = memoryview(larger)


@dataclass(frozen=True, slots=True)
class Load:
    """A run: `warm` seconds that are checked but not counted, then `seconds` that are."""

    port: int
    source: Source
    connections: int
    seconds: float
    warm: float = 0.3

    def run(self) -> Outcome:
        """Make the run in this process."""
        loop = _Loop(self)
        try:
            return loop.run()
        finally:
            loop.close()


class _Loop:
    def __init__(self, load: Load) -> None:
        self.load = load
        self.stream = load.source.stream()
        self.outcome = Outcome()
        self.poll = select.epoll()
        self.links: dict[int, _Connection] = {}
        self.answers = 0
        for _ in range(load.connections):
            link = connect(load.port)
            link.setblocking(False)
            self.links[link.fileno()] = _Connection(link)
            self.poll.register(link.fileno(), select.EPOLLIN)

    def run(self) -> Outcome:
        counted_from = time.perf_counter() + self.load.warm
        until = counted_from + self.load.seconds
        for connection in list(self.links.values()):
            self._next(connection, until)
        while self.links:
            ready = self.poll.poll(LAST_ANSWER_WITHIN)
            if not ready:
                self.outcome.complain(f"{len(self.links)} requests were never answered")
                break
            for fd, _ in ready:
                self._step(self.links[fd], counted_from, until)
        self.outcome.seconds = self.load.seconds
        return self.outcome

    def close(self) -> None:
        for connection in self.links.values():
            connection.link.close()
        self.poll.close()

    def _next(self, connection: _Connection, until: float) -> None:
        shot = next(self.stream, None) if time.perf_counter() < until else None
        if shot is None:
            self._drop(connection)
            return
        connection.ask(shot)

    def _drop(self, connection: _Connection) -> None:
        fd = connection.link.fileno()
        self.poll.unregister(fd)
        del self.links[fd]
        connection.link.close()

    def _step(self, connection: _Connection, counted_from: float, until: float) -> None:
        try:
            if not connection.receive():
                return
            now = time.perf_counter()
            shot = connection.shot
            assert shot is not None
            self._check(connection, shot)
            if counted_from <= now < until:
                self.outcome.latencies.setdefault(shot.kind, []).append((now - connection.sent_at) * 1000)
            self._next(connection, until)
        except (BadAnswer, OSError) as error:
            self.outcome.complain(str(error))
            self._drop(connection)

    def _check(self, connection: _Connection, shot: Shot) -> None:
        self.answers += 1
        if connection.status != shot.status:
            head = bytes(connection.body()[:300])
            self.outcome.complain(f"{shot.kind}: status {connection.status}, not {shot.status}: {head!r}")
            return
        if shot.length is not None and connection.length != shot.length:
            self.outcome.complain(f"{shot.kind}: {connection.length} bytes, not {shot.length}")
        elif shot.body is not None and self.answers % SAMPLE == 1 and connection.body() != shot.body:
            self.outcome.complain(f"{shot.kind}: the right length, but other bytes")
        if shot.collect:
            self.outcome.created.append(created_id(connection.body()))
