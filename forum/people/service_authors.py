"""Whose comments are whose: claim what a browser wrote as a guest, and keep names in step with accounts."""

from __future__ import annotations

from collections.abc import Iterable

from forum.accounts import queries as accounts
from forum.accounts.model import GUEST, Account, Guest, Kind
from forum.accounts.service_people import rename
from forum.accounts.service_session import find_account_actor, session_ended
from forum.comments import queries as comments
from forum.comments.model import Comment
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.outbox.queries import has_waiting_job, insert_job
from forum.people import queries_authors as queries
from forum.people.queries_record import give_record
from forum.people.service import hold_account
from forum.people.service_quotes import requote
from forum.runtime import Runtime

ACCOUNT_RENAMED = "account_renamed"
# So many comments change hands in one transaction.
BATCH = 200


async def touch_all(tx: Tx, changed: Iterable[Comment]) -> None:
    """Tell everybody that the public form of these comments has changed, once for each discussion."""
    first = {comment.discussion_id: comment for comment in changed}
    for comment in first.values():
        await comments.count_comment(tx, comment, by=0)


async def reauthor(tx: Tx, *, kind: str, author_id: int, to: Account, most: int = BATCH) -> int:
    """Make up to `most` comments of a guest or an account those of another account; how many there were."""
    changed = await queries.give_comments(tx, kind=kind, author_id=author_id, to=to, most=most)
    await _follow(tx, changed, to.name)
    return len(changed)


async def _follow(tx: Tx, changed: Iterable[Comment], name: str) -> None:
    """What shows an author's name beside the comment itself: quotes of it, and kept pages."""
    by_site: dict[int, list[Comment]] = {}
    for comment in changed:
        by_site.setdefault(comment.site_id, []).append(comment)
    for site_id, theirs in by_site.items():
        await requote(tx, site_id=site_id, comments=[comment.id for comment in theirs], name=name)
        await touch_all(tx, theirs)


async def count_claimable(tx: Tx, visitor: Visitor, site_id: int | None) -> int:
    """How many comments this browser wrote as a guest: on one site, or on all (None)."""
    total = 0
    for guest in await _guests(tx, visitor, site_id):
        total += await queries.count_comments(tx, kind=GUEST, author_id=guest.id)
    return total


async def _guests(tx: Tx, visitor: Visitor, site_id: int | None, *, hold: bool = False) -> list[Guest]:
    if visitor.token is None:
        return []
    everywhere = await accounts.list_guests(tx, token=visitor.token, hold=hold)
    return [guest for guest in everywhere if site_id in (None, guest.site_id)]


async def claim(rt: Runtime, visitor: Visitor, site_id: int) -> int:
    """Make what this browser wrote as a guest its account's own; how many comments. The session of a frame claims those
    of its site, a first-party one all. Raises SignInNeeded. It can be repeated: what is claimed is claimed."""
    claimed = 0
    while True:
        changed, done = await _claim_some(rt, visitor, site_id)
        claimed += changed
        if done:
            return claimed


async def _claim_some(rt: Runtime, visitor: Visitor, site_id: int) -> tuple[int, bool]:
    now = rt.clock.now()

    async def work(tx: Tx) -> tuple[int, bool]:
        actor = await find_account_actor(tx, visitor, site_id, now)
        if actor is None or actor.session is None:
            raise session_ended()
        # Held: nobody ends or renames it in between.
        account = await hold_account(tx, actor.id)
        everywhere = actor.session.kind is Kind.MAIN
        # Before their comments are looked for: whoever is just writing as one of them is done by then.
        for guest in await _guests(tx, visitor, None if everywhere else site_id, hold=True):
            # Sanctions first: what stops the guest stops the account, whatever is claimed later.
            await give_record(tx, author_id=guest.id, to=account.id)
            changed = await reauthor(tx, kind=GUEST, author_id=guest.id, to=account)
            if changed == BATCH:
                return changed, False
            # Once more: a moderator may have held one of the comments meanwhile, and decided about it.
            await give_record(tx, author_id=guest.id, to=account.id)
            await queries.give_rest(tx, guest, account)
            if changed:
                return changed, False
        return 0, True

    return await rt.db.write(work)


async def rename_author(tx: Tx, rt: Runtime, account: Account, name: str) -> Account:
    """Call an account differently, which is held; everything it wrote follows. Raises as `rename` does."""
    changed = await rename(tx, account, name)
    payload = {"account": str(account.id)}
    # A job that nobody has begun yet will find the account with this name: it has to wait for it as long as we hold it.
    if changed.name != account.name and not await has_waiting_job(tx, kind=ACCOUNT_RENAMED, payload=payload):
        now = rt.clock.now()
        await insert_job(tx, site_id=0, job_id=rt.ids.next(), kind=ACCOUNT_RENAMED, payload=payload, now=now)
    return changed


async def restamp(rt: Runtime, account_id: int) -> None:
    """Write an account's present name on everything it wrote. It can be repeated, and broken off."""

    async def work(tx: Tx) -> int:
        # Held: of two that do the same, the one with the older name does not come last.
        account = await accounts.find_account_locked(tx, account_id)
        if account is None:
            return 0
        changed = await queries.name_comments(tx, account, most=BATCH)
        await _follow(tx, changed, account.name)
        return len(changed)

    while await rt.db.write(work) == BATCH:
        pass
