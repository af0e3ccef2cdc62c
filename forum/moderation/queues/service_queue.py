"""Read queues: a page of one, how many wait in each, and where to begin."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import replace

from forum.accounts.model import Role
from forum.comments.review.model import Queue
from forum.core.i18n import N_
from forum.core.ids import parse_id
from forum.errors import FieldError, Invalid, NotFound
from forum.moderation.guard import NOTHING, Moderator
from forum.moderation.queues import queries_counts
from forum.moderation.queues import queries_queue as queries
from forum.moderation.queues.choosing import about_spoilers
from forum.moderation.queues.model import NO_FILTERS, QUEUE_PAGE, TRUSTED_QUEUES, Entry, Filters, QueuePage
from forum.moderation.queues.sight import related
from forum.runtime import Runtime
from forum.sites.model import Site


def queues_for(mod: Moderator, site_id: int) -> tuple[Queue, ...]:
    """The queues of a site that somebody may see."""
    return tuple(Queue) if mod.may(site_id, Role.MODERATOR) else TRUSTED_QUEUES


async def read_queue(
    rt: Runtime,
    mod: Moderator,
    site: Site,
    queue: Queue,
    filters: Filters = NO_FILTERS,
    *,
    cursor: str | None = None,
) -> QueuePage:
    """A page of a queue with the counts of all: three statements, however much waits. Raises NotFound for a queue they
    may not see, Invalid for a cursor of another one."""
    mine, full = queues_for(mod, site.id), mod.may(site.id, Role.MODERATOR)
    if queue not in mine:
        raise NotFound(detail=NOTHING)
    filters = replace(filters, public=not full)
    last = read_place(cursor, queue) if cursor else None
    async with rt.db.read(fresh=True) as tx:
        found = await queries.list_queue(
            tx, site_id=site.id, queue=queue, filters=filters, last=last, most=QUEUE_PAGE + 1
        )
        entries = found[:QUEUE_PAGE]
        ids = sorted(set[int]().union(*(related(entry.comment) for entry in entries)))
        beside = await queries.read_beside(tx, site_id=site.id, comments=ids, account_id=mod.account.id)
        counts = await queries_counts.count_queues(tx, site.id, full=full)
    return QueuePage(
        site_id=site.id,
        queue=queue,
        entries=entries,
        beside=beside if full else about_spoilers(beside),
        counts={name: counts.get(name, 0) for name in mine},
        more=len(found) > QUEUE_PAGE,
    )


async def count_queues(rt: Runtime, mod: Moderator, site: Site) -> dict[Queue, int]:
    """How many wait in each queue of a site that they may see; more than `MOST_COUNTED` is as good as any number."""
    async with rt.db.read(fresh=True) as tx:
        counts = await queries_counts.count_queues(tx, site.id, full=mod.may(site.id, Role.MODERATOR))
    return {queue: counts.get(queue, 0) for queue in queues_for(mod, site.id)}


async def first_waiting(rt: Runtime, sites: Sequence[Site]) -> Site:
    """The first of these sites on which something waits; where nothing does, the first. At most one statement."""
    if len(sites) > 1:
        async with rt.db.read(fresh=True) as tx:
            waiting = await queries_counts.list_waiting_sites(tx, [site.id for site in sites])
        return next((site for site in sites if site.id in waiting), sites[0])
    return sites[0]


def write_place(queue: Queue, entry: Entry) -> str:
    """The cursor that continues a queue after an entry. A priority travels by its bits: nothing of it is rounded."""
    bits = int.from_bytes(struct.pack(">d", entry.item.priority), "big")
    return f"{queue.value}.{bits}.{entry.comment.id}"


def read_place(cursor: str, queue: Queue) -> tuple[float, int]:
    """What `write_place` wrote for this queue; raises Invalid for anything else."""
    name, _, rest = cursor.partition(".")
    bits, _, comment_id = rest.partition(".")
    try:
        if name != queue.value or not (bits.isascii() and bits.isdigit() and len(bits) <= 20):
            raise ValueError("not a place in this queue")
        (priority,) = struct.unpack(">d", int(bits).to_bytes(8, "big"))
        if priority != priority:
            raise ValueError("nothing comes after what is no number")
        return priority, parse_id(comment_id)
    except (ValueError, OverflowError) as error:
        detail = N_("That page does not exist any more. Start again from the first one.")
        raise Invalid("bad_cursor", detail, errors=(FieldError("cursor", "bad_cursor"),)) from error
