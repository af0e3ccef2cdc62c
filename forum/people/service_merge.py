"""Make two accounts of one person one, once both were proved: at once all that belongs to the other, then, by and by,
what it wrote.

The other account's name and sessions end; its comments get the name of the account it becomes part of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import orjson

from forum.accounts import queries as accounts
from forum.accounts import queries_flow as flows
from forum.accounts.model import ACCOUNT, Account, Flow, FlowKind, Role, Session, State
from forum.accounts.places import safe_next
from forum.accounts.queries_identity import move_identities
from forum.comments import queries_scope as scopes
from forum.core.i18n import N_
from forum.db import Tx
from forum.errors import NotFound
from forum.outbox.queries import insert_job
from forum.people import queries as people
from forum.people import queries_merge as queries
from forum.people.model import NOWHERE, Stand
from forum.people.queries_authors import count_comments, give_comments, give_mutes
from forum.people.queries_erase import delete_account, forget_person, list_comments_of
from forum.people.queries_record import give_moderation, give_record
from forum.people.service_authors import touch_all
from forum.people.service_erase import BATCH, BATCHES_AT_ONCE, BATCHES_PER_JOB, retired
from forum.people.service_quotes import requote
from forum.runtime import Runtime
from forum.spoilers.model import Seen
from forum.web.cache import ERASED

# What the flow is for (see `forum.accounts.service_people`), and the outbox job.
MERGE: Final = "merge"
OVER: Final = N_("That offer is over. Connect the other way to sign in once more.")
NEXT: Final = "/settings/sign-in"


@dataclass(frozen=True, slots=True)
class Offer:
    """Two accounts that were proved to be one person's: `other` becomes part of `account`. `comments` are those that
    the other wrote, `gives_email` says whether its address is taken over."""

    account: Account
    other: Account
    comments: int
    next_path: str = NEXT

    @property
    def gives_email(self) -> bool:
        return _is_verified(self.other) and not _is_verified(self.account)


def _is_verified(account: Account) -> bool:
    return account.email is not None and account.email_verified_at is not None


async def find_offer(rt: Runtime, handle: str, account: Account, session: Session) -> Offer:
    """What a flow offers to the session that began it; raises NotFound."""
    now = rt.clock.now()
    async with rt.db.read(fresh=True) as tx:
        flow = await flows.find_flow(tx, handle, kind=FlowKind.FINISH, now=now)
        return await _offer(tx, flow, account, session)


async def _offer(tx: Tx, flow: Flow | None, account: Account, session: Session) -> Offer:
    if flow is None or flow.purpose != MERGE or (flow.account_id, flow.session_id) != (account.id, session.id):
        raise NotFound(detail=OVER)
    data = orjson.loads(flow.data)
    other = await accounts.find_account(tx, int(data["other"]))
    if other is None or other.id == account.id or other.state is not State.ACTIVE:
        raise NotFound(detail=OVER)
    written = await count_comments(tx, kind=ACCOUNT, author_id=other.id)
    return Offer(account, other, written, safe_next(data.get("next", NEXT)))


async def merge(rt: Runtime, handle: str, account: Account, session: Session) -> Offer:
    """Make the other account part of this one; what it was. The worker goes on with what is not done by then.

    Raises NotFound once the offer is over.
    """
    now = rt.clock.now()

    async def work(tx: Tx) -> Offer:
        flow = await flows.take_flow(tx, handle, kind=FlowKind.FINISH, now=now)
        offer = await _offer(tx, flow, account, session)
        both = {one: await accounts.find_account_locked(tx, one) for one in sorted((account.id, offer.other.id))}
        into, other = both[account.id], both[offer.other.id]
        if into is None or other is None or {into.state, other.state} != {State.ACTIVE}:
            raise NotFound(detail=OVER)
        await _join(tx, rt, replace(offer, account=into, other=other), now)
        return offer

    offer = await rt.db.write(work)
    await merge_some(rt, offer.other.id, batches=BATCHES_AT_ONCE)
    return offer


async def _join(tx: Tx, rt: Runtime, offer: Offer, now: datetime) -> None:
    into, other = offer.account, offer.other
    await _move_belongings(tx, other, into, now)
    await _hand_over(tx, offer)
    # What was itself on its way into the other one goes on to this one.
    late = await queries.redirect_joining(tx, account_id=other.id, into=into.id)
    for account_id in (other.id, *late):
        await _enqueue(tx, rt, account_id)


async def _move_belongings(tx: Tx, other: Account, into: Account, now: datetime) -> None:
    """Everything but the name, the address and the comments."""
    await move_identities(tx, account_id=other.id, to=into.id)
    await _join_roles(tx, other, into, now)
    await _join_progress(tx, other, into, now)
    await give_record(tx, author_id=other.id, to=into.id)
    await give_moderation(tx, account_id=other.id, to=into.id)
    await queries.move_rest(tx, account_id=other.id, into=into.id)
    await _join_mutes(tx, other, into)


async def _join_mutes(tx: Tx, other: Account, into: Account) -> None:
    """Who muted the other mutes this one; nobody mutes what is themselves by now."""
    await give_mutes(tx, kind=ACCOUNT, author_id=other.id, to=into)
    await queries.unmute_self(tx, account_id=other.id, into=into.id)


async def _hand_over(tx: Tx, offer: Offer) -> None:
    """What did not move is forgotten. No two accounts have the same address: one gives it up before the other gets it.
    What is left of the one says where its comments go."""
    await forget_person(tx, offer.other)
    await accounts.update_account(tx, retired(offer.other)._replace(joining_id=offer.account.id))
    await accounts.update_account(tx, _enriched(offer))


def _enriched(offer: Offer) -> Account:
    """The account with what the other one gives it."""
    into, other = offer.account, offer.other
    changed = into._replace(is_owner=into.is_owner or other.is_owner)
    if not offer.gives_email:
        return changed
    return changed._replace(email=other.email, email_key=other.email_key, email_verified_at=other.email_verified_at)


async def _join_roles(tx: Tx, other: Account, into: Account, now: datetime) -> None:
    """On each site the higher of the two."""
    has = await accounts.list_roles(tx, into.id)
    for site_id, role in (await accounts.list_roles(tx, other.id)).items():
        if role.rank > has.get(site_id, Role.READER).rank:
            await accounts.set_role(tx, site_id=site_id, account_id=into.id, role=role, now=now)


async def _join_progress(tx: Tx, other: Account, into: Account, now: datetime) -> None:
    """In each work the further of the two; what only one of them says, stays said."""
    theirs, mine = await people.find_known(tx, other.id), await people.find_known(tx, into.id)
    both = [*theirs.stands.values(), *mine.stands.values()]
    places = await queries.list_places(tx, ((s.work_id, s.unit) for s in both if s.state == Seen.AT))
    for work_id, stand in theirs.stands.items():
        before = mine.stands.get(work_id, NOWHERE)._replace(work_id=work_id)
        joined = _further(before, stand, places)
        if joined != before:
            await people.keep_stand(tx, into.id, joined, now)
    for rule, said in theirs.rules.items():
        if rule not in mine.rules:
            await people.keep_rule(tx, into.id, rule, said)


def _further(mine: Stand, theirs: Stand, places: Mapping[tuple[str, str], int]) -> Stand:
    """Two units are compared by their places; where only one of the two is a unit, what this account says counts."""
    ticks = (*mine.ticks, *(code for code in theirs.ticks if code not in mine.ticks))
    takes = not mine.state
    if mine.state == theirs.state == Seen.AT:
        takes = places.get((theirs.work_id, theirs.unit), -1) > places.get((mine.work_id, mine.unit), -1)
    return (theirs if takes else mine)._replace(ticks=ticks)


async def _enqueue(tx: Tx, rt: Runtime, account_id: int) -> None:
    payload = {"account": str(account_id)}
    await insert_job(tx, site_id=0, job_id=rt.ids.next(), kind=MERGE, payload=payload, now=rt.clock.now())


async def merge_on(rt: Runtime, account_id: int) -> None:
    """The worker's part: go on for a while, and leave the rest to another job."""
    if await merge_some(rt, account_id, batches=BATCHES_PER_JOB):
        return

    async def go_on(tx: Tx) -> None:
        await _enqueue(tx, rt, account_id)

    await rt.db.write(go_on)


async def merge_some(rt: Runtime, account_id: int, *, batches: int) -> bool:
    """Give up to so many batches of comments their new author; whether nothing is left to do."""

    async def work(tx: Tx) -> bool:
        return await _merge_batch(tx, account_id)

    for _ in range(batches):
        if await rt.db.write(work):
            return True
    return False


async def _merge_batch(tx: Tx, account_id: int) -> bool:
    """One batch of comments, or at last the other account's row. Whether nothing is left to do."""
    seen = await accounts.find_account(tx, account_id)
    if seen is None or seen.joining_id is None:
        return True
    # The one that stays is held first, as whoever ends that one holds it before saying where its joiners go instead.
    account = await accounts.find_account_locked(tx, seen.joining_id)
    other = await accounts.find_account_locked(tx, account_id)
    if other is None or other != seen:
        return False  # it goes elsewhere by now: look again
    if account is None:
        raise LookupError("an account becomes part of one that is gone")
    found = await list_comments_of(tx, account_id, most=BATCH)
    if not found:
        # Once more: about its comments something may have been decided since.
        await give_record(tx, author_id=other.id, to=account.id)
        await forget_person(tx, other)
        await delete_account(tx, account_id)
        tx.touch(ERASED)
        return True
    by_site: dict[int, list[int]] = {}
    for comment in found:
        by_site.setdefault(comment.site_id, []).append(comment.id)
    for site_id, ids in sorted(by_site.items()):
        await scopes.list_locked(tx, site_id=site_id, comments=ids)
    changed = await give_comments(tx, kind=ACCOUNT, author_id=account_id, to=account, most=BATCH)
    for site_id, ids in sorted(by_site.items()):
        await requote(tx, site_id=site_id, comments=ids, name=account.name)
    await touch_all(tx, changed)
    return False
