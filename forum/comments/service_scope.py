"""Cover a comment, or a stretch of it, after it was posted: by a moderator, or by its author."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forum.articles.service import get_discussion
from forum.comments import cover_policy as policy
from forum.comments import queries
from forum.comments import queries_flag as flags
from forum.comments import queries_scope as scopes
from forum.comments.compose import Stretch, compose
from forum.comments.covering import AUTHOR, MODERATOR, Ready, apply
from forum.comments.desk import Desk, quoted_in
from forum.comments.model import Comment, Status
from forum.comments.queries_scope import ScopeEvent
from forum.comments.service import about_discussion, get_visible, require
from forum.comments.service_edit import conflict, said_by_author
from forum.comments.stretches import as_understood, keep_stretches, read_stretches
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import FieldError, Invalid, NotFound
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.spoilers.model import Scope
from forum.spoilers.queries_passage import list_passages
from forum.spoilers.scopes import Book
from forum.spoilers.service import book


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody says about a comment: what it gives away (nothing: it is no spoiler), and why. With `stretch` only
    that part of the source, in code points, of the text at `revision`."""

    scope: Scope
    reason: str
    stretch: tuple[int, int] | None = None
    revision: int | None = None


async def rescope_as_moderator(rt: Runtime, site: Site, comment_id: int, verdict: Verdict) -> Comment:
    """A moderator's word: from now on it stands above the author's. Raises NotFound, Invalid, or Conflict when the
    text is not the one that was seen."""
    async with rt.db.read(fresh=True) as tx:
        seen = await queries.find_comment(tx, comment_id)
    if seen is None or seen.site_id != site.id or seen.status is Status.DELETED:
        raise _nothing()
    ready, known = await _prepare(rt, seen, verdict, adds_only=False), await book(rt)

    async def work(tx: Tx) -> Comment:
        desk = Desk(tx, rt, known)
        comment = await _locked(desk, ready, verdict)
        said = await _said_by_moderator(desk, comment, ready, verdict)
        covered = said.set_scope_id is not None or bool(said.stretches)
        state = policy.state_after_verdict(covered=covered)
        outcome = flags.UPHELD if covered else flags.REJECTED
        await flags.decide_flags(tx, site_id=comment.site_id, comment_id=comment.id, outcome=outcome)
        await apply(desk, comment, said._replace(cover_state=state.value), ready, (MODERATOR, verdict.reason))
        return await _again(desk, comment)

    return await rt.db.write(work)


async def _said_by_moderator(desk: Desk, comment: Comment, ready: Ready, verdict: Verdict) -> Comment:
    if verdict.stretch is not None:
        return comment._replace(stretches=await keep_stretches(desk, ready.stretches))
    # It is the whole word about the comment as such: the author may add to it, and what it inherits stays.
    said = comment._replace(scope_id=None, set_scope_id=await desk.id_of(verdict.scope))
    return said if verdict.scope else said._replace(inherits=False, stretches="")


async def rescope_as_author(rt: Runtime, visitor: Visitor, comment_id: int, verdict: Verdict) -> Comment:
    """An author's word about a comment of theirs, at any time; it adds to what a moderator has said."""
    async with rt.db.read(fresh=True) as tx:
        # First of all: what is wrong with a stretch tells something about the text.
        seen, author_id = await get_visible(tx, comment_id, visitor, rt.clock.now())
    require(policy.may_rescope_own(seen, author_id=author_id))
    adds_only = policy.is_locked(seen.cover_state)
    ready, known = await _prepare(rt, seen, verdict, adds_only=adds_only), await book(rt)

    async def work(tx: Tx) -> Comment:
        desk = Desk(tx, rt, known)
        comment = await _locked(desk, ready, verdict)
        if policy.is_locked(comment.cover_state) and not adds_only:
            raise conflict()
        if verdict.stretch is not None:
            said = comment._replace(stretches=await keep_stretches(desk, ready.stretches))
        else:
            said = await said_by_author(desk, comment, verdict.scope)
            said = said if ready.composed is None else said._replace(stretches="")
        await apply(desk, comment, said, ready, (AUTHOR, verdict.reason))
        return await _again(desk, comment)

    return await rt.db.write(work)


def _nothing() -> NotFound:
    return NotFound(detail=N_("There is no such comment."))


async def _prepare(rt: Runtime, comment: Comment, verdict: Verdict, *, adds_only: bool) -> Ready:
    """Everything that needs no transaction. A text with a stretch covered, or uncovered again, is drawn anew; what was
    understood of its labels when it was posted stays. With `adds_only` nothing of what is covered is taken away."""
    now, known = rt.clock.now(), await book(rt)
    if verdict.revision not in (None, comment.revision):
        raise conflict()
    async with rt.db.read(fresh=True) as tx:
        found = await queries.find_source(tx, site_id=comment.site_id, comment_id=comment.id)
        discussion = await get_discussion(tx, comment.discussion_id)
        stretches = await read_stretches(Desk(tx, rt, known), comment.stretches)
        passages = await list_passages(tx, site_id=comment.site_id, comments=[comment.id])
    if verdict.stretch is None and (verdict.scope or not stretches or adds_only):
        return Ready(comment, now)
    source, revision = found or ("", None)
    if revision != comment.revision:
        raise conflict()
    stretches = () if verdict.stretch is None else _with_stretch(source, stretches, verdict, adds_only=adds_only)
    about = await about_discussion(rt, discussion, comment.created_at)
    composed = await compose(rt, source, about, stretches=stretches)
    return Ready(comment, now, stretches, as_understood(composed, passages, known))


def _with_stretch(
    source: str, stretches: tuple[Stretch, ...], verdict: Verdict, *, adds_only: bool
) -> tuple[Stretch, ...]:
    start, end = verdict.stretch or (0, 0)
    if not 0 <= start < end <= len(source):
        raise Invalid(errors=(FieldError("start", "wrong_value"), FieldError("end", "wrong_value")))
    others = tuple(s for s in stretches if (s.start, s.end) != (start, end))
    scope = verdict.scope
    if adds_only:
        for stretch in stretches:
            scope = scope | stretch.scope if stretch not in others else scope
    return (*others, Stretch(start, end, scope)) if scope else others


async def _locked(desk: Desk, ready: Ready, verdict: Verdict) -> Comment:
    """The comment as it is now; raises Conflict when its text is not the one that was looked at."""
    site_id, comment_id = ready.comment.site_id, ready.comment.id
    quoted = quoted_in(ready.composed) if ready.composed is not None else set()
    comment = (await desk.hold(site_id, {comment_id, *quoted})).get(comment_id)
    if comment is None or comment.status is Status.DELETED:
        raise _nothing()
    if verdict.revision is not None and comment.revision != verdict.revision:
        raise conflict()
    if ready.composed is not None and comment.revision != ready.comment.revision:
        raise conflict()
    if comment.stretches != ready.comment.stretches:
        raise conflict()
    return comment


async def _again(desk: Desk, comment: Comment) -> Comment:
    found = await queries.find_comment(desk.tx, comment.id)
    return comment if found is None else found


@dataclass(frozen=True, slots=True)
class CommentRecord:
    """What moderators see of a comment."""

    comment: Comment
    source: str
    book: Book
    flags: Sequence[policy.Flag]
    events: Sequence[ScopeEvent]

    @property
    def flag_weight(self) -> float:
        """What the flags that nobody has decided about weigh together."""
        return policy.total_weight(self.flags)


async def get_record(rt: Runtime, site: Site, comment_id: int) -> CommentRecord:
    """What is known of a comment of a site; raises NotFound. For moderators."""
    async with rt.db.read(fresh=True) as tx:
        comment = await queries.find_comment(tx, comment_id)
        if comment is None or comment.site_id != site.id:
            raise NotFound(detail=N_("There is no such comment."))
        place = {"site_id": site.id, "comment_id": comment.id}
        found = await queries.find_source(tx, **place)
        raised = await flags.list_undecided(tx, **place)
        events = await scopes.list_events(tx, **place)
    return CommentRecord(comment, found[0] if found else "", await book(rt), raised, events)
