"""How many statements a request may cost: the same few in a discussion of 33,000 comments as in one of a hundred."""

import pytest

from tests.support.app import ARTICLE, NEWS, House
from tests.support.threads import discussion_id, plant

pytestmark = pytest.mark.anyio

MISS, OVERLAY, POST = 4, 4, 8
EMBED = f"/embed/newsroom?url={ARTICLE}"


async def cost(house: House, path: str) -> int:
    """Statements of a reading for which nothing but the list of sites and the names of works and scopes is kept."""
    await house.attacker.get(f"/embed/newsroom?url={NEWS}/another")
    house.rt.pieces._pieces.clear()  # nor any drawn comment
    with house.recorded() as statements:
        answer = await house.author.get(path)
    assert answer.status_code in (200, 302), answer.text
    return len(statements)


async def test_a_kept_page_costs_nothing(house: House) -> None:
    root = await house.author.post("Root.")
    where = await discussion_id(house)
    paths = [f"/d/{where}", EMBED, f"/d/{where}/thread/{root['id']}", f"/api/v1/discussions/{where}", "/"]
    paths += [f"/api/v1/comments/{root['id']}", f"/api/v1/sites/newsroom/counts?url={ARTICLE}"]
    for path in paths:
        await house.attacker.get(path)
        with house.recorded() as statements:
            assert (await house.author.get(path)).status_code == 200
        assert statements == [], path


async def test_a_page_that_must_be_made_costs_little(house: House) -> None:
    root = await house.author.post("Root.")
    await house.replier.reply(root, "Reply.")
    where = await discussion_id(house)
    for path in (f"/d/{where}", EMBED, f"/d/{where}/thread/{root['id']}", f"/api/v1/discussions/{where}", "/"):
        assert 0 < await cost(house, path) <= MISS, path
    assert await cost(house, f"/c/{root['id']}") == 1
    assert await cost(house, f"/d/{where}/mine") <= OVERLAY


async def test_an_unknown_article_costs_one_statement(house: House) -> None:
    assert await cost(house, EMBED) == 1
    assert await cost(house, f"/api/v1/sites/newsroom/discussion?url={ARTICLE}") == 1


async def test_posting_costs_little(house: House) -> None:
    await house.attacker.post("With this the site's rules are known.", url=f"{NEWS}/another")
    await cost(house, EMBED)
    with house.recorded() as first:
        root = await house.author.post("The first comment below this article.", key="key-of-the-embed-1")
    assert len(first) <= POST
    with house.recorded() as reply:
        await house.replier.reply(root, "A reply by a new guest.", key="key-of-the-embed-2")
    assert len(reply) <= POST
    with house.recorded() as again:
        await house.replier.reply(root, "A reply by a guest we know.")
    assert len(again) <= POST
    with house.recorded() as edited:
        await house.author.edit(root["id"], "Changed.")
    assert len(edited) <= POST
    with house.recorded() as deleted:
        await house.author.delete(root["id"])
    assert len(deleted) <= POST


def shape(roots: int, replies: int, chain: int) -> list[int | None]:
    """Conversations with as many replies each, and one that only ever goes deeper."""
    parents: list[int | None] = [None] * roots
    for root in range(1, roots):
        parents += [root] * replies
    last = 0
    for _ in range(chain):
        parents.append(last)
        last = len(parents) - 1
    return parents


async def costs(house: House, url: str, parents: list[int | None], roots: int) -> dict[str, int]:
    """What each kind of reading costs in a discussion of this shape."""
    ids = await plant(house, parents, url=url)
    where, middle, wide, deep = await discussion_id(house, url), ids[roots // 2], ids[1], ids[-5]
    paths = {
        "first page": f"/d/{where}",
        "oldest first": f"/d/{where}?sort=oldest",
        "middle page": f"/d/{where}?after=newest.{middle}",
        "embed": f"/embed/newsroom?url={url}",
        "json": f"/api/v1/discussions/{where}?cursor=newest.{middle}",
        "permalink": f"/c/{ids[len(ids) // 2]}",
        "page of the permalink": f"/d/{where}?at={middle}",
        "more replies": f"/d/{where}/thread/{wide}?after=5",
        "deep chain": f"/d/{where}/thread/{deep}",
        "replies": f"/api/v1/comments/{deep}/replies",
        "counts": f"/api/v1/sites/newsroom/counts?url={url}",
    }
    return {name: await cost(house, path) for name, path in paths.items()}


@pytest.mark.slow
async def test_a_long_discussion_costs_what_a_short_one_does(house: House) -> None:
    short = await costs(house, f"{NEWS}/short", shape(4, 20, 40), 4)
    house.rt.cache.invalidate({"*"})
    long = await costs(house, f"{NEWS}/long", shape(300, 107, 1_000), 300)
    assert long == short
    assert max(short.values()) <= MISS
    root = await house.author.read("/api/v1/sites/newsroom/discussion", params={"url": f"{NEWS}/long", "limit": 1})
    assert root["discussion"]["comment_count"] > 33_000 - 300
    await house.attacker.post("With this the site's rules are known.", url=f"{NEWS}/another")
    with house.recorded() as posted:
        await house.replier.reply(root["comments"][0], "One more.", url=f"{NEWS}/long", key="key-of-the-embed-3")
    assert len(posted) <= POST
