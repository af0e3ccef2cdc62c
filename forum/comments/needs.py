"""Store what comments need, and cover their earlier texts by all that they were ever known to need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from forum.comments import queries_scope as queries
from forum.comments.desk import Desk
from forum.comments.model import Comment


async def store_needs(desk: Desk, changed: Sequence[Comment]) -> None:
    """Store what these comments need now, each at a new revision, with what that means for their earlier texts."""
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
