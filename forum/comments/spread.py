"""What one comment's scope means for others: replies that inherit it, and quotes of it, wherever they stand.

Everything happens in the transaction that changed the scope, so that no answer that comes after it shows more. What
depends on a comment is held before it is read, and read again until there is no more of it. More needs only ever bring
more of them, and fewer only fewer: going round ends, also where an edited comment quotes one that came after it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from forum.comments import queries_scope as queries
from forum.comments.covers import WHOLE
from forum.comments.desk import Desk
from forum.comments.model import Comment, Status
from forum.comments.needs import store_needs
from forum.comments.requoting import requote
from forum.markup import slots
from forum.spoilers.model import Scope
from forum.spoilers.queries_passage import list_quoting


async def spread(desk: Desk, site_id: int, seeds: Collection[int]) -> None:
    """Bring everything that depends on these comments up to date, after what they need has changed. They are held."""
    changed = set(seeds)
    while changed:
        changed |= await _spread_to_heirs(desk, site_id, changed)
        quoting = await list_quoting(desk.tx, site_id=site_id, comments=sorted(changed))
        changed = await requote(desk, site_id, quoting)


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
    await store_needs(desk, [now for _, now in changed])
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
