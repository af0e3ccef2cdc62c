"""What tests of readers' flags do again and again: people whose word counts, flags, and a look behind the scenes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import select

from forum.comments.review.model import Reason, Verdict
from forum.comments.review.tables import decision, queue_item
from forum.moderation.deciding.service_verdict import decide
from forum.moderation.guard import Moderator, find_moderator
from forum.moderation.verdicts import Ask
from tests.support.app import NEWS, OURS, House, Person
from tests.support.people import visitor
from tests.support.spoilers import row_of


async def regulars(house: House, many: int, *, network: str | None = None) -> list[Person]:
    """People whose flags count in full: here for a day, with three comments. Each sits in a network of their own, or
    all in a given one."""
    people = [await house.newcomer(f"Regular {n}", network=network) for n in range(many)]
    for person in people:
        for number in range(3):
            await person.post(f"Hello {number}.", url=f"{NEWS}/elsewhere")
    house.clock.advance(timedelta(days=1))
    return people


async def report(person: Person, posted: dict[str, Any], kind: str = "abuse", **more: Any) -> httpx.Response:
    """Say what is wrong with a comment."""
    sent = {"kind": kind, **more}
    return await person.http.post(f"/api/v1/comments/{posted['id']}/flags", json=sent, headers=OURS)


async def report_all(people: list[Person], posted: dict[str, Any], kind: str = "abuse", **more: Any) -> list[bool]:
    """Everybody does, one after the other; whether each counted."""
    counted = []
    for person in people:
        answer = await report(person, posted, kind, **more)
        assert answer.status_code == 200, answer.text
        counted.append(answer.json()["counted"])
    return counted


async def status_of(house: House, posted: dict[str, Any]) -> str:
    """Where a comment stands."""
    return str((await row_of(house, posted)).status)


async def queues_of(house: House, posted: dict[str, Any]) -> dict[str, float]:
    """The queues that a comment waits in, with its place."""
    place = select(queue_item.c.queue, queue_item.c.priority).where(queue_item.c.comment_id == int(posted["id"]))
    return {row.queue: row.priority for row in await house.rows(place)}


async def decisions_of(house: House, posted: dict[str, Any]) -> list[Any]:
    """What was decided about a comment, the oldest line first."""
    return await house.rows(select(decision).where(decision.c.comment_id == int(posted["id"])).order_by(decision.c.id))


async def let_jobs_run(house: House) -> None:
    """Let the worker do what is due, until nothing is."""
    while await house.run_jobs():
        pass


async def the_moderator(house: House, person: Person) -> Moderator:
    """A browser whose person has a say, as the services know them."""
    found = await find_moderator(house.rt, visitor(house, person))
    assert found is not None
    return found


async def judge(house: House, person: Person, posted: dict[str, Any], verdict: Verdict) -> None:
    """A moderator's verdict about a comment as it is now."""
    revision = (await row_of(house, posted)).revision
    reason = Reason.ABUSE if verdict is Verdict.REMOVE else None
    await decide(house.rt, await the_moderator(house, person), Ask(verdict, int(posted["id"]), revision, reason))
