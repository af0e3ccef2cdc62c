"""How a token comes: in a form of the publisher, posted into the frame, or by the frame's script; never in a URL."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from forum.accounts import tables
from tests.support.app import ARTICLE, NEWS, OURS, PUBLIC_URL, House, problem
from tests.support.people import signed_in
from tests.support.publisher import SSO, SSO_FORM, THEIRS, a_publisher, reason
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio

REFUSED = [
    {},
    OURS,
    {"origin": PUBLIC_URL},
    {"origin": "null"},
    {"origin": "null", "sec-fetch-site": "cross-site"},
    {"origin": ""},
    {"origin": "https://evil.example"},
    {"origin": "https://other.example", "sec-fetch-site": "cross-site"},
    {"origin": "http://news.example"},
    {"origin": f"{NEWS}/"},
    {"origin": "https://NEWS.example"},
    {"origin": f"{NEWS}.evil.example"},
    {"origin": NEWS, "sec-fetch-site": "same-origin"},
    {"origin": NEWS, "sec-fetch-site": "none"},
    {"origin": NEWS, "sec-fetch-site": ""},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-origin"},
    {"referer": f"{NEWS}/gutterlight"},
]


async def sessions(house: House) -> int:
    return len(await house.rows(select(tables.session.c.id)))


async def test_the_form_leads_back_into_the_frame(house: House) -> None:
    publisher, frame = await a_publisher(house), await house.newcomer()
    fields = {"token": publisher.token(), "url": ARTICLE, "theme": "dark", "lang": "de"}
    answer = await frame.http.post(SSO_FORM, data=fields, headers=THEIRS)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/embed/newsroom?url={NEWS.replace(':', '%3A').replace('/', '%2F')}" + (
        "%2Fgutterlight&theme=dark&lang=de"
    )
    assert answer.headers["cache-control"] == "private, no-store"
    session, mark = answer.headers.get_list("set-cookie")
    assert session.startswith("__Host-esid=")
    assert session.endswith("; HttpOnly; Max-Age=1209600; Secure; SameSite=None; Partitioned")
    assert mark == "aftershow.in.newsroom=1; Path=/; Max-Age=1209600; Secure; SameSite=None; Partitioned"
    assert (await frame.get(answer.headers["location"])).status_code == 200
    assert (await frame.read("/api/v1/me?site=newsroom"))["account"]["name"] == "Edda"
    (row,) = await house.rows(select(tables.session))
    assert (row.kind, row.origin) == ("embed", NEWS)


async def test_a_discussion_can_be_named_by_its_id(house: House) -> None:
    publisher = await a_publisher(house)
    await house.author.post("Hello.")
    where = await discussion_id(house)
    fields = {"token": publisher.token(), "discussion_id": str(where), "accent": "aa3300"}
    answer = await house.author.http.post(SSO_FORM, data=fields, headers=THEIRS)
    assert answer.headers["location"] == f"/d/{where}?accent=aa3300&frame=1"
    assert (await house.author.get(answer.headers["location"])).status_code == 200


async def test_any_of_the_site_s_origins_may(house: House) -> None:
    await house.change_site(origins=("https://www.news.example", "https://m.news.example:8443"), strip_www=True)
    publisher = await a_publisher(house)
    for origin in (NEWS, "https://www.news.example", "https://m.news.example:8443"):
        fields = {"token": publisher.token(), "url": ARTICLE}
        answer = await house.author.http.post(SSO_FORM, data=fields, headers={"origin": origin})
        assert answer.status_code == 303, origin


async def test_nobody_else_may(house: House) -> None:
    await house.add_site("other", origins=("https://other.example",))
    publisher, person = await a_publisher(house), await signed_in(house, "Ravi")
    fields = {"token": publisher.token(), "url": ARTICLE}
    for headers in REFUSED:
        answer = await person.http.post(SSO_FORM, data=fields, headers=headers)
        assert answer.status_code == 403, headers
        assert "set-cookie" not in answer.headers
    assert await sessions(house) == 1
    # The token was not touched.
    assert (await person.http.post(SSO_FORM, data=fields, headers=THEIRS)).status_code == 303


async def test_the_exemption_is_for_this_address_alone(house: House) -> None:
    publisher = await a_publisher(house)
    fields = {"token": publisher.token(), "url": ARTICLE}
    for path in (
        "/embed/newsroom/sso/",
        "/embed/newsroom/SSO",
        "/embed/a/b/sso",
        "/embed//sso",
        "/x/embed/newsroom/sso",
    ):
        assert (await house.author.http.post(path, data=fields, headers=THEIRS)).status_code == 403, path
    for method in ("PUT", "PATCH", "DELETE"):
        assert (await house.author.http.request(method, SSO_FORM, headers=THEIRS)).status_code == 403, method
    for path in ("/embed/newsroom/comments", "/api/v1/sites/newsroom/sso", "/auth/handoff", "/settings/sessions"):
        assert (await house.author.http.post(path, data=fields, headers=THEIRS)).status_code == 403, path


async def test_it_is_a_form(house: House) -> None:
    publisher = await a_publisher(house)
    fields = {"token": publisher.token(), "url": ARTICLE}
    for content_type in ("application/json", "text/plain", ""):
        answer = await house.author.http.post(
            SSO_FORM, content=b'{"token": "x"}', headers={**THEIRS, "content-type": content_type}
        )
        assert answer.status_code == 415
    for wrong in ({"token": ""}, {"url": ""}, {"discussion_id": "x"}, {"sub": "reader-8"}, {"token": "x" * 5000}):
        answer = await house.author.http.post(SSO_FORM, data={**fields, **wrong}, headers=THEIRS)
        assert answer.status_code == 422, wrong
    assert await sessions(house) == 0


async def test_a_refusal_can_be_read_in_the_frame(house: House) -> None:
    publisher = await a_publisher(house)
    fields = {"token": publisher.token(aud="https://other.example"), "url": ARTICLE}
    answer = await house.author.http.post(SSO_FORM, data=fields, headers=THEIRS)
    assert answer.status_code == 403
    assert f"frame-ancestors {NEWS}" in answer.headers["content-security-policy"]
    assert fields["token"] not in answer.text
    answer = await house.author.http.post(SSO_FORM, data=fields, headers={"origin": "https://evil.example"})
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert (await house.author.http.post("/embed/nowhere/sso", data=fields, headers=THEIRS)).status_code == 404


async def test_a_token_in_an_address_is_not_taken(house: House) -> None:
    publisher = await a_publisher(house)
    token = publisher.token()
    for path in (SSO, "/embed/newsroom/sso"):
        assert (await house.author.get(f"{path}?token={token}")).status_code == 405
    assert (await house.author.http.post(f"{SSO}?token={token}", json={}, headers=OURS)).status_code == 422
    assert (await house.author.http.post(SSO, json={"token": token, "sub": "x"}, headers=OURS)).status_code == 422
    await house.author.get(f"/embed/newsroom?url={NEWS}/gutterlight&token={token}")
    assert await house.rows(select(tables.account.c.id)) == []
    assert reason(await publisher.enter(house.author, token)) == ""


async def test_the_script_s_way_is_for_our_own_frame(house: House) -> None:
    publisher = await a_publisher(house)
    for headers in ({"origin": NEWS, "sec-fetch-site": "cross-site"}, {"origin": "null"}, {}):
        answer = await house.author.http.post(SSO, json={"token": publisher.token()}, headers=headers)
        assert problem(answer) == (403, "cross_site")
    answer = await publisher.enter(house.author, origin="https://evil.example")
    assert problem(answer) == (404, "origin_not_allowed")
