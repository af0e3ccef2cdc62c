"""Post a comment: what is stored and answered, and everything that is refused."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from forum.articles.tables import article
from forum.comments.tables import comment
from tests.support.app import ARTICLE, COMMENTS, NEWS, OURS, PUBLIC_URL, House, problem, wrong_fields

pytestmark = pytest.mark.anyio


async def discussion(house: House, url: str = ARTICLE) -> Any:
    return await house.attacker.read("/api/v1/sites/newsroom/discussion", params={"url": url})


async def test_the_first_comment_begins_the_discussion(house: House) -> None:
    answer = await house.author.send("I *never* trusted the ferryman.")
    assert answer.status_code == 201
    posted = answer.json()
    assert answer.headers["location"] == f"/api/v1/comments/{posted['id']}"
    assert answer.headers["cache-control"] == "private, no-store"
    assert posted == {
        "id": posted["id"],
        "parent_id": None,
        "depth": 0,
        "author": {"name": "Ada", "kind": "guest", "url": None, "hue": None},
        "html": "<p>I <em>never</em> trusted the ferryman.</p>",
        "text": posted["text"],
        "status": "published",
        "created_at": "2026-03-01T12:00:00Z",
        "edited_at": None,
        "revision": 1,
        "reply_count": 0,
        "permalink": f"{PUBLIC_URL}/c/{posted['id']}",
        "scope": [],
        "covered": False,
        "passages": [],
        "notice": None,
        "notice_text": None,
    }
    seen = await discussion(house)
    assert seen["comments"] == [posted]
    assert seen["next_cursor"] is None
    assert seen["discussion"]["comment_count"] == 1
    assert seen["discussion"]["url"] == ARTICLE
    assert await house.attacker.read(answer.headers["location"]) == posted
    assert await house.recount() == 1


async def test_a_comment_goes_to_a_discussion_by_its_id(house: House) -> None:
    await house.author.post("First.")
    where = (await discussion(house))["discussion"]["id"]
    await house.replier.post("Second.", discussion_id=where)
    assert (await discussion(house))["discussion"]["comment_count"] == 2


async def test_an_unknown_article_has_an_empty_discussion(house: House) -> None:
    seen = await discussion(house)
    assert seen["comments"] == []
    assert seen["discussion"]["id"] is None
    assert seen["discussion"]["comment_count"] == 0
    assert await house.rows(select(article.c.id)) == []


UNICODE = [
    "Zażółć gęślą jaźń, naïve café — 日本語 العربية עברית",
    "👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301 vs é, \u1e9b\u0323",
    "\U0001f468\U0001f3fd\u200d\U0001f680 \U00020000 x\u0332y",
]


@pytest.mark.parametrize("text", UNICODE)
async def test_text_keeps_its_code_points(house: House, text: str) -> None:
    posted = await house.author.post(text)
    assert posted["text"].strip() == text
    (row,) = await house.rows(select(comment.c.source))
    assert row.source == text


async def test_the_longest_comment_fits_and_one_more_character_does_not(house: House) -> None:
    await house.author.post("x" * 10_000)
    answer = await house.author.send("x" * 10_001)
    assert wrong_fields(answer) == {"body": "too_long"}
    assert await house.recount() == 1


@pytest.mark.parametrize("body", ["", "   \n\t ", "\u200b\u2060\ufeff", "\u2800\u3164", "&nbsp;", "\x00"])
async def test_a_body_nobody_can_see_is_refused(house: House, body: str) -> None:
    assert wrong_fields(await house.author.send(body)) == {"body": "empty"}
    assert await house.recount() == 0


async def test_control_characters_go_and_directions_are_closed(house: House) -> None:
    posted = await house.author.post("a\x00b\x1b[31mc\r\nd \u202eright to left\u202c \u2067isolated")
    (row,) = await house.rows(select(comment.c.source))
    assert row.source == "ab[31mc\nd right to left \u2067isolated\u2069"
    assert "\u202e" not in posted["html"]


async def test_every_wrong_field_is_named_at_once(house: House) -> None:
    answer = await house.author.send("", author_name="")
    assert wrong_fields(answer) == {"author_name": "name_empty", "body": "empty"}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"colour": "red"}, {"colour": "unknown_field"}),
        ({"id": "7"}, {"id": "unknown_field"}),
        ({"status": "published"}, {"status": "unknown_field"}),
        ({"created_at": "2020-01-01T00:00:00Z"}, {"created_at": "unknown_field"}),
        ({"author_name": 7}, {"author_name": "wrong_value"}),
        ({"author_name": "x" * 201}, {"author_name": "too_long"}),
        ({"author_name": "x" * 41}, {"author_name": "name_too_long"}),
        ({"parent_id": 7}, {"parent_id": "wrong_value"}),
        ({"parent_id": "-7"}, {"parent_id": "wrong_value"}),
        ({"parent_id": "9223372036854775808"}, {"parent_id": "wrong_value"}),
        ({"discussion_id": "7", "url": ARTICLE}, {"url": "one_of_url_and_discussion_id"}),
        ({"discussion_id": None}, {"url": "one_of_url_and_discussion_id"}),
        ({"url": "nonsense"}, {"url": "bad_url"}),
        ({"url": "javascript:alert(1)"}, {"url": "bad_scheme"}),
        ({"url": f"{NEWS}/{'x' * 2_000}"}, {"url": "too_long"}),
        ({"url": f"{NEWS}/a\x00b"}, {"url": "bad_url"}),
        ({"url": ARTICLE, "identifier": "a\x00b"}, {"identifier": "wrong_value"}),
        ({"url": ARTICLE, "identifier": "x" * 201}, {"identifier": "too_long"}),
    ],
)
async def test_wrong_fields_are_named(house: House, fields: dict[str, Any], wrong: dict[str, str]) -> None:
    assert wrong_fields(await house.author.send("Hello.", **fields)) == wrong
    assert await house.recount() == 0


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"url": "https://elsewhere.example/a"}, (404, "origin_not_allowed")),
        ({"url": "http://news.example/gutterlight"}, (404, "origin_not_allowed")),
        ({"url": "https://news.example.evil.example/a"}, (404, "origin_not_allowed")),
        ({"discussion_id": "7"}, (404, "not_found")),
        ({"discussion_id": "9223372036854775807"}, (404, "not_found")),
        ({"parent_id": "7"}, (404, "parent_gone")),
        ({"parent_id": "9223372036854775807"}, (404, "parent_gone")),
        ({"path": "/api/v1/sites/nowhere/comments"}, (404, "unknown_site")),
        ({"path": "/api/v1/sites/NEWSROOM/comments"}, (404, "unknown_site")),
    ],
)
async def test_what_does_not_exist_is_not_found(house: House, fields: dict[str, Any], said: tuple[int, str]) -> None:
    assert problem(await house.author.send("Hello.", **fields)) == said
    assert await house.recount() == 0
    assert await house.rows(select(article.c.id)) == []


async def test_a_discussion_of_another_site_is_not_found(house: House) -> None:
    await house.add_site("gazette", origins=("https://gazette.example",))
    elsewhere = "/api/v1/sites/gazette/comments"
    await house.author.post("Over here.", path=elsewhere, url="https://gazette.example/a")
    params = {"url": "https://gazette.example/a"}
    other = await house.author.read("/api/v1/sites/gazette/discussion", params=params)
    answer = await house.author.send("Hello.", discussion_id=other["discussion"]["id"])
    assert problem(answer) == (404, "not_found")
    assert await house.recount() == 1


async def test_a_closed_discussion_takes_nothing(house: House) -> None:
    for state in ("closed", "archived"):
        assert (await house.publish(state=state)).status_code == 200
        assert problem(await house.author.send("Hello.")) == (403, "discussion_closed")
    await house.publish(state="open")
    await house.author.post("Hello again.")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", (400, "malformed_json")),
        (b"", (400, "malformed_json")),
        (b"\xff\xfe", (400, "malformed_json")),
        (b'{"body": NaN}', (400, "malformed_json")),
        (rb'{"body": "\ud800", "author_name": "Ada", "url": "https://news.example/a"}', (400, "malformed_json")),
        (b"[]", (422, "invalid")),
        (b"null", (422, "invalid")),
        (b"[" * 30_000, (400, "malformed_json")),
    ],
)
async def test_a_body_that_is_no_object_is_refused(house: House, content: bytes, said: tuple[int, str]) -> None:
    headers = {**OURS, "content-type": "application/json"}
    assert problem(await house.author.http.post(COMMENTS, content=content, headers=headers)) == said


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_only_json_is_read(house: House, kind: str) -> None:
    content = json.dumps({"body": "Hello.", "author_name": "Ada", "url": ARTICLE})
    answer = await house.author.http.post(COMMENTS, content=content, headers={**OURS, "content-type": kind})
    assert problem(answer) == (415, "unsupported_media_type")


async def test_a_body_over_64_kilobytes_is_refused(house: House) -> None:
    assert problem(await house.author.send("x" * 70_000)) == (413, "body_too_large")

    async def unannounced() -> Any:
        for _ in range(70):
            yield b" " * 1024

    answer = await house.author.http.post(
        COMMENTS, content=unannounced(), headers={**OURS, "content-type": "application/json"}
    )
    assert problem(answer) == (413, "body_too_large")
