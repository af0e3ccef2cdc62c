"""Forms: post, reply, edit and delete without scripts. A refusal draws the form again with what was typed."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.articles.model import ArticleRef, DiscussionState
from forum.articles.present import discussion_view, unknown_view
from forum.articles.views import DiscussionView
from forum.comments.model import Comment, Status
from forum.comments.pages import viewing_of
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
)
from forum.comments.pages_view import Look, Viewing
from forum.comments.policy import may_delete, may_edit, may_reply
from forum.comments.present import comment_view, editable_source
from forum.comments.service import REFUSALS, check_body, delete_comment, edit_comment, get_own_comment, require
from forum.comments.service_post import NewComment, post_comment
from forum.comments.service_read import read_head
from forum.comments.views import CommentView, ComposerView
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.errors import AftershowError, Conflict, Forbidden, Invalid, NotFound, Unavailable
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.sites.service import get_site, get_site_by_id
from forum.web.inputs import path_id, read_query
from forum.web.limits import EDIT, POST
from forum.web.pages import personal_page, see_other
from forum.web.problems import sentences
from forum.web.visitors import set_cookie_header, visitor_of

# Answers after which the form is drawn again: these pass, or the person can do something about them.
MENDABLE = (409, 422, 429, 503)
SENT_BEFORE = N_("This was sent once already, with other words. Post again to add it as a new comment.")


@dataclass(frozen=True, slots=True)
class WritePage:
    """What the reply, edit and delete pages draw. `comment` is the one that is answered, edited or deleted."""

    discussion: DiscussionView
    comment: CommentView | None
    composer: ComposerView | None
    frame: bool
    lang: str
    back_href: str | None
    origins: tuple[str, ...]
    theme: str = "auto"
    accent: str | None = None


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
    )
    viewing = viewing_of(rt, site, article if isinstance(article, int) else None, look, personal=True)

    async def again(error: AftershowError | None) -> Response:
        return await _compose_again(request, viewing, new, error)

    async def answer() -> Response:
        visitor = await counted_visitor(rt, request, values, POST)
        return await (again(None) if values.get("preview") else _post(rt, visitor, new, look))

    return await _or_again(answer(), again)


async def _post(rt: Runtime, visitor: Visitor, new: NewComment, look: Look) -> Response:
    posted = await post_comment(rt, visitor, new)
    links = viewing_of(rt, new.site, posted.discussion.id, look).links
    cookie = None
    if posted.token is not None and posted.token != visitor.token:
        cookie = set_cookie_header(rt.settings, posted.token)
    return see_other(links.own_comment(posted.comment), set_cookie=cookie)


async def _or_again(answer: Awaitable[Response], again: Callable[[AftershowError], Awaitable[Response]]) -> Response:
    """The answer, or after a refusal that the person can mend (or wait for), the form with what they typed and what
    was wrong. Where not even the form can be drawn, the error page gives the text back."""
    try:
        return await answer
    except AftershowError as error:
        if error.status not in MENDABLE:
            raise
        try:
            return await again(error)
        except Unavailable:
            raise error from None


async def _head(rt: Runtime, site: Site, article: int | ArticleRef) -> DiscussionView:
    if isinstance(article, int):
        found = await read_head(rt, article)
        if found.site_id != site.id:
            raise NotFound(detail=N_("There is no such discussion."))
        return discussion_view(found, site, rt.settings.public_url)
    return unknown_view(article, site)


async def _compose_again(request: Request, viewing: Viewing, new: NewComment, error: AftershowError | None) -> Response:
    """The form with what was typed: after a refusal with the reasons, otherwise with a preview."""
    rt = viewing.rt
    head = await _head(rt, viewing.site, new.article)
    composer = viewing.composer(head, parent_id=new.parent_id)
    if composer is None:
        raise error or Forbidden("discussion_closed", REFUSALS["discussion_closed"])
    key = new.key
    if error is not None and error.code == "key_reused":
        key, error = None, Conflict("key_reused", SENT_BEFORE)
    composer = replace(composer, body=new.body, author_name=new.author_name, key=key or _new_key())
    if isinstance(new.article, ArticleRef):
        composer = replace(composer, identifier=new.article.identifier)
    composer, error = _explained(viewing, composer, error)
    parent = None
    if new.parent_id is not None:
        parent, _, _ = await get_own_comment(rt, visitor_of(request, rt.settings), new.parent_id)
    return _write_page(viewing, head, parent, composer, error=error)


def _explained(
    viewing: Viewing, composer: ComposerView, error: AftershowError | None
) -> tuple[ComposerView, AftershowError | None]:
    """The form with a preview, or with what is wrong; and what is wrong."""
    if error is None:
        try:
            _, rendered = check_body(viewing.rt, composer.body)
        except Invalid as invalid:
            return replace(composer, errors=sentences(invalid, viewing.language)), invalid
        return replace(composer, preview=rendered.html), None
    return replace(composer, errors=sentences(error, viewing.language)), error


def _new_key() -> str:
    return secrets.token_urlsafe(18)


def _write_page(
    viewing: Viewing,
    head: DiscussionView,
    comment: Comment | None,
    composer: ComposerView | None,
    *,
    error: AftershowError | None = None,
) -> Response:
    template = "pages/write.html"
    if comment is not None:
        template = "pages/edit.html" if composer is not None and composer.revision is not None else "pages/reply.html"
    if comment is not None and composer is None:
        template = "pages/delete.html"
    page = WritePage(
        discussion=head,
        comment=None if comment is None else comment_view(comment, viewing.rt.settings.public_url),
        composer=composer,
        frame=viewing.frame,
        lang=viewing.language.code,
        back_href=_back_href(viewing, comment),
        origins=viewing.site.origins,
        theme=viewing.look.theme or "auto",
        accent=viewing.look.accent_code,
    )
    headers, status = viewing.headers(), 200
    if error is not None:
        status = error.status
        if error.retry_after is not None:
            headers["retry-after"] = str(error.retry_after)
    return personal_page(viewing.rt.renderer.page(template, page, viewing.language), headers, status)


def _back_href(viewing: Viewing, comment: Comment | None) -> str | None:
    if comment is not None:
        return viewing.links.back_to(comment)
    return None if viewing.links.discussion_id is None else viewing.links.page()


async def _comment_page(rt: Runtime, request: Request, look: Look) -> tuple[Viewing, DiscussionView, Comment, bool]:
    """What the pages about one comment start from; the last says whether the visitor wrote it."""
    comment, discussion, is_own = await get_own_comment(rt, visitor_of(request, rt.settings), path_id(request))
    site = await get_site_by_id(rt, comment.site_id)
    viewing = viewing_of(rt, site, discussion.id, look, personal=True)
    return viewing, discussion_view(discussion, site, rt.settings.public_url), comment, is_own


async def reply_page(rt: Runtime, request: Request) -> Response:
    """GET /c/{id}/reply."""
    viewing, head, comment, _ = await _comment_page(rt, request, read_query(request, Look))
    require(may_reply(comment, DiscussionState(head.state)))
    composer = viewing.composer(head, parent_id=comment.id)
    if composer is None:
        raise Forbidden("discussion_closed", REFUSALS["discussion_closed"])
    return _write_page(viewing, head, comment, replace(composer, key=_new_key()))


def _edit_composer(viewing: Viewing, comment: Comment, body: str, revision: int) -> ComposerView:
    return ComposerView(
        action=viewing.links.comment(comment.id, "edit"),
        site=viewing.site.key,
        body=body,
        revision=revision,
        ask_name=False,
        max_length=viewing.rt.settings.max_comment_length,
        theme=viewing.look.theme,
        accent=viewing.look.accent_code,
    )


async def edit_page(rt: Runtime, request: Request) -> Response:
    """GET /c/{id}/edit: the author's own text to change."""
    viewing, head, comment, is_own = await _comment_page(rt, request, read_query(request, Look))
    author_id = comment.author_id if is_own else None
    window = timedelta(minutes=rt.settings.edit_window_minutes)
    require(may_edit(comment, author_id=author_id, now=rt.clock.now(), window=window))
    composer = _edit_composer(viewing, comment, editable_source(comment), comment.revision)
    return _write_page(viewing, head, comment, composer)


async def edit_form(rt: Runtime, request: Request) -> Response:
    """POST /c/{id}/edit: save the changed text, or (with `preview`) look at it first."""
    values = await form_fields(request, POST_FIELDS)
    viewing, head, comment, _ = await _comment_page(rt, request, look_of(values))
    body, revision = values.get("body", ""), id_field(values, "revision") or 0

    async def again(error: AftershowError | None) -> Response:
        # Only who was told about the other version may save over it.
        seen = comment.revision if isinstance(error, Conflict) else revision
        composer, error = _explained(viewing, _edit_composer(viewing, comment, body, seen), error)
        return _write_page(viewing, head, comment, composer, error=error)

    async def save() -> Response:
        visitor = await counted_visitor(rt, request, values, EDIT)
        if values.get("preview"):
            return await again(None)
        changed = await edit_comment(rt, visitor, comment.id, body=body, revision=revision)
        return see_other(viewing.links.own_comment(changed))

    return await _or_again(save(), again)


async def delete_page(rt: Runtime, request: Request) -> Response:
    """GET /c/{id}/delete: ask first."""
    viewing, head, comment, is_own = await _comment_page(rt, request, read_query(request, Look))
    require(may_delete(comment, author_id=comment.author_id if is_own else None))
    return _write_page(viewing, head, comment, None)


async def delete_form(rt: Runtime, request: Request) -> Response:
    """POST /c/{id}/delete."""
    values = await form_fields(request, LOOK_FIELDS)
    viewing, _, comment, _ = await _comment_page(rt, request, look_of(values))
    visitor = await counted_visitor(rt, request, values, EDIT)
    gone = await delete_comment(rt, visitor, comment.id)
    return see_other(viewing.links.own() if gone.status is Status.HELD else viewing.links.own_comment(gone))
