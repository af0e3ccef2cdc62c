"""What the demo shows: five invented articles and the comments below them, read from `data/*.toml`.

`data/articles.toml` holds the articles; every other such file in `data/` is the thread under one of them. Everything is
fictional, but for some works in `data/catalogue.json`, of which it holds facts: names, numbers and dates. The loader
refuses a broken file with a `ValueError` that names the article and the comment.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

DATA_DIR: Final = Path(__file__).resolve().parent / "data"
CATALOGUE: Final = DATA_DIR / "catalogue.json"
SITE_KEY: Final = "newsroom"
SITE_NAME: Final = "The Lantern Reel"
# Those who have accounts; the others write as guests.
MEMBERS: Final = frozenset(
    {"Margin Notes", "weathervane9", "inkwell_ida", "LanternMoth", "BinocularBea", "Fräulein Nebel"}
)
DEFAULT_URL: Final = "http://localhost:8001"
# Stands for the newsroom's own address in the text of a comment: its port is only known when the demo starts.
NEWSROOM_MARK: Final = "{newsroom}"
# Stands for "c" and the id of the comment with this key, behind the name in the first line of a quote of it.
QUOTE_MARK: Final = re.compile(r"(?<=#)\{([a-z0-9-]+)\}")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a paragraph, in italics or not."""

    text: str
    italic: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A part of an article: `kind` is "p", "h2", "quote" (said `by` somebody) or "warning"."""

    kind: str
    text: str
    by: str | None = None

    @property
    def runs(self) -> tuple[Run, ...]:
        """The text cut at its *stars*: every second piece is in italics."""
        pieces = self.text.split("*")
        return tuple(Run(text=piece, italic=n % 2 == 1) for n, piece in enumerate(pieces) if piece)

    @property
    def plain(self) -> str:
        """The text without its stars."""
        return self.text.replace("*", "")


@dataclass(frozen=True, slots=True)
class SeedComment:
    """A comment to write into the demo. `body` is Markdown; it is later than the comments that it answers and quotes.

    `scope` is what it gives away as a whole (`work:unit`): None for what the comment above may, () for nothing.
    """

    key: str
    parent_key: str | None
    author: str
    minutes_after_publication: int
    body: str
    held: bool = False
    deleted: bool = False
    edited: bool = False
    scope: tuple[str, ...] | None = None

    @property
    def quoted_keys(self) -> tuple[str, ...]:
        """The comments it quotes."""
        return tuple(QUOTE_MARK.findall(self.body))


@dataclass(frozen=True, slots=True)
class Article:
    """An article and the comments below it, oldest first, so that a parent always stands before its replies.

    `assumes`, `works` and `gate` are what its page says in the tag of the embed: what readers of the discussion are
    expected to know, what it is about, and what becomes of those who have not said how far they are.
    """

    slug: str
    section: str
    title: str
    standfirst: str
    author: str
    published_at: datetime
    image: str
    image_alt: str
    question: str
    blocks: tuple[Block, ...]
    comments: tuple[SeedComment, ...]
    assumes: str
    works: tuple[str, ...]
    gate: str

    @property
    def path(self) -> str:
        """Where the article is on the newsroom, from the root."""
        return f"/articles/{self.slug}"

    @property
    def date(self) -> str:
        """The day of publication in English words, as in "4 October 2025"."""
        return f"{self.published_at.day} {self.published_at:%B %Y}"

    def posted_at(self, comment: SeedComment) -> datetime:
        """When `comment` was written, an aware time."""
        return self.published_at + timedelta(minutes=comment.minutes_after_publication)


@dataclass(frozen=True, slots=True)
class DemoContent:
    """Everything the demo shows, newest article first."""

    articles: tuple[Article, ...]

    def find_article(self, slug: str) -> Article | None:
        """Return the article with this slug, or None."""
        return next((article for article in self.articles if article.slug == slug), None)


def load(*, own_url: str = DEFAULT_URL, later_by: timedelta = timedelta()) -> DemoContent:
    """Read the demo's articles and threads; links between them lead to the newsroom at `own_url`.

    `later_by` moves all of it in time, so that a demonstration looks as if it happened lately.
    Raises `ValueError` when a thread answers or quotes what is not there or not earlier, or uses a key twice.
    """
    threads = {str(table["article"]): table["comment"] for table in _read_threads()}
    rows = _read(DATA_DIR / "articles.toml")["article"]
    unknown = sorted(threads.keys() - {row["slug"] for row in rows})
    if unknown:
        raise ValueError(f"threads without an article: {', '.join(unknown)}")
    for row in rows:
        row["published_at"] += later_by
    articles = [_article(row, threads.get(row["slug"], []), own_url=own_url.rstrip("/")) for row in rows]
    return DemoContent(articles=tuple(sorted(articles, key=lambda article: article.published_at, reverse=True)))


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _read_threads() -> list[dict[str, Any]]:
    return [_read(path) for path in sorted(DATA_DIR.glob("*.toml")) if path.name != "articles.toml"]


def _article(row: Mapping[str, Any], thread: Iterable[Mapping[str, Any]], *, own_url: str) -> Article:
    comments = [_comment(item, own_url=own_url) for item in thread]
    _check_thread(row["slug"], comments)
    return Article(
        slug=row["slug"],
        section=row["section"],
        title=row["title"],
        standfirst=row["standfirst"],
        author=row["author"],
        published_at=row["published_at"],
        image=row["image"],
        image_alt=row["image_alt"],
        question=row["question"],
        blocks=tuple(Block(**block) for block in row["block"]),
        comments=tuple(sorted(comments, key=lambda comment: comment.minutes_after_publication)),
        assumes=row.get("assumes", ""),
        works=tuple(row.get("works", ())),
        gate=row.get("gate", "ask"),
    )


def _comment(item: Mapping[str, Any], *, own_url: str) -> SeedComment:
    return SeedComment(
        key=item["key"],
        parent_key=item.get("to"),
        author=item["by"],
        minutes_after_publication=item["at"],
        body=item["text"].strip().replace(NEWSROOM_MARK, own_url),
        held=item.get("held", False),
        deleted=item.get("deleted", False),
        edited=item.get("edited", False),
        scope=tuple(item["scope"]) if "scope" in item else None,
    )


def _check_thread(slug: str, comments: Iterable[SeedComment]) -> None:
    """Refuse a thread in which something has no earlier parent or source: sorted by time, it could not be written."""
    seen: dict[str, SeedComment] = {}
    for comment in comments:
        if comment.key in seen:
            raise ValueError(f"{slug}: the key {comment.key!r} is used twice")
        for key in (comment.parent_key, *comment.quoted_keys):
            earlier = None if key is None else seen.get(key)
            if key and (not earlier or earlier.minutes_after_publication >= comment.minutes_after_publication):
                raise ValueError(f"{slug}: {comment.key!r} answers or quotes {key!r}, which is not earlier")
        seen[comment.key] = comment
