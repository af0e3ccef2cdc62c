"""What one comment's scope means for others: replies that inherit it, and quotes of it, wherever they stand.

Everything happens in the transaction that changed the scope, so that no answer that comes after it shows more. What
depends on a comment is held before it is read, and read again until there is no more of it. More needs only ever bring
more of them, and fewer only fewer: going round ends, also where an edited comment quotes one that came after it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from forum.comments import queries_scope as queries
from forum.comments.covers import WHOLE, encode, whole_id
from forum.comments.desk import Desk, Quoted, cover_of
from forum.comments.model import Comment, Status
from forum.markup import slots
from forum.spoilers.model import NO_SCOPE, Scope
from forum.spoilers.passages import Passage
from forum.spoilers.queries_passage import list_passages, list_quoting, rescope_passage


async def spread(desk: Desk, site_id: int, seeds: Collection[int]) -> None:
    """Bring everything that depends on these comments up to date, after what they need has changed. They are held."""
    changed = set(seeds)
    while changed:
        changed |= await _spread_to_heirs(desk, site_id, changed)
        quoting = await list_quoting(desk.tx, site_id=site_id, comments=sorted(changed))
        changed = await _spread_to_quotes(desk, site_id, quoting)


async def _spread_to_heirs(desk: Desk, site_id: int, parents: Collection[int]) -> set[int]:
    """What inherits from these comments now needs what they need. Returns whom that changed."""
    heirs = await _hold_heirs(desk, site_id, parents)
    if not heirs:
        return set()
    known = {c.id: c for c in await queries.list_unlocked(desk.tx, site_id=site_id, comments=parents)}
    changed: list[tuple[Comment, Comment]] = []
    for heir in heirs:
        parent = known.get(heir.parent_id or 0)
        now = heir
        if parent is not None and heir.inherits:
            now = heir._replace(eff_scope_id=await desk.id_of(await whole_of(desk, heir, parent)))
        known[heir.id] = now
        if now.eff_scope_id != heir.eff_scope_id:
            changed.append((heir, now))
    await move_texts(desk, changed)
    await _store_needs(desk, [now for _, now in changed])
    return {now.id for _, now in changed}


async def _hold_heirs(desk: Desk, site_id: int, parents: Collection[int]) -> list[Comment]:
    """What inherits from these comments, parents before their replies. A reply that was being written while its parent
    was waited for is there the next time; once the parent is held nobody can add one."""
    heirs: dict[int, Comment] = {}
    while True:
        found = await queries.list_heirs(desk.tx, site_id=site_id, comments=parents)
        missing = found - heirs.keys()
        if not missing:
            return [heirs[heir_id] for heir_id in sorted(heirs)]
        heirs |= {c.id: c for c in await queries.list_locked(desk.tx, site_id=site_id, comments=missing)}


async def whole_of(desk: Desk, comment: Comment, parent: Comment | None) -> Scope:
    """All that a comment needs as a whole, given what its parent needs now."""
    scope = await desk.scope(comment.scope_id) | await desk.scope(comment.set_scope_id)
    if comment.inherits and parent is not None:
        scope = scope | await desk.passed_on(parent)
    return scope


async def move_texts(desk: Desk, changed: Iterable[tuple[Comment, Comment]]) -> None:
    """Texts of comments that began to need something as a whole go behind a cover; of those that stopped, back."""
    hide: dict[int, list[int]] = defaultdict(list)
    show: dict[int, list[int]] = defaultdict(list)
    for before, now in changed:
        if before.status is Status.DELETED or (before.eff_scope_id is None) == (now.eff_scope_id is None):
            continue
        (hide if now.eff_scope_id is not None else show)[now.site_id].append(now.id)
    for site_id, ids in hide.items():
        await queries.hide_texts(desk.tx, site_id=site_id, comments=ids, slot=slots.slot(WHOLE))
    for site_id, ids in show.items():
        await queries.show_texts(desk.tx, site_id=site_id, comments=ids)


async def _store_needs(desk: Desk, changed: Sequence[Comment]) -> None:
    alike: dict[tuple[int, int | None, int | None], list[int]] = defaultdict(list)
    for comment in changed:
        alike[comment.site_id, comment.eff_scope_id, comment.inner_scope_id].append(comment.id)
    for (site_id, eff, inner), ids in alike.items():
        await queries.set_needs(desk.tx, site_id=site_id, comments=ids, eff=eff, inner=inner)
    await cover_earlier(desk, changed)


async def cover_earlier(desk: Desk, changed: Iterable[Comment]) -> None:
    """Earlier texts of comments are covered as a whole, by all that these were ever known to need."""
    edited = [comment for comment in changed if comment.edited_at is not None]
    if not edited:
        return
    site_id = edited[0].site_id
    before: dict[int, set[int | None]] = defaultdict(set)
    kept = await queries.list_revision_scopes(desk.tx, site_id=site_id, comments=[comment.id for comment in edited])
    for comment_id, scope_id in kept:
        before[comment_id].add(scope_id)
    alike: dict[int | None, list[int]] = defaultdict(list)
    for comment in edited:
        ever = await desk.scope(comment.eff_scope_id) | await desk.scope(comment.inner_scope_id)
        for scope_id in before[comment.id]:
            ever = ever | await desk.scope(scope_id)
        ever_id = await desk.id_of(ever)
        if before[comment.id] - {ever_id}:
            alike[ever_id].append(comment.id)
    for ever_id, ids in alike.items():
        await queries.cover_revisions(desk.tx, site_id=site_id, comments=ids, scope_id=ever_id)


async def _spread_to_quotes(desk: Desk, site_id: int, quoting: set[int]) -> set[int]:
    """Quotes in these comments need what their sources need now. Returns the comments that it changed."""
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
        now.append(passage._replace(scope_id=await desk.id_of(scope), src_passage_id=taken))
    before = {passage.id: passage for passage in passages}
    moved = [passage for passage in now if passage.scope_id != before[passage.id].scope_id]
    for passage in moved:
        await rescope_passage(desk.tx, passage)
    if not moved:
        return False
    await _store_skeleton(desk, comment, before, now)
    inner = NO_SCOPE
    for scope in needs.values():
        inner = inner | scope
    await _store_needs(desk, [comment._replace(inner_scope_id=await desk.id_of(inner))])
    return True


async def _needs(desk: Desk, passage: Passage, sources: dict[int, Quoted], outer: Scope) -> tuple[Scope, str | None]:
    scope = outer | await desk.scope(passage.own_scope_id)
    if passage.src_comment_id is None:
        return scope, passage.src_passage_id
    source = sources.get(passage.src_comment_id)
    if source is None:  # it is gone: what its words needed stays
        return scope | await desk.scope(passage.scope_id), passage.src_passage_id
    taken_scope, taken = source.needs(passage.text)
    return scope | taken_scope, taken


async def _store_skeleton(desk: Desk, comment: Comment, before: dict[str, Passage], now: list[Passage]) -> None:
    """The skeleton with its quotes put in or taken out; where it is hidden as a whole, the hidden one."""
    hidden = before.get(whole_id(comment.id))
    html, text = (comment.html, comment.text) if hidden is None else (hidden.html, hidden.text)
    opened: set[str | None] = {None}
    covers = []
    for passage in now:
        if passage.parent_id not in opened:
            continue
        covers.append(cover_of(passage))
        shown, was_shown = passage.scope_id is None, before[passage.id].scope_id is None
        if shown:
            opened.add(passage.id)
        if shown and not was_shown:
            html, text = slots.put_in(html, passage.seq, passage.html), slots.put_in(text, passage.seq, passage.text)
        elif was_shown and not shown:
            html, text = slots.take_out(html, passage.seq), slots.take_out(text, passage.seq)
    if hidden is None:
        await queries.set_skeleton(desk.tx, comment._replace(html=html, text=text, covers=encode(covers)))
        return
    await queries.set_hidden(desk.tx, site_id=comment.site_id, passage_id=hidden.id, html=html, text=text)
    await queries.set_skeleton(desk.tx, comment._replace(covers=encode(covers)))
