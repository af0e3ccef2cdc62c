"""Mute people: their comments collapse for one reader, and nobody else learns of it."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from forum.accounts import queries as accounts
from forum.accounts.model import ACCOUNT, GUEST, Account
from forum.comments.model import Comment, Status
from forum.comments.service_read import get_public_comment
from forum.core.capability import mac
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import Forbidden, Invalid, NotFound
from forum.people import queries
from forum.people.model import MOST_MUTED, Muted
from forum.people.service import get_person
from forum.runtime import Runtime

GONE = N_("There is no such comment.")
OWN = N_("That is your own comment.")
TOO_MANY = N_("You have muted so many people that no more fit. Hear some of them again first, in your settings.")


async def mute_author(rt: Runtime, visitor: Visitor, comment_id: int) -> Sequence[int]:
    """Mute who wrote a comment; returns which comments of its discussion are by people they have muted.

    Raises SignInNeeded, NotFound for what has no author to be seen, Forbidden for one's own.
    """

    async def work(tx: Tx) -> Sequence[int]:
        comment = await _get_comment(tx, comment_id)
        person = await get_person(tx, rt, visitor, comment.site_id)
        if await _is_own(tx, person, visitor, comment):
            raise Forbidden("own_comment", OWN)
        if await queries.count_muted(tx, person.id) >= MOST_MUTED:
            raise Invalid("too_many_muted", TOO_MANY)
        muted = Muted(comment.author_kind, comment.author_id, comment.author_name)
        await queries.insert_mute(tx, person.id, muted, rt.clock.now())
        return await _collapsed(tx, person, comment)

    return await rt.db.write(work)


async def hear_author(rt: Runtime, visitor: Visitor, comment_id: int) -> Sequence[int]:
    """The opposite of `mute_author`; whoever was not muted stays so."""

    async def work(tx: Tx) -> Sequence[int]:
        comment = await _get_comment(tx, comment_id)
        person = await get_person(tx, rt, visitor, comment.site_id)
        await queries.delete_mute(tx, person.id, kind=comment.author_kind, person_id=comment.author_id)
        return await _collapsed(tx, person, comment)

    return await rt.db.write(work)


async def _get_comment(tx: Tx, comment_id: int) -> Comment:
    comment = await get_public_comment(tx, comment_id)
    if comment.status is not Status.PUBLISHED or comment.author_kind not in (ACCOUNT, GUEST):
        raise NotFound(detail=GONE)
    return comment


async def _is_own(tx: Tx, person: Account, visitor: Visitor, comment: Comment) -> bool:
    if comment.author_kind == ACCOUNT:
        return comment.author_id == person.id
    if visitor.token is None:
        return False
    guest = await accounts.find_guest(tx, site_id=comment.site_id, token=visitor.token)
    return guest is not None and guest.id == comment.author_id


async def _collapsed(tx: Tx, person: Account, comment: Comment) -> Sequence[int]:
    place = {"site_id": comment.site_id, "discussion_id": comment.discussion_id}
    return await queries.list_muted_comments(tx, person.id, **place)


async def list_muted(rt: Runtime, account: Account) -> list[tuple[str, Muted]]:
    """Whom somebody has muted, each with a handle for `hear_again`: the id of a guest is shown to nobody."""
    async with rt.db.read(fresh=True) as tx:
        return [(_handle(rt, account, one), one) for one in await queries.list_muted(tx, account.id)]


async def hear_again(rt: Runtime, account: Account, handle: str) -> None:
    """Mute somebody no longer; a handle of nobody changes nothing."""

    async def work(tx: Tx) -> None:
        for one in await queries.list_muted(tx, account.id):
            if hmac.compare_digest(_handle(rt, account, one).encode(), handle.encode()):
                await queries.delete_mute(tx, account.id, kind=one.kind, person_id=one.id)

    await rt.db.write(work)


def _handle(rt: Runtime, account: Account, muted: Muted) -> str:
    return mac(rt.settings.secret_key, "muted", str(account.id), muted.kind, str(muted.id))[:32]
