"""Discussions as their moderators see them: what is set, and what was set before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forum.articles.model import Discussion
from forum.comments.review.model import Verdict
from forum.moderation.discussions.queries_discussion import Told
from forum.moderation.discussions.service_discussion import Shown
from forum.moderation.discussions.steering import THING, Thing, read_change
from forum.sites.model import Site


@dataclass(frozen=True, slots=True)
class SetView:
    """A line of a discussion's history: a verdict, by whom (`by_kind` "moderator" or "time"; `by` is a name or ""), how
    it `was` before and how it is `now` (a state, seconds, a title, a comment's id, yes or no). `undone_at` and
    `undone_by` where it was taken back; `can_undo` as long as nothing else was decided about the same thing."""

    id: str
    verdict: str
    by_kind: str
    by: str
    at: datetime
    was: Any
    now: Any
    words: str
    comment_id: str | None
    undone_at: datetime | None
    undone_by: str
    can_undo: bool


@dataclass(frozen=True, slots=True)
class SteeredView:
    """A discussion for its moderators. `state` is "open", "closed" or "archived"; `kept_open`: somebody has opened it
    again, so that time does not close it. `title_locked`: its article's page does not change the title. Between two
    comments of one person there must be `slow_seconds`; where it is `watched`, every comment waits for a moderator."""

    id: str
    site: str
    url: str
    permalink: str
    title: str
    title_locked: bool
    state: str
    kept_open: bool
    comment_count: int
    last_comment_at: datetime | None
    slow_seconds: int
    watched: bool
    pinned_at: datetime | None
    featured_id: str | None


@dataclass(frozen=True, slots=True)
class ShownView:
    """The same with its history, the latest first. `is_featured_shown` is False where everybody can't read the comment
    that was put on top any more."""

    discussion: SteeredView
    history: tuple[SetView, ...]
    is_featured_shown: bool


def steered_view(found: Discussion, site: Site, public_url: str) -> SteeredView:
    """What is set for a discussion."""
    article, steered = found.article, found.steered
    return SteeredView(
        id=str(found.id),
        site=site.key,
        url=article.url,
        permalink=f"{public_url}/d/{found.id}",
        title=article.title,
        title_locked="title" in article.locked,
        state=found.state.value,
        kept_open=found.kept_open,
        comment_count=found.comment_count,
        last_comment_at=found.last_comment_at,
        slow_seconds=steered.slow_seconds,
        watched=steered.premoderated,
        pinned_at=steered.pinned_at,
        featured_id=None if steered.featured_id is None else str(steered.featured_id),
    )


def shown_view(shown: Shown, site: Site, public_url: str) -> ShownView:
    """A discussion with its history."""
    view = steered_view(shown.discussion, site, public_url)
    return ShownView(view, history_views(shown.history), shown.featured is not None)


def history_views(history: Iterable[Told]) -> tuple[SetView, ...]:
    """The history of a discussion, the latest first. What can be undone is the last decision in force about a thing."""
    views: list[SetView] = []
    passed: set[Thing] = set()
    for told in history:
        thing = THING[Verdict(told.decision.verdict)]
        is_last = told.undone_at is None and thing not in passed
        if told.undone_at is None:
            passed.add(thing)
        views.append(_set_view(told, thing, can_undo=is_last))
    return tuple(views)


def _set_view(told: Told, thing: Thing, *, can_undo: bool) -> SetView:
    line = told.decision
    was, now = read_change(line)
    # Of a state and a title, what goes with it is nobody's business here.
    if thing in (Thing.STATE, Thing.TITLE):
        was, now = was[0], now[0]
    return SetView(
        id=str(line.id),
        verdict=line.verdict,
        by_kind=line.by_kind,
        by=told.by,
        at=line.created_at,
        was=was,
        now=now,
        words=line.words,
        comment_id=None if line.comment_id is None else str(line.comment_id),
        undone_at=told.undone_at,
        undone_by=told.undone_by,
        can_undo=can_undo,
    )
