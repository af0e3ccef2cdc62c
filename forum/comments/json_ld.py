"""A discussion for search engines: schema.org `DiscussionForumPosting`, the same words as on the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from forum.articles.views import DiscussionView
from forum.comments.model import Comment, Status
from forum.comments.present import comment_view
from forum.markup import html
from forum.runtime import Runtime
from forum.web.rendering import iso

MOST_COMMENTS = 50


def json_ld(rt: Runtime, head: DiscussionView, comments: Sequence[Comment]) -> Markup | None:
    """The script element's content for the first comments of a page; None while there is nothing to say."""
    shown = [c for c in comments if c.status is Status.PUBLISHED][:MOST_COMMENTS]
    if head.permalink is None or not shown:
        return None
    posting: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "DiscussionForumPosting",
        "url": head.permalink,
        "headline": head.title or head.url,
        "text": head.prompt or head.title or head.url,
        "datePublished": iso(head.published_at or min(c.created_at for c in shown)),
        "author": {"@type": "Person", "name": head.author}
        if head.author
        else {"@type": "Organization", "name": head.site},
        "isPartOf": {"@type": "WebPage", "url": head.url},
        "interactionStatistic": {
            "@type": "InteractionCounter",
            "interactionType": "https://schema.org/CommentAction",
            "userInteractionCount": head.comment_count,
        },
        "comment": [_kept(rt, comment) for comment in shown],
    }
    if head.image:
        posting["image"] = head.image
    return html.json_script(posting)


def _kept(rt: Runtime, comment: Comment) -> dict[str, Any]:
    return rt.pieces.get(("json-ld", comment.id, comment.revision), lambda: _comment(rt, comment))


def _comment(rt: Runtime, comment: Comment) -> dict[str, Any]:
    view = comment_view(comment, rt.settings.public_url)
    said: dict[str, Any] = {
        "@type": "Comment",
        "url": view.permalink,
        "text": view.text,
        "datePublished": iso(view.created_at),
        "author": {"@type": "Person", "name": view.author.name},
    }
    if view.edited_at is not None:
        said["dateModified"] = iso(view.edited_at)
    return said
