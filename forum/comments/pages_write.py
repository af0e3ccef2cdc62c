"""Forms: post, reply, edit and delete without scripts. A refusal draws the form again with what was typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.articles.model import ArticleRef, Discussion, DiscussionState
from forum.articles.present import unknown_view
from forum.articles.views import DiscussionView
from forum.comments.model import Comment, Status
from forum.comments.pages import personal_viewing, viewing_of
from forum.comments.pages_errors import Page, Place, at_comment, at_site, endpoint
from forum.comments.pages_fields import (
    LOOK_FIELDS,
    POST_FIELDS,
    article_of,
    counted_visitor,
    form_fields,
    id_field,
    key_field,
    look_of,
    scope_field,
)
from forum.comments.pages_form import Beside, explained, keyed, new_key, or_again, with_inherited, write_page
from forum.comments.pages_view import Look, Viewing
from forum.comments.policy import may_delete, may_edit, may_reply
from forum.comments.preview import Wanted
from forum.comments.service import REFUSALS, delete_comment, get_own_comment, get_source, require
from forum.comments.service_edit import edit_comment
from forum.comments.service_post import NewComment, post_comment
from forum.comments.service_read import read_head
from forum.comments.views import ComposerView
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.errors import AftershowError, Conflict, Forbidden, NotFound
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.sites.service import get_site, get_site_by_id
from forum.web.inputs import path_id, read_query
from forum.web.limits import EDIT, POST
from forum.web.pages import see_other
from forum.web.visitors import set_cookie_header, visitor_of


def routes(rt: Runtime) -> list[BaseRoute]:
    """The addresses of these forms."""
    pages: tuple[tuple[str, list[str], Page, Place], ...] = (
        ("/embed/{site}/comments", ["POST"], post_form, at_site),
        ("/c/{id}/reply", ["GET"], reply_page, at_comment),
        ("/c/{id}/edit", ["GET", "POST"], _edit, at_comment),
        ("/c/{id}/delete", ["GET", "POST"], _delete, at_comment),
    )
    return [Route(path, endpoint(rt, page, place), methods=methods) for path, methods, page, place in pages]


async def _edit(rt: Runtime, request: Request) -> Response:
    return await (edit_form if request.method == "POST" else edit_page)(rt, request)


async def _delete(rt: Runtime, request: Request) -> Response:
    return await (delete_form if request.method == "POST" else delete_page)(rt, request)


async def post_form(rt: Runtime, request: Request) -> Response:
    """POST /embed/{site}/comments: a new comment or a reply, or (with `preview`) a look at it first."""
    values = await form_fields(request, POST_FIELDS)
    site = await get_site(rt, request.path_params["site"])
    look = look_of(values)
    article = article_of(site, values)
    new = NewComment(
        site=site,
        article=article,
        body=values.get("body", ""),
        author_name=values.get("author_name", ""),
        parent_id=id_field(values, "parent_id"),
        key=key_field(values),
        from_form=True,
        scope=scope_field(values),
    )
    viewing = await personal_viewing(rt, request, site, article if isinstance(article, int) else None, look)

    async def again(error: AftershowError | None) -> Response:
        return await _compose_again(request, viewing, new, error)

    async def answer() -> Response:
        visitor = await counted_visitor(rt, request, values, POST)
        return await (again(None) if values.get("preview") else _post(rt, visitor, new, look))

    return await or_again(answer(), again)


async def _post(rt: Runtime, visitor: Visitor, new: NewComment, look: Look) -> Response:
    posted = await post_comment(rt, visitor, new)
    links = viewing_of(rt, new.site, posted.discussion.id, look).links
    cookie = None
    if posted.token is not None and posted.token != visitor.token:
        cookie = set_cookie_header(rt.settings, posted.token)
    return see_other(links.own_comment(posted.comment), set_cookie=cookie)


async def _compose_again(request: Request, viewing: Viewing, new: NewComment, error: AftershowError | None) -> Response:
    """The form with what was typed: after a refusal with the reasons, otherwise with a preview."""
    rt = viewing.rt
    discussion: Discussion | None = None
    if isinstance(new.article, ArticleRef):
        head = unknown_view(new.article, viewing.site)
    else:
        discussion = await _discussion(rt, viewing.site, new.article)
        head = viewing.head(discussion, await viewing.veil(discussion))
    beside = None
    if new.parent_id is not None:
        parent, around, _ = await get_own_comment(rt, visitor_of(request, rt.settings), new.parent_id)
        beside = Beside(parent, around)
    composer = viewing.composer(head, parent_id=new.parent_id)
    if composer is None:
        raise error or Forbidden("discussion_closed", REFUSALS["discussion_closed"])
    key, error = keyed(composer, new.key, error)
    scope = "none" if new.scope == () else ""
    composer = replace(composer, body=new.body, author_name=new.author_name, key=key, scope=scope)
    if isinstance(new.article, ArticleRef):
        composer = replace(composer, identifier=new.article.identifier)
    composer = await with_inherited(viewing, composer, beside)
    where = None if discussion is None else discussion.id
    composer, error = await explained(
        viewing, composer, Wanted(viewing.site, new.body, where, new.parent_id, new.scope), error
    )
    return await write_page(viewing, head, beside, composer, error=error)


async def _discussion(rt: Runtime, site: Site, discussion_id: int) -> Discussion:
    found = await read_head(rt, discussion_id)
    if found.site_id != site.id:
        raise NotFound(detail=N_("There is no such discussion."))
    return found


async def _comment_page(rt: Runtime, request: Request, look: Look) -> tuple[Viewing, DiscussionView, Beside, bool]:
    """What the pages about one comment start from; the last says whether the visitor wrote it."""
    comment, discussion, is_own = await get_own_comment(rt, visitor_of(request, rt.settings), path_id(request))
    site = await get_site_by_id(rt, comment.site_id)
    viewing = await personal_viewing(rt, request, site, discussion.id, look)
    head = viewing.head(discussion, await viewing.veil(discussion))
    return viewing, head, Beside(comment, discussion), is_own


async def reply_page(rt: Runtime, request: Request) -> Response:
    """GET /c/{id}/reply."""
    viewing, head, beside, _ = await _comment_page(rt, request, read_query(request, Look))
    require(may_reply(beside.comment, DiscussionState(head.state)))
    composer = viewing.composer(head, parent_id=beside.comment.id)
    if composer is None:
        raise Forbidden("discussion_closed", REFUSALS["discussion_closed"])
    composer = await with_inherited(viewing, replace(composer, key=new_key()), beside)
    return await write_page(viewing, head, beside, composer)


def _edit_composer(viewing: Viewing, comment: Comment, body: str, revision: int) -> ComposerView:
    return ComposerView(
        action=viewing.links.comment(comment.id, "edit"),
        site=viewing.site.key,
        body=body,
        revision=revision,
        ask_name=False,
        max_length=viewing.rt.settings.max_comment_length,
        theme=viewing.look.theme,
        **viewing.look.fields(),
    )


async def edit_page(rt: Runtime, request: Request) -> Response:
    """GET /c/{id}/edit: the author's own text to change."""
    viewing, head, beside, is_own = await _comment_page(rt, request, read_query(request, Look))
    comment = beside.comment
    author_id = comment.author_id if is_own else None
    window = timedelta(minutes=rt.settings.edit_window_minutes)
    require(may_edit(comment, author_id=author_id, now=rt.clock.now(), window=window))
    composer = _edit_composer(viewing, comment, await get_source(rt, comment), comment.revision)
    return await write_page(viewing, head, beside, composer)


async def edit_form(rt: Runtime, request: Request) -> Response:
    """POST /c/{id}/edit: save the changed text, or (with `preview`) look at it first."""
    values = await form_fields(request, POST_FIELDS)
    viewing, head, beside, _ = await _comment_page(rt, request, look_of(values))
    comment = beside.comment
    body, revision = values.get("body", ""), id_field(values, "revision") or 0

    async def again(error: AftershowError | None) -> Response:
        # Only who was told about the other version may save over it.
        seen = comment.revision if isinstance(error, Conflict) else revision
        composer = _edit_composer(viewing, comment, body, seen)
        wanted = Wanted(viewing.site, body, comment.discussion_id, comment.parent_id)
        composer, error = await explained(viewing, composer, wanted, error)
        return await write_page(viewing, head, beside, composer, error=error)

    async def save() -> Response:
        visitor = await counted_visitor(rt, request, values, EDIT)
        if values.get("preview"):
            return await again(None)
        edited = await edit_comment(rt, visitor, comment.id, body=body, revision=revision)
        return see_other(viewing.links.own_comment(edited.comment))

    return await or_again(save(), again)


async def delete_page(rt: Runtime, request: Request) -> Response:
    """GET /c/{id}/delete: ask first."""
    viewing, head, beside, is_own = await _comment_page(rt, request, read_query(request, Look))
    require(may_delete(beside.comment, author_id=beside.comment.author_id if is_own else None))
    return await write_page(viewing, head, beside, None)


async def delete_form(rt: Runtime, request: Request) -> Response:
    """POST /c/{id}/delete."""
    values = await form_fields(request, LOOK_FIELDS)
    viewing, _, beside, _ = await _comment_page(rt, request, look_of(values))
    visitor = await counted_visitor(rt, request, values, EDIT)
    gone = await delete_comment(rt, visitor, beside.comment.id)
    return see_other(viewing.links.own() if gone.status is Status.HELD else viewing.links.own_comment(gone))
