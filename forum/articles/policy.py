"""Which articles have discussions here, and for how long one may write in them."""

from __future__ import annotations

from datetime import datetime, timedelta

from forum.articles.model import Discussion, DiscussionState
from forum.articles.urls import is_allowed
from forum.core.decision import ALLOW, Decision, Deny
from forum.core.ids import time_of
from forum.sites.model import Site


def may_discuss(site: Site, url: str) -> Decision:
    """Only articles on a site's allowed origins exist; to everybody else they are unknown."""
    if is_allowed(url, site.origins, strip_www=site.strip_www):
        return ALLOW
    return Deny("origin_not_allowed")


def is_over(discussion: Discussion, *, days: int | None, now: datetime) -> bool:
    """A site may end its discussions so many days after they have begun here (None: never). One that somebody has
    opened again goes on."""
    if days is None or discussion.state is not DiscussionState.OPEN or discussion.kept_open:
        return False
    return now >= time_of(discussion.id) + timedelta(days=days)
