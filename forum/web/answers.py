"""Finished answers: the bytes, the headers and the compressed form of a public page, made once and sent many times.

An answer is the same for everybody. It carries an ETag over its bytes, may be kept by any cache, and never sets a
cookie. Sending one touches no database, no template and no middleware.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]
# A busy discussion is compressed anew after every comment: level 3 takes half the time of 5 for an eighth more bytes.
PAGE_LEVEL = 3
# Files are compressed once in the life of a process.
FILE_LEVEL = 9
# Below this many bytes compression costs more than it saves.
GZIP_FROM = 600
# Browsers ask every time (and get a 304), shared caches may answer for a second. Letting a browser show a stale page
# would hide a person's own comment from them; letting a CDN do it for others is said in its own header (RFC 9213).
PUBLIC_CACHE: Headers = [
    (b"cache-control", b"public, max-age=0, s-maxage=1, must-revalidate"),
    (b"cdn-cache-control", b"public, max-age=1, stale-while-revalidate=60, stale-if-error=3600"),
]


class Answer:
    """A finished 200 answer. Immutable but for the compressed form, which is made when it is first wanted."""

    __slots__ = ("_gzip_headers", "_gzipped", "_headers", "_not_modified", "body", "etag")

    level = PAGE_LEVEL
    caching: Headers = PUBLIC_CACHE

    def __init__(
        self,
        body: bytes,
        media_type: str,
        *,
        headers: Mapping[str, str],
        surrogate_keys: Iterable[str] = (),
    ) -> None:
        self.body = body
        digest = hashlib.sha256(body).hexdigest()[:24]
        self.etag = f'"{digest}"'
        base: Headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        base += [*self.caching, (b"vary", b"accept-encoding")]
        keys = " ".join(sorted(surrogate_keys))
        if keys:
            base.append((b"surrogate-key", keys.encode()))
        self._not_modified: Headers = [*base, (b"etag", self.etag.encode())]
        content: Headers = [(b"content-type", media_type.encode())]
        length = str(len(body)).encode()
        self._headers: Headers = [*self._not_modified, *content, (b"content-length", length)]
        self._gzip_headers: Headers = [*base, (b"etag", f'"{digest}-gz"'.encode()), *content]
        self._gzipped: bytes | None = None

    @property
    def weight(self) -> int:
        """About how many bytes it holds, the compressed form included."""
        return len(self.body) + len(self.body) // 4 + 2_000

    def gzipped(self) -> bytes:
        """The compressed body, made once."""
        if self._gzipped is None:
            compressor = zlib.compressobj(self.level, zlib.DEFLATED, 31)
            self._gzipped = compressor.compress(self.body) + compressor.flush()
            length = str(len(self._gzipped)).encode()
            self._gzip_headers.append((b"content-encoding", b"gzip"))
            self._gzip_headers.append((b"content-length", length))
        return self._gzipped

    def is_known(self, if_none_match: bytes) -> bool:
        """Whether the client has these bytes already, compressed or not."""
        digest = self.etag.encode()[1:-1]
        return if_none_match.strip() == b"*" or digest in if_none_match

    async def send(self, scope: Scope, send: Send) -> None:
        """Answer a GET or HEAD: 304 when the client has it, compressed when the client can read that."""
        accepts_gzip = False
        for name, value in scope["headers"]:
            if name == b"if-none-match":
                if self.is_known(value):
                    await send({"type": "http.response.start", "status": 304, "headers": self._not_modified})
                    await send({"type": "http.response.body", "body": b""})
                    return
            elif name == b"accept-encoding":
                accepts_gzip = _accepts_gzip(value)
        body, headers = self.body, self._headers
        if accepts_gzip and len(body) >= GZIP_FROM:
            body, headers = self.gzipped(), self._gzip_headers
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _accepts_gzip(value: bytes) -> bool:
    for part in value.lower().split(b","):
        name, _, parameters = part.partition(b";")
        if name.strip() in (b"gzip", b"*"):
            return parameters.replace(b" ", b"") not in (b"q=0", b"q=0.0", b"q=0.00", b"q=0.000")
    return False


class AnswerResponse(Response):
    """An `Answer` as a Starlette response, for the request that made it."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer.send(scope, send)


def key_of(scope: Mapping[str, Any]) -> tuple[str, bytes]:
    """What a finished answer is kept under: the address, to the letter."""
    return (scope["path"], scope["query_string"])
