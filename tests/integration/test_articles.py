"""Articles: recognised by address or name, announced, described by their publisher, opened and closed."""

from typing import Any

import pytest
from sqlalchemy import select

from forum.articles.tables import article, discussion
from forum.outbox.tables import outbox
from tests.support.app import ARTICLE, NEWS, OURS, House, problem, wrong_fields
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio

ANNOUNCE = "/api/v1/sites/newsroom/announce"
ARTICLES = "/api/v1/sites/newsroom/articles"
SAME = [
    ARTICLE,
    f"{ARTICLE}#comments",
    f"{ARTICLE}?utm_source=mail&fbclid=7",
    "HTTPS://News.Example:443/gutterlight",
    f"{NEWS}/x/../gutterlight",
    f"{NEWS}/%67utterlight",
    f"  {ARTICLE}  ",
]
OTHERS = [f"{ARTICLE}/", f"{ARTICLE}?page=2", f"{NEWS}/Gutterlight", f"{NEWS}/"]


async def announce(house: House, **sent: Any) -> Any:
    return await house.attacker.http.post(ANNOUNCE, json={"url": ARTICLE, **sent}, headers=OURS)


async def test_every_spelling_of_an_address_is_one_discussion(house: House) -> None:
    for url in SAME:
        await house.author.post("Hello.", url=url)
    assert len(await house.rows(select(article.c.id))) == 1
    for url in SAME:
        seen = await house.author.read("/api/v1/sites/newsroom/discussion", params={"url": url})
        assert len(seen["comments"]) == len(SAME)
        assert (await house.author.get("/embed/newsroom", params={"url": url})).text.count('class="node"') == len(SAME)


async def test_other_addresses_are_other_discussions(house: House) -> None:
    ids = {(await announce(house, url=url)).json()["id"] for url in (ARTICLE, *OTHERS)}
    assert len(ids) == 1 + len(OTHERS)


async def test_www_counts_only_where_the_site_says_so(house: House) -> None:
    assert problem(await announce(house, url="https://www.news.example/gutterlight")) == (404, "origin_not_allowed")
    await house.change_site(strip_www=True)
    first = (await announce(house, url="https://www.news.example/gutterlight")).json()
    assert first["id"] == (await announce(house)).json()["id"]
    assert first["url"] == ARTICLE


async def test_an_identifier_stands_above_the_address(house: House) -> None:
    first = (await announce(house, identifier="story-7")).json()["id"]
    moved = (await announce(house, url=f"{NEWS}/moved", identifier="story-7")).json()["id"]
    assert moved == first
    assert (await announce(house)).json()["id"] != first
    posted = await house.author.post("Hello.", url=f"{NEWS}/moved", identifier="story-7")
    seen = await house.author.read(
        "/api/v1/sites/newsroom/discussion", params={"url": ARTICLE, "identifier": "story-7"}
    )
    assert [c["id"] for c in seen["comments"]] == [posted["id"]]


async def test_an_identifier_cannot_pass_for_an_address(house: House) -> None:
    await announce(house, identifier=ARTICLE)
    await announce(house)
    assert len(await house.rows(select(article.c.id))) == 2


async def test_announcing_begins_a_discussion_once_and_asks_for_its_page(house: House) -> None:
    first = await announce(house)
    assert first.status_code == 200
    assert (await announce(house)).json() == first.json()
    assert (first.json()["state"], first.json()["comment_count"]) == ("open", 0)
    assert "set-cookie" not in first.headers
    (job,) = await house.rows(select(outbox))
    assert (job.kind, job.attempts) == ("article_seen", 0)


async def test_reading_writes_nothing(house: House) -> None:
    for path in ("/embed/newsroom", "/api/v1/sites/newsroom/discussion", "/api/v1/sites/newsroom/counts"):
        assert (await house.author.get(path, params={"url": ARTICLE})).status_code == 200
    assert await house.rows(select(article.c.id)) == []
    assert await house.rows(select(outbox.c.id)) == []


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/", "http://news.example/", "https://news.example:8443/", "https://sub.news.example/",
     "https://news.example.evil.example/", "https://www.news.example/"],
)  # fmt: skip
async def test_only_the_sites_own_origins_exist(house: House, url: str) -> None:
    assert problem(await announce(house, url=url)) == (404, "origin_not_allowed")
    for path in ("/api/v1/sites/newsroom/discussion", "/embed/newsroom"):
        assert (await house.author.get(path, params={"url": url})).status_code == 404
    assert (await house.publish(url=url)).status_code == 404
    assert await house.rows(select(article.c.id)) == []


@pytest.mark.parametrize("url", ["", "x", "/a", "//news.example/a", "https://a@news.example/", "https:x", "ftp://a"])
async def test_what_is_no_address_is_refused(house: House, url: str) -> None:
    assert set(wrong_fields(await announce(house, url=url))) == {"url"}
    assert set(wrong_fields(await house.publish(url=url))) == {"url"}
    assert (await house.author.get("/embed/newsroom", params={"url": url})).status_code == 422


async def test_a_publisher_describes_an_article(house: House) -> None:
    said = {
        "title": "Gutterlight returns",
        "prompt": "Where will it go?",
        "author": "M. Quill",
        "image": f"{NEWS}/a.jpg",
        "published_at": "2026-02-28T23:30:00+02:00",
    }
    answer = await house.publish(**said)
    assert answer.status_code == 200, answer.text
    seen = (await house.author.read("/api/v1/sites/newsroom/discussion", params={"url": ARTICLE}))["discussion"]
    assert seen == answer.json()
    assert {name: seen[name] for name in said} == {**said, "published_at": "2026-02-28T21:30:00Z"}
    assert "set-cookie" not in answer.headers


async def test_a_field_left_out_stays_and_null_gives_it_back(house: House) -> None:
    await house.publish(title="One", prompt="Why?")
    assert (await house.publish(prompt="How?")).json()["title"] == "One"
    answer = (await house.publish(title=None)).json()
    assert (answer["title"], answer["prompt"]) == ("", "How?")
    (row,) = await house.rows(select(article.c.locked))
    assert row.locked == "prompt"


@pytest.mark.parametrize("bearer", [None, "", "Bearer", "Bearer ", "Bearer as_wrong", "Basic {}", "{}"])
async def test_only_the_sites_secret_opens_it(house: House, bearer: str | None) -> None:
    headers = {} if bearer is None else {"authorization": bearer.format(house.secret)}
    answer = await house.author.http.put(ARTICLES, json={"url": ARTICLE}, headers={**OURS, **headers})
    assert problem(answer) == (401, "bad_secret")
    assert await house.rows(select(article.c.id)) == []


async def test_the_secret_of_another_site_is_wrong(house: House) -> None:
    _, secret = await house.add_site("gazette")
    headers = {"authorization": f"Bearer {secret}"}
    answer = await house.author.http.put(ARTICLES, json={"url": ARTICLE}, headers=headers)
    assert problem(answer) == (401, "bad_secret")


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"title": ""}, {"title": "empty"}),
        ({"title": "x" * 301}, {"title": "too_long"}),
        ({"title": 7}, {"title": "wrong_value"}),
        ({"prompt": "\u200b"}, {"prompt": "empty"}),
        ({"author": "x" * 101}, {"author": "too_long"}),
        ({"image": "javascript:alert(1)"}, {"image": "wrong_value"}),
        ({"image": "https://x.example/\x00"}, {"image": "bad_url"}),
        ({"image": "https://"}, {"image": "bad_url"}),
        ({"published_at": "yesterday"}, {"published_at": "wrong_value"}),
        ({"published_at": "2026-01-01T00:00:00"}, {"published_at": "wrong_value"}),
        ({"published_at": "0001-01-01T00:00:00+14:00"}, {"published_at": "wrong_value"}),
        ({"published_at": "9999-12-31T23:59:59-12:00"}, {"published_at": "wrong_value"}),
        ({"state": "shut"}, {"state": "wrong_value"}),
        ({"verified_at": "2026-01-01T00:00:00Z"}, {"verified_at": "unknown_field"}),
    ],
)
async def test_wrong_descriptions_are_named(house: House, said: dict[str, Any], wrong: dict[str, str]) -> None:
    assert wrong_fields(await house.publish(**said)) == wrong
    assert await house.rows(select(article.c.id)) == []


async def test_a_closed_discussion_can_be_read_and_says_so(house: House) -> None:
    await house.author.post("While it was open.")
    where = await discussion_id(house)
    before = (await house.rows(select(discussion.c.revision)))[0].revision
    assert (await house.publish(state="closed")).json()["state"] == "closed"
    assert (await house.rows(select(discussion.c.revision)))[0].revision == before + 1
    for path in (f"/d/{where}", f"/embed/newsroom?url={ARTICLE}", f"/d/{where}/own"):
        page = (await house.author.get(path)).text
        assert "While it was open." in page
        assert "This discussion is closed." in page
        assert "<form" not in page
    seen = await house.author.read(f"/api/v1/discussions/{where}")
    assert (seen["discussion"]["state"], len(seen["comments"])) == ("closed", 1)


async def test_the_front_page_lists_what_is_verified_and_not_archived(house: House) -> None:
    async def listed() -> str:
        return (await house.attacker.get("/?lang=en")).text

    await house.author.post("Hello.")
    await house.author.post("Hello.", url=f"{NEWS}/never-seen")
    assert f"/d/{await discussion_id(house)}" not in await listed()
    await house.publish(title="Gutterlight returns")
    assert "Gutterlight returns" in await listed()
    assert "never-seen" not in await listed()
    await house.publish(state="closed")
    assert "Gutterlight returns" in await listed()
    await house.publish(state="archived")
    assert "Gutterlight returns" not in await listed()
    where = await discussion_id(house)
    assert "in the archive" in (await house.attacker.get(f"/d/{where}")).text


async def test_the_front_page_goes_on_to_older_discussions(house: House) -> None:
    for number in range(35):
        await house.publish(url=f"{NEWS}/{number}", title=f"Story {number:02}")
        await house.author.post("Hello.", url=f"{NEWS}/{number}")
    first = (await house.attacker.get("/?lang=de")).text
    href = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = (await house.attacker.get(href)).text
    for number in range(35):
        assert (f"Story {number:02}" in first) is (number >= 5)
        assert (f"Story {number:02}" in second) is (number < 5)
    assert '<html lang="de"' in second


@pytest.mark.parametrize("before", ["x", "1", "1.x", "1.0", "99999999999999999.9223372036854775808", "1." + "9" * 20])
async def test_a_mark_of_no_list_is_refused(house: House, before: str) -> None:
    assert (await house.attacker.get("/", params={"before": before})).status_code == 422
    assert (await house.attacker.get("/", params={"before": "99999999999999999.1"})).status_code == 200
