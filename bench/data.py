"""Databases to measure on, filled directly: the product's own tables and Markdown, no server in between.

A filling is described by shapes: so many discussions, each with so many roots of so many comments. Bodies
come from a pool of sixty-word texts rendered once; ids and times run up together, as those of real comments
do.
"""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.words import comment_texts
from forum.accounts.tables import guest
from forum.articles.tables import article, discussion
from forum.comments.tables import comment
from forum.core.ids import EPOCH, SEQUENCE_BITS
from forum.db import migrate
from forum.markup import render
from forum.sites.tables import site

SITE_KEY = "bench"
SITE_ID = 1
ORIGIN = "https://news.example"
GUESTS = 500
BETWEEN = timedelta(seconds=20)  # from one comment to the next; a million of them fit into eight months

SITE_COLUMNS = "id key name language origins guests hold strip_www secret_hash created_at"
GUEST_COLUMNS = "site_id id token_hash created_at"
ARTICLE_COLUMNS = "site_id id url_key url title prompt author published_at locked verified_at created_at"
DISCUSSION_COLUMNS = "site_id id state comment_count revision last_comment_at"
COMMENT_COLUMNS = (
    "site_id id discussion_id parent_id root_id depth root_seq next_seq author_id author_kind author_name "
    "source html text status revision reply_count subtree_count created_at"
)

Values = tuple[Any, ...]
Convert = Callable[[datetime], Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """`discussions` discussions of `roots` top-level comments, each starting `branch` comments (itself
    included).
    """

    discussions: int
    roots: int
    branch: int

    @property
    def comments(self) -> int:
        """How many comments each of the discussions has."""
        return self.roots * self.branch


@dataclass(frozen=True, slots=True)
class Thread:
    """A discussion in a filled database."""

    id: int
    url: str
    comments: int


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled database: its address and, for each shape asked for, the discussions of that shape."""

    database_url: str
    threads: tuple[tuple[Thread, ...], ...]

    @property
    def comments(self) -> int:
        """How many comments are in it."""
        return sum(thread.comments for group in self.threads for thread in group)


class _Maker:
    """Makes the rows of one filling, table by table; `convert` turns moments into what the driver takes."""

    def __init__(self, shapes: Sequence[Shape], convert: Convert) -> None:
        self.shapes = shapes
        self.convert = convert
        self.comments = sum(shape.discussions * shape.comments for shape in shapes)
        self.start = datetime.now(UTC) - timedelta(days=1) - BETWEEN * self.comments
        self.started = convert(self.start)
        self.bodies = [(text, rendered.html, rendered.text) for text, rendered in _rendered()]
        self.threads: list[list[Thread]] = [[] for _ in shapes]

    def id_at(self, moment: datetime, number: int) -> int:
        """An id as the application would have made it at that moment."""
        return (moment - EPOCH) // timedelta(milliseconds=1) << SEQUENCE_BITS | number

    def sites(self) -> Iterator[Values]:
        """The only site."""
        yield (SITE_ID, SITE_KEY, "Benchmark", "en", ORIGIN, True, False, False, "0" * 64, self.started)

    def guests(self) -> Iterator[Values]:
        """People who wrote the comments."""
        for number in range(GUESTS):
            yield (SITE_ID, number + 1, f"{number:064x}", self.started)

    def plan(self) -> Iterator[tuple[int, Shape, int, datetime]]:
        """Every discussion: the index of its shape, the shape, its id and the time of its first comment."""
        moment = self.start
        for index, shape in enumerate(self.shapes):
            for number in range(shape.discussions):
                yield index, shape, self.id_at(moment, number), moment
                moment += BETWEEN * shape.comments

    def articles(self) -> Iterator[Values]:
        """An article for every discussion; remembers the threads."""
        for index, shape, id_, moment in self.plan():
            url = f"{ORIGIN}/articles/{id_}"
            self.threads[index].append(Thread(id_, url, shape.comments))
            at = self.convert(moment)
            title, prompt = f"What the finale leaves open, part {id_ % 1000}", "Where will the story go?"
            yield (SITE_ID, id_, url, url, title, prompt, "A. Writer", at, "", at, at)

    def discussions(self) -> Iterator[Values]:
        """The discussions with their counters."""
        for _, shape, id_, moment in self.plan():
            last = self.convert(moment + BETWEEN * (shape.comments - 1))
            yield (SITE_ID, id_, "open", shape.comments, 1, last)

    def all_comments(self) -> Iterator[Values]:
        """Every comment, in the order they would have arrived."""
        bodies = itertools.cycle(self.bodies)
        people = itertools.cycle(range(1, GUESTS + 1))
        for _, shape, id_, began in self.plan():
            for root in range(shape.roots):
                moment = began + BETWEEN * (root * shape.branch)
                yield from self._branch(id_, shape.branch, moment, bodies, people)

    def _branch(
        self,
        discussion_id: int,
        size: int,
        moment: datetime,
        bodies: Iterator[Values],
        people: Iterator[int],
    ) -> Iterator[Values]:
        ids = [self.id_at(moment + BETWEEN * number, number) for number in range(size)]
        parents = [_parent(number) for number in range(size)]
        depths = [0] * size
        for number in range(1, size):
            depths[number] = depths[parents[number]] + 1
        for number, id_ in enumerate(ids):
            source, html, plain = next(bodies)
            person = next(people)
            replies = parents[1:].count(number)
            root = number == 0
            yield (
                *(SITE_ID, id_, discussion_id, None if root else ids[parents[number]], ids[0], depths[number]),
                *(number, size if root else 1, person, "guest", f"Fan {person}", source, html, plain),
                *("published", 1, replies, size - 1 if root else 0),
                self.convert(moment + BETWEEN * number),
            )


def _parent(number: int) -> int:
    """Whom the n-th comment of a branch answers: chains of three, then the root again."""
    return 0 if number % 3 == 1 else number - 1


def _rendered() -> Iterator[tuple[str, Any]]:
    for text in comment_texts():
        yield text, render(text)


def _tables(maker: _Maker) -> list[tuple[str, list[str], Iterable[Values]]]:
    return [
        (site.name, SITE_COLUMNS.split(), maker.sites()),
        (guest.name, GUEST_COLUMNS.split(), maker.guests()),
        (article.name, ARTICLE_COLUMNS.split(), maker.articles()),
        (discussion.name, DISCUSSION_COLUMNS.split(), maker.discussions()),
        (comment.name, COMMENT_COLUMNS.split(), maker.all_comments()),
    ]


def fill_sqlite(path: Path, shapes: Sequence[Shape]) -> Filled:
    """Make and fill a SQLite file. Nothing is durable until the end: this is not what is measured."""
    url = f"sqlite:///{path}"
    migrate.upgrade(url)
    maker = _Maker(shapes, lambda moment: moment.replace(tzinfo=None).isoformat(" ", "microseconds"))
    link = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-262144"):
            link.execute(f"PRAGMA {pragma}").fetchall()
        link.execute("BEGIN")
        for table, columns, rows in _tables(maker):
            marks = ", ".join("?" * len(columns))
            link.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
        link.execute("COMMIT")
        link.execute("PRAGMA journal_mode=WAL").fetchall()
    finally:
        link.close()
    return Filled(url, tuple(tuple(group) for group in maker.threads))


def fill_postgres(url: str, shapes: Sequence[Shape]) -> Filled:
    """Fill an empty PostgreSQL database by COPY."""
    migrate.upgrade(url)
    maker = _Maker(shapes, lambda moment: moment)
    asyncio.run(_copy(url, maker))
    return Filled(url, tuple(tuple(group) for group in maker.threads))


async def _copy(url: str, maker: _Maker) -> None:
    import asyncpg

    link = await asyncpg.connect(url)
    try:
        for table, columns, rows in _tables(maker):
            await link.copy_records_to_table(table, records=list(rows), columns=columns)
        await link.execute("ANALYZE")
    finally:
        await link.close()


def stored_ids(database_url: str) -> set[int]:
    """The ids of all comments that are stored there."""
    if database_url.startswith("sqlite:"):
        return _stored_sqlite(database_url)
    return _stored_postgres(database_url)


def _stored_sqlite(url: str) -> set[int]:
    link = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        return {row[0] for row in link.execute("SELECT id FROM comment")}
    finally:
        link.close()


def _stored_postgres(url: str) -> set[int]:
    async def ask() -> set[int]:
        import asyncpg

        link = await asyncpg.connect(url)
        try:
            return {row[0] for row in await link.fetch("SELECT id FROM comment")}
        finally:
            await link.close()

    return asyncio.run(ask())
