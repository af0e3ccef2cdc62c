"""Read a discussion: orders, pages, caps, what is behind "N more replies", permalinks. Every comment is reachable."""

import re
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import bindparam, update

from forum.comments.tables import comment
from forum.db import Prepared, Tx
from tests.support.app import ARTICLE, House, Person, problem, wrong_fields
from tests.support.threads import discussion_id, plant

pytestmark = pytest.mark.anyio

DISCUSSION = "/api/v1/sites/newsroom/discussion"
NODE = re.compile(r'<li id="c(\d+)" class="node"')
MORE = re.compile(r'<p class="more(?: onward)?"><a[^>]* href="([^"]+)"')
_MOVE = Prepared(
    update(comment).where(comment.c.id == bindparam("this")).values(revision=comment.c.revision + 1, text="m" * 500)
)
NEXT = re.compile(r'<a href="([^"]+)"[^>]* rel="next"')


async def walk(person: Person, path: str, **params: Any) -> list[dict[str, Any]]:
    """Every page of a list, one after the other."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = await person.read(path, params={**params, **({"cursor": cursor} if cursor else {})})
        assert page["comments"]
        found += page["comments"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def crawl(person: Person, start: str) -> Counter[int]:
    """Follow every link to further comments without scripts; counts how often each comment was drawn."""
    waiting, seen, drawn = [start], {start}, Counter[int]()
    while waiting:
        page = (await person.get(waiting.pop())).text
        drawn.update(int(found) for found in NODE.findall(page))
        for href in (*MORE.findall(page), *NEXT.findall(page)):
            href = href.replace("&amp;", "&")
            if href not in seen:
                seen.add(href)
                waiting.append(href)
    return drawn


async def test_both_orders_hold_every_comment_once(house: House) -> None:
    ids = await plant(house, [None, 0, None, 2, 2, None, 1])
    newest = await house.author.read(DISCUSSION, params={"url": ARTICLE})
    assert [int(c["id"]) for c in newest["comments"]] == [ids[n] for n in (5, 2, 3, 4, 0, 1, 6)]
    oldest = await house.author.read(DISCUSSION, params={"url": ARTICLE, "sort": "oldest"})
    assert [int(c["id"]) for c in oldest["comments"]] == [ids[n] for n in (0, 1, 6, 2, 3, 4, 5)]


@pytest.mark.parametrize("sort", ["newest", "oldest"])
@pytest.mark.parametrize("limit", [1, 7, 50])
async def test_walking_the_pages_visits_each_comment_once(house: House, sort: str, limit: int) -> None:
    ids = await plant(house, [None] * 60 + [n for n in range(60) if n % 3])
    found = await walk(house.author, DISCUSSION, url=ARTICLE, sort=sort, limit=limit)
    assert sorted(int(c["id"]) for c in found) == ids
    roots = [int(c["id"]) for c in found if c["depth"] == 0]
    assert roots == sorted(roots, reverse=sort == "newest")


async def test_a_page_holds_fifty_conversations(house: House) -> None:
    ids = await plant(house, [None] * 51)
    page = await house.author.read(f"/api/v1/discussions/{await discussion_id(house)}")
    assert len(page["comments"]) == 50
    assert page["next_cursor"] == f"newest.{ids[1]}"


async def test_a_page_holds_two_hundred_comments(house: House) -> None:
    parents: list[int | None] = [None] * 12
    for root in range(12):
        parents += [root] * 30
    await plant(house, parents)
    page = await house.author.read(DISCUSSION, params={"url": ARTICLE})
    assert len(page["comments"]) == 6 * 31
    found = await walk(house.author, DISCUSSION, url=ARTICLE)
    assert len({c["id"] for c in found}) == len(found) == len(parents)


async def test_arrivals_between_pages_move_nothing(house: House) -> None:
    ids = await plant(house, [None] * 20)
    first = await house.author.read(DISCUSSION, params={"url": ARTICLE, "limit": 10})
    await house.replier.post("Meanwhile.")
    params = {"url": ARTICLE, "limit": 10, "cursor": first["next_cursor"]}
    second = await house.author.read(DISCUSSION, params=params)
    assert [int(c["id"]) for c in first["comments"] + second["comments"]] == ids[::-1]


async def test_a_long_conversation_continues_behind_a_link(house: House) -> None:
    ids = await plant(house, [None] + [0] * 120)
    page = await house.author.read(DISCUSSION, params={"url": ARTICLE})
    assert len(page["comments"]) == 51
    assert page["comments"][0]["reply_count"] == 120
    found = await walk(house.author, f"/api/v1/comments/{ids[0]}/replies")
    assert [int(c["id"]) for c in found] == ids[1:]
    html = (await house.author.get(f"/d/{await discussion_id(house)}")).text
    assert "70 more replies" in html


async def test_a_deep_conversation_continues_on_its_own_page(house: House) -> None:
    ids = await plant(house, [None, *range(20)])
    where = await discussion_id(house)
    html = (await house.author.get(f"/d/{where}")).text
    assert [int(found) for found in NODE.findall(html)] == ids[:7]
    assert f'href="/d/{where}/thread/{ids[6]}"' in html
    assert "Continue this thread" in html
    deeper = (await house.author.get(f"/d/{where}/thread/{ids[6]}")).text
    assert [int(found) for found in NODE.findall(deeper)] == ids[6:13]


SHAPES = {
    "wide": [None] + [0] * 130,
    "deep": [None, *range(30)],
    "bushy": [None] * 3 + [n // 3 for n in range(300)],
    "broad below a reply": [None, 0] + [1] * 260 + [1 + n for n in range(1, 120)],
    "many roots": [None] * 120 + list(range(0, 120, 2)),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_links_without_scripts_reach_every_comment(house: House, shape: str) -> None:
    ids = await plant(house, SHAPES[shape])
    drawn = await crawl(house.author, f"/d/{await discussion_id(house)}")
    assert set(drawn) == set(ids)


@pytest.mark.parametrize("shape", ["broad below a reply", "bushy"])
async def test_links_reach_every_comment_wherever_its_row_lies(house: House, shape: str) -> None:
    ids = await plant(house, SHAPES[shape])

    async def work(tx: Tx) -> None:
        for number in range(0, len(ids), 3):  # a changed row moves to another place in PostgreSQL's table
            await tx.execute(_MOVE, {"this": ids[number]})

    await house.rt.db.write(work)
    drawn = await crawl(house.author, f"/d/{await discussion_id(house)}")
    assert set(drawn) == set(ids)


async def test_every_permalink_opens_a_page_that_draws_its_comment(house: House) -> None:
    ids = await plant(house, [None] * 60 + [0] * 130 + [189 - 1, *range(190, 205)])
    for number in (0, 30, 59, 60, 109, 110, 111, 189, 190, 195, 199, 205):
        answer = await house.author.get(f"/c/{ids[number]}")
        assert answer.status_code == 302
        path, _, target = answer.headers["location"].partition("#")
        assert target == f"c{ids[number]}"
        page = await house.author.get(path)
        assert page.status_code == 200
        assert f'id="{target}"' in page.text, number


async def test_a_permalink_in_a_frame_stays_in_the_frame(house: House) -> None:
    posted = await house.author.post("Here.")
    answer = await house.author.get(f"/c/{posted['id']}?frame=1&theme=dark&lang=en")
    where = await discussion_id(house)
    expected = f"/d/{where}?at={posted['id']}&frame=1&lang=en&theme=dark#c{posted['id']}"
    assert answer.headers["location"] == expected
    page = await house.author.get(expected)
    assert 'data-theme="dark"' in page.text


@pytest.mark.parametrize(
    ("params", "wrong"),
    [
        ({"limit": "0"}, {"limit": "wrong_value"}),
        ({"limit": "51"}, {"limit": "wrong_value"}),
        ({"limit": "-1"}, {"limit": "wrong_value"}),
        ({"limit": "x"}, {"limit": "wrong_value"}),
        ({"limit": "9" * 30}, {"limit": "wrong_value"}),
        ({"sort": "best"}, {"sort": "wrong_value"}),
        ({"page": "2"}, {"page": "unknown_field"}),
        ({"cursor": "oldest.7"}, {"cursor": "bad_cursor"}),
        ({"cursor": "replies.7"}, {"cursor": "bad_cursor"}),
        ({"cursor": "newest."}, {"cursor": "bad_cursor"}),
        ({"cursor": "newest.-7"}, {"cursor": "bad_cursor"}),
        ({"cursor": "newest.9223372036854775808"}, {"cursor": "bad_cursor"}),
        ({"cursor": "x" * 41}, {"cursor": "too_long"}),
    ],
)
async def test_wrong_parameters_are_named(house: House, params: dict[str, str], wrong: dict[str, str]) -> None:
    where = await discussion_id(house)
    assert wrong_fields(await house.author.get(f"/api/v1/discussions/{where}", params=params)) == wrong
    answer = await house.author.get(DISCUSSION, params={"url": ARTICLE, **params})
    assert wrong_fields(answer) == wrong


async def test_replies_take_only_their_own_cursors(house: House) -> None:
    posted = await house.author.post("Root.")
    path = f"/api/v1/comments/{posted['id']}/replies"
    for cursor in ("newest.7", "replies.2147483648", "replies.9223372036854775807", "replies.x"):
        assert wrong_fields(await house.author.get(path, params={"cursor": cursor})) == {"cursor": "bad_cursor"}
    assert (await house.author.read(path, params={"cursor": "replies.2147483647"}))["comments"] == []


@pytest.mark.parametrize("sort", ["newest", "oldest"])
@pytest.mark.parametrize("at", ["1", "9223372036854775807"])
async def test_the_ends_of_the_numbers_are_only_empty_pages(house: House, sort: str, at: str) -> None:
    await house.author.post("Root.")
    where = await discussion_id(house)
    for params in ({"sort": sort, "at": at}, {"sort": sort, "after": f"{sort}.{at}"}):
        assert (await house.author.get(f"/d/{where}", params=params)).status_code == 200
    await house.author.read(f"/api/v1/discussions/{where}", params={"sort": sort, "cursor": f"{sort}.{at}"})


@pytest.mark.parametrize("name", ["7", "0", "-1", "x", "9223372036854775808", "9223372036854775807", "%00", "٣"])
async def test_an_id_of_nothing_is_not_found(house: House, name: str) -> None:
    for path in ("/api/v1/discussions/{}", "/api/v1/comments/{}", "/api/v1/comments/{}/replies"):
        assert problem(await house.author.get(path.format(name))) == (404, "not_found")
    where = await discussion_id(house)
    for path in ("/d/{}", "/c/{}", "/d/{}/own", "/d/{}/mine", f"/d/{where}/thread/{{}}", "/c/{}/reply", "/c/{}/edit"):
        answer = await house.author.get(path.format(name))
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_a_thread_belongs_to_its_own_discussion(house: House) -> None:
    posted = await house.author.post("Here.", url="https://news.example/other")
    where = await discussion_id(house)
    assert (await house.author.get(f"/d/{where}/thread/{posted['id']}")).status_code == 404
