"""Read one comment with all that a moderator should know before a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from forum.accounts.model import Role
from forum.comments import queries as comments
from forum.comments.bodies import Inner
from forum.comments.model import Comment
from forum.comments.review.model import Queue
from forum.comments.review.queries_people import list_sanctions
from forum.db import Tx
from forum.errors import NotFound
from forum.moderation.guard import NOTHING, Moderator
from forum.moderation.queues import queries_item as queries
from forum.moderation.queues.model import MOST_DECISIONS, MOST_REPLIES, About, Beside, Entry, Hits, ItemPage, Record
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
    now = rt.clock.now()
    async with rt.db.read(fresh=True) as tx:
        found = await queries.find_subject(tx, comment_id)
        if found is None or mod.role_on(found[0].site_id) is None:
            raise NotFound(detail=NOTHING)
        comment, about = found
        full = mod.may(comment.site_id, Role.MODERATOR)
        entries = await _entries(tx, comment, about)
        if not full and not (comment.is_public and any(entry.item.queue == Queue.SPOILERS for entry in entries)):
            raise NotFound(detail=NOTHING)
        above = await queries.list_above(tx, comment)
        replies = await queries.list_first_replies(tx, comment, most=MOST_REPLIES)
        shown = [comment.id, *(c.id for c in (*above, *replies) if full or c.is_public)]
        page = ItemPage(
            entry=_first(entries, comment, about),
            items=entries,
            above=above,
            replies=replies,
            passages=await _passages(tx, comment.site_id, shown),
            source=await _source(tx, comment) if typed or _names_places(entries) else "",
            beside=await _beside(tx, mod, [comment, *above, *replies]),
            flags=await queries.list_flags(tx, site_id=comment.site_id, comment_id=comment.id),
            history=await list_lines(
                tx, site_id=comment.site_id, parts={"comment_id": comment.id}, most=MOST_DECISIONS
            ),
            reach=await queries.find_reach(tx, comment, now),
            full=full,
        )
        return await _with_record(tx, page) if full else page


async def _entries(tx: Tx, comment: Comment, about: About) -> list[Entry]:
    found = await list_items(tx, site_id=comment.site_id, comment_id=comment.id)
    return [Entry(item, comment, about, claimer) for item, claimer in found]


def _first(entries: list[Entry], comment: Comment, about: About) -> Entry:
    """The entry that is most urgent; where it waits nowhere, one that says so."""
    if not entries:
        return Entry(unseen_item(comment, ""), comment, about, "")
    return max(entries, key=lambda entry: entry.item.priority)


async def _passages(tx: Tx, site_id: int, comments: Sequence[int]) -> dict[int, Inner]:
    found = as_seen(await list_passages(tx, site_id=site_id, comments=comments))
    return {
        comment_id: {passage.id: passage for passage in found if passage.comment_id == comment_id}
        for comment_id in comments
    }


def _names_places(entries: list[Entry]) -> bool:
    """Whether a rule names places in the text: they are counted in what was typed."""
    return any('"spans":[[' in entry.item.evidence.replace(" ", "") for entry in entries)


async def _source(tx: Tx, comment: Comment) -> str:
    found = await comments.find_source(tx, site_id=comment.site_id, comment_id=comment.id)
    return "" if found is None else found[0]


async def _beside(tx: Tx, mod: Moderator, drawn: Sequence[Comment]) -> Beside:
    ids = sorted(set[int]().union(*map(related, drawn)))
    return await read_beside(tx, site_id=drawn[0].site_id, comments=ids, account_id=mod.account.id)


async def _with_record(tx: Tx, page: ItemPage) -> ItemPage:
    comment = page.entry.comment
    record: Record = await find_record(
        tx, site_id=comment.site_id, kind=comment.author_kind, author_id=comment.author_id
    )
    sanctions = await list_sanctions(tx, site_id=comment.site_id, authors=[comment.author_id])
    rule = next((entry.item.rule for entry in page.items if entry.item.rule), "")
    hits: Hits | None = await queries.find_hits(tx, site_id=comment.site_id, rule=rule) if rule else None
    return replace(page, record=replace(record, sanctions=sanctions), hits=hits)
