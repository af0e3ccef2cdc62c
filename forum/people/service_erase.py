"""Erase an account: at once all that is kept about its person, then, comment by comment, that they wrote them.

What they wrote stays without a name, or goes; the thread keeps its shape either way. What nobody but them could see (a
comment held back, earlier texts) goes in any case. It can be broken off at any point and begun again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from forum.accounts import queries as accounts
from forum.accounts.model import Account, State
from forum.accounts.service_owners import hold_with_owners
from forum.comments import queries as comments
from forum.comments import queries_scope as scopes
from forum.comments.model import Comment, Status
from forum.core.i18n import N_
from forum.db import Tx
from forum.errors import Conflict
from forum.outbox.queries import insert_job
from forum.people import queries_erase as queries
from forum.people.queries_record import drop_items
from forum.people.service_quotes import requote
from forum.runtime import Runtime
from forum.spoilers.queries_passage import forget_passages
from forum.web.cache import ERASED

# The outbox job.
ERASE: Final = "erase"
# So many comments in one transaction.
BATCH: Final = 100
# So many batches are done before the answer; what is left, the worker does, so many at a time.
BATCHES_AT_ONCE: Final = 2
BATCHES_PER_JOB: Final = 50
ONLY_OWNER: Final = N_(
    "You are the only owner of this server. Make somebody else an owner first: aftershow user owner NAME."
)


def retired(account: Account) -> Account:
    """The row of an account that goes, with nothing personal in it. Its name is free: no name has such a skeleton."""
    return account._replace(
        name="",
        skeleton=f":{account.id}",
        email=None,
        email_key=None,
        email_verified_at=None,
        locale="",
        time_zone="",
        theme="auto",
        is_owner=False,
        state=State.ERASING,
        notify="",
    )


async def erase(rt: Runtime, account: Account, *, texts: bool) -> bool:
    """Erase an account, with what it wrote (`texts`) or leaving that without a name. Whether all of it is done by now;
    what is not, the worker does. Raises Conflict for the only owner of a server."""

    async def work(tx: Tx) -> None:
        await begin_erasing(tx, rt, account.id, texts=texts, now=rt.clock.now())

    await rt.db.write(work)
    return await erase_some(rt, account.id, batches=BATCHES_AT_ONCE)


async def begin_erasing(tx: Tx, rt: Runtime, account_id: int, *, texts: bool, now: datetime) -> None:
    """Take away everything but the comments, and have these done. One that is being erased stays so."""
    account, only_owner = await hold_with_owners(tx, account_id)
    if account is None or account.state is State.ERASING:
        return
    if only_owner:
        raise Conflict("only_owner", ONLY_OWNER)
    await queries.forget_person(tx, account)
    await accounts.update_account(tx, retired(account)._replace(erase_texts=texts))
    # What is becoming part of it goes the same way.
    for one in (account_id, *await queries.follow_into(tx, account_id, texts=texts)):
        await enqueue(tx, rt, one, now)


async def enqueue(tx: Tx, rt: Runtime, account_id: int, now: datetime) -> None:
    """Have the worker go on."""
    payload = {"account": str(account_id)}
    await insert_job(tx, site_id=0, job_id=rt.ids.next(), kind=ERASE, payload=payload, now=now)


async def erase_some(rt: Runtime, account_id: int, *, batches: int) -> bool:
    """Go on erasing, up to so many batches; whether nothing is left to do."""

    async def work(tx: Tx) -> bool:
        return await _erase_batch(tx, account_id)

    for _ in range(batches):
        if await rt.db.write(work):
            return True
    return False


async def _erase_batch(tx: Tx, account_id: int) -> bool:
    """One batch of comments, all of one site, or at last the account's row. Whether nothing is left to do."""
    # Held first: two that do the same do it one after the other.
    account = await accounts.find_account_locked(tx, account_id)
    if account is None or account.state is not State.ERASING or account.erase_texts is None:
        return True
    found = await queries.list_comments_of(tx, account_id, most=BATCH)
    if not found:
        # Once more: somebody may have muted them since.
        await queries.forget_person(tx, account)
        await queries.delete_account(tx, account_id)
        tx.touch(ERASED)
        return True
    site_id = found[0].site_id
    ids = [comment.id for comment in found if comment.site_id == site_id]
    held = [c for c in await scopes.list_locked(tx, site_id=site_id, comments=ids) if c.author_id == account_id]
    await _erase_comments(tx, site_id, held, texts=account.erase_texts)
    return False


async def _erase_comments(tx: Tx, site_id: int, held: Sequence[Comment], *, texts: bool) -> None:
    await requote(tx, site_id=site_id, comments=[comment.id for comment in held], name="")
    # What others can't read goes in any case, and waits for no moderator.
    emptied = [comment.id for comment in held if texts or not comment.is_public]
    named = [comment.id for comment in held if comment.id not in set(emptied)]
    if emptied:
        await forget_passages(tx, site_id=site_id, comments=emptied)
        await drop_items(tx, site_id=site_id, comments=emptied)
    for comment in held:
        if not comment.is_drawn:
            await _take_away(tx, comment)
    if emptied:
        await queries.empty(tx, site_id=site_id, comments=emptied)
    if named:
        await queries.disown(tx, site_id=site_id, comments=named)
    # Discussions come last, in one order: who posts in one holds comments first.
    unread = Counter(c.discussion_id for c in held if texts and c.status is Status.PUBLISHED)
    one_of = {comment.discussion_id: comment for comment in held}
    for discussion_id in sorted(one_of):
        await comments.count_comment(tx, one_of[discussion_id], by=-unread[discussion_id])


async def _take_away(tx: Tx, comment: Comment) -> None:
    """What has no place in the thread leaves nothing; where something replies to it that waits too, its place is a mark
    from now on."""
    if not await comments.remove_comment(tx, comment) and comment.parent_id is not None:
        await comments.count_place(tx, comment, by=1)
