"""Store what is said about a comment after it was posted, with all that follows from it.

Everything that a change means for others (replies, quotes, earlier texts) happens in its transaction: no answer that
comes after it shows more than it should.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from forum.articles.service import get_discussion
from forum.comments import queries
from forum.comments import queries_scope as scopes
from forum.comments.compose import Composed, Stretch
from forum.comments.covers import WHOLE
from forum.comments.desk import Desk, Layout, Where, lay_out, masked
from forum.comments.holding import parent_of
from forum.comments.model import Comment
from forum.comments.needs import cover_earlier
from forum.comments.queries_scope import ScopeEvent
from forum.comments.repeats import remember
from forum.comments.spread import move_texts, spread, whole_of
from forum.spoilers.queries_passage import forget_passages, forget_words, insert_passages, list_passages

MODERATOR, AUTHOR, READERS, TIME = "moderator", "author", "readers", "time"


@dataclass(frozen=True, slots=True)
class Ready:
    """A comment as it was found, the moment, and its text laid out anew where a stretch of it is covered."""

    comment: Comment
    now: datetime
    stretches: tuple[Stretch, ...] = ()
    composed: Composed | None = None


async def apply(desk: Desk, old: Comment, said: Comment, ready: Ready, why: tuple[str, str]) -> int:
    """Store what is said about a comment now, with all that follows from it; `why` is who says it, and the reason.

    The comment is held. Returns the id of the line in the log.
    """
    laid = None
    if ready.composed is not None:
        laid = await lay_out(desk, Where(old.site_id, old.discussion_id, old.id), ready.composed)
        said = said._replace(html=laid.html, text=laid.text, covers=laid.covers)
        said = said._replace(inner_scope_id=await desk.id_of(laid.inner))
    whole = await whole_of(desk, said, await parent_of(desk, said))
    new = said._replace(eff_scope_id=await desk.id_of(whole))
    await _move(desk, old, new, laid)
    await scopes.set_scoped(desk.tx, new)
    needs = {"eff": new.eff_scope_id, "inner": new.inner_scope_id}
    await scopes.set_needs(desk.tx, site_id=old.site_id, comments=[old.id], **needs)
    event_id = await _log(desk, old, new, ready.now, why)
    await cover_earlier(desk, [new])
    await spread(desk, old.site_id, [old.id])
    # The discussion comes last: who posts in it holds comments first.
    await _remember(desk, new)
    await queries.count_comment(desk.tx, old, by=0)
    return event_id


async def _move(desk: Desk, old: Comment, new: Comment, laid: Layout | None) -> None:
    """The text goes behind its cover, or comes back."""
    if laid is None:
        await move_texts(desk, [(old, new)])
        return
    await forget_passages(desk.tx, site_id=old.site_id, comments=[old.id])
    shown, hidden = masked(new, await desk.scope(new.eff_scope_id))
    await scopes.set_skeleton(desk.tx, shown)
    await insert_passages(desk.tx, laid.passages if hidden is None else (*laid.passages, hidden))


async def _remember(desk: Desk, new: Comment) -> None:
    """Which words the comment covers by now; those that it uncovered may be repeated."""
    await forget_words(desk.tx, site_id=new.site_id, comments=[new.id])
    if new.eff_scope_id is None and new.inner_scope_id is None:
        return
    passages = await list_passages(desk.tx, site_id=new.site_id, comments=[new.id])
    hidden = next((passage.text for passage in passages if passage.seq == WHOLE), None)
    bare = new if hidden is None else new._replace(text=hidden)
    await remember(desk, await get_discussion(desk.tx, new.discussion_id), bare, passages)


async def _log(desk: Desk, old: Comment, new: Comment, now: datetime, why: tuple[str, str]) -> int:
    actor, reason = why
    before = await desk.scope(old.eff_scope_id) | await desk.scope(old.inner_scope_id)
    after = await desk.scope(new.eff_scope_id) | await desk.scope(new.inner_scope_id)
    ids = (await desk.id_of(before), await desk.id_of(after))
    # What a moderator says at more length stands in the log of decisions.
    said = reason[: scopes.MAX_REASON]
    event = ScopeEvent(old.site_id, desk.rt.ids.next(), old.id, actor, new.cover_state, *ids, said, now)
    await scopes.log_event(desk.tx, event)
    return event.id
