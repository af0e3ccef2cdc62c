"""A file that is sent while it is made, however long it gets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from forum.web.pages import PERSONAL


class Download(Response):
    """An answer that browsers save under a name, and nobody keeps. When making it fails half-way, the connection ends
    without its end: nobody takes a part for the whole."""

    def __init__(self, parts: AsyncIterator[bytes], name: str, *, media_type: str, headers: Mapping[str, str]) -> None:
        kept = {"cache-control": PERSONAL, "content-disposition": f'attachment; filename="{name}"'}
        super().__init__(b"", 200, {**headers, **kept}, media_type=media_type)
        del self.headers["content-length"]
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        await send(start)
        async for part in self._parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
