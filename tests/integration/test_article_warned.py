"""What an article's own page says about spoilers, from its HTML to what the catalogue learns later."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from forum.articles.model import Gate, Warned
from forum.articles.queries import find_discussion, update_warned
from forum.articles.service import ARTICLE_SEEN, ARTICLE_WARNED
from forum.articles.tables import article, discussion
from forum.core.ids import time_of
from forum.db import Tx
from forum.outbox import queries as jobs
from forum.outbox.tables import outbox
from forum.spoilers.catalogue.drafts import Catalogue, DraftUnit, DraftWork
from forum.spoilers.catalogue.service_catalogue import import_works
from forum.spoilers.model import Kind, Scope
from forum.spoilers.service import book
from forum.spoilers.service_warned import caution_of, pinned_at, resolve_again
from tests.integration.test_article_jobs import EMBED, Town, a_newsroom
from tests.support.app import OURS, House, open_house
from tests.support.shelf import a_series, rename_unit, shelve

pytestmark = pytest.mark.anyio

SERIES = "jessica-jones"


@pytest.fixture
async def town(engine_url: str) -> AsyncIterator[Town]:
    async with a_newsroom() as news, a_newsroom() as elsewhere, open_house(engine_url, egress_local=True) as house:
        await house.change_site(origins=(news.origin,))
        yield Town(house, news, elsewhere)


def saying(**data: str) -> str:
    """The script's tag with these attributes."""
    return EMBED.replace(" async", "".join(f' data-{name}="{value}"' for name, value in data.items()) + " async")


async def meet(town: Town, path: str = "/story") -> None:
    """Let an embed announce an article."""
    sent = {"url": f"{town.news.origin}{path}"}
    answer = await town.house.attacker.http.post("/api/v1/sites/newsroom/announce", json=sent, headers=OURS)
    assert answer.status_code == 200, answer.text


async def read(town: Town, embed: str, path: str = "/story") -> None:
    """Let the worker read a page with this tag, as often as there is something to do."""
    town.news.page(path, embed=embed)
    await meet(town, path)
    await work(town)


async def read_again(town: Town, embed: str, path: str = "/story") -> None:
    """The same for a page that was read before and has changed."""
    town.news.page(path, embed=embed)
    (row,) = await town.house.rows(select(article.c.site_id, article.c.id))
    job_id, now = town.house.rt.ids.next(), town.house.clock.now()

    async def enqueue(tx: Tx) -> None:
        payload = {"article": str(row.id)}
        await jobs.insert_job(tx, site_id=row.site_id, job_id=job_id, kind=ARTICLE_SEEN, payload=payload, now=now)

    await town.house.rt.db.write(enqueue)
    await work(town)


async def work(town: Town) -> None:
    while await town.house.run_jobs():
        pass


async def warned(house: House) -> Warned:
    (row,) = await house.rows(select(discussion.c.id))
    async with house.rt.db.read(fresh=True) as tx:
        found = await find_discussion(tx, row.id)
    assert found is not None
    return found.warned


async def scope(house: House) -> Scope:
    return (await book(house.rt)).scope((await warned(house)).scope_id)


async def tokens(house: House) -> tuple[str, ...]:
    return (await scope(house)).tokens


async def lock(house: House, **changes: Any) -> None:
    (row,) = await house.rows(select(discussion.c.site_id, discussion.c.id))
    said = Warned(**{"locked": True, **changes})

    async def write(tx: Tx) -> None:
        await update_warned(tx, site_id=row.site_id, discussion_id=row.id, warned=said)

    await house.rt.db.write(write)


async def test_the_page_says_what_its_discussion_assumes(town: Town) -> None:
    await shelve(town.house.rt, a_series(town.house.rt, SERIES), a_series(town.house.rt, "luke-cage"))
    await read(town, saying(assumes=f"{SERIES}:S1E13 luke-cage:S1E2", works=f"{SERIES} luke-cage", gate="assume"))
    found = await warned(town.house)
    assert (found.assumes, found.works) == (f"{SERIES}:S1E13 luke-cage:S1E2", (SERIES, "luke-cage"))
    assert (found.gate, found.expiry_days, found.locked) == (Gate.ASSUME, None, False)
    assert await tokens(town.house) == (f"{SERIES}:S1E13", "luke-cage:S1E2")
    assert await town.house.rows(select(outbox.c.id)) == []


async def test_a_page_that_says_nothing_starts_nothing(town: Town) -> None:
    town.news.page("/story")
    await meet(town)
    assert await town.house.run_jobs() == 1
    assert await town.house.rows(select(outbox.c.id)) == []
    assert await warned(town.house) == Warned()


async def test_the_event_is_part_of_the_reading(town: Town) -> None:
    town.news.page("/story", embed=saying(assumes="nobody-knows:S1E1"))
    await meet(town)
    assert await town.house.run_jobs() == 1
    job = await town.job()
    assert (job.kind, job.payload.count("nobody-knows:S1E1")) == (ARTICLE_WARNED, 1)
    assert (await town.article()).verified_at is not None


async def test_a_page_that_does_not_speak_for_the_article_warns_nobody(town: Town) -> None:
    town.news.page(
        "/story", embed=saying(assumes=f"{SERIES}:S1E13", site="gazette").replace('data-site="newsroom"', "")
    )
    await meet(town)
    await town.house.run_jobs()
    assert (await town.job()).kind == ARTICLE_SEEN
    assert await warned(town.house) == Warned()


async def test_a_whole_work_means_what_was_out_when_the_article_was(town: Town) -> None:
    # The page says 27 February 2026: the second season began twelve months after the first, the third is to come.
    first = time_of(town.house.rt.ids.next()) - timedelta(days=700)
    await shelve(town.house.rt, a_series(town.house.rt, SERIES, seasons=(13, 10, 8), first=first))
    await read(town, saying(assumes=SERIES))
    assert await tokens(town.house) == (f"{SERIES}:S2E10",)


@pytest.mark.parametrize("assumes", ["Jessica Jones S1E13", "nobody-knows:S1E1", f"{SERIES}:S9E9", "x" * 2_000])
async def test_what_nobody_understands_covers_the_discussion(town: Town, assumes: str) -> None:
    await shelve(town.house.rt, a_series(town.house.rt, SERIES))
    await read(town, saying(assumes=f"{SERIES}:S1E2 {assumes}", gate="sometimes"))
    assert "?:" in await tokens(town.house)
    assert f"{SERIES}:S1E2" in await tokens(town.house)
    assert (await warned(town.house)).gate is Gate.ASK


async def test_a_page_that_stops_saying_it_lifts_it(town: Town) -> None:
    await shelve(town.house.rt, a_series(town.house.rt, SERIES))
    await read(town, saying(assumes=f"{SERIES}:S1E13", works=SERIES, gate="off"))
    await read_again(town, EMBED)
    assert await warned(town.house) == Warned()


async def test_an_unchanged_page_changes_nothing(town: Town) -> None:
    await shelve(town.house.rt, a_series(town.house.rt, SERIES))
    tag = saying(assumes=f"{SERIES}:S1E13", works=SERIES)
    await read(town, tag)
    (before,) = await town.house.rows(select(discussion.c.revision))
    await read_again(town, tag)
    assert await town.house.rows(select(discussion.c.revision)) == [before]


async def test_a_locked_discussion_does_not_ask_its_page(town: Town) -> None:
    await shelve(town.house.rt, a_series(town.house.rt, SERIES))
    town.news.page("/story", embed=saying(assumes=f"{SERIES}:S1E13"))
    await meet(town)
    await lock(town.house, works=("luke-cage",))
    await work(town)
    assert await warned(town.house) == Warned(works=("luke-cage",), locked=True)


async def test_a_lock_that_comes_between_page_and_event_holds(town: Town) -> None:
    town.news.page("/story", embed=saying(assumes=f"{SERIES}:S1E13"))
    await meet(town)
    assert await town.house.run_jobs() == 1
    await lock(town.house)
    await work(town)
    assert await warned(town.house) == Warned(locked=True)


async def test_the_catalogue_learns_and_the_discussion_with_it(town: Town) -> None:
    await read(town, saying(assumes=f"{SERIES}:S1E13"))
    assert await tokens(town.house) == ("?:",)
    assert await resolve_again(town.house.rt) == 0
    await shelve(town.house.rt, a_series(town.house.rt, SERIES))
    assert await resolve_again(town.house.rt) == 1
    assert await tokens(town.house) == (f"{SERIES}:S1E13",)
    assert await resolve_again(town.house.rt) == 0


async def test_an_import_has_the_worker_look_up_again(town: Town) -> None:
    await read(town, saying(assumes="salt-kites:"))
    assert await tokens(town.house) == ("?:",)
    film = DraftWork("salt-kites", Kind.FILM, "Salt Kites", units=(DraftUnit(""),))
    await import_works(town.house.rt, Catalogue((film,)))
    assert await tokens(town.house) == ("?:",)
    assert await town.house.run_jobs() == 1
    assert await tokens(town.house) == ("salt-kites:",)


async def test_an_open_end_is_looked_up_again(town: Town) -> None:
    rt = town.house.rt
    await shelve(rt, a_series(rt, SERIES, first=town.house.clock.now() + timedelta(days=30)))
    await read(town, saying(assumes=SERIES))
    assert await tokens(town.house) == (f"{SERIES}:*",)
    assert await resolve_again(rt) == 0


async def test_what_was_understood_stays_what_it_was(town: Town) -> None:
    rt = town.house.rt
    series = a_series(rt, SERIES)
    await shelve(rt, series)
    await read(town, saying(assumes=f"{SERIES}:S1E13 luke-cage:S1E2"))
    await rename_unit(rt, series.units[-1].id, "S1E14")
    await shelve(rt, a_series(rt, "luke-cage"))
    assert await resolve_again(rt) == 1
    # The words "S1E13" mean nothing any more, the unit they meant is still there: covered as long as that is so.
    assert await tokens(town.house) == ("?:", f"{SERIES}:S1E14", "luke-cage:S1E2")


async def test_only_what_was_not_understood_is_looked_up_again(town: Town) -> None:
    rt = town.house.rt
    await shelve(rt, a_series(rt, SERIES))
    await read(town, saying(assumes=f"{SERIES}:S1E13"))
    await caution_of(rt, f"{SERIES}:S1E1", rt.clock.now())
    with town.house.recorded() as statements:
        assert await resolve_again(rt) == 0
    assert len(statements) == 1


async def test_an_address_asks_for_caution_and_never_fails(town: Town) -> None:
    rt = town.house.rt
    await shelve(rt, a_series(rt, SERIES))
    await meet(town)
    (row,) = await town.house.rows(select(discussion.c.id))
    async with rt.db.read(fresh=True) as tx:
        found = await find_discussion(tx, row.id)
    assert found is not None
    at = pinned_at(found, rt.clock.now())
    assert at == time_of(row.id)
    assert (await caution_of(rt, f"{SERIES}:S1E4", at)).tokens == (f"{SERIES}:S1E4",)
    for nothing in (None, "", " , "):
        assert not await caution_of(rt, nothing, at)
    for odd in ("?", ":", "a:b:c", "\x00", f"{SERIES}:", "é" * 300, "a" * 3_000):
        assert "?:" in (await caution_of(rt, odd, at)).tokens
