"""Pages to read a discussion in. Public ones are the same bytes for everybody; `own` and `mine` are for one browser."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from forum.accounts.present import actor_view
from forum.accounts.service_session import identify
from forum.articles.model import Discussion, tag_of
from forum.comments.links import PageLinks
from forum.comments.model import outline_of
from forum.comments.pages_errors import at_comment, at_discussion, endpoint
from forum.comments.pages_view import Look, PageQuery, Viewing, conversation_page, thread_page
from forum.comments.service import get_own_comment
from forum.comments.service_read import (
    Page,
    PageRequest,
    find_place,
    list_own,
    read_cursor,
    read_discussion,
    read_thread,
)
from forum.comments.tree import Node
from forum.comments.views import StandingView, ThreadPage
from forum.core.ids import parse_id
from forum.errors import FieldError, Invalid, NotFound
from forum.runtime import Runtime
from forum.sites.model import TAG as SITES_TAG
from forum.sites.model import Site
from forum.sites.service import get_site_by_id
from forum.spoilers.model import CATALOGUE_TAG
from forum.web.inputs import has_only_known, path_id, read_query
from forum.web.pages import PERSONAL, Finished, personal_page, public_answer
from forum.web.visitors import visitor_of

TEMPLATE = "pages/thread.html"


class ThreadQuery(Look):
    """Which part of one comment's replies: those after this `root_seq`."""

    after: Annotated[str | None, Field(pattern="^[0-9]{1,9}$")] = None


def page_request(query: PageQuery) -> PageRequest:
    """The part of a discussion that a query asks for; raises Invalid for a cursor of another order."""
    at = None
    if query.at:
        try:
            at = parse_id(query.at)
        except ValueError as error:
            raise Invalid(errors=(FieldError("at", "wrong_value"),)) from error
    return PageRequest(query.order, after=read_cursor(query.after, query.order.value), at=at)


def viewing_of(
    rt: Runtime,
    site: Site,
    discussion_id: int | None,
    look: Look,
    *,
    personal: bool = False,
    opened: bool = False,
) -> Viewing:
    """One page of a site about to be drawn; with `opened` its reader has asked to see it whatever it gives away."""
    frame = look.frame is not None
    return Viewing(rt, site, look, frame, PageLinks(discussion_id, frame, look.kept()), personal, opened)


async def personal_viewing(rt: Runtime, request: Request, site: Site, discussion_id: int | None, look: Look) -> Viewing:
    """The same for one person: it knows who is signed in."""
    viewing = viewing_of(rt, site, discussion_id, look, personal=True)
    actor = await identify(rt, visitor_of(request, rt.settings), site.id)
    return replace(viewing, person=actor_view(actor))


def routes(rt: Runtime) -> list[BaseRoute]:
    """The addresses of these pages."""
    pages = (
        ("/d/{id}", discussion_page, at_discussion),
        ("/d/{id}/thread/{comment}", sub_thread_page, at_discussion),
        ("/d/{id}/own", own_page, at_discussion),
        ("/d/{id}/mine", mine_fragment, at_discussion),
        ("/c/{id}", comment_permalink, at_comment),
    )
    return [Route(path, endpoint(rt, page, place), methods=["GET"]) for path, page, place in pages]


async def discussion_page(rt: Runtime, request: Request) -> Response:
    """GET /d/{id}: a page of conversations, the same for everybody."""
    discussion_id = path_id(request)
    query = read_query(request, PageQuery)
    wanted = page_request(query)

    async def make() -> Finished:
        page, discussion = known_page(await read_discussion(rt, discussion_id, wanted))
        viewing = viewing_of(rt, await get_site_by_id(rt, discussion.site_id), discussion_id, query)
        context = await conversation_page(viewing, page, query)
        keep = has_only_known(request, PageQuery) and (wanted.is_first or not rt.db.has_replica)
        return finished_page(viewing, context, tag_of(discussion_id), keep=keep)

    return await public_answer(rt.cache, request, make)


async def sub_thread_page(rt: Runtime, request: Request) -> Response:
    """GET /d/{id}/thread/{comment}: one comment and its replies."""
    discussion_id, comment_id = path_id(request), path_id(request, "comment")
    query = read_query(request, ThreadQuery)
    after = int(query.after or 0)

    async def make() -> Finished:
        page, discussion = known_page(await read_thread(rt, comment_id, after=after))
        if discussion.id != discussion_id:
            raise NotFound()
        viewing = viewing_of(rt, await get_site_by_id(rt, discussion.site_id), discussion_id, query)
        context = await thread_page(viewing, page, after=after)
        keep = has_only_known(request, ThreadQuery) and not rt.db.has_replica
        return finished_page(viewing, context, tag_of(discussion_id), keep=keep)

    return await public_answer(rt.cache, request, make)


async def comment_permalink(rt: Runtime, request: Request) -> Response:
    """GET /c/{id}: on to the page that draws the comment, with the comment as its target."""
    query = read_query(request, Look)
    try:
        place = await find_place(rt, path_id(request))
    except NotFound:
        return await _held_permalink(rt, request, query)
    links = PageLinks(place.comment.discussion_id, query.frame is not None, query.kept())
    if place.parent_id is None:
        address = links.page(at=place.root_id)
    else:
        address = links.thread(place.parent_id, after=place.edge)
    headers = {"cache-control": "public, max-age=0, s-maxage=1"}
    return RedirectResponse(f"{address}#c{place.comment.id}", 302, headers)


async def _held_permalink(rt: Runtime, request: Request, look: Look) -> Response:
    """On to the personal page that draws a held comment, for its author; everybody else learns nothing."""
    comment, discussion, is_own = await get_own_comment(rt, visitor_of(request, rt.settings), path_id(request))
    if not is_own:
        raise NotFound()
    links = PageLinks(discussion.id, look.frame is not None, look.kept())
    return RedirectResponse(links.own_comment(comment), 302, {"cache-control": PERSONAL})


async def own_page(rt: Runtime, request: Request) -> Response:
    """GET /d/{id}/own: the page as its visitor sees it, with the controls of their own comments. For no-script."""
    discussion_id = path_id(request)
    query = read_query(request, PageQuery)
    page, discussion = known_page(await read_discussion(rt, discussion_id, page_request(query)))
    _, own = await list_own(rt, visitor_of(request, rt.settings), discussion_id)
    site = await get_site_by_id(rt, discussion.site_id)
    viewing = await personal_viewing(rt, request, site, discussion_id, query)
    context = await conversation_page(viewing, page, query, own)
    return personal_answer(viewing, context)


async def mine_fragment(rt: Runtime, request: Request) -> Response:
    """GET /d/{id}/mine: the visitor's own comments as list items, for the page's script to merge in."""
    discussion_id = path_id(request)
    query = read_query(request, Look)
    discussion, own = await list_own(rt, visitor_of(request, rt.settings), discussion_id)
    site = await get_site_by_id(rt, discussion.site_id)
    viewing = viewing_of(rt, site, discussion_id, query, personal=True)
    drawn = viewing.draw_own(own, await viewing.veil(discussion))
    items = viewing.drawing(drawn).thread(Node(outline_of(comment)) for comment in own.comments)
    page = MinePage(discussion.comment_count, viewing.standing(own))
    body = rt.renderer.page("fragments/mine.html", page, viewing.language, inner=items)
    return personal_page(body, viewing.headers())


@dataclass(frozen=True, slots=True)
class MinePage:
    """What `fragments/mine.html` draws."""

    comment_count: int
    standing: tuple[StandingView, ...]


def known_page(page: Page) -> tuple[Page, Discussion]:
    """A page of a discussion that there is; raises NotFound."""
    if page.discussion is None:
        raise NotFound()
    return page, page.discussion


def finished_page(viewing: Viewing, context: ThreadPage, *tags: str, keep: bool = True) -> Finished:
    """A public page, ready to be sent and (with `keep`) kept."""
    body = viewing.rt.renderer.page(TEMPLATE, context, viewing.language, inner=context.thread)
    return Finished(body, frozenset({*tags, SITES_TAG, CATALOGUE_TAG}), viewing.headers(), keep=keep)


def personal_answer(viewing: Viewing, context: ThreadPage, status: int = 200) -> Response:
    """A page of a discussion made for one browser."""
    body = viewing.rt.renderer.page(TEMPLATE, context, viewing.language, inner=context.thread)
    return personal_page(body, viewing.headers(), status)
