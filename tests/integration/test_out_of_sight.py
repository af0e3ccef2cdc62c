"""What leaves everybody's sight leaves the lists of what is public; and what comes again keeps its place in a queue."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.comments.review.model import Queue, Reason
from forum.comments.review.tables import queue_item
from forum.comments.screening.model import Rule
from forum.db import Tx
from forum.doctor.queries.decisions import list_broken_decisions
from forum.moderation.deciding.service_claim import claim
from tests.support.app import House
from tests.support.flags import let_jobs_run, queues_of, regulars, report, report_all
from tests.support.moderating import APPROVE, a_moderator, is_whole, row_of
from tests.support.screening import set_rules
from tests.support.spoilers import SECRET, UNSPEC, rescope

pytestmark = pytest.mark.anyio

PLAIN, WANTED = "Nothing to see here.", "The ferryman knew."


async def is_sound(house: House) -> None:
    """Nothing for the doctor to find, nor for a recount."""

    async def look(tx: Tx) -> list[str]:
        return [fault.rule for fault in await list_broken_decisions(tx)]

    async with house.rt.db.read(fresh=True) as tx:
        assert await look(tx) == []
    await is_whole(house)


async def test_an_edit_that_is_held_takes_it_from_the_approved(house: House) -> None:
    await set_rules(house, hold_words=("ferryman",))
    mo = await a_moderator(house)
    posted = await house.author.post(WANTED)
    seen = await mo.say(APPROVE, posted)
    assert set(await queues_of(house, posted)) == {Queue.APPROVED}
    edited = await house.author.edit(posted["id"], f"{WANTED} Really.", revision=seen.comment.revision)
    assert edited.json()["status"] == "held"
    assert set(await queues_of(house, posted)) == {Queue.PENDING}
    await is_sound(house)
    await mo.say(APPROVE, posted)
    assert set(await queues_of(house, posted)) == {Queue.APPROVED}
    await is_sound(house)


async def test_uncovering_what_is_held_for_it_takes_it_from_the_approved(house: House) -> None:
    await house.author.post(f"||{SECRET}||")
    posted = await house.replier.post(f"So {SECRET}.", scope=[UNSPEC])
    await (await a_moderator(house)).say(APPROVE, posted)
    assert (await rescope(house.replier, posted)).status_code == 200
    assert ((await row_of(house, posted)).status, set(await queues_of(house, posted))) == ("held", {Queue.PENDING})
    await is_sound(house)


async def test_an_edit_that_is_not_held_leaves_it_among_the_approved(house: House) -> None:
    posted = await house.author.post(PLAIN)
    seen = await (await a_moderator(house)).say(APPROVE, posted)
    await house.author.edit(posted["id"], f"{PLAIN} Really.", revision=seen.comment.revision)
    assert set(await queues_of(house, posted)) == {Queue.APPROVED}
    await is_sound(house)


async def claimed(house: House, posted: dict[str, str]) -> None:
    """A moderator opens a comment that nobody has seen, and never comes back to it."""
    mo = await a_moderator(house)
    await claim(house.rt, await mo.mod(), int(posted["id"]))
    assert set(await queues_of(house, posted)) == {Queue.UNMODERATED}


async def test_a_claim_on_what_nobody_has_seen_ends_when_readers_hide_it(house: House) -> None:
    people = await regulars(house, 3)
    posted = await house.author.post(PLAIN)
    await claimed(house, posted)
    await report_all(people, posted)
    assert ((await row_of(house, posted)).status, set(await queues_of(house, posted))) == ("held", {Queue.REPORTED})
    await is_sound(house)
    house.clock.advance(timedelta(hours=25))
    await let_jobs_run(house)
    row = await row_of(house, posted)
    assert (row.status, row.reviewed, set(await queues_of(house, posted))) == ("published", False, {Queue.REPORTED})
    await is_sound(house)


async def test_a_claim_on_what_nobody_has_seen_ends_when_an_edit_holds_it(house: House) -> None:
    await set_rules(house, hold_words=("ferryman",))
    posted = await house.author.post(PLAIN)
    await claimed(house, posted)
    assert (await house.author.edit(posted["id"], WANTED)).json()["status"] == "held"
    assert set(await queues_of(house, posted)) == {Queue.PENDING}
    await is_sound(house)


async def test_an_edit_makes_what_readers_reported_no_less_urgent(house: House) -> None:
    await set_rules(house, flag_words=("ferryman",))
    posted = await house.author.post(PLAIN)
    await report(house.replier, posted, Reason.ILLEGAL)
    before = await queues_of(house, posted)
    house.clock.advance(timedelta(minutes=10))
    assert (await house.author.edit(posted["id"], WANTED)).json()["status"] == "published"
    assert await queues_of(house, posted) == before
    (item,) = await house.rows(select(queue_item))
    assert item.rule == Rule.WORDS
    assert "ferryman" in item.evidence


async def test_an_edit_makes_what_waits_as_urgent_as_it_is_by_now(house: House) -> None:
    await set_rules(house, flag_words=("ferryman",))
    posted = await house.author.post(PLAIN)
    await report(house.replier, posted, Reason.OFF_TOPIC)
    before = (await queues_of(house, posted))[Queue.REPORTED]
    house.clock.advance(timedelta(minutes=1))
    await house.author.edit(posted["id"], WANTED)
    assert (await queues_of(house, posted))[Queue.REPORTED] > before
