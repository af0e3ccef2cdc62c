"""Change comments: edit, delete; and what every use case that writes checks first."""

from __future__ import annotations

from datetime import timedelta

from forum.accounts import queries as guests
from forum.articles import queries as articles
from forum.articles.model import Discussion
from forum.comments import policy, queries
from forum.comments.model import Comment, Status
from forum.core.decision import Decision, Deny
from forum.core.i18n import N_
from forum.core.text import TextProblem, clean_body
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from forum.markup import Rendered, render
from forum.runtime import Runtime

REFUSALS = {
    "guests_not_allowed": N_("This site does not take comments from guests."),
    "discussion_closed": N_("This discussion is closed. You can still read it."),
    "parent_gone": N_("The comment you are replying to is gone."),
    "not_yours": N_("Only the person who wrote a comment can change it, in the browser it was written in."),
    "edit_window_closed": N_("The time for editing this comment is over. You can still delete it."),
    "deleted": N_("This comment was deleted."),
}


def require(decision: Decision) -> None:
    """Raise Forbidden with the refusal's sentence unless the decision allows."""
    if isinstance(decision, Deny):
        raise Forbidden(decision.code, REFUSALS[decision.code])


def check_body(rt: Runtime, text: str) -> tuple[str, Rendered]:
    """The cleaned source and what it renders to; raises Invalid."""
    try:
        source = clean_body(text, max_length=rt.settings.max_comment_length)
    except TextProblem as problem:
        raise Invalid(errors=(FieldError("body", problem.code),)) from problem
    rendered = render(source)
    if not rendered.text:
        raise Invalid(errors=(FieldError("body", "empty"),))
    return source, rendered


async def author_of(tx: Tx, site_id: int, visitor: Visitor) -> int | None:
    """The guest this visitor is on a site, or None."""
    if visitor.token is None:
        return None
    guest = await guests.find_guest(tx, site_id=site_id, token=visitor.token)
    return None if guest is None else guest.id


async def _get_visible(tx: Tx, comment_id: int, visitor: Visitor) -> tuple[Comment, int | None]:
    comment = await queries.find_comment(tx, comment_id)
    if comment is None:
        raise NotFound(detail=N_("There is no such comment."))
    author_id = await author_of(tx, comment.site_id, visitor)
    if isinstance(policy.may_see(comment, author_id=author_id), Deny):
        raise NotFound(detail=N_("There is no such comment."))
    return comment, author_id


async def edit_comment(rt: Runtime, visitor: Visitor, comment_id: int, *, body: str, revision: int) -> Comment:
    """Replace a comment's text within the edit window; every earlier revision is kept.

    Raises Conflict when the comment is no longer at the revision the author saw.
    """
    source, rendered = check_body(rt, body)
    now = rt.clock.now()
    window = timedelta(minutes=rt.settings.edit_window_minutes)

    async def work(tx: Tx) -> Comment:
        comment, author_id = await _get_visible(tx, comment_id, visitor)
        require(policy.may_edit(comment, author_id=author_id, now=now, window=window))
        if comment.source == source and comment.revision in (revision, revision + 1):
            return comment  # nothing to change, or a repeated request whose first answer was lost
        changed = comment.revision == revision and await queries.update_body(
            tx, comment, source=source, html=rendered.html, text=rendered.text, now=now
        )
        if not changed:
            detail = N_("This comment was changed in another window. Look at the newer text before you save.")
            raise Conflict("revision_conflict", detail)
        return await _again(tx, comment)

    return await rt.db.write(work)


async def delete_comment(rt: Runtime, visitor: Visitor, comment_id: int) -> Comment:
    """Take the author's comment away; its place in the thread stays. Returns what it was."""

    async def work(tx: Tx) -> Comment:
        comment, author_id = await _get_visible(tx, comment_id, visitor)
        locked = await queries.find_comment_locked(tx, site_id=comment.site_id, comment_id=comment.id)
        if locked is None:
            raise NotFound(detail=N_("There is no such comment."))
        if locked.status is Status.DELETED and author_id == locked.author_id:
            return locked
        require(policy.may_delete(locked, author_id=author_id))
        if locked.status is Status.HELD:
            await queries.remove_comment(tx, locked)
        else:
            await queries.erase_comment(tx, locked)
            await queries.count_comment(tx, locked, by=-1)
        return locked

    return await rt.db.write(work)


async def _again(tx: Tx, comment: Comment) -> Comment:
    found = await queries.find_comment(tx, comment.id)
    return found if found is not None else comment


async def get_own_comment(rt: Runtime, visitor: Visitor, comment_id: int) -> tuple[Comment, Discussion, bool]:
    """A comment this visitor may see, its discussion, and whether they wrote it."""
    async with rt.db.read(fresh=True) as tx:
        comment, author_id = await _get_visible(tx, comment_id, visitor)
        discussion = await articles.find_discussion(tx, comment.discussion_id)
        if discussion is None:
            raise NotFound()
    return comment, discussion, author_id == comment.author_id
