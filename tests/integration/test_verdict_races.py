"""Verdicts against verdicts, edits, flags, replies and deletions: one wins, the other is told, everything adds up; on
both engines, and between two processes on one database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from forum.accounts import queries as accounts
from forum.accounts.model import Role
from forum.comments.review.model import Verdict
from forum.errors import AftershowError, Conflict
from forum.moderation.deciding.service_verdict import decide
from tests.support.app import House, open_house, problem
from tests.support.flags import report
from tests.support.moderating import (
    APPROVE,
    DISMISS,
    REMOVE,
    SPAM,
    Chair,
    a_moderator,
    is_whole,
    lines_of,
    outcomes_of,
    row_of,
)
from tests.support.people import account_of
from tests.support.processes import another_process, same_browser

pytestmark = pytest.mark.anyio

ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Two:
    """Two moderators: in one process, or each in a process of their own."""

    house: House
    one: Chair
    two: Chair


@pytest.fixture(params=["one process", "two processes"])
async def two(request: pytest.FixtureRequest, engine_url: str) -> AsyncIterator[Two]:
    """Both engines within one process; between two it is PostgreSQL alone that many write to at once."""
    if request.param == "two processes" and not engine_url.startswith("postgresql"):
        engine_url = request.getfixturevalue("postgresql_url")
    async with open_house(engine_url) as house:
        mo, ma = await a_moderator(house), await a_moderator(house, "Ma")
        if request.param == "one process":
            yield Two(house, mo, ma)
            return
        async with another_process(house) as other:
            yield Two(house, mo, Chair(other, await same_browser(other, ma.person)))


async def outcome(work: Awaitable[Any]) -> str:
    """ "done", or the code of the refusal."""
    try:
        await work
    except AftershowError as error:
        return error.code
    return "done"


async def _all_of(sent: Iterable[Awaitable[httpx.Response]]) -> list[httpx.Response]:
    return list(await asyncio.gather(*sent))


async def both_say(two: Two, posted: dict[str, Any], verdicts: tuple[Verdict, Verdict]) -> list[str]:
    """Two verdicts about the same revision at the same moment."""
    chairs = (two.one, two.two)
    asks = [await chair.ask(verdict, posted, anyway=True) for chair, verdict in zip(chairs, verdicts, strict=True)]
    mods = [await chair.mod() for chair in chairs]
    return list(
        await asyncio.gather(*(outcome(decide(c.house.rt, m, a)) for c, m, a in zip(chairs, mods, asks, strict=True)))
    )


@pytest.mark.parametrize(
    "verdicts", [(APPROVE, REMOVE), (REMOVE, SPAM), (APPROVE, APPROVE), (DISMISS, REMOVE)], ids=lambda v: "-".join(v)
)
async def test_two_verdicts(two: Two, verdicts: tuple[Verdict, Verdict]) -> None:
    root = await two.house.author.post("Root.")
    await two.house.change_site(hold=True)
    held = [await two.house.author.reply(root, f"Held {n}.") for n in range(ROUNDS)]
    for posted in (*held, root):
        assert sorted(await both_say(two, posted, verdicts)) == ["done", "revision_conflict"]
        given = [line for line in await lines_of(two.house, posted) if line.by_id]
        assert len(given) == 1
        assert (await row_of(two.house, posted)).status == given[0].status
    await is_whole(two.house)


async def test_approving_against_editing(two: Two) -> None:
    for number in range(ROUNDS):
        posted = await two.house.author.post(f"Text {number}.")
        mod, ask = await two.two.mod(), await two.two.ask(APPROVE, posted)
        said, edited = await asyncio.gather(
            outcome(decide(two.two.house.rt, mod, ask)), two.house.author.edit(posted["id"], f"Another {number}.")
        )
        codes = {said, "done" if edited.status_code == 200 else problem(edited)[1]}
        assert codes == {"done", "revision_conflict"}
        # What was approved is what the moderator saw.
        row = await row_of(two.house, posted)
        assert row.source == (f"Text {number}." if said == "done" else f"Another {number}.")
    await is_whole(two.house)


async def test_flagging_against_taking_back(two: Two) -> None:
    for number in range(ROUNDS):
        await two.house.change_site(hold=bool(number % 2))
        posted = await two.house.author.post(f"Text {number}.")
        given = await two.one.say(APPROVE, posted)
        undone, flagged = await asyncio.gather(
            outcome(two.two.undo(given.decision)), report(two.house.replier, posted, "abuse")
        )
        assert undone == "done"
        assert flagged.status_code in (200, 404)
        raised = (await outcomes_of(two.house, posted)).total()
        assert raised == (1 if flagged.status_code == 200 else 0)
        assert (await row_of(two.house, posted)).status == ("held" if number % 2 else "published")
    await is_whole(two.house)


async def test_taking_back_against_taking_back_and_another_verdict(two: Two) -> None:
    for number in range(ROUNDS):
        posted = await two.house.author.post(f"Text {number}.")
        given = await two.one.say(REMOVE, posted)
        mod, ask = await two.two.mod(), await two.two.ask(APPROVE, posted)
        codes = await asyncio.gather(
            outcome(two.one.undo(given.decision)),
            outcome(two.one.undo(given.decision)),
            outcome(decide(two.two.house.rt, mod, ask)),
        )
        assert codes.count("done") == 1
        assert set(codes) <= {"done", "decided_since", "revision_conflict"}
        assert (await row_of(two.house, posted)).status == "published"
    await is_whole(two.house)


async def test_deleting_against_deciding_and_replying(two: Two) -> None:
    for number in range(ROUNDS):
        await two.house.change_site(hold=False)
        root = await two.house.author.post(f"Root {number}.")
        reply = await two.house.author.reply(root, f"Reply {number}.")
        mod, ask = await two.two.mod(), await two.two.ask(REMOVE, reply)
        deleted, said, replied = await asyncio.gather(
            two.house.author.delete(reply["id"]),
            outcome(decide(two.two.house.rt, mod, ask)),
            two.house.replier.send("Below it.", parent_id=reply["id"]),
        )
        assert deleted.status_code == 204
        assert said in ("done", "deleted")
        assert replied.status_code == 201 or problem(replied)[1] == "parent_gone"
        row = await row_of(two.house, reply)
        assert row is None or row.status == "deleted"
        assert row is not None or replied.status_code != 201
    await is_whole(two.house)


async def test_removing_against_replying(two: Two) -> None:
    for number in range(ROUNDS):
        root = await two.house.author.post(f"Root {number}.")
        parent = await two.house.author.reply(root, f"Reply {number}.")
        mod, ask = await two.two.mod(), await two.two.ask(REMOVE, parent)
        said, replied = await asyncio.gather(
            outcome(decide(two.two.house.rt, mod, ask)),
            _all_of(two.house.replier.send(f"Below {n}.", parent_id=parent["id"]) for n in range(3)),
        )
        assert said == "done"
        came = [answer for answer in replied if answer.status_code == 201]
        assert all(problem(answer)[1] == "parent_gone" for answer in replied if answer not in came)
        assert (await row_of(two.house, parent)).marked == bool(came)
    await is_whole(two.house)


async def test_removing_a_whole_thread_at_once_and_taking_it_back(two: Two) -> None:
    chain = [await two.house.author.post("Root.")]
    for depth in range(5):
        chain.append(await two.house.author.reply(chain[-1], f"Depth {depth}."))
    chairs = (two.one, two.two)
    given = await asyncio.gather(*(chairs[n % 2].say(REMOVE, posted) for n, posted in enumerate(chain)))
    await is_whole(two.house)
    await asyncio.gather(*(chairs[n % 2].undo(line.decision) for n, line in enumerate(given)))
    assert {(await row_of(two.house, posted)).status for posted in chain} == {"published"}
    await is_whole(two.house)


async def test_deciding_against_losing_the_role(two: Two) -> None:
    house, account = two.house, await account_of(two.house, two.one.person)
    moment = house.clock.now()

    async def become(role: Role) -> None:
        await house.rt.db.write(
            lambda tx: accounts.set_role(tx, site_id=house.site.id, account_id=account.id, role=role, now=moment)
        )

    for number in range(ROUNDS):
        posted = await house.author.post(f"Text {number}.")
        mod, ask = await two.two.mod(), await two.two.ask(REMOVE, posted)
        mod = await two.one.mod()
        said, _ = await asyncio.gather(outcome(decide(house.rt, mod, ask)), become(Role.READER))
        assert said in ("done", "not_found")
        assert await outcome(decide(house.rt, mod, await two.two.ask(REMOVE, posted))) == "not_found"
        await become(Role.MODERATOR)
    await is_whole(house)


async def test_a_conflict_leaves_nothing_behind(two: Two) -> None:
    posted = await two.house.author.post("Text.")
    ask = await two.one.ask(REMOVE, posted)
    await two.two.say(DISMISS, posted)
    lines = await lines_of(two.house, posted)
    with pytest.raises(Conflict):
        await decide(two.house.rt, await two.one.mod(), ask)
    assert await lines_of(two.house, posted) == lines
    await is_whole(two.house)
