"""Uncover without scripts: one passage on a page of its own, or a whole discussion past its gate."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.comments.model import Comment
from forum.comments.pages import TEMPLATE, known_page, page_request, viewing_of
from forum.comments.pages_errors import Page, Place, at_discussion, endpoint
from forum.comments.pages_fields import LOOK_FIELDS, form_fields, frame_errors, look_of
from forum.comments.pages_view import Look, PageQuery, Viewing, conversation_page
from forum.comments.service_read import read_discussion, read_head
from forum.comments.service_reveal import NOTHING_SAID, find_needs, reveal
from forum.core.i18n import N_
from forum.errors import NotFound
from forum.runtime import Runtime
from forum.sites.service import get_site_by_id
from forum.web.inputs import path_id, read_query
from forum.web.limits import REVEAL
from forum.web.pages import personal_page
from forum.web.visitors import visitor_of


@dataclass(frozen=True, slots=True)
class PassagePage:
    """What the page of one passage draws: its label, and once it was asked for its text."""

    id: str
    label: str
    back_href: str
    body: Markup | None
    frame: bool
    lang: str
    origins: tuple[str, ...]
    theme: str = "auto"
    accent: str | None = None
    assumes: str | None = None
    works: str | None = None


def routes(rt: Runtime) -> list[BaseRoute]:
    """The addresses of these pages."""

    async def passage(request: Request) -> Response:
        return await (passage_form if request.method == "POST" else passage_page)(rt, request)

    opened: tuple[Page, Place] = (open_form, at_discussion)
    return [
        Route("/s/{passage}", passage, methods=["GET", "POST"]),
        Route("/d/{id}/open", endpoint(rt, *opened), methods=["POST"]),
    ]


async def passage_page(rt: Runtime, request: Request) -> Response:
    """GET /s/{passage}: what it is about, and a button. No text."""
    viewing, comment, label = await _found(rt, request, read_query(request, Look))
    return _draw(viewing, request.path_params["passage"], comment, label, None)


async def passage_form(rt: Runtime, request: Request) -> Response:
    """POST /s/{passage}: the text."""
    look = look_of(await form_fields(request, LOOK_FIELDS))
    await rt.limiter.check(REVEAL, visitor_of(request, rt.settings))
    viewing, comment, label = await _found(rt, request, look)
    passage_id = request.path_params["passage"]
    revealed = (await reveal(rt, [passage_id], NOTHING_SAID, viewing.language)).get(passage_id)
    if revealed is None:
        raise NotFound()
    return _draw(viewing, passage_id, comment, label, revealed.html)


async def _found(rt: Runtime, request: Request, look: Look) -> tuple[Viewing, Comment, str]:
    """How the passage is looked at, the comment that it is of, and what stands on its cover."""
    found = await find_needs(rt, request.path_params["passage"])
    if found is None:
        raise NotFound(detail=N_("There is nothing covered here any more."))
    comment, scope = found
    site = await get_site_by_id(rt, comment.site_id)
    frame_errors(rt, request, site, {"frame": look.frame or ""})
    viewing = viewing_of(rt, site, comment.discussion_id, look, personal=True)
    veil = await viewing.veil(await read_head(rt, comment.discussion_id))
    return viewing, comment, "" if scope is None else veil.book.label(scope or veil.scope)


def _draw(viewing: Viewing, passage_id: str, comment: Comment, label: str, body: Markup | None) -> Response:
    page = PassagePage(
        id=passage_id,
        label=label,
        back_href=viewing.links.back_to(comment),
        body=body,
        frame=viewing.frame,
        lang=viewing.language.code,
        origins=viewing.site.origins,
        theme=viewing.look.theme or "auto",
        **viewing.look.fields(),
    )
    drawn = viewing.rt.renderer.page("pages/passage.html", page, viewing.language)
    return personal_page(drawn, {**viewing.headers(), "x-robots-tag": "noindex"})


async def open_form(rt: Runtime, request: Request) -> Response:
    """POST /d/{id}/open: the discussion with its gate open, for this one look."""
    look = look_of(await form_fields(request, LOOK_FIELDS))
    await rt.limiter.check(REVEAL, visitor_of(request, rt.settings))
    query = PageQuery.model_validate(look.model_dump())
    page, discussion = known_page(await read_discussion(rt, path_id(request), page_request(query)))
    site = await get_site_by_id(rt, discussion.site_id)
    viewing = viewing_of(rt, site, discussion.id, query, personal=True, opened=True)
    context = await conversation_page(viewing, page, query)
    body = rt.renderer.page(TEMPLATE, context, viewing.language, inner=context.thread)
    return personal_page(body, viewing.headers())
