"""Where the errors of a discussion's pages are read: in the frame that the page stands in, with a way back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response

from forum.comments.links import PageLinks
from forum.comments.pages_fields import frame_errors, id_field, look_of
from forum.comments.pages_view import Look
from forum.comments.service import get_own_comment
from forum.comments.service_read import read_head
from forum.errors import AftershowError, Invalid
from forum.runtime import Runtime
from forum.sites.service import get_site, get_site_by_id
from forum.web.inputs import path_id
from forum.web.visitors import visitor_of

Page = Callable[[Runtime, Request], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]
Place = Callable[[Runtime, Request, Mapping[str, str]], Awaitable[None]]


def endpoint(rt: Runtime, page: Page, place: Place) -> Endpoint:
    """What answers at the address of a page. After an error `place` finds out where that can be read, as far as the
    visitor may know it: only then, so that pages which are kept cost no reading."""

    async def answer(request: Request) -> Response:
        try:
            return await page(rt, request)
        except AftershowError:
            with suppress(AftershowError):
                await place(rt, request, getattr(request.state, "form", request.query_params))
            raise

    return answer


async def at_site(rt: Runtime, request: Request, values: Mapping[str, str]) -> None:
    """Errors of a form that names its site in the path, and its discussion (unless it is new) in a field."""
    site = await get_site(rt, request.path_params["site"])
    frame_errors(rt, request, site, values)
    discussion_id = id_field(values, "discussion_id")
    if discussion_id is not None and (await read_head(rt, discussion_id)).site_id == site.id:
        request.state.back_href = _links(discussion_id, values).page()


async def at_discussion(rt: Runtime, request: Request, values: Mapping[str, str]) -> None:
    """Errors of a page below /d/{id}."""
    discussion = await read_head(rt, path_id(request))
    frame_errors(rt, request, await get_site_by_id(rt, discussion.site_id), values)
    request.state.back_href = _links(discussion.id, values).page()


async def at_comment(rt: Runtime, request: Request, values: Mapping[str, str]) -> None:
    """Errors of a page below /c/{id}. A comment that the visitor may not see is as unknown here as everywhere."""
    comment, discussion, _ = await get_own_comment(rt, visitor_of(request, rt.settings), path_id(request))
    frame_errors(rt, request, await get_site_by_id(rt, discussion.site_id), values)
    request.state.back_href = _links(discussion.id, values).back_to(comment)


def _links(discussion_id: int, values: Mapping[str, str]) -> PageLinks:
    framed = values.get("frame") == "1"
    try:
        look = look_of(values)
    except Invalid:
        look = Look()
    return PageLinks(discussion_id, framed, look.kept())
