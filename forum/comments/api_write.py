"""The HTTP API to write: post, edit, delete, preview."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.articles.model import ArticleRef
from forum.articles.service import locate
from forum.comments.model import Comment, is_key
from forum.comments.present import comment_view
from forum.comments.preview import Wanted, preview_comment
from forum.comments.screening.answers import Notice, told
from forum.comments.service import delete_comment
from forum.comments.service_edit import edit_comment
from forum.comments.service_post import NewComment, Posted, post_comment
from forum.comments.service_read import read_head
from forum.comments.veils import veil_of
from forum.comments.views import AdviceView, CommentView
from forum.core.i18n import N_
from forum.errors import FieldError, Invalid
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.sites.service import get_site
from forum.web.inputs import Id, Input, path_id, read_json
from forum.web.languages import Language, choose, choose_accepted
from forum.web.limits import EDIT, POST, PREVIEW
from forum.web.operations import Operation, Success, json_response
from forum.web.visitors import set_cookie_header, visitor_of


@dataclass(frozen=True, slots=True)
class PreviewAnswer:
    """A text as it would look to those who have not got that far (`html`, `text`), and to those who have
    (`cleared_html`); and what its author might think about before it is posted."""

    html: str
    text: str
    cleared_html: str
    advice: tuple[AdviceView, ...]


# Points that a reader must have cleared.
Scope = Annotated[tuple[Annotated[str, Field(max_length=150)], ...], Field(max_length=20, strict=False)]
SCOPE_OF_COMMENT = "What the whole comment gives away, as `work:unit`. [] is nothing; null is what its parent does."


class CommentInput(Input):
    """A new comment. Exactly one of `url` and `discussion_id` says where."""

    body: Annotated[str, Field(description="Markdown, up to 10,000 characters.")]
    author_name: Annotated[str, Field(max_length=200, description="The name others see. Guests need one.")] = ""
    url: Annotated[str | None, Field(max_length=2_000, description="The article's address.")] = None
    identifier: Annotated[str | None, Field(max_length=200, description="The site's own name for the article.")] = None
    discussion_id: Annotated[Id | None, Field(description="The discussion, once it is known.")] = None
    parent_id: Annotated[Id | None, Field(description="The comment this one replies to.")] = None
    scope: Annotated[Scope | None, Field(description=SCOPE_OF_COMMENT)] = None


class EditInput(Input):
    """A changed text."""

    body: Annotated[str, Field(description="The new text.")]
    revision: Annotated[int, Field(ge=1, description="The revision the author saw.")]
    scope: Annotated[Scope | None, Field(description="What the whole comment gives away; null leaves it as it is.")] = (
        None
    )


class PreviewInput(Input):
    """A text to look at."""

    site: Annotated[str, Field(max_length=40, description="The site's key.")]
    body: Annotated[str, Field(description="Markdown.")]
    discussion_id: Annotated[Id | None, Field(description="The discussion it would go to.")] = None
    parent_id: Annotated[Id | None, Field(description="The comment it would reply to.")] = None
    scope: Annotated[Scope | None, Field(description=SCOPE_OF_COMMENT)] = None
    lang: Annotated[str | None, Field(max_length=35, description="The language of what stands on covers.")] = None


def _place(site: Site, sent: CommentInput) -> ArticleRef | int:
    if (sent.url is None) == (sent.discussion_id is None):
        detail = N_("Say where: either the article's address or the discussion's id.")
        raise Invalid(detail=detail, errors=(FieldError("url", "one_of_url_and_discussion_id"),))
    if sent.discussion_id is not None:
        return sent.discussion_id
    return locate(site, sent.url or "", sent.identifier)


def _key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not is_key(key):
        raise Invalid(errors=(FieldError("Idempotency-Key", "wrong_value"),))
    return key


async def create(rt: Runtime, request: Request) -> Response:
    """POST /api/v1/sites/{site}/comments."""
    visitor = visitor_of(request, rt.settings)
    sent = await read_json(request, CommentInput)
    request.state.typed = sent.body
    site = await get_site(rt, request.path_params["site"])
    new = NewComment(
        site, _place(site, sent), sent.body, sent.author_name, sent.parent_id, _key(request), scope=sent.scope
    )
    await rt.limiter.check(POST, visitor)
    posted = await post_comment(rt, visitor, new)
    return await _created(rt, posted, _language(request), known=visitor.token)


async def _created(rt: Runtime, posted: Posted, language: Language, *, known: str | None) -> Response:
    view = comment_view(posted.comment, rt.settings.public_url, await veil_of(rt, posted.discussion))
    view = _noticed(view, posted.notice, language)
    response = json_response(view, 201, {"location": f"/api/v1/comments/{view.id}"})
    if posted.token is not None and posted.token != known:
        response.headers.append("set-cookie", set_cookie_header(rt.settings, posted.token))
    return response


def _language(request: Request) -> Language:
    asked = request.query_params.get("lang")
    return choose(asked) if asked else choose_accepted(request.headers.get("accept-language", ""))


def _noticed(view: CommentView, notice: Notice | None, language: Language) -> CommentView:
    """What only the author of a comment that was just held is told."""
    if notice is None:
        return view
    return replace(view, notice=notice.rule, notice_text=" ".join(language.text(*said) for said in told(notice)))


async def change(rt: Runtime, request: Request) -> Response:
    """PATCH /api/v1/comments/{id}."""
    visitor, comment_id = visitor_of(request, rt.settings), path_id(request)
    sent = await read_json(request, EditInput)
    await rt.limiter.check(EDIT, visitor)
    edited = await edit_comment(rt, visitor, comment_id, body=sent.body, revision=sent.revision, scope=sent.scope)
    language = _language(request)
    view = comment_view(edited.comment, rt.settings.public_url, await veil_of(rt, edited.discussion))
    return json_response(_noticed(view, edited.notice, language))


async def view_of(rt: Runtime, comment: Comment) -> CommentView:
    """A comment that was just changed, as everybody sees it."""
    discussion = await read_head(rt, comment.discussion_id)
    return comment_view(comment, rt.settings.public_url, await veil_of(rt, discussion))


async def remove(rt: Runtime, request: Request) -> Response:
    """DELETE /api/v1/comments/{id}."""
    visitor, comment_id = visitor_of(request, rt.settings), path_id(request)
    await rt.limiter.check(EDIT, visitor)
    await delete_comment(rt, visitor, comment_id)
    return Response(status_code=204, headers={"cache-control": "private, no-store"})


async def preview(rt: Runtime, request: Request) -> Response:
    """POST /api/v1/preview."""
    visitor = visitor_of(request, rt.settings)
    sent = await read_json(request, PreviewInput)
    site = await get_site(rt, sent.site)
    await rt.limiter.check(PREVIEW, visitor)
    wanted = Wanted(site, sent.body, sent.discussion_id, sent.parent_id, sent.scope)
    seen = await preview_comment(rt, wanted, choose(sent.lang, site.language))
    return json_response(PreviewAnswer(seen.html, seen.text, seen.cleared, seen.advice))


KEY_HEADER = {"Idempotency-Key": "Up to 100 characters; the same key answers the same thing for a day."}
OPERATIONS = (
    Operation(
        "POST",
        "/api/v1/sites/{site}/comments",
        create,
        "Post a comment",
        Success(201, "The stored comment. A held one is not public yet.", CommentView, {"Location": "Where it is."}),
        body=CommentInput,
        headers=KEY_HEADER,
        problems=(400, 403, 404, 409, 422),
        limit=POST,
    ),
    Operation(
        "PATCH",
        "/api/v1/comments/{id}",
        change,
        "Edit your comment",
        Success(200, "The changed comment.", CommentView),
        body=EditInput,
        problems=(400, 403, 404, 409, 422),
        limit=EDIT,
    ),
    Operation(
        "DELETE",
        "/api/v1/comments/{id}",
        remove,
        "Delete your comment",
        Success(204, "It is gone; its place in the thread stays."),
        problems=(403, 404),
        limit=EDIT,
    ),
    Operation(
        "POST",
        "/api/v1/preview",
        preview,
        "See how a text would look",
        Success(200, "The text as HTML.", PreviewAnswer),
        body=PreviewInput,
        problems=(400, 403, 404, 422),
        limit=PREVIEW,
    ),
)
