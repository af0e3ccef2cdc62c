"""A discussion for search engines: schema.org `DiscussionForumPosting`, the same words as on the page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from markupsafe import Markup

from forum.articles.views import DiscussionView
from forum.markup import html
from forum.web.rendering import iso

# Of a page with more comments, the first this many are described.
MOST_COMMENTS = 50


def json_ld(head: DiscussionView, comments: Sequence[bytes], since: datetime) -> Markup | None:
    """The script element's content for comments as `cards.linked_of` describes them; None when there are none.

    `since` stands in for the day the article was published, where nobody has said it.
    """
    if head.permalink is None or not comments:
        return None
    author = {"@type": "Organization", "name": head.site_name}
    if head.author:
        author = {"@type": "Person", "name": head.author}
    posting: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "DiscussionForumPosting",
        "url": head.permalink,
        "headline": head.title or head.url,
        "text": head.prompt or head.title or head.url,
        "datePublished": iso(head.published_at or since),
        "author": author,
        "isPartOf": {"@type": "WebPage", "url": head.url},
        "interactionStatistic": {
            "@type": "InteractionCounter",
            "interactionType": "https://schema.org/CommentAction",
            "userInteractionCount": head.comment_count,
        },
        "comment": [orjson.Fragment(comment) for comment in comments],
    }
    if head.image:
        posting["image"] = head.image
    return html.json_script(posting)
