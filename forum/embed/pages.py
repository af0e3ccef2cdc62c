"""What an article page of another origin shows in its frame, and the colour it asked for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.articles.model import ArticleRef, tag_of, unknown_tag
from forum.articles.service import locate
from forum.comments.pages import (
    finished_page,
    page_request,
    personal_answer,
    personal_viewing,
    viewing_of,
)
from forum.comments.pages_fields import frame_errors
from forum.comments.pages_view import PageQuery, Viewing, conversation_page, unknown_page
from forum.comments.service_read import list_own, read_discussion
from forum.embed.colour import stylesheet
from forum.errors import NotFound
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.sites.service import get_site
from forum.web.headers import file_headers
from forum.web.inputs import has_only_known, read_query
from forum.web.pages import Finished, public_answer
from forum.web.visitors import visitor_of


class EmbedQuery(PageQuery):
    """Which article's discussion, and how it should look."""

    url: Annotated[str, Field(max_length=2_000)]
    identifier: Annotated[str | None, Field(max_length=200)] = None


def routes(rt: Runtime) -> list[BaseRoute]:
    """The addresses frames load."""

    async def embed(request: Request) -> Response:
        return await embed_page(rt, request)

    async def own(request: Request) -> Response:
        return await own_embed_page(rt, request)

    async def theme(request: Request) -> Response:
        return theme_stylesheet(rt, request)

    return [
        Route("/embed/{site}", embed, methods=["GET"]),
        Route("/embed/{site}/own", own, methods=["GET"]),
        Route("/theme/{accent}.css", theme, methods=["GET"]),
    ]


async def _start(rt: Runtime, request: Request) -> tuple[Site, EmbedQuery, ArticleRef]:
    site = await get_site(rt, request.path_params["site"])
    # An error inside the frame must be readable there too.
    frame_errors(rt, request, site, {"frame": "1"})
    query = read_query(request, EmbedQuery)
    return site, query, locate(site, query.url, query.identifier)


def _framed(rt: Runtime, site: Site, query: EmbedQuery, discussion_id: int | None) -> Viewing:
    look = query.model_copy(update={"frame": "1"})
    return viewing_of(rt, site, discussion_id, look)


async def embed_page(rt: Runtime, request: Request) -> Response:
    """GET /embed/{site}?url=…: the discussion of an article, without chrome, the same for everybody."""
    site, query, ref = await _start(rt, request)
    wanted = page_request(query)
    keep = has_only_known(request, EmbedQuery) and (wanted.is_first or not rt.db.has_replica)

    async def make() -> Finished:
        page = await read_discussion(rt, ref, wanted)
        if page.discussion is None:
            viewing = _framed(rt, site, query, None)
            context = await unknown_page(viewing, ref, query.identifier)
            return finished_page(viewing, context, unknown_tag(site.id), keep=keep)
        viewing = _framed(rt, site, query, page.discussion.id)
        context = await conversation_page(viewing, page, query)
        return finished_page(viewing, context, tag_of(page.discussion.id), keep=keep)

    return await public_answer(rt.cache, request, make)


async def own_embed_page(rt: Runtime, request: Request) -> Response:
    """GET /embed/{site}/own?url=…: the same as its visitor sees it."""
    site, query, ref = await _start(rt, request)
    page = await read_discussion(rt, ref, page_request(query))
    if page.discussion is None:
        raise NotFound()
    _, own = await list_own(rt, visitor_of(request, rt.settings), page.discussion.id)
    look = query.model_copy(update={"frame": "1"})
    viewing = await personal_viewing(rt, request, site, page.discussion.id, look)
    context = await conversation_page(viewing, page, query, own)
    return personal_answer(viewing, context)


def theme_stylesheet(rt: Runtime, request: Request) -> Response:
    """GET /theme/{rrggbb}.css: the accent colour a page asked for, with an ink that can be read on it."""
    css = stylesheet(request.path_params["accent"])
    if css is None:
        raise NotFound()
    headers = file_headers(https=rt.settings.secure_cookies)
    headers["cache-control"] = "public, max-age=31536000, immutable"
    return Response(css, headers=headers, media_type="text/css")
