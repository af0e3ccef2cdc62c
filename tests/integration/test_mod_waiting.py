"""What waits for a moderator, and where they begin: what was decided waits for nobody."""

from typing import Any

import pytest

from forum.accounts.model import Role
from forum.comments.review.model import Queue
from tests.support.app import House, Person
from tests.support.items import QUEUE, a_moderator, decide, ids_of, waiting
from tests.support.people import signed_in

pytestmark = pytest.mark.anyio


async def counts(moderator: Person, site: str = "newsroom") -> dict[str, int]:
    """How many wait in each queue that is not empty."""
    queues = (await moderator.read(f"/api/v1/mod/queues?site={site}"))["queues"]
    return {one["queue"]: one["count"] for one in queues if one["count"]}


async def start(moderator: Person) -> str:
    """Where /mod leads."""
    return str((await moderator.get("/mod")).headers["location"])


async def two(house: House) -> list[dict[str, Any]]:
    return [await house.author.post("Buy a kettle."), await house.replier.post("Buy two kettles.")]


async def test_spam_that_was_decided_about_is_listed_and_not_counted(house: House) -> None:
    moderator = await a_moderator(house)
    first, second = await two(house)
    for posted in (first, second):
        await waiting(house, posted, Queue.SPAM, rule="spam", priority=-850.0)
    assert await counts(moderator) == {"unmoderated": 2, "spam": 2}
    await decide(moderator, first, "spam")
    assert await counts(moderator) == {"unmoderated": 1, "spam": 1}
    assert await ids_of(moderator, f"{QUEUE}spam") == [second["id"], first["id"]]
    await decide(moderator, second, "spam")
    assert await counts(moderator) == {}
    assert await ids_of(moderator, f"{QUEUE}spam") == [second["id"], first["id"]]
    page = (await moderator.get("/mod?site=newsroom&queue=spam")).text
    assert "Buy a kettle." in page


async def test_a_moderator_begins_where_something_waits(house: House) -> None:
    moderator = await a_moderator(house)
    first, second = await two(house)
    assert await start(moderator) == "/mod?site=newsroom&queue=unmoderated"
    await waiting(house, second, Queue.SPAM, rule="spam", priority=-850.0)
    assert await start(moderator) == "/mod?site=newsroom&queue=spam"
    await waiting(house, first, Queue.REPORTED, priority=-860.0)
    assert await start(moderator) == "/mod?site=newsroom&queue=reported"
    await decide(moderator, first, "approve")
    await decide(moderator, second, "spam")
    # There is something in Spam and in Approved, and nothing to do.
    assert await start(moderator) == "/mod?site=newsroom&queue=pending"
    await decide(moderator, first, "remove", reason="abuse")
    assert await start(moderator) == "/mod?site=newsroom&queue=pending"


async def test_a_site_where_spam_waits_comes_before_one_where_none_does(house: House) -> None:
    owner, moderator = await signed_in(house, "Olga", owner=True), await a_moderator(house)
    await house.add_site("gazette", name="A gazette", origins=("https://gazette.example",))
    posted = await house.author.post("Buy a kettle.")
    assert (await owner.read("/api/v1/mod/queues"))["site"] == "gazette"
    await waiting(house, posted, Queue.SPAM, rule="spam", priority=-850.0)
    assert (await owner.read("/api/v1/mod/queues"))["site"] == "newsroom"
    assert await start(owner) == "/mod?site=newsroom&queue=spam"
    await decide(moderator, posted, "spam")
    assert (await owner.read("/api/v1/mod/queues"))["site"] == "gazette"


async def test_whom_a_site_trusts_begins_among_the_spoilers(house: House) -> None:
    tara = await signed_in(house, "Tara", role=Role.TRUSTED)
    (posted, _) = await two(house)
    await waiting(house, posted, Queue.REPORTED)
    assert await start(tara) == "/mod?site=newsroom&queue=spoilers"
