"""What one account has written in public, on every site: for the page about a person.

Each comment is drawn as an uncleared reader sees it, by the same hands as in its discussion; but that its covers say
all that they need, because here no discussion has been named before them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from forum.articles.model import Discussion
from forum.articles.present import discussion_view
from forum.articles.queries import list_discussions
from forum.comments.bodies import Bodies
from forum.comments.cards import Cards, article_key, draw_article
from forum.comments.links import PageLinks
from forum.comments.model import Comment
from forum.comments.queries_author import list_public_of
from forum.comments.service_read import read_cursor
from forum.comments.veils import veil_of
from forum.core.paging import Cursor
from forum.db import Tx
from forum.markup import html
from forum.markup.html import Drawn
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.web.languages import Language

ORDER: Final = "profile"
PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class History:
    """A page of what somebody wrote, the latest first, with the discussions it stands in by id."""

    comments: Sequence[Comment] = ()
    discussions: Mapping[int, Discussion] = field(default_factory=dict)
    next_cursor: Cursor | None = None


def history_edge(text: str | None) -> int | None:
    """The comment that a page comes after; raises Invalid for a text that is no cursor of such pages."""
    return read_cursor(text, ORDER)


async def read_history(tx: Tx, account_id: int, *, edge: int | None) -> History:
    """A page, in two statements."""
    found = await list_public_of(tx, account_id, edge=edge, most=PAGE + 1)
    shown = found[:PAGE]
    if not shown:
        return History()
    discussions = await list_discussions(tx, sorted({comment.discussion_id for comment in shown}))
    cursor = Cursor(ORDER, shown[-1].id) if len(found) > PAGE else None
    return History(shown, {one.id: one for one in discussions}, cursor)


async def draw_history(
    rt: Runtime, history: History, sites: Mapping[int, Site], language: Language, lang: str | None
) -> Drawn:
    """The list items of these comments, each below the discussion it stands in. `lang` is the language that was asked
    for, kept on their links."""
    heads: dict[int, Drawn] = {}
    articles: dict[int, Drawn] = {}
    for discussion in history.discussions.values():
        site = sites.get(discussion.site_id)
        if site is None:
            continue
        veil = replace(await veil_of(rt, discussion), apart=True)
        bodies = Bodies(rt, language, False, veil)
        links = PageLinks(discussion.id, kept=(("lang", lang),) if lang else ())
        cards = Cards(rt, site.id, veil)
        here = [comment for comment in history.comments if comment.discussion_id == discussion.id]
        pieces = cards.want(here, article_key(bodies, links), draw_article(bodies, links))
        cards.draw(here)
        articles |= pieces
        head = rt.renderer.macro("person", "where", language)
        heads[discussion.id] = html.drawn(head(discussion_view(discussion, site, ""), links.page()))
    return _listed(history, heads, articles)


def _listed(history: History, heads: Mapping[int, Drawn], articles: Mapping[int, Drawn]) -> Drawn:
    builder = html.ThreadBuilder()
    for comment in history.comments:
        if comment.id in articles:
            builder.open_item(comment.id, None, 0)
            builder.add(heads[comment.discussion_id])
            builder.add(articles[comment.id])
            builder.close_item()
    return builder.finish()
