"""A new comment takes its place: in the thread, and behind the covers that it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from forum.articles.model import Discussion
from forum.comments import policy, queries
from forum.comments.compose import Composed
from forum.comments.desk import Desk, Layout, Where, lay_out, masked, quoted_in
from forum.comments.model import Author, Comment, Draft, Slot, Status
from forum.comments.repeats import remember, repeats
from forum.comments.screening.answers import refusal_of
from forum.comments.screening.facts import NOTHING_KNOWN, Facts
from forum.comments.screening.model import Outcome
from forum.comments.screening.phases import asks_for_all, screen
from forum.comments.screening.queries_known import Asked, find_known
from forum.comments.screening.reading import Screened
from forum.comments.screening.recording import record
from forum.comments.service import REFUSALS, require
from forum.errors import NotFound
from forum.sites.model import Site
from forum.spoilers.model import NO_SCOPE, Scope
from forum.spoilers.queries_passage import insert_passages


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to say: checked, composed, and what they say it needs as a whole (None: what its parent
    does). `screened` is what was read of it, `hold` keeps it for a moderator in any case."""

    draft: Draft
    composed: Composed
    own: Scope | None
    screened: Screened
    hold: bool = False


@dataclass(frozen=True, slots=True)
class Born:
    """The stored comment, and what screening said about it."""

    comment: Comment
    outcome: Outcome


async def bear(desk: Desk, site: Site, discussion: Discussion, wish: Wish, who: tuple[int, Author, datetime]) -> Born:
    """Store a new comment; `who` is its id, its author, and the moment. Raises what screening refuses it with."""
    comment_id, author, now = who
    held, parent = await _around(desk, discussion, wish)
    laid = await lay_out(desk, Where(site.id, discussion.id, comment_id), wish.composed, held)
    inherits, own = wish.own is None, wish.own or NO_SCOPE
    whole = own if parent is None or not inherits else own | await desk.passed_on(parent)
    repeated = not whole and await repeats(desk, discussion, laid)
    facts = Facts(now, discussion, site_holds=site.hold, must_hold=wish.hold, repeats=repeated)
    outcome = await _screen(desk, wish, facts, author)
    slot = await _slot(desk, parent, comment_id, drawn=not outcome.held)
    bare = Comment(
        site_id=site.id,
        id=comment_id,
        discussion_id=discussion.id,
        parent_id=slot.parent_id,
        root_id=slot.root_id,
        depth=slot.depth,
        root_seq=slot.root_seq,
        author_id=author.id,
        author_kind=author.kind,
        author_name=author.name,
        html=laid.html,
        text=laid.text,
        status=policy.birth_status(hold=outcome.held),
        revision=1,
        reply_count=0,
        subtree_count=0,
        created_at=now,
        edited_at=None,
        covers=laid.covers,
        scope_id=await desk.id_of(own),
        inherits=inherits,
        eff_scope_id=await desk.id_of(whole),
        inner_scope_id=await desk.id_of(laid.inner),
    )
    comment = await _store(desk, bare, whole, wish, laid)
    await remember(desk, discussion, bare, laid.passages)
    await record(desk.tx, desk.rt, comment, discussion, outcome)
    return Born(comment, outcome)


async def _screen(desk: Desk, wish: Wish, facts: Facts, author: Author) -> Outcome:
    """What becomes of a text, now that everything is known."""
    case, rules = wish.screened.case, wish.screened.rules.rules
    known = NOTHING_KNOWN
    whole, place = asks_for_all(facts, rules), facts.discussion
    # Of somebody whom nobody has met nothing is known: only what others wrote may be asked.
    if place is not None and not wish.screened.is_free and (whole or not author.is_new):
        about = Asked(place.site_id, (author.kind, author.id), place.id, case.source, case.sketch, also=author.also)
        known = await find_known(desk.tx, about, facts.now, whole=whole)
    outcome = screen(case, replace(facts, known=known, is_trusted=author.is_trusted), rules)
    if outcome.refused and outcome.deciding is not None:
        raise refusal_of(outcome.deciding)
    return outcome


async def _slot(desk: Desk, parent: Comment | None, comment_id: int, *, drawn: bool) -> Slot:
    """Where the comment stands: below its parent, or on its own."""
    if parent is None:
        return Slot(None, comment_id, 0, 0)
    return await queries.take_slot(desk.tx, parent, drawn=drawn)


async def _store(desk: Desk, bare: Comment, whole: Scope, wish: Wish, laid: Layout) -> Comment:
    """The comment as it is stored: behind its cover where it needs something as a whole."""
    comment, hidden = masked(bare, whole)
    sketch = wish.screened.case.sketch
    await queries.insert_comment(desk.tx, comment, source=wish.draft.source, sketch=sketch)
    await insert_passages(desk.tx, laid.passages if hidden is None else (*laid.passages, hidden))
    return comment


async def _around(desk: Desk, discussion: Discussion, wish: Wish) -> tuple[dict[int, Comment], Comment | None]:
    """What the comment answers and quotes, and the one that it answers, which must be possible. Whoever covers one of
    them at this moment also covers what we take from it, or we see that it is covered."""
    parent_id = wish.draft.parent_id
    wanted = quoted_in(wish.composed) | ({parent_id} if parent_id is not None else set())
    held = await desk.hold(discussion.site_id, wanted, below=parent_id) if wanted else {}
    parent = _parent_in(held, discussion, parent_id)
    require(policy.may_reply(parent, discussion.state))
    return held, parent


def _parent_in(held: Mapping[int, Comment], discussion: Discussion, parent_id: int | None) -> Comment | None:
    if parent_id is None:
        return None
    parent = held.get(parent_id)
    if parent is None or parent.discussion_id != discussion.id or parent.status is Status.HELD:
        raise NotFound("parent_gone", REFUSALS["parent_gone"])
    return parent
