"""Delete a comment; and what every use case that writes, or shows somebody their own, checks first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from forum.accounts import queries as guests
from forum.accounts.service_session import find_account_actor
from forum.articles import queries as articles
from forum.articles.model import Discussion
from forum.comments import policy, queries
from forum.comments.compose import About
from forum.comments.model import Comment, Status
from forum.comments.review.policy import Act, stops
from forum.comments.review.queries import take_items
from forum.comments.review.queries_people import list_in_force
from forum.comments.review.words import refusal
from forum.core.decision import Decision, Deny
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import FieldError, Forbidden, Invalid, NotFound
from forum.runtime import Runtime
from forum.spoilers.model import Scope
from forum.spoilers.queries_passage import forget_passages
from forum.spoilers.service import book, read_tokens

REFUSALS = {
    "guests_not_allowed": N_("This site does not take comments from guests."),
    "discussion_closed": N_("This discussion is closed. You can still read it."),
    "parent_gone": N_("The comment you are replying to is gone."),
    "not_yours": N_(
        "Only the person who wrote a comment can change it: signed in, or in the browser it was written in."
    ),
    "edit_window_closed": N_("The time for editing this comment is over. You can still delete it."),
    "deleted": N_("This comment was deleted."),
    "removed": N_("A moderator has removed this comment, so it can't be edited any more. You can still delete it."),
}


def require(decision: Decision) -> None:
    """Raise Forbidden with the refusal's sentence unless the decision allows."""
    if isinstance(decision, Deny):
        raise Forbidden(decision.code, REFUSALS[decision.code])


async def about_discussion(rt: Runtime, discussion: Discussion | None, at: datetime) -> About:
    """What labels in this discussion may mean: its works come first, also those that its scope names."""
    if discussion is None:
        return About((), at)
    scope = (await book(rt)).scope(discussion.warned.scope_id)
    named = (*discussion.warned.works, *(point.work for point in scope.in_order if point.work is not None))
    return About(tuple(dict.fromkeys(named)), at)


async def read_scope(rt: Runtime, tokens: Iterable[str], *, at: datetime) -> Scope:
    """A scope given as tokens ("jessica-jones:S1E4"); raises Invalid for one that the catalogue does not know."""
    scope, unknown = await read_tokens(rt, list(tokens), at=at)
    if unknown:
        errors = tuple(FieldError("scope", "unknown_scope") for _ in unknown)
        raise Invalid("unknown_scope", N_("The catalogue does not know that work or that part of it."), errors=errors)
    return scope


async def authors_of(tx: Tx, site_id: int, visitor: Visitor, now: datetime) -> tuple[int, ...]:
    """Who this visitor is on a site: the account that is signed in, and the guest that this browser was before (what it
    wrote then stays its own, also before it is claimed)."""
    actor = await find_account_actor(tx, visitor, site_id, now)
    guest = None
    if visitor.token is not None:
        guest = await guests.find_guest(tx, site_id=site_id, token=visitor.token)
    return tuple(found.id for found in (actor, guest) if found is not None)


async def require_free(tx: Tx, site_id: int, authors: Iterable[int], act: Act, now: datetime) -> None:
    """Raise Forbidden where what was decided about any of these, who are one person, stops them from doing this."""
    stopped = stops(await list_in_force(tx, site_id=site_id, authors=sorted(authors), now=now), act, now)
    if stopped is not None:
        code, sentence, params = refusal(stopped)
        refused = Forbidden(code, sentence)
        refused.params |= params
        raise refused


async def get_visible(tx: Tx, comment_id: int, visitor: Visitor, now: datetime) -> tuple[Comment, int | None]:
    """A comment this visitor may see, and its author's id when they wrote it (else whoever they are on its site);
    raises NotFound."""
    return (await get_seen(tx, comment_id, visitor, now))[:2]


async def get_seen(
    tx: Tx, comment_id: int, visitor: Visitor, now: datetime
) -> tuple[Comment, int | None, tuple[int, ...]]:
    """The same, and everybody who this visitor is on the comment's site."""
    return await _visible_to(tx, await queries.find_comment(tx, comment_id), visitor, now)


async def _visible_to(
    tx: Tx, comment: Comment | None, visitor: Visitor, now: datetime
) -> tuple[Comment, int | None, tuple[int, ...]]:
    if comment is None:
        raise NotFound(detail=N_("There is no such comment."))
    mine = await authors_of(tx, comment.site_id, visitor, now)
    author_id = comment.author_id if comment.author_id in mine else next(iter(mine), None)
    if isinstance(policy.may_see(comment, author_id=author_id), Deny):
        raise NotFound(detail=N_("There is no such comment."))
    return comment, author_id, mine


async def delete_comment(rt: Runtime, visitor: Visitor, comment_id: int) -> Comment:
    """Take the author's comment away, out of moderators' queues too. Its place in the thread stays where it has one;
    what has none (held, or removed by a moderator) leaves nothing. Returns what it was."""
    now = rt.clock.now()

    async def work(tx: Tx) -> Comment:
        found = await queries.find_comment_held(tx, comment_id)
        comment, author_id, _ = await _visible_to(tx, found, visitor, now)
        if comment.status is Status.DELETED and author_id == comment.author_id:
            return comment
        require(policy.may_delete(comment, author_id=author_id))
        await take_items(tx, site_id=comment.site_id, comment_id=comment.id)
        await forget_passages(tx, site_id=comment.site_id, comments=[comment.id])
        if comment.is_drawn or not await queries.remove_comment(tx, comment):
            await leave_mark(tx, comment)
        await queries.count_comment(tx, comment, by=-1 if comment.is_public else 0)
        return comment

    return await rt.db.write(work)


async def leave_mark(tx: Tx, comment: Comment) -> None:
    """What is left where a comment was: replies hang below it, also where nobody sees them (yet). The discussion is for
    the caller."""
    await queries.erase_comment(tx, comment)
    if not comment.is_drawn and comment.parent_id is not None:
        await queries.count_place(tx, comment, by=1)


async def get_source(rt: Runtime, comment: Comment) -> str:
    """What the author typed. For the author alone."""
    async with rt.db.read(fresh=True) as tx:
        found = await queries.find_source(tx, site_id=comment.site_id, comment_id=comment.id)
    if found is None:
        raise NotFound(detail=N_("There is no such comment."))
    return found[0]


async def get_own_comment(rt: Runtime, visitor: Visitor, comment_id: int) -> tuple[Comment, Discussion, bool]:
    """A comment this visitor may see, its discussion, and whether they wrote it."""
    async with rt.db.read(fresh=True) as tx:
        comment, author_id = await get_visible(tx, comment_id, visitor, rt.clock.now())
        discussion = await articles.find_discussion(tx, comment.discussion_id)
        if discussion is None:
            raise NotFound()
    return comment, discussion, author_id == comment.author_id
