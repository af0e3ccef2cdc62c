"""Read one comment with all that a moderator should know before a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from forum.accounts.model import Role
from forum.comments import queries as comments
from forum.comments.bodies import Inner
from forum.comments.model import Comment
from forum.comments.review.queries_people import list_sanctions
from forum.db import Tx
from forum.errors import NotFound
from forum.moderation.deciding.scene import is_own
from forum.moderation.guard import NOTHING, Moderator
from forum.moderation.queues import queries_item as queries
from forum.moderation.queues.choosing import for_author, for_trusted, found_in, marked, most_urgent, rule_of
from forum.moderation.queues.model import (
    MOST_DECISIONS,
    MOST_REPLIES,
    TRUSTED_QUEUES,
    About,
    Beside,
    Entry,
    Found,
    Hits,
    ItemPage,
    Place,
    Record,
)
from forum.moderation.queues.queries_history import list_lines
from forum.moderation.queues.queries_queue import list_items, read_beside, unseen_item
from forum.moderation.queues.queries_record import find_record
from forum.moderation.queues.sight import related
from forum.runtime import Runtime
from forum.spoilers.passages import as_seen
from forum.spoilers.queries_passage import list_passages


async def read_item(rt: Runtime, mod: Moderator, comment_id: int, *, typed: bool = False) -> ItemPage:
    """A comment and everything around it; with what was `typed`, for who reveals it.

    Raises NotFound for one that they may not moderate: people who are trusted, and no more, see what waits among the
    spoilers.
    """
    async with rt.db.read(fresh=True) as tx:
        found = await queries.find_subject(tx, comment_id)
        if found is None or mod.role_on(found[0].site_id) is None:
            raise NotFound(detail=NOTHING)
        comment, about = found
        full = mod.may(comment.site_id, Role.MODERATOR)
        entries = await _entries(tx, comment, about, full=full)
        if not full and not (comment.is_public and entries):
            raise NotFound(detail=NOTHING)
        entry = most_urgent(entries) if entries else Entry(unseen_item(comment, ""), comment, about, "")
        page = await _around(tx, mod, entry, rt.clock.now(), full=full)
        here = Place(comment, frozenset(entry.item.queue for entry in entries))
        page = replace(page, items=entries, history=marked(page.history, mod, {comment.id: here}))
        page = replace(page, is_own=is_own(mod, comment))
        page = page if full else for_trusted(page)
        page = await _with_findings(tx, page, typed=typed)
        return await _with_record(tx, mod, page) if full else page


async def _around(tx: Tx, mod: Moderator, entry: Entry, now: datetime, *, full: bool) -> ItemPage:
    comment = entry.comment
    place = {"site_id": comment.site_id, "comment_id": comment.id}
    above = await queries.list_above(tx, comment)
    replies = await queries.list_first_replies(tx, comment, most=MOST_REPLIES)
    shown = [comment.id, *(c.id for c in (*above, *replies) if full or c.is_public)]
    return ItemPage(
        entry=entry,
        items=(),
        above=above,
        replies=replies,
        passages=await _passages(tx, comment.site_id, shown),
        source="",
        beside=await _beside(tx, mod, [comment, *above, *replies]),
        flags=await queries.list_flags(tx, **place),
        history=await list_lines(tx, site_id=comment.site_id, parts={"comment_id": comment.id}, most=MOST_DECISIONS),
        reach=await queries.find_reach(tx, comment, now),
        full=full,
    )


async def _entries(tx: Tx, comment: Comment, about: About, *, full: bool) -> list[Entry]:
    """Where it waits, as far as that is for who asks: people who are trusted, and no more, see what waits among the
    spoilers."""
    found = await list_items(tx, site_id=comment.site_id, comment_id=comment.id)
    return [Entry(item, comment, about, claimer) for item, claimer in found if full or item.queue in TRUSTED_QUEUES]


async def _with_findings(tx: Tx, page: ItemPage, *, typed: bool) -> ItemPage:
    first, items = page.entry.item, [entry.item for entry in page.items]
    found = found_in(first, items, page.history)
    source = await _source(tx, page.entry.comment) if typed or _names_places(found) else ""
    return replace(page, rule=rule_of(first, items), found=found, source=source)


async def _passages(tx: Tx, site_id: int, comments: Sequence[int]) -> dict[int, Inner]:
    found = as_seen(await list_passages(tx, site_id=site_id, comments=comments))
    return {
        comment_id: {passage.id: passage for passage in found if passage.comment_id == comment_id}
        for comment_id in comments
    }


def _names_places(found: Found | None) -> bool:
    """Whether a rule names places in the text: they are counted in what was typed."""
    return found is not None and '"spans":[[' in found.evidence.replace(" ", "")


async def _source(tx: Tx, comment: Comment) -> str:
    found = await comments.find_source(tx, site_id=comment.site_id, comment_id=comment.id)
    return "" if found is None else found[0]


async def _beside(tx: Tx, mod: Moderator, drawn: Sequence[Comment]) -> Beside:
    ids = sorted(set[int]().union(*map(related, drawn)))
    return await read_beside(tx, site_id=drawn[0].site_id, comments=ids, account_id=mod.account.id)


async def _with_record(tx: Tx, mod: Moderator, page: ItemPage) -> ItemPage:
    comment = page.entry.comment
    record: Record = await find_record(
        tx, site_id=comment.site_id, kind=comment.author_kind, author_id=comment.author_id
    )
    if comment.author_id == mod.actor.id:
        page, record = for_author(page), replace(record, notes=())  # what is noted about them is for the others
    sanctions = await list_sanctions(tx, site_id=comment.site_id, authors=[comment.author_id])
    hits: Hits | None = None
    if page.rule:
        hits = await queries.find_hits(tx, site_id=comment.site_id, rule=page.rule)
    return replace(page, record=replace(record, sanctions=sanctions), hits=hits)
