"""The HTTP API to read: discussions, comments, replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.articles.model import tag_of, unknown_tag
from forum.articles.present import discussion_view, unknown_view
from forum.articles.service import get_discussion, locate
from forum.articles.views import DiscussionView
from forum.comments.cards import Cards, json_key, json_of
from forum.comments.model import PAGE_ROOTS, Sort
from forum.comments.present import comment_view
from forum.comments.service_read import (
    REPLIES_ORDER,
    Page,
    PageRequest,
    get_public_comment,
    read_cursor,
    read_discussion,
    read_thread,
)
from forum.comments.tree import Node, flatten
from forum.comments.veil import Veil
from forum.comments.veils import veil_of
from forum.comments.views import CommentView
from forum.errors import NotFound
from forum.runtime import Runtime
from forum.sites.model import TAG as SITES_TAG
from forum.sites.model import Site
from forum.sites.service import get_site, get_site_by_id
from forum.spoilers.model import CATALOGUE_TAG
from forum.spoilers.service_warned import warning_view
from forum.web.inputs import JSON, Query, path_id, read_query
from forum.web.operations import Operation, Success, json_bytes
from forum.web.pages import Finished, public_answer, public_data_headers


@dataclass(frozen=True, slots=True)
class DiscussionAnswer:
    """A page of a discussion: its head, comments in reading order (each before its replies), and what comes next.
    `featured` is the comment that moderators have put on top of the first page; it is among the others too."""

    discussion: DiscussionView
    comments: Sequence[CommentView]
    next_cursor: str | None
    featured: CommentView | None = None


@dataclass(frozen=True, slots=True)
class RepliesAnswer:
    """Replies of one comment in reading order, with those below them."""

    comments: Sequence[CommentView]
    next_cursor: str | None


class PageParams(Query):
    """Which page of a discussion."""

    sort: Annotated[Sort, Field(description="Order of the conversations.")] = Sort.NEWEST
    limit: Annotated[int, Field(ge=1, le=PAGE_ROOTS, description="Conversations on a page, at most.")] = PAGE_ROOTS
    cursor: Annotated[str | None, Field(max_length=40, description="`next_cursor` of the page before.")] = None

    def request(self) -> PageRequest:
        """The part of the discussion that was asked for."""
        return PageRequest(self.sort, after=read_cursor(self.cursor, self.sort.value), most=self.limit)


class ArticlePageParams(PageParams):
    """Which page of which article's discussion."""

    url: Annotated[str, Field(max_length=2_000, description="The article's address.")]
    identifier: Annotated[str | None, Field(max_length=200, description="The site's own name for the article.")] = None


class ReplyParams(Query):
    """Which part of one comment's replies."""

    cursor: Annotated[str | None, Field(max_length=40, description="`next_cursor` of the answer before.")] = None


async def _comments(
    rt: Runtime, site_id: int, nodes: Sequence[Node], veil: Veil, top: int | None = None
) -> tuple[Sequence[CommentView], CommentView | None]:
    """Comments in reading order, each already JSON: what is kept of them is put into the answer as it is. And the one
    with the id `top`, if everybody may read it."""
    outlines = flatten(nodes)
    cards = Cards(rt, site_id, veil)
    pieces = cards.want(outlines, json_key(veil), json_of)
    cards.want_whole(top)
    await cards.load()
    # What goes into the answer is the JSON of a CommentView, not the object.
    ready: list[Any] = [orjson.Fragment(pieces[outline.id]) for outline in outlines if outline.id in pieces]
    first = cards.public(top)
    return ready, None if first is None else comment_view(first, rt.settings.public_url, veil)


async def _answer(rt: Runtime, site: Site, page: Page) -> DiscussionAnswer:
    if page.discussion is None:
        raise NotFound()
    veil = await veil_of(rt, page.discussion)
    comments, top = await _comments(rt, site.id, page.nodes, veil, page.featured_id)
    cursor = str(page.next_cursor) if page.next_cursor else None
    warning = warning_view(veil.book, page.discussion.warned)
    head = discussion_view(page.discussion, site, rt.settings.public_url, warning=warning)
    return DiscussionAnswer(head, comments, cursor, top)


def _finished(rt: Runtime, value: object, *tags: str, keep: bool = True) -> Finished:
    headers = public_data_headers(https=rt.settings.secure_cookies, cors=True)
    return Finished(json_bytes(value), frozenset({*tags, SITES_TAG, CATALOGUE_TAG}), headers, JSON, keep=keep)


async def discussion_of_article(rt: Runtime, request: Request) -> Response:
    """GET /api/v1/sites/{site}/discussion."""
    params = read_query(request, ArticlePageParams)
    wanted = params.request()
    site = await get_site(rt, request.path_params["site"])
    ref = locate(site, params.url, params.identifier)
    keep = wanted.is_first or not rt.db.has_replica

    async def make() -> Finished:
        page = await read_discussion(rt, ref, wanted)
        if page.discussion is None:
            nothing = DiscussionAnswer(unknown_view(ref, site), (), None)
            return _finished(rt, nothing, unknown_tag(site.id))
        return _finished(rt, await _answer(rt, site, page), tag_of(page.discussion.id), keep=keep)

    return await public_answer(rt.cache, request, make)


async def discussion_by_id(rt: Runtime, request: Request) -> Response:
    """GET /api/v1/discussions/{id}."""
    discussion_id = path_id(request)
    wanted = read_query(request, PageParams).request()
    keep = wanted.is_first or not rt.db.has_replica

    async def make() -> Finished:
        page = await read_discussion(rt, discussion_id, wanted)
        if page.discussion is None:
            raise NotFound()
        site = await get_site_by_id(rt, page.discussion.site_id)
        return _finished(rt, await _answer(rt, site, page), tag_of(discussion_id), keep=keep)

    return await public_answer(rt.cache, request, make)


async def one_comment(rt: Runtime, request: Request) -> Response:
    """GET /api/v1/comments/{id}."""
    comment_id = path_id(request)
    read_query(request, Query)

    async def make() -> Finished:
        async with rt.db.read(fresh=True) as tx:
            comment = await get_public_comment(tx, comment_id)
            discussion = await get_discussion(tx, comment.discussion_id)
        view = comment_view(comment, rt.settings.public_url, await veil_of(rt, discussion))
        return _finished(rt, view, tag_of(comment.discussion_id))

    return await public_answer(rt.cache, request, make)


async def replies(rt: Runtime, request: Request) -> Response:
    """GET /api/v1/comments/{id}/replies."""
    comment_id = path_id(request)
    after = read_cursor(read_query(request, ReplyParams).cursor, REPLIES_ORDER) or 0

    async def make() -> Finished:
        page = await read_thread(rt, comment_id, after=after)
        if page.discussion is None:
            raise NotFound()
        comments, _ = await _comments(rt, page.discussion.site_id, page.nodes, await veil_of(rt, page.discussion))
        cursor = str(page.next_cursor) if page.next_cursor else None
        tag = tag_of(page.discussion.id)
        return _finished(rt, RepliesAnswer(comments, cursor), tag, keep=not rt.db.has_replica)

    return await public_answer(rt.cache, request, make)


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/sites/{site}/discussion",
        discussion_of_article,
        "The discussion of an article",
        Success(200, "A page of the discussion; empty for an article that nobody has commented on.", DiscussionAnswer),
        query=ArticlePageParams,
        problems=(404, 422),
    ),
    Operation(
        "GET",
        "/api/v1/discussions/{id}",
        discussion_by_id,
        "A discussion by its id",
        Success(200, "A page of the discussion.", DiscussionAnswer),
        query=PageParams,
        problems=(404, 422),
    ),
    Operation(
        "GET",
        "/api/v1/comments/{id}",
        one_comment,
        "One comment",
        Success(200, "The comment; a deleted one has no text and no name.", CommentView),
        problems=(404, 422),
    ),
    Operation(
        "GET",
        "/api/v1/comments/{id}/replies",
        replies,
        "The replies of a comment",
        Success(200, "Direct replies in order of arrival, each followed by those below it.", RepliesAnswer),
        query=ReplyParams,
        problems=(404, 422),
    ),
)
