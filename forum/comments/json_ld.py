"""A discussion for search engines: schema.org `DiscussionForumPosting`, the same words as on the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from markupsafe import Markup

from forum.articles.model import Warned
from forum.articles.views import DiscussionView
from forum.markup import html
from forum.runtime import Runtime
from forum.spoilers.gazetteer import Gazetteer, Named
from forum.spoilers.model import Kind, Point, Relation, Scope, Work
from forum.spoilers.service import gazetteer, works_of
from forum.web.rendering import iso

# Of a page with more comments, the first this many are described.
MOST_COMMENTS = 50
TYPES: Final[Mapping[Kind, str]] = {
    Kind.TV: "TVSeries",
    Kind.FILM: "Movie",
    Kind.COMIC: "ComicSeries",
    Kind.BOOK: "Book",
    Kind.GAME: "VideoGame",
    Kind.PODCAST: "PodcastSeries",
    Kind.OTHER: "CreativeWork",
}
_EPISODE: Final = re.compile(r"S([0-9]{1,9})E([0-9]{1,9})")
_ISSUE: Final = re.compile(r"#([0-9]{1,9})")


def json_ld(
    head: DiscussionView, comments: Sequence[bytes], since: datetime, subjects: Mapping[str, Any] | None = None
) -> Markup | None:
    """The script element's content for comments as `cards.linked_of` describes them; None when there are none.

    `since` stands in for the day the article was published, where nobody has said it. `subjects` is what the
    discussion is about, as `subjects_of` says it.
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
    return html.json_script({**posting, **(subjects or {})})


async def subjects_of(rt: Runtime, warned: Warned, scope: Scope) -> dict[str, Any]:
    """What a discussion with this stored scope is about; empty when nobody has named a work that is known."""
    points = scope.in_order
    ids = tuple(dict.fromkeys((*warned.works, *(point.work for point in points if point.work is not None))))
    if not ids:
        return {}
    found = await works_of(rt, ids)
    return describe([found[key] for key in ids if key in found], points, await gazetteer(rt))


def describe(works: Sequence[Work], points: Iterable[Point], names: Gazetteer) -> dict[str, Any]:
    """`about` the works, in their order, and `mentions` of the episodes and issues the points lead up to.

    A part is said by its number alone: its title may be a spoiler.
    """
    if not works:
        return {}
    by_id = {work.id: work for work in works}
    parts = (_part(by_id[point.work], point) for point in points if point.work in by_id)
    mentions = [part for part in parts if part is not None]
    about = [_work(work, names) for work in works]
    return {"about": about, "mentions": mentions} if mentions else {"about": about}


def _work(work: Work, names: Gazetteer) -> dict[str, Any]:
    others = dict.fromkeys(other for relation, other in work.relations if relation is Relation.BASED_ON)
    based_on = [_named(names.works[other]) for other in others if names.has(other)]
    if not based_on:
        return _named(work)
    return {**_named(work), "isBasedOn": based_on[0] if len(based_on) == 1 else based_on}


def _named(work: Work | Named) -> dict[str, Any]:
    return {"@type": TYPES[work.kind], "name": work.title}


def _part(work: Work, point: Point) -> dict[str, Any] | None:
    """The unit of a point, where search engines have a word for it."""
    if point.unit is None:
        return None
    if work.kind is Kind.TV and (episode := _EPISODE.fullmatch(point.unit.code)):
        season = {"@type": "TVSeason", "seasonNumber": int(episode[1])}
        number = {"@type": "TVEpisode", "episodeNumber": int(episode[2])}
        return {**number, "partOfSeason": season, "partOfSeries": _named(work)}
    if work.kind is Kind.COMIC and (issue := _ISSUE.fullmatch(point.unit.code)):
        return {"@type": "ComicIssue", "issueNumber": int(issue[1]), "isPartOf": _named(work)}
    return None
