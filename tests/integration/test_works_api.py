"""The catalogue over HTTP: by name, by id, kept until it changes, and never a title of a part."""

from typing import Any

import pytest

from forum.spoilers.catalogue.drafts import Catalogue, DraftUnit, DraftWork
from forum.spoilers.catalogue.service_catalogue import import_works
from forum.spoilers.model import Kind
from tests.support.app import House, problem, wrong_fields
from tests.support.works import CANARY, FILM, bring

pytestmark = pytest.mark.anyio

WORKS = "/api/v1/works"
SEASON_1 = [[f"S1E{n}", "S1", "2015-11-20T00:00:00Z", "2015-11-20T00:00:00Z"] for n in range(1, 14)]
JESSICA = {
    "id": "jessica-jones",
    "title": "Jessica Jones",
    "kind": "tv",
    "franchise": "mcu",
    "aliases": ["Marvel’s Jessica Jones: The Series", "JJ"],
    "units": [*SEASON_1, ["S2E1", "S2", None, None], ["S2E2", "S2", None, None]],
    "branch": [["special", None]],
    "groups": [["S1", True], ["S2", False]],
    "relations": [["based_on", "alias-comic"], ["crosses_over", "ca-civil-war"]],
    "origin": {"tvmaze": "1369"},
}


async def found(house: House, **query: Any) -> list[str]:
    return [work["id"] for work in (await house.author.read(WORKS, params=query))["works"]]


async def test_a_work_is_told_whole_but_for_titles_of_parts(house: House) -> None:
    await bring(house.rt)
    answer = await house.author.get(f"{WORKS}/jessica-jones")
    assert answer.json() == JESSICA
    assert CANARY not in answer.text
    film = await house.author.read(f"{WORKS}/ca-civil-war")
    assert film["units"] == [["", None, "2016-05-06T00:00:00Z", "2016-04-29T00:00:00Z"]]


async def test_works_are_found_by_every_name_the_best_first(house: House) -> None:
    await bring(house.rt)
    assert await found(house, q="jessica") == ["jessica-jones"]
    assert await found(house, q="jj") == ["jessica-jones"]
    assert await found(house, q="CIVIL war") == ["ca-civil-war", "civil-war-2006"]
    assert await found(house, q="civil war", limit=1) == ["ca-civil-war"]
    assert await found(house, q="civil war comic") == ["civil-war-2006"]
    for nothing in ("nobody", "%", "_", "\\", "\x00", " ", "\u200b"):
        assert await found(house, q=nothing) == [], nothing
    everything = ["ca-civil-war", "civil-war-2006", "jessica-jones"]
    assert await found(house) == everything
    assert await found(house, q="") == everything
    assert await found(house, limit=2) == everything[:2]


async def test_works_are_read_by_id_in_the_order_asked_for(house: House) -> None:
    await bring(house.rt)
    ids = ["jessica-jones", "nobody", "ca-civil-war", "jessica-jones", "\x00", "NO"]
    assert await found(house, id=ids) == ["jessica-jones", "ca-civil-war"]
    (work,) = (await house.author.read(WORKS, params={"id": "jessica-jones"}))["works"]
    assert work == JESSICA


async def test_what_cannot_be_asked_is_named(house: House) -> None:
    assert wrong_fields(await house.author.get(WORKS, params={"q": "x", "id": "y"})) == {"id": "wrong_value"}
    assert wrong_fields(await house.author.get(WORKS, params={"q": "x" * 201})) == {"q": "too_long"}
    assert wrong_fields(await house.author.get(WORKS, params={"limit": 51})) == {"limit": "wrong_value"}
    assert wrong_fields(await house.author.get(WORKS, params={"title": "x"})) == {"title": "unknown_field"}
    assert "id" in wrong_fields(await house.author.get(WORKS, params={"id": [f"w{n}" for n in range(51)]}))


@pytest.mark.parametrize("work_id", ["nobody", "NO", "%00", "a b", "x" * 200])
async def test_an_unknown_work_is_a_problem(house: House, work_id: str) -> None:
    assert problem(await house.author.get(f"{WORKS}/{work_id}")) == (404, "unknown_work")


async def test_any_page_may_read_it_and_everybody_gets_the_same(house: House) -> None:
    await bring(house.rt)
    house.author.http.cookies.set("__Host-guest", "whoever", domain="talk.example")
    for path in (WORKS, f"{WORKS}?q=jj", f"{WORKS}?id=jessica-jones", f"{WORKS}/jessica-jones"):
        answer = await house.author.get(path)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cache-control"].startswith("public")
        assert answer.headers["surrogate-key"] == "catalogue"
        assert "set-cookie" not in answer.headers
        assert (await house.attacker.get(path)).content == answer.content
        again = await house.author.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_it_is_kept_until_the_catalogue_changes(house: House) -> None:
    await bring(house.rt)
    paths = (WORKS, f"{WORKS}?q=civil", f"{WORKS}?id=ca-civil-war", f"{WORKS}/ca-civil-war")
    before = {path: (await house.author.get(path)).text for path in paths}
    with house.recorded() as statements:
        for path in paths:
            assert (await house.attacker.get(path)).text == before[path]
    assert statements == []
    changed = DraftWork(FILM.id, Kind.FILM, "Civil War, the film", units=(DraftUnit(""),))
    await import_works(house.rt, Catalogue((changed,)))
    for path in paths:
        assert "Civil War, the film" in (await house.author.get(path)).text, path


async def test_an_empty_catalogue_answers_too(house: House) -> None:
    assert await found(house) == []
    assert await found(house, q="x") == []
    assert await found(house, id="x") == []
