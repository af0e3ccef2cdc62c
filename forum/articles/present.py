"""Discussions as everybody sees them."""

from __future__ import annotations

from forum.articles.model import ArticleRef, Discussion, DiscussionState
from forum.articles.views import DiscussionView, WarningView
from forum.sites.model import Site


def discussion_view(
    discussion: Discussion, site: Site, public_url: str, *, warning: WarningView | None = None
) -> DiscussionView:
    """The head of a discussion; what its scope is called is said by whoever knows the works."""
    article, warned = discussion.article, discussion.warned
    warning = warning or WarningView(gate=warned.gate.value, works=warned.works)
    return DiscussionView(
        id=str(discussion.id),
        site=site.key,
        site_name=site.name,
        url=article.url,
        title=article.title,
        prompt=article.prompt,
        state=discussion.state.value,
        comment_count=discussion.comment_count,
        permalink=f"{public_url}/d/{discussion.id}",
        author=article.author,
        image=article.image,
        published_at=article.published_at,
        scope=warning.scope,
        label=warning.label,
        gate=warning.gate,
        works=warning.works,
        pinned=discussion.steered.pinned_at is not None,
        slow_seconds=discussion.steered.slow_seconds,
        watched=discussion.steered.premoderated,
    )


def unknown_view(ref: ArticleRef, site: Site) -> DiscussionView:
    """The head of a discussion that nobody has begun: an article on one of the site's origins."""
    return DiscussionView(
        id=None,
        site=site.key,
        site_name=site.name,
        url=ref.url,
        title="",
        prompt=None,
        state=DiscussionState.OPEN.value,
        comment_count=0,
        permalink=None,
    )
