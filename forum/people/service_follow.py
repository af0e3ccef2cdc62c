"""Follow discussions."""

from __future__ import annotations

from forum.accounts.model import Account
from forum.articles.service import get_discussion
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import Invalid
from forum.people import queries
from forum.people.model import MOST_FOLLOWED, Followed
from forum.people.service import get_person
from forum.runtime import Runtime

TOO_MANY = N_("You follow so many discussions that no more fit. Unfollow some of them first, in your settings.")


async def follow(rt: Runtime, visitor: Visitor, discussion_id: int, *, on: bool) -> None:
    """Follow a discussion, or (not `on`) no longer. Doing it twice is doing it once.

    Raises SignInNeeded, and NotFound where there is no such discussion.
    """

    async def work(tx: Tx) -> None:
        discussion = await get_discussion(tx, discussion_id)
        person = await get_person(tx, rt, visitor, discussion.site_id)
        place = {"site_id": discussion.site_id, "discussion_id": discussion.id}
        if not on:
            await queries.delete_follow(tx, person.id, **place)
            return
        if await queries.count_followed(tx, person.id) >= MOST_FOLLOWED:
            raise Invalid("too_many_followed", TOO_MANY)
        await queries.insert_follow(tx, person.id, **place, now=rt.clock.now())

    await rt.db.write(work)


async def list_followed(rt: Runtime, account: Account) -> list[Followed]:
    """The discussions somebody follows, the latest first."""
    async with rt.db.read(fresh=True) as tx:
        return await queries.list_followed(tx, account.id)
