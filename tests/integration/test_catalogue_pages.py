"""The catalogue's pages to read: the list, the search, a work. Nothing on them gives a part's title away."""

import pytest

from forum.spoilers.catalogue.drafts import Catalogue, DraftUnit, DraftWork
from forum.spoilers.model import Kind
from tests.support.app import House
from tests.support.works import CANARY, bring

pytestmark = pytest.mark.anyio

HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}"


async def test_the_list_names_every_work(house: House) -> None:
    await bring(house.rt)
    answer = await house.author.get("/catalogue?lang=en")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    assert "noindex" in answer.text
    for shown in ("Jessica Jones", "Captain America: Civil War", "Marvel", "Series", "16 parts", "1 part<", "7 parts"):
        assert shown in answer.text, shown
    assert "/catalogue/jessica-jones?lang=en" in answer.text
    assert CANARY not in answer.text


async def test_works_are_found_by_other_names(house: House) -> None:
    await bring(house.rt)
    found = (await house.author.get("/catalogue?q=+cap+3&lang=en")).text
    assert "Captain America" in found
    assert "Jessica" not in found
    assert 'value="cap 3"' in found
    nothing = await house.author.get("/catalogue", params={"q": HOSTILE, "lang": "en"})
    assert "Nothing is called that here." in nothing.text
    assert "<script>alert" not in nothing.text
    assert "No work yet." not in nothing.text


async def test_an_empty_catalogue_says_so(house: House) -> None:
    assert "No work yet." in (await house.author.get("/catalogue?lang=en")).text


async def test_a_long_list_goes_on(house: House) -> None:
    works = [DraftWork(f"work-{number:03}", Kind.BOOK, f"Book {number:03}") for number in range(60)]
    await bring(house.rt, Catalogue(tuple(works)))
    first = (await house.author.get("/catalogue?lang=de")).text
    href = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = (await house.author.get(href)).text
    for number in range(60):
        assert (f"Book {number:03}" in first) is (number < 50)
        assert (f"Book {number:03}" in second) is (number >= 50)
    assert '<html lang="de"' in second
    assert 'rel="next"' not in second
    searched = (await house.author.get("/catalogue?q=book&lang=en")).text
    assert searched.count("Book 0") == 50
    assert "There are more." in searched


@pytest.mark.parametrize("after", ["", "%00", "No", "x" * 101])
async def test_a_mark_of_no_list_is_refused(house: House, after: str) -> None:
    assert (await house.author.get(f"/catalogue?after={after}")).status_code == 422
    assert (await house.author.get("/catalogue?after=nobody")).status_code == 200


async def test_a_work_shows_its_facts(house: House) -> None:
    await bring(house.rt)
    answer = await house.author.get("/catalogue/jessica-jones?lang=en")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    page = answer.text
    for shown in ("Jessica Jones", "Marvel", "JJ", "S1E1", "S1E13", "November 20, 2015", "complete", "2 of 13"):
        assert shown in page, shown
    for shown in ("special", "Based on", "alias-comic", "Captain America: Civil War", "tvmaze", "1369", "not known"):
        assert shown in page, shown
    assert "S1E7" not in page  # inside a run
    assert 'href="/catalogue/ca-civil-war?lang=en"' in page
    assert 'href="/catalogue/alias-comic' not in page  # nobody has catalogued it
    assert CANARY not in page
    film = (await house.author.get("/catalogue/ca-civil-war?lang=en")).text
    for shown in ("the whole work", "GB", "April 29, 2016", "US", "May 6, 2016"):
        assert shown in film, shown


@pytest.mark.parametrize("path", ["nobody", "NO", "%00", "x" * 200, "nobody/edit", "%00/edit"])
async def test_an_unknown_work_leads_back_to_the_list(house: House, path: str) -> None:
    answer = await house.author.get(f"/catalogue/{path}?lang=en")
    assert answer.status_code == 404
    assert "There is no such work in the catalogue." in answer.text
    assert 'href="/catalogue' in answer.text


async def test_names_are_text(house: House) -> None:
    hostile = DraftWork(
        "hostile", Kind.OTHER, HOSTILE, aliases=(f"{HOSTILE} too",), franchise="f",
        units=(DraftUnit("<img/src=x>", "<b>"),),
    )  # fmt: skip
    await bring(house.rt, Catalogue((hostile,), {"f": f"{HOSTILE} all"}))
    for path in ("", "/hostile", "/hostile/edit", "?q=script"):
        page = (await house.author.get(f"/catalogue{path}")).text
        assert "alert(1)" in page
        assert "<script>alert" not in page
        assert "<img/src" not in page
        assert "<b>" not in page
        assert "{{7*7}}" in page


async def test_the_front_page_leads_here(house: House) -> None:
    assert 'href="/catalogue"' in (await house.author.get("/")).text
