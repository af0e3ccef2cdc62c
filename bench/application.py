"""The product under measurement: its server process, and the requests the benchmarks make of it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from bench.data import SITE_KEY, Thread
from bench.machine import free_port
from bench.process import Server
from bench.traffic import Posts
from bench.wire import HOST, Answer, BadAnswer, Shot, build_request, fetch

SECRET_KEY = "only-for-benchmarks-0123456789abcdef"


class Application(Server):
    """`aftershow serve` on a database, outbox jobs left to nobody, rate limits off."""

    def __init__(self, database_url: str, *, core: int) -> None:
        port = free_port()
        self.database_url = database_url
        self.host = f"{HOST}:{port}"
        self.public_url = f"http://{self.host}"
        super().__init__(
            ["-m", "forum", "serve", "--host", HOST, "--port", str(port)],
            port=port,
            core=core,
            environ={
                "AFTERSHOW_DATABASE_URL": database_url,
                "AFTERSHOW_PUBLIC_URL": self.public_url,
                "AFTERSHOW_SECRET_KEY": SECRET_KEY,
                "AFTERSHOW_RATE_LIMITS": "off",
                "AFTERSHOW_WORKER": "separate",
                "AFTERSHOW_LOG_LEVEL": "warning",
            },
        )

    def get(self, path: str, *, compressed: bool = False, etag: str | None = None) -> bytes:
        """The bytes of a read, as a browser or an API client would ask."""
        headers = {"accept": "*/*"}
        if compressed:
            headers["accept-encoding"] = "gzip"
        if etag is not None:
            headers["if-none-match"] = etag
        return build_request("GET", path, host=self.host, headers=headers)

    def read(self, path: str, *, compressed: bool = False) -> Answer:
        """Ask once. Raises BadAnswer unless it is answered 200, compressed exactly if that was asked for."""
        answer = fetch(self.port, self.get(path, compressed=compressed))
        if answer.status != 200:
            raise BadAnswer(f"{path}: status {answer.status}: {answer.body[:300]!r}")
        if (answer.headers.get("content-encoding") == "gzip") is not compressed:
            raise BadAnswer(f"{path}: content-encoding {answer.headers.get('content-encoding')!r}")
        return answer

    def shot(self, path: str, *, compressed: bool = False) -> Shot:
        """A repeated read that must always bring the bytes it brings now."""
        answer = self.read(path, compressed=compressed)
        request = self.get(path, compressed=compressed)
        return Shot(request, length=len(answer.body), body=answer.body)

    def not_modified(self, path: str, *, compressed: bool = False) -> Shot:
        """A repeated read that already has the current bytes."""
        etag = self.read(path, compressed=compressed).headers["etag"]
        return Shot(self.get(path, compressed=compressed, etag=etag), status=304, length=0)

    def posts(self, threads: Sequence[Thread], run: int) -> Posts:
        """New comments into these discussions in turn."""
        path = f"/api/v1/sites/{SITE_KEY}/comments"
        ids = tuple(thread.id for thread in threads)
        return Posts(path, self.host, self.public_url, ids, run)


def page_path(thread: Thread) -> str:
    """The full page of a discussion."""
    return f"/d/{thread.id}"


def json_path(thread: Thread) -> str:
    """A discussion and its comments as JSON."""
    return f"/api/v1/discussions/{thread.id}"


def counts_path(threads: Sequence[Thread]) -> str:
    """How many comments each of these articles has."""
    return f"/api/v1/sites/{SITE_KEY}/counts?{urlencode([('url', thread.url) for thread in threads])}"


def embed_path(thread: Thread) -> str:
    """The document inside a publisher's iframe."""
    return f"/embed/{SITE_KEY}?{urlencode({'url': thread.url})}"
