"""Moderators in tests of use cases: decide without a page, and compare the log, the queues and the threads."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import select

from forum.accounts.model import Role
from forum.comments.covers import decode
from forum.comments.model import Status
from forum.comments.review.model import Decision, Queue, Reason, Verdict
from forum.comments.review.queries import DECISION_COLUMNS, decision_of
from forum.comments.review.tables import decision, flag, queue_item
from forum.comments.tables import comment
from forum.moderation.deciding.service_undo import undo
from forum.moderation.deciding.service_verdict import decide
from forum.moderation.guard import Moderator, find_moderator
from forum.moderation.verdicts import Ask, Outcome, Undone
from forum.spoilers.service import read_tokens
from forum.spoilers.tables import scope_event
from tests.support.app import House, Person
from tests.support.people import signed_in, visitor

APPROVE, REMOVE, SPAM = Verdict.APPROVE, Verdict.REMOVE, Verdict.SPAM
COVER, UNCOVER, DISMISS = Verdict.COVER, Verdict.UNCOVER, Verdict.DISMISS
_DECISIONS: Final = select(*DECISION_COLUMNS).order_by(decision.c.id)
_ROWS: Final = select(comment).order_by(comment.c.id)
# What two verdicts and their undo leave different: that something happened, and when.
MOVING: Final = ("revision",)


@dataclass(frozen=True, slots=True)
class Chair:
    """A moderator with their browser, in one process."""

    house: House
    person: Person

    async def mod(self) -> Moderator:
        """Who they are at this moment."""
        found = await find_moderator(self.house.rt, visitor(self.house, self.person))
        assert found is not None
        return found

    async def ask(self, verdict: Verdict, posted: dict[str, Any], **more: Any) -> Ask:
        """A verdict about a comment as it is now."""
        (row,) = await self.house.rows(select(comment.c.revision).where(comment.c.id == int(posted["id"])))
        if verdict is REMOVE:
            more.setdefault("reason", Reason.ABUSE)
        if tokens := more.pop("tokens", ()):
            more["scope"], _ = await read_tokens(self.house.rt, list(tokens), at=self.house.clock.now())
        return Ask(verdict, int(posted["id"]), more.pop("revision", row.revision), **more)

    async def say(self, verdict: Verdict, posted: dict[str, Any], **more: Any) -> Outcome:
        """Decide about a comment as it is now."""
        return await decide(self.house.rt, await self.mod(), await self.ask(verdict, posted, **more))

    async def undo(self, line: Decision) -> Undone:
        """Take something back."""
        return await undo(self.house.rt, await self.mod(), line.site_id, line.id)


async def a_moderator(house: House, name: str = "Mo", role: Role = Role.MODERATOR) -> Chair:
    """Somebody with a role on the newsroom, signed in."""
    return Chair(house, await signed_in(house, name, role=role))


async def row_of(house: House, posted: dict[str, Any]) -> Any:
    """A comment's row; None where there is none."""
    found = await house.rows(select(comment).where(comment.c.id == int(posted["id"])))
    return found[0] if found else None


async def queues_of(house: House, posted: dict[str, Any]) -> set[str]:
    """The queues that a comment is in."""
    rows = await house.rows(select(queue_item.c.queue).where(queue_item.c.comment_id == int(posted["id"])))
    return {row.queue for row in rows}


async def lines_of(house: House, posted: dict[str, Any]) -> list[Decision]:
    """The log about a comment, the oldest line first."""
    found = [decision_of(row) for row in await house.rows(_DECISIONS)]
    return [line for line in found if line.comment_id == int(posted["id"])]


async def outcomes_of(house: House, posted: dict[str, Any]) -> Counter[tuple[str, str | None]]:
    """What became of the flags of a comment: how many by reason and outcome."""
    rows = await house.rows(select(flag.c.reason, flag.c.outcome).where(flag.c.comment_id == int(posted["id"])))
    return Counter((row.reason, row.outcome) for row in rows)


async def snapshot(house: House) -> dict[str, Any]:
    """Everything that a verdict may change, but for revisions: equal before a verdict and after its undo."""
    # A text that is laid out anew has the same covers, with names of their own.
    comments = [
        row._asdict() | {"covers": [cover._replace(id="") for cover in decode(row.covers)]}
        for row in await house.rows(_ROWS)
    ]
    items = await house.rows(select(queue_item).order_by(queue_item.c.comment_id, queue_item.c.queue))
    flags = await house.rows(select(flag).order_by(flag.c.comment_id, flag.c.author_id))
    return {
        "comments": [{key: value for key, value in row.items() if key not in MOVING} for row in comments],
        "items": [row._asdict() for row in items],
        "flags": [row._asdict() for row in flags],
    }


async def is_whole(house: House) -> None:
    """Counters equal a recount; every comment's status is that of its last decision about it; queues fit statuses."""
    await house.recount()
    rows = {row.id: row for row in await house.rows(_ROWS)}
    last: dict[int, str] = {}
    for line in map(decision_of, await house.rows(_DECISIONS)):
        if line.status and line.comment_id is not None:
            last[line.comment_id] = line.status
        assert line.verdict not in (APPROVE, REMOVE, SPAM) or orjson.loads(line.before)
    for comment_id, row in rows.items():
        assert row.status in (last.get(comment_id, Status.PUBLISHED.value), Status.DELETED.value)
    shelves = {Queue.APPROVED: Status.PUBLISHED, Queue.REMOVED: Status.REMOVED, Queue.PENDING: Status.HELD}
    for item in await house.rows(select(queue_item)):
        assert item.comment_id in rows
        wanted = shelves.get(Queue(item.queue))
        assert wanted is None or rows[item.comment_id].status == wanted.value
    assert {event.comment_id for event in await house.rows(select(scope_event))} <= rows.keys() | last.keys()
