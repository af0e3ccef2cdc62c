"""What one person sends at the same moment counts for each other: no rule about their pace is passed by hurrying."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import httpx
import pytest

from forum.articles import queries as articles
from forum.articles.model import Steered
from forum.comments.screening.rules import Action
from forum.db import Tx
from tests.support.app import House, Person
from tests.support.people import signed_in
from tests.support.screening import set_rules
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio

TEXT = "The ferryman knew the way across the river from the first page on."
AT_ONCE = 6


async def somebody(house: House, who: str) -> Person:
    """A guest who has written before, one who has not, or somebody who is signed in."""
    if who == "account":
        return await signed_in(house, "Zed")
    guest = await house.newcomer("Zed")
    if who == "guest":
        await guest.post("The first one of mine.")
        house.clock.advance(timedelta(days=2))
    return guest


async def all_at_once(person: Person, texts: list[str]) -> Counter[int]:
    answers: list[httpx.Response] = await asyncio.gather(*(person.send(text) for text in texts))
    return Counter(answer.status_code for answer in answers)


@pytest.mark.parametrize("who", ["guest", "account"])
async def test_the_rate_of_simultaneous_posts(house: House, who: str) -> None:
    person = await somebody(house, who)
    await set_rules(house, rate_comments=2, rate_minutes=60)
    assert await all_at_once(person, [f"Number {n} of these." for n in range(AT_ONCE)]) == {201: 2, 429: AT_ONCE - 2}


@pytest.mark.parametrize("who", ["guest", "account"])
async def test_the_same_text_at_once(house: House, who: str) -> None:
    person = await somebody(house, who)
    await set_rules(house, repeat_person=Action.REFUSE)
    assert await all_at_once(person, [TEXT] * AT_ONCE) == {201: 1, 403: AT_ONCE - 1}


@pytest.mark.parametrize("who", ["guest", "account"])
async def test_a_slow_discussion_at_once(house: House, who: str) -> None:
    person = await somebody(house, who)
    await house.attacker.post("The first one here.")
    where = await discussion_id(house)

    async def slow(tx: Tx) -> None:
        steered = Steered(slow_seconds=90)
        await articles.update_steered(tx, site_id=house.site.id, discussion_id=where, steered=steered)

    await house.rt.db.write(slow)
    house.clock.advance(timedelta(minutes=5))
    assert await all_at_once(person, [f"Number {n} of these." for n in range(AT_ONCE)]) == {201: 1, 429: AT_ONCE - 1}
