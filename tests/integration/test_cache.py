"""Kept pages: a change shows at once here, within a second elsewhere, and nothing that is out of date is ever kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from forum.app import create_app
from forum.articles.model import tag_of
from forum.comments.service_read import PageRequest, read_discussion
from forum.core.clock import FixedClock
from forum.db.database import WATCH_SECONDS
from forum.web.cache import Made
from tests.support.app import ARTICLE, NEWS, START, House, Person, settings_for
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio

EMBED = f"/embed/newsroom?url={ARTICLE}"
# Far more than it takes: a busy machine must not fail the test.
DEADLINE = 10.0


@asynccontextmanager
async def another_process(house: House) -> AsyncIterator[Person]:
    """Somebody at a second installation on the same database, with caches of its own."""
    clock = FixedClock(START)
    app = create_app(settings_for(house.rt.db.url), clock=clock)
    transport = httpx.ASGITransport(app=app, client=("192.0.2.9", 50_000))
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport) as http:
        http.base_url = httpx.URL(house.rt.settings.public_url)
        yield Person("Noor", http)


def hears(house: House) -> asyncio.Event:
    """An event that is set once this installation has heard of the next change."""
    heard = asyncio.Event()
    house.rt.db.on_change(lambda _tags: heard.set())
    return heard


async def pages(house: House, where: int) -> dict[str, str]:
    paths = (f"/d/{where}", EMBED, "/", f"/api/v1/discussions/{where}", f"/api/v1/sites/newsroom/counts?url={ARTICLE}")
    return {path: (await house.attacker.get(path)).text for path in paths}


async def test_every_change_shows_at_once(house: House) -> None:
    root = await house.author.post("Root.")
    where = await discussion_id(house)
    await house.publish(title="Gutterlight")
    before = await pages(house, where)
    reply = await house.replier.reply(root, "A reply.")
    replied = await pages(house, where)
    assert all(before[path] != replied[path] for path in before)
    await house.author.edit(root["id"], "Root, changed.")
    edited = await pages(house, where)
    assert "Root, changed." in edited[EMBED]
    await house.replier.delete(reply["id"])
    deleted = await pages(house, where)
    assert "A reply." not in deleted[EMBED]
    assert "A reply." not in deleted[f"/api/v1/discussions/{where}"]
    await house.publish(title="Gutterlight returns", state="closed")
    assert "Gutterlight returns" in (await pages(house, where))["/"]
    assert "This discussion is closed." in (await pages(house, where))[EMBED]


async def test_an_article_that_was_unknown_is_known_at_once(house: House) -> None:
    assert "Nobody has said anything yet." in (await house.attacker.get(EMBED)).text
    await house.author.post("First!")
    assert "First!" in (await house.attacker.get(EMBED)).text


async def test_a_site_that_changes_changes_its_pages(house: House) -> None:
    await house.author.post("Root.")
    assert "data-members" not in (await house.attacker.get(EMBED)).text
    await house.change_site(guests=False)
    assert "data-members" in (await house.attacker.get(EMBED)).text


async def test_only_what_shows_the_change_is_made_anew(house: House) -> None:
    await house.author.post("Here.")
    await house.author.post("There.", url=f"{NEWS}/other")
    here, there = await discussion_id(house), await discussion_id(house, f"{NEWS}/other")
    for where in (here, there):
        await house.attacker.get(f"/d/{where}")
    await house.replier.post("Here again.")
    assert house.rt.cache.peek((f"/d/{here}", b"")) is None
    assert house.rt.cache.peek((f"/d/{there}", b"")) is not None


async def test_readers_at_once_cost_one_reading(house: House) -> None:
    root = await house.author.post("Root.")
    await house.replier.reply(root, "Reply.")
    path = f"/d/{await discussion_id(house)}"
    await house.attacker.get("/d/7")
    misses = house.rt.cache.misses
    with house.recorded() as statements:
        answers = await asyncio.gather(*(house.attacker.get(path) for _ in range(24)))
    assert {answer.content for answer in answers} == {answers[0].content}
    assert len(statements) <= 4
    assert house.rt.cache.misses == misses + 1


async def test_a_failed_making_is_not_kept(house: House) -> None:
    answers = await asyncio.gather(*(house.attacker.get("/api/v1/discussions/7") for _ in range(8)))
    assert {answer.status_code for answer in answers} == {404}
    assert house.rt.cache.peek(("/api/v1/discussions/7", b"")) is None


async def test_what_changed_while_it_was_made_is_not_kept(house: House) -> None:
    await house.author.post("Root.")
    where = await discussion_id(house)

    async def slow() -> Made[int]:
        page = await read_discussion(house.rt, where, PageRequest())
        await house.replier.post("While it was drawn.")
        return Made(len(page.nodes), frozenset({tag_of(where)}))

    async def quick() -> Made[int]:
        page = await read_discussion(house.rt, where, PageRequest())
        return Made(len(page.nodes), frozenset({tag_of(where)}))

    assert await house.rt.cache.get("test", slow) == 1
    assert house.rt.cache.peek("test") is None
    assert await house.rt.cache.get("test", quick) == 2
    assert house.rt.cache.peek("test") == 2


async def test_a_reader_after_a_change_does_not_wait_for_an_older_making(house: House) -> None:
    await house.author.post("Root.")
    where = await discussion_id(house)
    began, go_on = asyncio.Event(), asyncio.Event()

    async def read() -> int:
        return len((await read_discussion(house.rt, where, PageRequest())).nodes)

    async def slow() -> Made[int]:
        count = await read()
        began.set()
        await go_on.wait()
        return Made(count, frozenset({tag_of(where)}))

    async def quick() -> Made[int]:
        return Made(await read(), frozenset({tag_of(where)}))

    older = asyncio.create_task(house.rt.cache.get("test", slow))
    await began.wait()
    await house.replier.post("A change.")
    assert await house.rt.cache.get("test", quick) == 2
    go_on.set()
    assert await older == 1
    assert house.rt.cache.peek("test") == 2


async def test_after_a_storm_the_pages_are_those_of_a_fresh_process(house: House) -> None:
    roots = [await house.author.post(f"Root {number}.") for number in range(4)]
    where = await discussion_id(house)

    async def change(root: dict[str, Any]) -> None:
        for revision in range(1, 5):
            await house.author.edit(root["id"], f"Changed {revision}.", revision)
            await house.replier.reply(root, f"After {revision}.")

    async def look() -> None:
        for _ in range(12):
            await pages(house, where)

    await asyncio.gather(*(change(root) for root in roots), look(), look())
    kept = await pages(house, where)
    async with another_process(house) as fresh:
        for path, page in kept.items():
            assert (await fresh.get(path)).text.split("<") == page.split("<"), path
    await house.recount()


async def test_what_another_process_changes_is_seen_soon(house: House) -> None:
    assert WATCH_SECONDS < 1
    root = await house.author.post("Root.")
    where = await discussion_id(house)
    async with another_process(house) as noor:
        assert "Root." in (await house.attacker.get(EMBED)).text
        await pages(house, where)
        heard = hears(house)
        await noor.reply(root, "From over there.")
        await asyncio.wait_for(heard.wait(), DEADLINE)
        for path, page in (await pages(house, where)).items():
            assert "From over there." in page or path == "/" or '":2}' in page, path


async def test_two_processes_on_postgresql_stay_coherent(postgresql_house: House) -> None:
    house = postgresql_house
    root = await house.author.post("Root.")
    await house.author.post("Elsewhere.", url=f"{NEWS}/other")
    where, other = await discussion_id(house), await discussion_id(house, f"{NEWS}/other")
    async with another_process(house) as noor:
        for number in range(3):
            await noor.get(f"/d/{where}")
            await house.attacker.get(f"/d/{where}")
            await house.attacker.get(f"/d/{other}")
            heard = hears(house)
            await noor.reply(root, f"From there, {number}.")
            assert f"From there, {number}." in (await noor.get(f"/d/{where}")).text
            await asyncio.wait_for(heard.wait(), DEADLINE)
            assert f"From there, {number}." in (await house.attacker.get(f"/d/{where}")).text
            assert house.rt.cache.peek((f"/d/{other}", b"")) is not None
    await house.recount()


async def test_a_site_changed_elsewhere_is_followed(house: House) -> None:
    await house.author.post("Root.")
    async with another_process(house) as noor:
        assert "<form" in (await noor.get(EMBED)).text
        heard = hears(house)
        answer = await noor.http.put(
            "/api/v1/sites/newsroom/articles",
            json={"url": ARTICLE, "state": "closed"},
            headers={"authorization": f"Bearer {house.secret}"},
        )
        assert answer.status_code == 200
        await asyncio.wait_for(heard.wait(), DEADLINE)
        assert "This discussion is closed." in (await house.attacker.get(EMBED)).text
