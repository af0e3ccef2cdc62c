"""Articles that a site names itself: which page speaks for a name, where its address comes from, how it is counted."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from forum.articles.tables import article
from forum.db import Prepared, Tx
from forum.outbox.tables import outbox
from tests.integration.test_article_jobs import EMBED, Town, a_newsroom
from tests.support.app import NEWS, OURS, PUBLIC_URL, House, open_house

pytestmark = pytest.mark.anyio

ANNOUNCE = "/api/v1/sites/newsroom/announce"
COUNTS = "/api/v1/sites/newsroom/counts"
NAMED = EMBED.replace(" async", ' data-identifier="post-7" async')
ANOTHER = NAMED.replace("post-7", "post-8")
FRAME = f'<iframe src="{PUBLIC_URL}/embed/newsroom?url=x&amp;identifier=post-7"></iframe>'
OTHER_FRAME = FRAME.replace("post-7", "post-8")


@pytest.fixture
async def town(engine_url: str) -> AsyncIterator[Town]:
    async with a_newsroom() as news, a_newsroom() as elsewhere, open_house(engine_url, egress_local=True) as house:
        await house.change_site(origins=(news.origin,))
        yield Town(house, news, elsewhere)


async def announce(town: Town, path: str, identifier: str | None = "post-7") -> None:
    sent = {"url": f"{town.news.origin}{path}", "identifier": identifier}
    answer = await town.house.attacker.http.post(ANNOUNCE, json=sent, headers=OURS)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("embed", [NAMED, FRAME, ANOTHER + NAMED])
async def test_a_page_that_names_the_article_speaks_for_it(town: Town, embed: str) -> None:
    town.news.page("/story?print=1", embed=embed, canonical=f"{town.news.origin}/story")
    await announce(town, "/story?print=1")
    await town.house.run_jobs()
    row = await town.article()
    assert (row.title, row.url) == ("Gutterlight returns", f"{town.news.origin}/story")
    assert row.verified_at == town.house.clock.now()


@pytest.mark.parametrize("embed", [EMBED, ANOTHER, OTHER_FRAME])
async def test_a_page_that_names_another_article_or_none_does_not(town: Town, embed: str) -> None:
    town.news.page("/attacker", embed=embed, canonical=f"{town.news.origin}/elsewhere")
    await announce(town, "/attacker")
    await town.house.run_jobs()
    row = await town.article()
    assert (row.title, row.verified_at, row.url) == ("", None, f"{town.news.origin}/attacker")
    assert "does not name this article" in (await town.job()).last_error


@pytest.mark.parametrize("embed", [NAMED, FRAME])
async def test_an_article_without_an_identifier_is_verified_by_any_embed(town: Town, embed: str) -> None:
    town.news.page("/story", embed=embed)
    await announce(town, "/story", None)
    await town.house.run_jobs()
    assert (await town.article()).title == "Gutterlight returns"


async def test_the_publisher_says_where_the_article_is(town: Town) -> None:
    town.news.page("/attacker", embed="")
    town.news.page("/story", embed=NAMED, canonical=f"{town.news.origin}/canonical")
    await announce(town, "/attacker")
    await town.house.run_jobs()
    said = await town.house.publish(url=f"{town.news.origin}/story", identifier="post-7")
    assert said.json()["url"] == f"{town.news.origin}/story"
    assert await town.house.run_jobs() == 1
    row = await town.article()
    assert (row.url, row.locked, row.title) == (f"{town.news.origin}/story", "url", "Gutterlight returns")
    await town.house.publish(url=f"{town.news.origin}/story", identifier="post-7")
    assert await town.house.run_jobs() == 0


async def test_a_page_read_at_the_old_address_says_nothing_any_more(town: Town) -> None:
    town.news.page("/old", embed=NAMED)
    await announce(town, "/old")
    (job,) = await town.house.rows(select(outbox))
    await town.house.publish(url=f"{town.news.origin}/new", identifier="post-7", title="Moved")
    jobs = await town.house.rows(select(outbox))
    assert job.id in {row.id for row in jobs}
    assert len(jobs) == 2
    await town.house.run_jobs()
    row = await town.article()
    assert (row.url, row.title, row.author) == (f"{town.news.origin}/new", "Moved", None)
    assert set(town.news.asked) == {"/new"}


async def give_up(town: Town) -> None:
    """The waiting job has had its last attempt now."""

    async def work(tx: Tx) -> None:
        now = town.house.clock.now()
        await tx.execute(Prepared(update(outbox).values(dead_at=now, attempts=14, last_error="x")), {})

    await town.house.rt.db.write(work)


@pytest.mark.parametrize("by", ["announcing", "posting"])
async def test_a_page_that_was_given_up_is_tried_again_when_its_article_is_met(town: Town, by: str) -> None:
    async def meet() -> None:
        if by == "announcing":
            await announce(town, "/story", None)
        else:
            await town.post("/story")

    await meet()
    await give_up(town)
    town.news.page("/story")
    town.house.clock.advance(timedelta(minutes=59))
    await meet()
    assert await town.house.run_jobs() == 0
    town.house.clock.advance(timedelta(minutes=1))
    await meet()
    assert (await town.job()).attempts == 0
    assert await town.house.run_jobs() == 1
    assert (await town.article()).title == "Gutterlight returns"


async def test_the_address_it_is_met_at_then_gets_its_turn(town: Town) -> None:
    town.news.page("/attacker", embed=ANOTHER)
    town.news.page("/story", embed=NAMED)
    await announce(town, "/attacker")
    await announce(town, "/story")
    await town.house.run_jobs()
    assert (await town.article()).url == f"{town.news.origin}/attacker"
    town.house.clock.advance(timedelta(hours=1))
    await announce(town, "/story")
    await town.house.run_jobs()
    row = await town.article()
    assert (row.url, row.title) == (f"{town.news.origin}/story", "Gutterlight returns")
    await announce(town, "/attacker")
    assert (await town.article()).url == f"{town.news.origin}/story"


async def test_the_publishers_word_revives_what_was_given_up_at_once(town: Town) -> None:
    await announce(town, "/story", None)
    await give_up(town)
    town.news.page("/story")
    await town.house.publish(url=f"{town.news.origin}/story")
    assert await town.house.run_jobs() == 1
    assert (await town.article()).title == "Gutterlight returns"


async def test_a_verified_page_is_not_read_again(town: Town) -> None:
    await announce(town, "/story", None)
    await town.house.publish(url=f"{town.news.origin}/story")
    await give_up(town)
    town.house.clock.advance(timedelta(days=1))
    await announce(town, "/story", None)
    await town.house.publish(url=f"{town.news.origin}/story", title="Mine")
    assert await town.house.run_jobs() == 0


async def test_a_page_of_four_megabytes_with_the_embed_at_its_end_is_read(town: Town) -> None:
    town.news.page("/story", embed=f"<pre>{'<b>some more words of a long page</b> ' * 110_000}</pre>{NAMED}")
    await announce(town, "/story")
    await town.house.run_jobs()
    assert (await town.article()).title == "Gutterlight returns"


async def test_articles_with_an_identifier_are_counted_by_their_address(house: House) -> None:
    asked = [f"{NEWS}/7", f"{NEWS}/7?utm_source=mail"]
    with_name = {"url": f"{NEWS}/7", "identifier": "post-7"}
    assert (await house.attacker.read(COUNTS, params={"url": asked}))["counts"] == dict.fromkeys(asked, 0)
    await house.author.post("One.", **with_name)
    await house.author.post("Two.", **with_name)
    with house.recorded() as statements:
        counts = (await house.attacker.read(COUNTS, params={"url": asked}))["counts"]
    assert counts == dict.fromkeys(asked, 2)
    assert len(statements) == 1
    await house.publish(url=f"{NEWS}/moved", identifier="post-7")
    both = (await house.attacker.read(COUNTS, params={"url": [*asked, f"{NEWS}/moved"]}))["counts"]
    assert both == {**dict.fromkeys(asked, 0), f"{NEWS}/moved": 2}


async def test_the_article_that_is_recognised_by_the_address_is_counted_first(house: House) -> None:
    url = f"{NEWS}/7"
    await house.author.post("Named.", url=url, identifier="post-7")
    await house.author.post("Named.", url=url, identifier="post-7")
    await house.author.post("By address.", url=url)
    assert (await house.attacker.read(COUNTS, params={"url": url}))["counts"] == {url: 1}
    await house.publish(url=url, identifier="post-7")
    assert (await house.attacker.read(COUNTS, params={"url": url}))["counts"] == {url: 2}


async def test_only_an_identifier_locks_the_address(house: House) -> None:
    await house.publish(title="Mine")
    await house.publish(identifier="post-7")
    rows = await house.rows(select(article.c.url_key, article.c.locked))
    assert {row.url_key[:3]: row.locked for row in rows} == {"htt": "title", "id:": "url"}
