"""Quotes follow what they quote: they need what it needs, and say nothing while nobody may read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from forum.comments import queries_scope as queries
from forum.comments.covers import WHOLE, encode, whole_id
from forum.comments.desk import Desk, Quoted, cover_of, put_in
from forum.comments.model import Comment, Status
from forum.comments.needs import store_needs
from forum.markup import slots
from forum.spoilers.model import NO_SCOPE, Scope
from forum.spoilers.passages import Passage
from forum.spoilers.queries_passage import list_passages, list_quoting, rescope_passage


async def follow(desk: Desk, comment: Comment) -> None:
    """After a comment's status has changed: quotes of it say nothing, or what they said before. One statement where
    nothing quotes it. The discussion is touched by whoever changed the status."""
    quoting = await list_quoting(desk.tx, site_id=comment.site_id, comments=[comment.id])
    if quoting:
        await requote(desk, comment.site_id, quoting)


async def requote(desk: Desk, site_id: int, quoting: Collection[int]) -> set[int]:
    """Quotes in these comments need what their sources need now, and say nothing where these are not public.
    Returns the comments that it changed."""
    # Held before their passages are read. Their sources are not: who changes one now will come to the quotes after us.
    comments = await queries.list_locked(desk.tx, site_id=site_id, comments=quoting)
    if not comments:
        return set()
    passages: dict[int, list[Passage]] = defaultdict(list)
    for passage in await list_passages(desk.tx, site_id=site_id, comments=[comment.id for comment in comments]):
        passages[passage.comment_id].append(passage)
    sources = await _sources(desk, site_id, (p for listed in passages.values() for p in listed))
    return {c.id for c in comments if await _requote(desk, c, passages[c.id], sources)}


async def _sources(desk: Desk, site_id: int, passages: Iterable[Passage]) -> dict[int, Quoted]:
    wanted = {p.src_comment_id for p in passages if p.src_comment_id is not None}
    found = await queries.list_unlocked(desk.tx, site_id=site_id, comments=wanted)
    return await desk.known_sources(comment for comment in found if comment.status is not Status.DELETED)


async def _requote(desk: Desk, comment: Comment, passages: list[Passage], sources: dict[int, Quoted]) -> bool:
    """Give every passage of a comment what it needs now; quotes that began to need something are taken out of the
    skeleton, those that stopped are put back."""
    needs: dict[str | None, Scope] = {None: NO_SCOPE}
    now: list[Passage] = []
    for passage in sorted((p for p in passages if p.seq != WHOLE), key=lambda p: p.seq):
        scope, taken = await _needs(desk, passage, sources, needs[passage.parent_id])
        needs[passage.id] = scope
        withheld = is_withheld(passage, sources)
        now.append(passage._replace(scope_id=await desk.id_of(scope), src_passage_id=taken, withheld=withheld))
    before = {passage.id: passage for passage in passages}
    moved = [p for p in now if (p.scope_id, p.withheld) != (before[p.id].scope_id, before[p.id].withheld)]
    for passage in moved:
        await rescope_passage(desk.tx, passage)
    if not moved:
        return False
    await _store_skeleton(desk, comment, before, now)
    inner = NO_SCOPE
    for scope in needs.values():
        inner = inner | scope
    await store_needs(desk, [comment._replace(inner_scope_id=await desk.id_of(inner))])
    return True


def is_withheld(passage: Passage, sources: Mapping[int, Quoted]) -> bool:
    """A quote says nothing while nobody may read what it quotes. What is gone can't come back: it stays as it was."""
    source = None if passage.src_comment_id is None else sources.get(passage.src_comment_id)
    return passage.withheld if source is None else not source.comment.is_public


async def _needs(desk: Desk, passage: Passage, sources: dict[int, Quoted], outer: Scope) -> tuple[Scope, str | None]:
    scope = outer | await desk.scope(passage.own_scope_id)
    if passage.src_comment_id is None:
        return scope, passage.src_passage_id
    source = sources.get(passage.src_comment_id)
    if source is None or not source.comment.is_public:  # it is gone, or away: what its words needed stays
        return scope | await desk.scope(passage.scope_id), passage.src_passage_id
    taken_scope, taken = source.needs(passage.text)
    return scope | taken_scope, taken


async def _store_skeleton(desk: Desk, comment: Comment, before: dict[str, Passage], now: list[Passage]) -> None:
    """The skeleton with its quotes put in or taken out; where it is hidden as a whole, the hidden one."""
    hidden = before.get(whole_id(comment.id))
    html, text = (comment.html, comment.text) if hidden is None else (hidden.html, hidden.text)
    opened: set[str | None] = {None}
    # Put in anew: what nests in these is out of them.
    anew: set[str | None] = set()
    covers = []
    for passage in now:
        if passage.parent_id not in opened:
            continue
        covers.append(cover_of(passage))
        old, shown = before[passage.id], passage.scope_id is None
        was_shown = old.scope_id is None and passage.parent_id not in anew
        if shown and not passage.withheld:
            opened.add(passage.id)
        if shown == was_shown and (not shown or passage.withheld == old.withheld):
            continue
        html, text = slots.take_out(html, passage.seq), slots.take_out(text, passage.seq)
        if shown:
            anew.add(passage.id)
            html, text = put_in(html, text, passage)
    if hidden is None:
        await queries.set_skeleton(desk.tx, comment._replace(html=html, text=text, covers=encode(covers)))
        return
    await queries.set_hidden(desk.tx, site_id=comment.site_id, passage_id=hidden.id, html=html, text=text)
    await queries.set_skeleton(desk.tx, comment._replace(covers=encode(covers)))
