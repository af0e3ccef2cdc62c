"""The demo: Aftershow and a newsroom that embeds it, on two origins of this machine, in one process."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from forum.app import create_app, create_runtime
from forum.demo import content
from forum.demo.newsroom import create_newsroom
from forum.demo.seed import seed
from forum.serving.errors import CannotStart
from forum.serving.http import Server, configuration, listen, run_servers
from forum.serving.lock import only_server
from forum.serving.logs import configure_logs
from forum.serving.schema import require_schema
from forum.settings import Settings, load_settings

DRAIN_SECONDS = 3
# Where the demo listens, and the name under which browsers on this machine know it.
ADDRESS, NAME = "127.0.0.1", "localhost"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything of the demo is, as URLs."""

    aftershow: str
    newsroom: str
    articles: tuple[str, ...]

    @property
    def plain(self) -> str:
        """The first article, embedded by an `<iframe>` and no script."""
        return self.articles[0].replace("/articles/", "/plain/")


def run_demo(*, port: int, newsroom_port: int, directory: Path | None, announce: Callable[[Addresses], None]) -> None:
    """Run the demo until SIGTERM or SIGINT; calls `announce` once everything answers.

    A port that is taken is replaced by a free one. Without a directory everything is forgotten at the end; with one,
    the next run goes on where this one ended. Raises CannotStart, SettingsError or Unavailable.
    """
    with _folder(directory) as folder, _listen(port) as ours, _listen(newsroom_port) as theirs:
        newsroom_url = _url(theirs)
        settings = _settings(folder, _url(ours))
        configure_logs(settings)
        with only_server(settings.sqlite_path):
            require_schema(settings, lambda _: None)
            later_by = asyncio.run(_seed(settings, newsroom_url))
            _serve(settings, (ours, theirs), newsroom_url, later_by, announce)


@contextmanager
def _folder(directory: Path | None) -> Iterator[Path]:
    if directory is None:
        with tempfile.TemporaryDirectory(prefix="aftershow-demo-") as made:
            yield Path(made)
        return
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"{directory} cannot be used: {(error.strerror or str(error)).lower()}.") from error
    yield directory.resolve()


@contextmanager
def _listen(port: int) -> Iterator[socket.socket]:
    try:
        sock = listen(ADDRESS, port)
    except CannotStart:
        sock = listen(ADDRESS, 0)
    with sock:
        yield sock


def _url(sock: socket.socket) -> str:
    return f"http://{NAME}:{sock.getsockname()[1]}"


def _settings(folder: Path, public_url: str) -> Settings:
    """The demo's own settings: nothing of the environment's, so that it looks the same everywhere."""
    return load_settings(
        {
            "AFTERSHOW_DATABASE_URL": f"sqlite:///{folder}/demo.db",
            "AFTERSHOW_PUBLIC_URL": public_url,
            "AFTERSHOW_EGRESS_LOCAL": "on",
            "AFTERSHOW_LOG_LEVEL": "warning",
            "AFTERSHOW_DRAIN_SECONDS": str(DRAIN_SECONDS),
        }
    )


async def _seed(settings: Settings, newsroom_url: str) -> timedelta:
    rt = create_runtime(settings)
    await rt.db.connect()
    try:
        return await seed(rt, newsroom_url=newsroom_url)
    finally:
        await rt.egress.aclose()
        await rt.db.close()


def _serve(
    settings: Settings,
    sockets: tuple[socket.socket, socket.socket],
    newsroom_url: str,
    later_by: timedelta,
    announce: Callable[[Addresses], None],
) -> None:
    articles = content.load(own_url=newsroom_url).articles
    where = Addresses(settings.public_url, newsroom_url, tuple(f"{newsroom_url}{item.path}" for item in articles))
    waiting = [settings.public_url, newsroom_url]

    def started() -> None:
        waiting.pop()
        if not waiting:
            announce(where)

    newsroom = create_newsroom(aftershow_url=settings.public_url, own_url=newsroom_url, later_by=later_by)
    apps = (create_app(settings), newsroom)
    servers = [Server(configuration(app, drain_seconds=DRAIN_SECONDS), started) for app in apps]
    run_servers(list(zip(servers, sockets, strict=True)))
