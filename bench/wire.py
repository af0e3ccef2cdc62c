"""HTTP/1.1 as the load generator speaks it: prebuilt requests, expected answers, a strict small parser."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

HOST = "127.0.0.1"
RECEIVE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Shot:
    """One prebuilt request and what its answer must be.

    `kind` names the group its latency is counted in. `length` (of the body) is checked on every answer,
    `body` byte by byte on a sample. `collect` keeps the id of what the answer says was created.
    """

    request: bytes
    status: int = 200
    length: int | None = None
    body: bytes | None = None
    kind: str = "read"
    collect: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came over the wire; header names are lower case."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        """The body as text, unpacked when it came compressed."""
        packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()


class BadAnswer(Exception):
    """The server answered something that cannot be right; the measurement is worthless."""


def build_request(
    method: str, path: str, *, host: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> bytes:
    """The bytes of one keep-alive request; `content-length` is added when there is a body."""
    lines = [f"{method} {path} HTTP/1.1", f"host: {host}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def split_head(buffer: bytearray, have: int) -> tuple[int, int, int] | None:
    """Status, where the body starts and how long it is, or None while the head is incomplete.

    Raises BadAnswer for anything but HTTP/1.1 with a content length (or a status that has no body).
    """
    end = buffer.find(b"\r\n\r\n", 0, have)
    if end < 0:
        return None
    if not buffer.startswith(b"HTTP/1.1 "):
        raise BadAnswer(f"not HTTP/1.1: {bytes(buffer[:40])!r}")
    status = int(buffer[9:12])
    if status in (204, 304):
        return status, end + 4, 0
    at = buffer.find(b"\r\ncontent-length: ", 0, end)
    if at < 0:
        at = bytes(buffer[:end]).lower().find(b"\r\ncontent-length: ")
    if at < 0:
        raise BadAnswer(f"status {status} without content-length")
    stop = buffer.find(b"\r\n", at + 18, end + 2)
    return status, end + 4, int(buffer[at + 18 : stop])


def created_id(body: bytes | bytearray) -> int:
    """The id of the object an answer describes (its first `"id"` member, a decimal string)."""
    at = body.find(b'"id":')
    start = body.find(b'"', at + 5) + 1
    if at < 0 or start == 0:
        raise BadAnswer(f"no id in {bytes(body[:80])!r}")
    return int(body[start : body.index(b'"', start)])


def connect(port: int) -> socket.socket:
    """A blocking loopback connection that sends at once."""
    link = socket.create_connection((HOST, port), timeout=30)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


def exchange(link: socket.socket, request: bytes) -> Answer:
    """Send one request on a blocking connection and read its whole answer."""
    link.sendall(request)
    buffer = bytearray()
    while (parsed := split_head(buffer, len(buffer))) is None:
        _receive(link, buffer)
    status, start, length = parsed
    while len(buffer) < start + length:
        _receive(link, buffer)
    headers: dict[str, str] = {}
    for line in bytes(buffer[: start - 4]).decode("latin-1").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Answer(status, headers, bytes(buffer[start : start + length]))


def _receive(link: socket.socket, buffer: bytearray) -> None:
    part = link.recv(RECEIVE)
    if not part:
        raise BadAnswer(f"connection closed after {len(buffer)} bytes")
    buffer += part


def fetch(port: int, request: bytes) -> Answer:
    """One request on a connection of its own."""
    with connect(port) as link:
        return exchange(link, request)
