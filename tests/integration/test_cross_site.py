"""Who may change anything: our own pages, and holders of a site's secret. Never a page of another origin."""

from collections.abc import Mapping

import httpx
import pytest
from sqlalchemy import select

from forum.comments.tables import comment
from tests.support.app import ARTICLE, COMMENTS, FORM, PUBLIC_URL, House, problem
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio

FOREIGN = "https://evil.example"
_FIRST = select(comment.c.id).order_by(comment.c.id).limit(1)
REFUSED = [
    {},
    {"origin": FOREIGN},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "https://news.example"},
    {"origin": "http://talk.example"},
    {"origin": "https://talk.example:8443"},
    {"origin": "https://talk.example.evil.example"},
    {"origin": "https://TALK.example"},
    {"origin": f"{PUBLIC_URL}/"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
    {"sec-fetch-site": ""},
    {"origin": PUBLIC_URL, "sec-fetch-site": "cross-site"},
    {"origin": PUBLIC_URL, "sec-fetch-site": "none"},
    {"origin": FOREIGN, "sec-fetch-site": "same-origin"},
    {"origin": "null", "sec-fetch-site": "same-origin"},
    {"referer": f"{PUBLIC_URL}/d/7"},
    {"host": "evil.example", "origin": FOREIGN},
    {"x-forwarded-host": "evil.example", "origin": FOREIGN},
]
ALLOWED = [
    {"origin": PUBLIC_URL},
    {"sec-fetch-site": "same-origin"},
    {"origin": PUBLIC_URL, "sec-fetch-site": "same-origin"},
]


def named(headers: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in headers.items()) or "nothing"


async def every_write(house: House, headers: Mapping[str, str]) -> dict[str, httpx.Response]:
    """Each way to change something, by the browser of somebody who may."""
    http = house.author.http
    comment_id = (await house.rows(_FIRST))[0].id
    where = str(await discussion_id(house))
    sent = {"body": "Written.", "author_name": "Ada", "url": ARTICLE}
    form = {"body": "Written by form.", "author_name": "Ada", "discussion_id": where}
    page = f"/c/{comment_id}"
    return {
        "preview": await http.post("/api/v1/preview", json={"site": "newsroom", "body": "x"}, headers=headers),
        "announce": await http.post("/api/v1/sites/newsroom/announce", json={"url": ARTICLE}, headers=headers),
        "post": await http.post(COMMENTS, json=sent, headers=headers),
        "form": await http.post(FORM, data=form, headers=headers),
        "multipart": await http.post(FORM, files={n: (None, v) for n, v in form.items()}, headers=headers),
        "edit": await http.patch(f"/api/v1/comments/{comment_id}", json={"body": "E.", "revision": 1}, headers=headers),
        "edit form": await http.post(f"{page}/edit", data={"body": "F.", "revision": "2"}, headers=headers),
        "delete": await http.delete(f"/api/v1/comments/{comment_id}", headers=headers),
        "delete form": await http.post(f"{page}/delete", data={"lang": "en"}, headers=headers),
    }


@pytest.mark.parametrize("headers", ALLOWED, ids=named)
async def test_our_own_pages_may_write(house: House, headers: dict[str, str]) -> None:
    await house.author.post("Mine.")
    statuses = {name: answer.status_code for name, answer in (await every_write(house, headers)).items()}
    assert statuses == {
        "preview": 200,
        "announce": 200,
        "post": 201,
        "form": 303,
        "multipart": 303,
        "edit": 200,
        "edit form": 303,
        "delete": 204,
        "delete form": 303,
    }


@pytest.mark.parametrize("headers", REFUSED, ids=named)
async def test_nobody_else_may(house: House, headers: dict[str, str]) -> None:
    posted = await house.author.post("Mine.")
    for name, answer in (await every_write(house, headers)).items():
        assert answer.status_code == 403, name
        assert "set-cookie" not in answer.headers
        if "form" not in name and name != "multipart":
            assert problem(answer) == (403, "cross_site")
    assert await house.recount() == 1
    assert await house.attacker.read(f"/api/v1/comments/{posted['id']}") == posted


async def test_simple_requests_of_a_foreign_page_change_nothing(house: House) -> None:
    """What a form or `fetch` of another origin can send without asking first."""
    await house.author.post("Ada has a cookie.")
    headers = {"origin": FOREIGN, "sec-fetch-site": "cross-site"}
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        for path in (COMMENTS, FORM):
            content = b'{"body": "Forged.", "author_name": "Ada", "url": "https://news.example/gutterlight"}'
            answer = await house.author.http.post(path, content=content, headers={**headers, "content-type": kind})
            assert answer.status_code == 403
    assert await house.recount() == 1


async def test_getting_never_changes_anything(house: House) -> None:
    posted = await house.author.post("Mine.")
    for path in (f"/c/{posted['id']}/edit?body=x&revision=1", f"/c/{posted['id']}/delete?lang=en"):
        await house.author.get(path)
        await house.author.http.head(path)
    assert await house.attacker.read(f"/api/v1/comments/{posted['id']}") == posted


async def test_a_secret_needs_no_origin_unless_a_cookie_comes_with_it(house: House) -> None:
    path, sent = "/api/v1/sites/newsroom/articles", {"url": ARTICLE, "title": "Gutterlight"}
    for headers in ({}, {"origin": FOREIGN, "sec-fetch-site": "cross-site"}):
        headers["authorization"] = f"Bearer {house.secret}"
        assert (await house.author.http.put(path, json=sent, headers=headers)).status_code == 200
        cookie = {**headers, "cookie": "a=b"}
        assert problem(await house.author.http.put(path, json=sent, headers=cookie)) == (403, "cross_site")


async def test_a_made_up_secret_opens_no_other_door(house: House) -> None:
    posted = await house.author.post("Mine.")
    stranger = await house.newcomer()
    headers = {"authorization": "Bearer x", "origin": FOREIGN}
    answer = await stranger.http.delete(f"/api/v1/comments/{posted['id']}", headers=headers)
    assert problem(answer) == (403, "not_yours")


async def test_no_answer_lets_other_origins_read_with_cookies(house: House) -> None:
    posted = await house.author.post("Mine.")
    where = await discussion_id(house)
    for path in (
        f"/d/{where}/mine",
        f"/d/{where}/own",
        f"/api/v1/comments/{posted['id']}",
        f"/api/v1/discussions/{where}",
    ):
        for method in ("GET", "OPTIONS"):
            asked = {"origin": FOREIGN, "access-control-request-method": "DELETE"}
            answer = await house.author.http.request(method, path, headers=asked)
            assert "access-control-allow-credentials" not in answer.headers
            assert answer.headers.get("access-control-allow-origin") in (None, "*")
            assert "access-control-allow-methods" not in answer.headers
            if answer.headers.get("access-control-allow-origin"):
                assert answer.headers["cache-control"].startswith("public")
