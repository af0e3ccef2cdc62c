"""`www.` as nothing: both names are one site everywhere, and nobody loses a discussion by choosing so."""

import asyncio
import re
from dataclasses import replace

import pytest

from forum.articles.service import configure_site
from forum.errors import Conflict
from tests.support.app import ARTICLE, NEWS, House, open_house
from tests.support.command import aftershow
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio

WWW = "https://www.news.example"


@pytest.mark.parametrize("written", [NEWS, WWW])
async def test_both_names_may_frame_the_discussion(house: House, written: str) -> None:
    await house.change_site(origins=(written,), strip_www=True)
    await house.author.post("Hello.", url=f"{WWW}/gutterlight")
    where = await discussion_id(house)
    for path in (f"/embed/newsroom?url={ARTICLE}", f"/embed/newsroom?url={WWW}/a", f"/d/{where}?frame=1"):
        answer = await house.author.get(path)
        ancestors = re.search(r"frame-ancestors ([^;]*)", answer.headers["content-security-policy"])
        assert ancestors is not None
        assert set(ancestors[1].split()) == {NEWS, WWW}
        listed = re.search(r'data-origins="([^"]*)"', answer.text)
        assert listed is not None
        assert set(listed[1].split()) == {NEWS, WWW}


async def test_only_the_name_that_was_written_may_frame_it_otherwise(house: House) -> None:
    answer = await house.author.get(f"/embed/newsroom?url={ARTICLE}")
    assert answer.headers["content-security-policy"].endswith(f"frame-ancestors {NEWS}")


@pytest.mark.parametrize(
    ("origins", "is_on", "url"),
    [((WWW,), False, f"{WWW}/a"), ((NEWS, WWW), False, f"{WWW}/a"), ((WWW,), True, f"{WWW}/a")],
)
async def test_the_choice_is_made_before_the_first_article(
    house: House, origins: tuple[str, ...], is_on: bool, url: str
) -> None:
    await house.change_site(origins=origins, strip_www=is_on)
    await house.author.post("Hello.", url=url)
    await house.author.post("Hello.", url=url, identifier="post-7")
    changed = replace(house.site, strip_www=not is_on)
    with pytest.raises(Conflict) as refused:
        await configure_site(house.rt.db, changed)
    assert (refused.value.code, refused.value.params) == ("articles_respelled", {"count": 2})
    assert len((await house.author.read("/api/v1/sites/newsroom/discussion", params={"url": url}))["comments"]) == 1
    await configure_site(house.rt.db, replace(house.site, name="Other"))


async def test_it_may_change_where_no_address_does(house: House) -> None:
    await house.author.post("Hello.")
    for is_on in (True, False):
        await configure_site(house.rt.db, replace(house.site, strip_www=is_on))
        seen = await house.author.read("/api/v1/sites/newsroom/discussion", params={"url": ARTICLE})
        assert len(seen["comments"]) == 1


def test_the_command_refuses_and_shows_what_was_written(engine_url: str) -> None:
    async def prepare() -> None:
        async with open_house(engine_url) as house:
            await house.change_site(origins=(WWW,))
            await house.author.post("Hello.", url=f"{WWW}/a")

    asyncio.run(prepare())
    ended = aftershow("site", "edit", "newsroom", "--strip-www", database_url=engine_url)
    assert ended.exit_code == 1
    assert "before the first article" in ended.stderr
    assert "(1)" in ended.stderr
    added = aftershow("site", "add", "other", "--name", "O", "--origin", NEWS, "--strip-www", database_url=engine_url)
    assert added.exit_code == 0
    listed = aftershow("site", "list", database_url=engine_url).stdout
    assert NEWS in listed
    assert listed.count(WWW) == 1
