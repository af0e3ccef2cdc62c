"""The form that writes a comment, drawn: empty, with a preview, or again with what was typed and what was wrong."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from markupsafe import Markup
from starlette.responses import Response

from forum.articles.model import Discussion
from forum.articles.views import DiscussionView
from forum.comments.model import Comment
from forum.comments.pages_view import Viewing
from forum.comments.present import comment_view
from forum.comments.preview import Wanted, preview_comment
from forum.comments.screening.answers import SCREENED
from forum.comments.views import CommentView, ComposerView
from forum.core.i18n import N_
from forum.errors import AftershowError, Conflict, Invalid, Unavailable
from forum.markup.html import join
from forum.web.pages import personal_page
from forum.web.problems import MENDABLE, sentences

SENT_BEFORE = N_("This was sent once already, with other words. Post again to add it as a new comment.")

SPOILERS = N_("spoilers")


@dataclass(frozen=True, slots=True)
class WritePage:
    """What the reply, edit and delete pages draw. `comment` is the one that is answered, edited or deleted, `body` its
    text as far as everybody sees it."""

    discussion: DiscussionView
    comment: CommentView | None
    body: Markup
    composer: ComposerView | None
    frame: bool
    lang: str
    back_href: str | None
    origins: tuple[str, ...]
    theme: str = "auto"
    accent: str | None = None
    assumes: str | None = None
    works: str | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """The comment that a form is about, and its discussion."""

    comment: Comment
    discussion: Discussion


async def or_again(answer: Awaitable[Response], again: Callable[[AftershowError], Awaitable[Response]]) -> Response:
    """The answer, or after a refusal that the person can mend (or wait for), the form with what they typed and what
    was wrong. Where not even the form can be drawn, the error page gives the text back."""
    try:
        return await answer
    except AftershowError as error:
        if error.status not in MENDABLE and error.code != SCREENED:
            raise
        try:
            return await again(error)
        except Unavailable:
            raise error from None


def new_key() -> str:
    """An idempotency key for a form that is drawn now."""
    return secrets.token_urlsafe(18)


def keyed(composer: ComposerView, key: str | None, error: AftershowError | None) -> tuple[str, AftershowError | None]:
    """The form's next key, and what to say: a key that was used for something else is replaced, and that explained."""
    if error is not None and error.code == "key_reused":
        return new_key(), Conflict("key_reused", SENT_BEFORE)
    return key or new_key(), error


async def with_inherited(viewing: Viewing, composer: ComposerView, beside: Beside | None) -> ComposerView:
    """The form of a reply with what it may give away because its parent does."""
    if beside is None:
        return composer
    known = (await viewing.veil(beside.discussion)).book
    scope = known.scope(beside.comment.eff_scope_id) | known.scope(beside.comment.inner_scope_id)
    # Where nobody can name it there is something all the same.
    label = known.label(scope) or (viewing.language.text(SPOILERS) if scope else "")
    return replace(composer, scope_label=label)


async def explained(
    viewing: Viewing, composer: ComposerView, wanted: Wanted, error: AftershowError | None
) -> tuple[ComposerView, AftershowError | None]:
    """The form with a preview, or with what is wrong; and what is wrong."""
    if error is None:
        try:
            seen = await preview_comment(viewing.rt, wanted, viewing.language)
        except Invalid as invalid:
            return replace(composer, errors=sentences(invalid, viewing.language)), invalid
        return replace(composer, preview=seen.html, cleared_preview=seen.cleared, advice=seen.advice), None
    return replace(composer, errors=sentences(error, viewing.language)), error


async def write_page(
    viewing: Viewing,
    head: DiscussionView,
    beside: Beside | None,
    composer: ComposerView | None,
    *,
    error: AftershowError | None = None,
) -> Response:
    """The page of a form. The one comment it is about is drawn as everybody sees it."""
    template, view, body = "pages/write.html", None, join(())
    if beside is not None:
        template = "pages/edit.html" if composer is not None and composer.revision is not None else "pages/reply.html"
        template = "pages/delete.html" if composer is None else template
        veil = await viewing.veil(beside.discussion)
        view = comment_view(beside.comment, viewing.rt.settings.public_url, veil)
        body = viewing.bodies(veil).closed(beside.comment)
    page = WritePage(
        discussion=head,
        comment=view,
        body=body,
        composer=composer,
        frame=viewing.frame,
        lang=viewing.language.code,
        back_href=_back_href(viewing, beside),
        origins=viewing.site.origins,
        theme=viewing.look.theme or "auto",
        **viewing.look.fields(),
    )
    headers, status = viewing.headers(), 200
    if error is not None:
        status = error.status
        if error.retry_after is not None:
            headers["retry-after"] = str(error.retry_after)
    return personal_page(viewing.rt.renderer.page(template, page, viewing.language), headers, status)


def _back_href(viewing: Viewing, beside: Beside | None) -> str | None:
    if beside is not None:
        return viewing.links.back_to(beside.comment)
    return None if viewing.links.discussion_id is None else viewing.links.page()
