"""Counts for list pages: one call for many addresses, readable from anywhere, always right."""

import pytest

from tests.support.app import ARTICLE, NEWS, House, problem, wrong_fields

pytestmark = pytest.mark.anyio

COUNTS = "/api/v1/sites/newsroom/counts"


async def test_addresses_are_counted_as_they_were_asked_for(house: House) -> None:
    await house.author.post("One.")
    await house.author.post("Two.")
    await house.author.post("Elsewhere.", url=f"{NEWS}/other")
    asked = [ARTICLE, f"{ARTICLE}?utm_source=x#top", f"{NEWS}/other", f"{NEWS}/new", "https://evil.example/", "x"]
    answer = await house.attacker.get(COUNTS, params={"url": asked})
    assert answer.json() == {"counts": dict(zip(asked, [2, 2, 1, 0, 0, 0], strict=True))}
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


async def test_counts_follow_what_everybody_can_read(house: House) -> None:
    async def count() -> int:
        counted: int = (await house.attacker.read(COUNTS, params={"url": ARTICLE}))["counts"][ARTICLE]
        return counted

    assert await count() == 0
    root = await house.author.post("One.")
    assert await count() == 1
    await house.replier.reply(root, "Two.")
    assert await count() == 2
    await house.author.delete(root["id"])
    assert await count() == 1
    await house.change_site(hold=True)
    await house.author.post("Held.")
    assert await count() == 1


async def test_a_hundred_addresses_are_the_most(house: House) -> None:
    asked = [f"{NEWS}/{number}" for number in range(101)]
    answer = await house.attacker.get(COUNTS, params={"url": asked[:100]})
    assert len(answer.json()["counts"]) == 100
    assert set(wrong_fields(await house.attacker.get(COUNTS, params={"url": asked}))) == {"url"}


async def test_at_least_one_address_is_needed(house: House) -> None:
    assert wrong_fields(await house.attacker.get(COUNTS)) == {"url": "missing"}
    assert wrong_fields(await house.attacker.get(f"{COUNTS}?url=a&b=c")) == {"b": "unknown_field"}


async def test_an_unknown_site_has_no_counts(house: House) -> None:
    answer = await house.attacker.get("/api/v1/sites/nowhere/counts", params={"url": ARTICLE})
    assert problem(answer) == (404, "unknown_site")


async def test_cookies_are_ignored(house: House) -> None:
    await house.author.post("One.")
    mine = await house.author.get(COUNTS, params={"url": ARTICLE})
    theirs = await house.attacker.get(COUNTS, params={"url": ARTICLE})
    assert mine.content == theirs.content
    assert mine.headers["vary"] == "accept-encoding"
