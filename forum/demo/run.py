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

from forum.accounts.signin.service_first import first_link
from forum.app import create_app, create_runtime
from forum.demo import content
from forum.demo.evening import load_evening
from forum.demo.moderation import play
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
# Where mail goes, in the demo's folder.
MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything of the demo is, as URLs."""

    aftershow: str
    newsroom: str
    articles: tuple[str, ...]
    # By which somebody becomes the owner of this Aftershow; None when it has one.
    first_owner: str | None

    @property
    def plain(self) -> str:
        """The first article, embedded by an `<iframe>` and no script."""
        return self.articles[0].replace("/articles/", "/plain/")

    @property
    def console(self) -> str:
        """Where moderators find what waits for them; `first_owner` makes one of whoever opens it."""
        return f"{self.aftershow}/mod"

    @property
    def table(self) -> str:
        """The article below which there is something to moderate."""
        return next(url for url in self.articles if url.endswith(f"/{load_evening().slug}"))

    @property
    def mailbox(self) -> str:
        """The mail that Aftershow would have sent."""
        return f"{self.newsroom}/mailbox"


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
            start = asyncio.run(_seed(settings, newsroom_url))
            _serve(settings, (ours, theirs), newsroom_url, start, announce)


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
            "AFTERSHOW_MAIL_URL": f"file:{folder / MAIL}",
            "AFTERSHOW_LOG_LEVEL": "warning",
            "AFTERSHOW_DRAIN_SECONDS": str(DRAIN_SECONDS),
        }
    )


@dataclass(frozen=True, slots=True)
class _Start:
    """What seeding found out: how far the articles are moved in time, and the link that makes somebody the owner."""

    later_by: timedelta
    first_owner: str | None


async def _seed(settings: Settings, newsroom_url: str) -> _Start:
    rt = create_runtime(settings)
    await rt.db.connect()
    try:
        later_by = await seed(rt, newsroom_url=newsroom_url)
        await play(rt, newsroom_url=newsroom_url)
        return _Start(later_by, await first_link(rt))
    finally:
        await rt.egress.aclose()
        await rt.db.close()


def _serve(
    settings: Settings,
    sockets: tuple[socket.socket, socket.socket],
    newsroom_url: str,
    start: _Start,
    announce: Callable[[Addresses], None],
) -> None:
    articles = content.load(own_url=newsroom_url).articles
    paths = tuple(f"{newsroom_url}{item.path}" for item in articles)
    where = Addresses(settings.public_url, newsroom_url, paths, start.first_owner)
    waiting = [settings.public_url, newsroom_url]

    def started() -> None:
        waiting.pop()
        if not waiting:
            announce(where)

    mail = settings.sqlite_path.parent / MAIL
    later_by = start.later_by
    newsroom = create_newsroom(aftershow_url=settings.public_url, own_url=newsroom_url, later_by=later_by, mail=mail)
    apps = (create_app(settings), newsroom)
    servers = [Server(configuration(app, drain_seconds=DRAIN_SECONDS), started) for app in apps]
    run_servers(list(zip(servers, sockets, strict=True)))
