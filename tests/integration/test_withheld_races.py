"""Quotes that are written, or change, at the moment in which what they quote is taken away: on both engines, and
between two processes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from forum.comments import birth
from forum.comments.review.model import Verdict
from forum.errors import AftershowError
from tests.integration.test_spoiler_quotes import quote
from tests.integration.test_withheld_orders import WORDS, is_sound, says
from tests.support.app import House, open_house
from tests.support.locks import done_or_waiting, halted
from tests.support.moderating import APPROVE, REMOVE, SPAM, Chair, a_moderator
from tests.support.processes import another_process, same_browser
from tests.support.spoilers import view
from tests.support.works import bring

pytestmark = pytest.mark.anyio

ROUNDS = 8


@pytest.fixture(params=["sqlite", "postgresql", "two processes"])
def served(request: pytest.FixtureRequest) -> tuple[str, bool]:
    """A database, and whether two processes serve it: between two it is PostgreSQL alone that many write to at once."""
    engine = "sqlite" if request.param == "sqlite" else "postgresql"
    return str(request.getfixturevalue(f"{engine}_url")), request.param == "two processes"


@pytest.fixture
async def two(served: tuple[str, bool]) -> AsyncIterator[tuple[House, House]]:
    """An installation, and it again: in the same process, or in another one."""
    url, apart = served
    async with open_house(url) as house:
        await bring(house.rt)
        if not apart:
            yield house, house
            return
        async with another_process(house) as other:
            yield house, other


async def _try(chair: Chair, verdict: Verdict, posted: dict[str, Any]) -> str:
    try:
        await chair.say(verdict, posted)
    except AftershowError as error:
        return error.code
    return "done"


async def elsewhere(chair: Chair, house: House) -> Chair:
    """The same moderator, in another process."""
    return Chair(house, await same_browser(house, chair.person))


async def test_quoted_while_it_is_taken_away(two: tuple[House, House]) -> None:
    here, there = two
    chair = await elsewhere(await a_moderator(here), there)
    for number in range(ROUNDS):
        words = f"The ferryman did it with a lantern, number {number}."
        source = await here.author.post(words)
        first = await here.replier.post(quote(source, words))
        second, edited, said = await asyncio.gather(
            here.attacker.post(quote(source, words)),
            here.replier.edit(first["id"], quote(source, words) + "!"),
            _try(chair, REMOVE, source),
        )
        # A quote that is withheld is another revision: its author looks again.
        assert edited.status_code in (200, 409), edited.text
        assert said == "done"
        for one in (first, second):
            assert "lantern" not in (await view(here, one))["text"]
        assert not await says(here, first, second, word=f"number {number}.")
    await is_sound(here)


async def test_two_that_quote_each_other_go_at_once(two: tuple[House, House]) -> None:
    here, there = two
    mo, ma = await a_moderator(here), await elsewhere(await a_moderator(here, "Ma"), there)
    for _ in range(ROUNDS):
        one, other = await here.author.post(WORDS), await here.replier.post("Nothing but lanterns.")
        assert (
            await here.author.edit(one["id"], f"{WORDS}\n\n{quote(other, 'but lanterns', 'Ravi')}")
        ).status_code == 200
        assert (await here.replier.edit(other["id"], f"Lanterns.\n\n{quote(one, WORDS)}")).status_code == 200
        both = await here.attacker.post(f"{quote(one, WORDS)}\n\n{quote(other, 'Lanterns.', 'Ravi')}")
        done = await asyncio.gather(_try(mo, REMOVE, one), _try(ma, SPAM, other))
        # Each changes the other's quotes: whoever comes second may be asked to look again.
        assert set(done) <= {"done", "revision_conflict"}
        for chair, verdict, comment, said in ((mo, REMOVE, one, done[0]), (ma, SPAM, other, done[1])):
            if said != "done":
                assert await _try(chair, verdict, comment) == "done"
        assert "antern" not in (await view(here, both))["text"]
        back = await asyncio.gather(_try(mo, APPROVE, one), _try(ma, APPROVE, other))
        assert set(back) <= {"done", "revision_conflict"}
    await is_sound(here)


async def test_an_older_comment_begins_to_quote_what_goes(two: tuple[House, House]) -> None:
    """The one who edits holds the older comment and wants the younger; the one who decides comes from the other end."""
    here, there = two
    chair = await elsewhere(await a_moderator(here), there)
    for number in range(ROUNDS):
        words = f"A lantern, number {number}."
        older, younger = await here.replier.post("Wait."), await here.author.post(words)
        first = await here.replier.edit(older["id"], quote(younger, words))
        assert first.status_code == 200
        again = here.replier.edit(older["id"], quote(younger, words) + " Yes.", first.json()["revision"])
        edited, said = await asyncio.gather(again, _try(chair, REMOVE, younger))
        assert said == "done"
        assert edited.status_code in (200, 409), edited.text
        assert "lantern" not in (await view(here, older))["text"]
    await is_sound(here)


async def test_a_quote_that_is_written_just_then(postgresql_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who quotes is stopped in the middle, with what they have read: the verdict waits, and then withholds it."""
    house = postgresql_house
    chair, source = await a_moderator(house), await house.author.post(WORDS)
    halt = halted(monkeypatch, birth, "remember")
    posting = asyncio.create_task(house.replier.post(quote(source, WORDS)))
    await halt.reached.wait()
    removing = asyncio.create_task(_try(chair, REMOVE, source))
    await done_or_waiting(house, removing)
    assert not removing.done()
    halt.go_on.set()
    posted: dict[str, Any] = await posting
    assert await removing == "done"
    assert "lantern" not in (await view(house, posted))["text"]
    await is_sound(house)
