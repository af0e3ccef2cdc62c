"""What publishers say about spoilers through the API, and what readers of the API are told."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from forum.articles.tables import discussion
from forum.outbox.tables import outbox
from tests.support.app import ARTICLE, House, problem, wrong_fields
from tests.support.shelf import a_series, shelve

pytestmark = pytest.mark.anyio

SERIES = "jessica-jones"
PATH = "/api/v1/sites/newsroom/articles/spoilers"
STORED = select(discussion.c.assumes, discussion.c.works, discussion.c.gate, discussion.c.scope_locked)


async def say(house: House, *, secret: str | None = None, path: str = PATH, **said: Any) -> httpx.Response:
    headers = {"authorization": f"Bearer {house.secret if secret is None else secret}"}
    publisher = await house.newcomer()
    return await publisher.http.put(path, json={"url": ARTICLE, **said}, headers=headers)


async def said(house: House, **fields: Any) -> Any:
    answer = await say(house, **fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def stored(house: House) -> tuple[Any, ...]:
    (row,) = await house.rows(STORED)
    return tuple(row)


async def test_a_publisher_says_what_a_discussion_gives_away(house: House) -> None:
    await shelve(house.rt, a_series(house.rt, SERIES), a_series(house.rt, "luke-cage"))
    answer = await said(house, assumes=[f"{SERIES}:S1E13"], works=[SERIES, "luke-cage"], gate="assume", expiry_days=30)
    assert {name: answer[name] for name in ("scope", "label", "works", "gate", "expiry_days", "unknown")} == {
        "scope": [f"{SERIES}:S1E13"],
        "label": "Jessica Jones S1E13",
        "works": [SERIES, "luke-cage"],
        "gate": "assume",
        "expiry_days": 30,
        "unknown": [],
    }
    head = answer["discussion"]
    assert (head["url"], head["scope"], head["label"]) == (ARTICLE, [f"{SERIES}:S1E13"], "Jessica Jones S1E13")
    assert (head["gate"], head["works"]) == ("assume", [SERIES, "luke-cage"])
    assert await stored(house) == (f"{SERIES}:S1E13", f"{SERIES} luke-cage", "assume", True)
    (job,) = await house.rows(select(outbox.c.kind))
    assert job.kind == "article_seen"


async def test_points_may_come_as_one_text(house: House) -> None:
    await shelve(house.rt, a_series(house.rt, SERIES), a_series(house.rt, "luke-cage"))
    answer = await said(house, assumes=f"{SERIES}:S1E2, luke-cage:S1")
    assert answer["scope"] == [f"{SERIES}:S1E2", "luke-cage:S1E13"]


async def test_what_is_left_out_stays(house: House) -> None:
    await shelve(house.rt, a_series(house.rt, SERIES))
    await said(house, assumes=[f"{SERIES}:S1E13"], works=[SERIES], gate="off", expiry_days=7)
    answer = await said(house, gate="ask")
    assert (answer["scope"], answer["works"], answer["gate"], answer["expiry_days"]) == (
        [f"{SERIES}:S1E13"], [SERIES], "ask", 7,
    )  # fmt: skip
    assert (await said(house, expiry_days=None))["expiry_days"] is None
    answer = await said(house, assumes=[], works=[])
    assert (answer["scope"], answer["label"], answer["works"], answer["gate"]) == ([], "", [], "ask")
    assert (await stored(house))[3]


async def test_saying_nothing_opens_the_discussion_and_locks_nothing(house: House) -> None:
    answer = await said(house)
    assert answer["discussion"]["id"] is not None
    assert await stored(house) == ("", "", "ask", False)
    assert (await said(house, expiry_days=3))["expiry_days"] == 3
    assert not (await stored(house))[3]


@pytest.mark.parametrize("fields", [{"works": []}, {"gate": "off"}])
async def test_a_first_statement_says_what_is_assumed(house: House, fields: dict[str, Any]) -> None:
    """Else what the page would have said is never asked for."""
    assert wrong_fields(await say(house, **fields)) == {"assumes": "missing"}
    assert await house.rows(STORED) == []
    await said(house, assumes=[], **fields)
    await said(house, **fields)


async def test_null_gives_it_back_to_the_page(house: House) -> None:
    await shelve(house.rt, a_series(house.rt, SERIES))
    await said(house, assumes=[f"{SERIES}:S1E13"], works=[SERIES], gate="off")
    jobs = len(await house.rows(select(outbox.c.id)))
    answer = await said(house, assumes=None)
    # Until the page has been read, what was said holds.
    assert (answer["scope"], answer["gate"]) == ([f"{SERIES}:S1E13"], "off")
    assert await stored(house) == (f"{SERIES}:S1E13", SERIES, "off", False)
    assert len(await house.rows(select(outbox.c.id))) == jobs + 1
    assert wrong_fields(await say(house, assumes=None, gate="off")) == {"gate": "wrong_value"}


async def test_unknown_works_are_named(house: House) -> None:
    await shelve(house.rt, a_series(house.rt, SERIES))
    answer = await say(house, assumes=[], works=[SERIES, "gutterlight", "<b>x</b>"])
    assert problem(answer) == (422, "unknown_work")
    assert wrong_fields(answer) == {"works.1": "unknown_work", "works.2": "unknown_work"}
    assert "gutterlight, <b>x</b>" in answer.json()["detail"]
    assert await house.rows(STORED) == []


@pytest.mark.parametrize("token", ["gutterlight:S1E1", f"{SERIES}:S7E1", "Jessica", f"{SERIES}:S1E1:x", "x" * 150])
async def test_unknown_points_are_refused(house: House, token: str) -> None:
    await shelve(house.rt, a_series(house.rt, SERIES))
    answer = await say(house, assumes=[f"{SERIES}:S1E1", token])
    assert problem(answer) == (422, "unknown_scope")
    assert wrong_fields(answer) == {"assumes": "unknown_scope"}
    assert token in answer.json()["detail"]
    assert await house.rows(STORED) == []


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"gate": "open"}, "gate"),
        ({"expiry_days": -1}, "expiry_days"),
        ({"expiry_days": True}, "expiry_days"),
        ({"expiry_days": 100_000}, "expiry_days"),
        ({"works": "jessica-jones"}, "works"),
        ({"works": ["w"] * 30}, "works"),
        ({"assumes": " ".join(f"w:{n}" for n in range(60))}, "assumes"),
        ({"scope": []}, "scope"),
        ({"url": "x"}, "url"),
    ],
)
async def test_what_is_malformed_is_refused(house: House, fields: dict[str, Any], wrong: str) -> None:
    assert {loc.partition(".")[0] for loc in wrong_fields(await say(house, **fields))} == {wrong}


async def test_only_the_sites_secret_opens_it(house: House) -> None:
    _, other = await house.add_site("gazette", origins=("https://gazette.example",))
    for secret in ("", "x", other, house.secret + "x"):
        assert problem(await say(house, secret=secret, assumes=[])) == (401, "bad_secret")
    assert problem(await say(house, path=PATH.replace("newsroom", "nothing"))) == (404, "unknown_site")
    assert problem(await say(house, url="https://evil.example/", assumes=[])) == (404, "origin_not_allowed")
    assert await house.rows(STORED) == []


async def test_a_whole_work_is_pinned_to_the_article_not_to_the_request(house: House) -> None:
    first = house.clock.now() - timedelta(days=360)
    await shelve(house.rt, a_series(house.rt, SERIES, seasons=(8, 8), first=first))
    await said(house, assumes=[])
    house.clock.advance(timedelta(days=30))
    assert (await said(house, assumes=[SERIES]))["scope"] == [f"{SERIES}:S1E8"]


async def test_an_identifier_names_the_article(house: House) -> None:
    await shelve(house.rt, a_series(house.rt, SERIES))
    first = await said(house, identifier="post-7", assumes=[f"{SERIES}:S1E1"])
    again = await said(house, identifier="post-7", url=f"{ARTICLE}-moved", gate="off")
    assert (again["discussion"]["id"], again["scope"]) == (first["discussion"]["id"], [f"{SERIES}:S1E1"])
    assert (await said(house))["discussion"]["id"] != first["discussion"]["id"]


async def test_describing_an_article_leaves_its_warning_alone(house: House) -> None:
    await shelve(house.rt, a_series(house.rt, SERIES))
    await said(house, assumes=[f"{SERIES}:S1E13"], works=[SERIES], gate="off")
    described = (await house.publish(title="Gutterlight returns")).json()
    assert (described["gate"], described["works"]) == ("off", [SERIES])
    assert await stored(house) == (f"{SERIES}:S1E13", SERIES, "off", True)
