"""The head of a discussion as templates, JSON and every later outlet receive it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class WarningView:
    """What a discussion gives away as a whole: the points of its `scope` as tokens, the same as a `label` for people,
    its gate, and the ids of the works it is about."""

    scope: tuple[str, ...] = ()
    label: str = ""
    gate: str = "ask"
    works: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DiscussionView:
    """The head of a discussion. `site` is the site's key.

    `id` is None while nobody has announced the article or commented on it. `scope`, `label`, `gate` and `works` are a
    WarningView's. The rest is set by moderators: whether it is `pinned` to the top of lists, `slow_seconds` between two
    comments of one person (0: as fast as they like), and whether every comment is `watched`: held until one has looked.
    """

    id: str | None
    site: str
    site_name: str
    url: str
    title: str
    prompt: str | None
    state: str
    comment_count: int
    permalink: str | None
    author: str | None = None
    image: str | None = None
    published_at: datetime | None = None
    scope: tuple[str, ...] = ()
    label: str = ""
    gate: str = "ask"
    works: tuple[str, ...] = ()
    pinned: bool = False
    slow_seconds: int = 0
    watched: bool = False
