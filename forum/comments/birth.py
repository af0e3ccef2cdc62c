"""A new comment takes its place: in the thread, and behind the covers that it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from forum.articles.model import Discussion
from forum.comments import policy, queries
from forum.comments.compose import Composed
from forum.comments.desk import Desk, Layout, Where, lay_out, masked, quoted_in
from forum.comments.model import Author, Comment, Draft, Slot, Status
from forum.comments.repeats import remember, repeats
from forum.comments.service import REFUSALS, require
from forum.errors import NotFound
from forum.sites.model import Site
from forum.spoilers.model import NO_SCOPE, Scope
from forum.spoilers.queries_passage import insert_passages


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to say: checked, composed, and what they say it needs as a whole (None: what its parent
    does). `hold` keeps it for a moderator in any case."""

    draft: Draft
    composed: Composed
    own: Scope | None
    hold: bool = False


@dataclass(frozen=True, slots=True)
class Born:
    """The stored comment, and whether it is held because it repeats covered words."""

    comment: Comment
    repeats: bool = False


async def bear(desk: Desk, site: Site, discussion: Discussion, wish: Wish, who: tuple[int, Author, datetime]) -> Born:
    """Store a new comment; `who` is its id, its author, and the moment."""
    comment_id, author, now = who
    held = await _hold(desk, site, wish)
    parent = _parent_in(held, discussion, wish.draft.parent_id)
    require(policy.may_reply(parent, discussion.state))
    laid = await lay_out(desk, Where(site.id, discussion.id, comment_id), wish.composed, held)
    inherits, own = wish.own is None, wish.own or NO_SCOPE
    whole = own if parent is None or not inherits else own | await desk.passed_on(parent)
    repeated = not whole and await repeats(desk, discussion, laid)
    status = policy.birth_status(site, hold=wish.hold or repeated)
    slot = await _slot(desk, parent, comment_id, drawn=status is Status.PUBLISHED)
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
        status=status,
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
    return Born(comment, repeated)


async def _slot(desk: Desk, parent: Comment | None, comment_id: int, *, drawn: bool) -> Slot:
    """Where the comment stands: below its parent, or on its own."""
    if parent is None:
        return Slot(None, comment_id, 0, 0)
    return await queries.take_slot(desk.tx, parent, drawn=drawn)


async def _store(desk: Desk, bare: Comment, whole: Scope, wish: Wish, laid: Layout) -> Comment:
    """The comment as it is stored: behind its cover where it needs something as a whole."""
    comment, hidden = masked(bare, whole)
    await queries.insert_comment(desk.tx, comment, source=wish.draft.source)
    await insert_passages(desk.tx, laid.passages if hidden is None else (*laid.passages, hidden))
    return comment


async def _hold(desk: Desk, site: Site, wish: Wish) -> dict[int, Comment]:
    """What the comment answers and quotes. Whoever covers one of them at this moment also covers what we take from it,
    or we see that it is covered."""
    parent_id = wish.draft.parent_id
    wanted = quoted_in(wish.composed) | ({parent_id} if parent_id is not None else set())
    return await desk.hold(site.id, wanted, below=parent_id) if wanted else {}


def _parent_in(held: Mapping[int, Comment], discussion: Discussion, parent_id: int | None) -> Comment | None:
    if parent_id is None:
        return None
    parent = held.get(parent_id)
    if parent is None or parent.discussion_id != discussion.id or parent.status is Status.HELD:
        raise NotFound("parent_gone", REFUSALS["parent_gone"])
    return parent
