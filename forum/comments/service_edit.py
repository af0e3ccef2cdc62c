"""Edit a comment within its time: every earlier text is kept, and covered by all that the comment ever needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from forum.accounts.service_session import identify
from forum.articles.model import Discussion
from forum.articles.service import get_discussion
from forum.comments import policy, queries
from forum.comments.compose import About, Composed, compose
from forum.comments.cover_policy import is_locked
from forum.comments.desk import Desk, Where, lay_out, masked
from forum.comments.holding import parent_of, repeating, shows_more, shows_repeated, take_out_of_sight, wait_on
from forum.comments.model import Comment, Revision, Status
from forum.comments.needs import cover_earlier
from forum.comments.repeats import remember
from forum.comments.review.policy import Act
from forum.comments.review.queries import find_last
from forum.comments.screening.answers import Notice, notice_in, notice_of, refusal_of
from forum.comments.screening.facts import Facts
from forum.comments.screening.likeness import NO_SKETCH, Sketch
from forum.comments.screening.model import Outcome
from forum.comments.screening.phases import asks_for_all, screen
from forum.comments.screening.queries_known import Asked, find_known
from forum.comments.screening.reading import Screened, read_text
from forum.comments.screening.recording import record
from forum.comments.service import about_discussion, get_seen, read_scope, require, require_free
from forum.comments.spread import spread, whole_of
from forum.comments.status import hold_place
from forum.comments.stretches import folded
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import Conflict, NotFound
from forum.markup import may_carve
from forum.runtime import Runtime
from forum.sites.service import get_site_by_id
from forum.spoilers.model import Scope
from forum.spoilers.queries_passage import forget_passages, insert_passages
from forum.spoilers.service import book

# An edit is one step of a comment's revision, and another one where it is held for that.
MOST_STEPS: Final = 2


@dataclass(frozen=True, slots=True)
class Edited:
    """A comment as it is after an edit, its discussion, and why it is held, where that has held it."""

    comment: Comment
    discussion: Discussion
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class _Ready:
    """What is known of an edit before its transaction: the comment, its source and its discussion as they were then,
    the new text and what screening read of it, and who asks."""

    comment: Comment
    source: str
    discussion: Discussion
    composed: Composed
    screened: Screened
    is_trusted: bool
    site_holds: bool


async def edit_comment(
    rt: Runtime,
    visitor: Visitor,
    comment_id: int,
    *,
    body: str,
    revision: int,
    scope: tuple[str, ...] | None = None,
) -> Edited:
    """Replace a comment's text within the edit window; `scope` None leaves what the whole of it gives away.

    Raises Conflict when the comment is no longer at the revision the author saw, and what screening refuses.
    """
    now = rt.clock.now()
    ready = await _prepare(rt, visitor, comment_id, body)
    own = None if scope is None else await read_scope(rt, scope, at=now)
    window = timedelta(minutes=rt.settings.edit_window_minutes)
    known = await book(rt)

    async def work(tx: Tx) -> Edited:
        comment, author_id, mine = await get_seen(tx, comment_id, visitor, now)
        require(policy.may_edit(comment, author_id=author_id, now=now, window=window))
        source = await _source_of(tx, comment, ready)
        desk = Desk(tx, rt, known)
        said = comment if own is None else await said_by_author(desk, comment, own)
        is_same = said == comment and source == ready.composed.source
        if is_same and revision <= comment.revision <= revision + MOST_STEPS:
            # Nothing to change, or a repeated request whose first answer was lost.
            return Edited(comment, ready.discussion, await _notice_of(tx, comment))
        if comment.revision != revision:
            raise conflict()
        outcome = await _look_at(desk, (comment, said), ready, source, mine)
        return await _change(desk, (comment, said), ready, source, outcome)

    return await rt.db.write(work)


async def _prepare(rt: Runtime, visitor: Visitor, comment_id: int, body: str) -> _Ready:
    """Everything that needs no transaction, and all the reading of the new text."""
    async with rt.db.read(fresh=True) as tx:
        found = await queries.find_sourced(tx, comment_id)
        if found is None:
            raise NotFound(detail=N_("There is no such comment."))
        comment, source = found
        discussion = await get_discussion(tx, comment.discussion_id)
    about = About((), rt.clock.now())
    if may_carve(body):
        about = await about_discussion(rt, discussion, rt.clock.now())
    composed = await compose(rt, body, about)
    screened = await read_text(rt, comment.site_id, composed)
    actor = await identify(rt, visitor, comment.site_id)
    site = await get_site_by_id(rt, comment.site_id)
    is_trusted = actor is not None and actor.is_trusted
    return _Ready(comment, source, discussion, composed, screened, is_trusted, site.hold)


async def _source_of(tx: Tx, comment: Comment, ready: _Ready) -> str:
    if comment.revision == ready.comment.revision:
        return ready.source
    found = await queries.find_source(tx, site_id=comment.site_id, comment_id=comment.id)
    if found is None:
        raise conflict()
    return found[0]


async def _notice_of(tx: Tx, comment: Comment) -> Notice | None:
    if comment.status is not Status.HELD:
        return None
    return notice_in(await find_last(tx, site_id=comment.site_id, comment_id=comment.id))


async def _look_at(
    desk: Desk, comments: tuple[Comment, Comment], ready: _Ready, source: str, mine: tuple[int, ...]
) -> Outcome:
    """What becomes of another text, or of the same one where more of it is shown; raises what it is refused with."""
    old, said = comments
    about = await folded_into(desk, said)
    if source != ready.composed.source:
        return await _screen(desk, about, ready, mine)
    if not await shows_more(desk, old, about):
        return Outcome()
    await require_free(desk.tx, old.site_id, mine, Act.EDIT, desk.rt.clock.now())
    return await _uncovered(desk, about, ready)


async def _uncovered(desk: Desk, said: Comment, ready: _Ready) -> Outcome:
    """What becomes of a text that was there before, covered."""
    if ready.is_trusted:
        return Outcome()
    return await repeating(desk, ready.discussion, said, ready.composed.text)


async def _screen(desk: Desk, said: Comment, ready: _Ready, mine: tuple[int, ...]) -> Outcome:
    """What becomes of the new text; raises what it is refused with. `mine` is everybody who its author is here."""
    now = desk.rt.clock.now()
    case, rules, place = ready.screened.case, ready.screened.rules.rules, ready.discussion
    facts = Facts(now, place, is_trusted=ready.is_trusted, is_edit=True, site_holds=ready.site_holds)
    author = (said.author_kind, said.author_id)
    about = Asked(said.site_id, author, place.id, case.source, case.sketch, said.id, mine)
    whole = asks_for_all(facts, rules)
    known = await find_known(desk.tx, about, now, whole=whole)
    repeated = await shows_repeated(desk, place, said, ready.composed.text)
    outcome = screen(case, replace(facts, known=known, repeats=repeated), rules)
    if outcome.refused and outcome.deciding is not None:
        raise refusal_of(outcome.deciding)
    return outcome


async def _change(
    desk: Desk, comments: tuple[Comment, Comment], ready: _Ready, source: str, outcome: Outcome
) -> Edited:
    """Store the new text; what was public and is held now is out of sight from here on, with all quotes of it."""
    old, said = comments
    now = desk.rt.clock.now()
    hides = outcome.held and old.is_public
    if hides:
        place = await hold_place(desk.tx, site_id=old.site_id, comment_id=old.id)
        if place is None or place.revision != old.revision:
            raise conflict()
        old = old._replace(reply_count=place.reply_count)
    changed = await rewrite(desk, old, said, ready.composed, (source, now), sketch=ready.screened.case.sketch)
    if changed is None:
        raise conflict()
    if hides:
        changed = await take_out_of_sight(desk, changed, now)
    if old.status is Status.HELD:
        is_new_text = source != ready.composed.source
        outcome = await wait_on(desk, changed, ready.discussion, outcome, is_new_text=is_new_text)
    elif hides or outcome.flagged:
        await record(desk.tx, desk.rt, changed, ready.discussion, outcome)
    return Edited(changed, ready.discussion, notice_of(outcome))


def conflict() -> Conflict:
    """Somebody (perhaps the same person elsewhere) changed the comment first."""
    detail = N_("This comment was changed in another window. Look at the newer text before you save.")
    return Conflict("revision_conflict", detail)


async def said_by_author(desk: Desk, comment: Comment, scope: Scope) -> Comment:
    """A comment with its author's word about the whole of it."""
    if not is_locked(comment.cover_state):
        return comment._replace(scope_id=await desk.id_of(scope), inherits=False)
    return comment._replace(scope_id=await desk.id_of(await desk.scope(comment.scope_id) | scope))


async def rewrite(
    desk: Desk,
    old: Comment,
    said: Comment,
    composed: Composed,
    before: tuple[str, datetime],
    *,
    sketch: Sketch = NO_SKETCH,
) -> Comment | None:
    """Store another text of a comment and what it needs now; `said` is the comment with what its author says about it,
    `before` the earlier source, and now; `sketch` is what texts like it are found by. None
    when the comment is no longer at `old.revision`."""
    earlier, now = before
    laid = await lay_out(desk, Where(old.site_id, old.discussion_id, old.id), composed)
    said = await folded_into(desk, said)
    bare = said._replace(
        html=laid.html,
        text=laid.text,
        covers=laid.covers,
        edited_at=now,
        inner_scope_id=await desk.id_of(laid.inner),
    )
    whole = await whole_of(desk, bare, await parent_of(desk, bare))
    bare = bare._replace(eff_scope_id=await desk.id_of(whole))
    new, hidden = masked(bare, whole)
    needed = await desk.scope(old.eff_scope_id) | await desk.scope(old.inner_scope_id)
    kept = Revision(old.site_id, old.id, old.revision, earlier, now, await desk.id_of(needed))
    if not await queries.update_body(desk.tx, old, new, source=composed.source, kept=kept, sketch=sketch):
        return None
    if old.covers or needed:
        await forget_passages(desk.tx, site_id=old.site_id, comments=[old.id])
    await insert_passages(desk.tx, laid.passages if hidden is None else (*laid.passages, hidden))
    if whole or laid.inner or needed or old.edited_at is not None:
        await cover_earlier(desk, [bare])
    if whole or laid.inner or needed:  # also when it needs the same as before: other words may be covered now
        await spread(desk, old.site_id, [old.id])
        await remember(desk, await get_discussion(desk.tx, old.discussion_id), bare, laid.passages)
    await queries.count_comment(desk.tx, old, by=0)
    return new._replace(revision=old.revision + 1)


async def folded_into(desk: Desk, comment: Comment) -> Comment:
    """What was covered of the earlier text, the whole of the new one needs: nobody knows where it would be now. Said by
    a moderator, once one has spoken."""
    covered = await folded(desk, comment.stretches)
    if is_locked(comment.cover_state):
        both = await desk.scope(comment.set_scope_id) | covered
        return comment._replace(stretches="", set_scope_id=await desk.id_of(both))
    both = await desk.scope(comment.scope_id) | covered
    return comment._replace(stretches="", scope_id=await desk.id_of(both))
