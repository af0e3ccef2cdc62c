"""The head of a discussion as templates, JSON and every later outlet receive it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DiscussionView:
    """The head of a discussion. `site` is the site's key.

    `id` is None while nobody has announced the article or commented on it.
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
