"""Taking back one thing after the other, and what readers did ends by itself also after that."""

from datetime import timedelta

import pytest

from forum.errors import Conflict
from tests.support.app import OURS, House, Person
from tests.support.flags import let_jobs_run, regulars, report_all
from tests.support.moderating import (
    APPROVE,
    COVER,
    REMOVE,
    SPAM,
    UNCOVER,
    a_moderator,
    is_whole,
    lines_of,
    row_of,
    snapshot,
)
from tests.support.spoilers import JJ13, SECRET, fans

pytestmark = pytest.mark.anyio
__all__ = ["fans"]


async def test_one_after_the_other(fans: House) -> None:
    mo = await a_moderator(fans)
    posted = await fans.author.post("Root.")
    states, given = [await snapshot(fans)], []
    for verdict, more in ((REMOVE, {}), (APPROVE, {}), (COVER, {"tokens": [JJ13]}), (SPAM, {})):
        given.append((await mo.say(verdict, posted, **more)).decision)
        states.append(await snapshot(fans))
    with pytest.raises(Conflict, match="decided_since"):
        await mo.undo(given[0])
    for line in reversed(given):
        states.pop()
        await mo.undo(line)
        assert await snapshot(fans) == states[-1]
    with pytest.raises(Conflict, match="decided_since"):
        await mo.undo(given[-1])
    await is_whole(fans)


async def test_the_log_offers_what_can_be_taken_back(house: House) -> None:
    mo = await a_moderator(house)
    posted = await house.author.post("Root.")
    removed, approved = await mo.say(REMOVE, posted), await mo.say(APPROVE, posted)
    offered = await offers(mo.person)
    assert offered == {str(approved.decision.id)}
    await mo.undo(approved.decision)
    assert await offers(mo.person) == {str(removed.decision.id)}


async def offers(person: Person) -> set[str]:
    log = await person.read("/api/v1/mod/log?site=newsroom")
    return {line["id"] for line in log["lines"] if line["can_undo"]}


async def test_batches_one_after_the_other(house: House) -> None:
    mo = await a_moderator(house)
    posted = [await house.author.post("One."), await house.replier.post("Two.")]
    before, batches = await snapshot(house), []
    for verdict in ("remove", "approve"):
        seen = [{"id": one["id"], "revision": (await row_of(house, one)).revision} for one in posted]
        sent = {"site": "newsroom", "verdict": verdict, "reason": "abuse", "comments": seen}
        answer = await mo.person.http.post("/api/v1/mod/bulk", json=sent, headers=OURS)
        assert len(answer.json()["done"]) == 2, answer.text
        batches.append(answer.json()["batch_id"])
    for batch in reversed(batches):
        sent = {"site": "newsroom", "batch_id": batch}
        answer = await mo.person.http.post("/api/v1/mod/undo", json=sent, headers=OURS)
        assert len(answer.json()["done"]) == 2, answer.text
    assert await snapshot(house) == before
    await is_whole(house)


# The moderator's word may be taken back before or after the time at which it would have ended.
@pytest.mark.parametrize("hours", [1, 30])
async def test_what_readers_have_hidden_ends_also_after_an_undo(house: House, hours: int) -> None:
    mo = await a_moderator(house)
    posted = await house.author.post("Root.")
    await report_all(await regulars(house, 3), posted, "abuse")
    assert (await row_of(house, posted)).status == "held"
    approved = await mo.say(APPROVE, posted)
    house.clock.advance(timedelta(hours=hours))
    await let_jobs_run(house)
    await mo.undo(approved.decision)
    assert (await row_of(house, posted)).status == "held"
    house.clock.advance(timedelta(hours=25))
    await let_jobs_run(house)
    assert (await row_of(house, posted)).status == "published"
    assert [line.verdict for line in await lines_of(house, posted)] == ["hide", "approve", "undo", "undo"]
    await is_whole(house)


@pytest.mark.parametrize("hours", [1, 30])
async def test_what_readers_have_covered_ends_also_after_an_undo(fans: House, hours: int) -> None:
    mo = await a_moderator(fans)
    posted = await fans.author.post(SECRET)
    await report_all(await regulars(fans, 3), posted, "untagged_spoiler", scope=[JJ13])
    assert (await row_of(fans, posted)).cover_state == "covered_pending"
    shown = await mo.say(UNCOVER, posted)
    fans.clock.advance(timedelta(hours=hours))
    await let_jobs_run(fans)
    await mo.undo(shown.decision)
    assert (await row_of(fans, posted)).cover_state == "covered_pending"
    fans.clock.advance(timedelta(hours=25))
    await let_jobs_run(fans)
    assert (await row_of(fans, posted)).cover_state == "flagged"
