"""Every address that changes something, against everything a foreign page can make a signed-in browser send.

The addresses are those of the running product, so a new one is in here from its first day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import select
from starlette.routing import Route

from forum.accounts.model import Role
from forum.db import metadata
from tests.support.app import ARTICLE, NEWS, OURS, PUBLIC_URL, House, Person, open_house
from tests.support.people import account_of, embedded, signed_in
from tests.support.publisher import SSO_FORM, SSO_HOME, a_publisher
from tests.support.surfaces import SURFACES
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio

SAFE: Final = {"GET", "HEAD", "OPTIONS"}
REFUSED: Final = ("did not come from a page of this server", "did not come from a page of this site")
EVIL: Final = "https://evil.example"
HEADERS: Final[tuple[dict[str, str], ...]] = (
    {},
    {"origin": EVIL},
    {"origin": EVIL, "sec-fetch-site": "cross-site"},
    {"origin": EVIL, "sec-fetch-site": "same-origin"},
    {"origin": "null"},
    {"origin": "null", "sec-fetch-site": "cross-site"},
    {"origin": "null", "sec-fetch-site": "same-origin"},
    {"origin": ""},
    {"origin": NEWS},
    {"origin": NEWS, "sec-fetch-site": "cross-site"},
    {"origin": f"{PUBLIC_URL}.evil.example"},
    {"origin": PUBLIC_URL.replace("https", "http")},
    {"origin": PUBLIC_URL, "sec-fetch-site": "cross-site"},
    {"origin": PUBLIC_URL, "sec-fetch-site": "same-site"},
    {"origin": PUBLIC_URL, "sec-fetch-site": "none"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
    {"referer": f"{PUBLIC_URL}/settings"},
    {"origin": EVIL, "authorization": "Bearer made-up"},
    {"origin": EVIL, "x-forwarded-host": "evil.example", "x-http-method-override": "GET"},
)
PARTS: Final = b'--x\r\nContent-Disposition: form-data; name="act"\r\n\r\neverywhere\r\n--x--\r\n'
BODIES: Final = (
    ("application/json", b'{"everywhere": true, "body": "Forged.", "token": "x"}'),
    ("text/plain", b'{"everywhere": true, "body": "Forged."}'),
    ("application/x-www-form-urlencoded", b"act=everywhere&body=Forged.&token=x&url=https%3A%2F%2Fnews.example%2Fa"),
    ("multipart/form-data; boundary=x", PARTS),
    ("", b""),
)
# Forms of a publisher's own page.
FROM_PUBLISHERS: Final = frozenset({SSO_FORM, SSO_HOME})
# What these need no body for: their address says it all.
BODILESS: Final = frozenset({"/auth/sign-out"})


def addresses(house: House, named: Mapping[str, str]) -> list[tuple[str, frozenset[str]]]:
    """Every address of the product with the methods it takes."""

    def fill(path: str) -> str:
        which = "where" if "/d/" in path or "/discussions/" in path else "person" if "{kind}" in path else "comment"
        return re.sub(r"\{(\w+)(?::\w+)?\}", lambda m: {**named, "id": named[which]}.get(m[1], "x"), path)

    found: dict[str, frozenset[str]] = {}
    for route in house.app.routes:
        if isinstance(route, Route):
            path = fill(route.path)
            found[path] = found.get(path, frozenset()) | frozenset(route.methods or ())
    return sorted(found.items())


async def everything(house: House) -> dict[str, list[Any]]:
    """All that is stored."""
    tables = {table.name: select(table) for table in metadata.sorted_tables}
    return {name: sorted(map(repr, await house.rows(statement))) for name, statement in tables.items()}


async def furnished(house: House) -> tuple[Person, dict[str, str]]:
    """Somebody who is signed in everywhere at once, has written something, and may change nearly everything."""
    await a_publisher(house)
    person = await signed_in(house, "Edda", email="edda@mail.example", owner=True, role=Role.ADMIN)
    frame = await embedded(house, person)
    person.http.cookies.update(frame.http.cookies)
    posted = await person.post("Mine.", author_name="")
    named = {"site": "newsroom", "comment": posted["id"], "where": str(await discussion_id(house))}
    return person, {**named, "kind": "account", "person": str((await account_of(house, person)).id)}


def is_refused(answer: httpx.Response) -> bool:
    """Refused for where it came from, before anything else was looked at."""
    return answer.status_code == 403 and any(sentence in answer.text for sentence in REFUSED)


async def test_the_matrix_holds_what_it_should(house: House) -> None:
    _, named = await furnished(house)
    unsafe = {path for path, methods in addresses(house, named) if methods - SAFE}
    known = {"/auth/handoff", "/settings/sessions", SSO_FORM, "/api/v1/auth/session", "/api/v1/auth/redeem"}
    assert known <= unsafe
    assert len(unsafe) > 25
    moderation = [s for s in SURFACES if s.method not in SAFE and ("/mod" in s.pattern or "warning" in s.pattern)]
    assert len(moderation) > 25
    assert len({path for path in unsafe if "/mod" in path or "warning" in path}) == len({s.pattern for s in moderation})
    assert {type(route).__name__ for route in house.app.routes} == {"Route"}


async def send(
    person: Person, method: str, path: str, content_type: str, body: bytes, headers: Mapping[str, str]
) -> httpx.Response:
    given = {"content-type": content_type} if content_type else {}
    return await person.http.request(method, path, content=body, headers={**headers, **given})


async def test_a_foreign_page_changes_nothing(house: House) -> None:
    person, named = await furnished(house)
    before = await everything(house)
    for path, methods in addresses(house, named):
        for method in sorted({*methods - SAFE, "POST"}):
            for number, headers in enumerate(HEADERS):
                if path in FROM_PUBLISHERS and (method, headers.get("origin")) == ("POST", NEWS):
                    continue  # the publisher's own page: what it needs is a token (tests/integration/test_sso_form.py)
                content_type, body = BODIES[(number + len(path)) % len(BODIES)]
                answer = await send(person, method, path, content_type, body, headers)
                assert is_refused(answer), (method, path, headers, content_type, answer.status_code)
                assert "set-cookie" not in answer.headers
    assert await everything(house) == before


async def test_each_content_type_is_refused_alike(house: House) -> None:
    person, named = await furnished(house)
    before = await everything(house)
    headers = {"origin": EVIL, "sec-fetch-site": "cross-site"}
    for path, methods in addresses(house, named):
        for method in methods - SAFE:
            for content_type, body in BODIES:
                answer = await send(person, method, path, content_type, body, headers)
                assert is_refused(answer), (method, path, content_type)
    assert await everything(house) == before


async def test_our_own_pages_are_not_refused(house: House) -> None:
    """So the refusals above are about where a request comes from, and about nothing else."""
    person, named = await furnished(house)
    for path, methods in addresses(house, named):
        for method in sorted(methods - SAFE):
            answer = await person.http.request(method, path, json={}, headers=OURS)
            assert is_refused(answer) is (path in FROM_PUBLISHERS), (method, path, answer.text[:300])


async def test_no_address_takes_plain_text(house: House) -> None:
    """JSON where JSON is meant, a form where a form is: what a page can send without asking first is refused."""
    person, named = await furnished(house)
    before = await everything(house)
    for path, methods in addresses(house, named):
        for method in sorted(methods & {"POST", "PATCH"}):
            if path not in BODILESS:
                answer = await send(person, method, path, "text/plain", b'{"a": 1}', OURS)
                assert answer.status_code >= 300, (method, path, answer.status_code)
    assert await everything(house) == before


async def test_getting_changes_nothing(house: House) -> None:
    person, named = await furnished(house)
    before = await everything(house)
    query = {
        "act": "everywhere",
        "body": "Forged.",
        "revision": "1",
        "token": "x",
        "url": ARTICLE,
        "email": "a@b.example",
    }
    for path, methods in addresses(house, named):
        for method in ("GET", "HEAD"):
            for params in ({}, query):
                answer = await person.http.request(method, path, params=params)
                assert answer.status_code < 500, (method, path)
                if not methods & SAFE:
                    assert answer.status_code in (404, 405), (method, path)
    assert await everything(house) == before


async def test_a_frame_s_bearer_needs_no_origin_and_brings_no_cookie(sqlite_url: str) -> None:
    """Only who holds a bearer can send it; with a cookie beside it the request is judged by where it came from."""
    async with open_house(sqlite_url) as house:
        frame = await embedded(house, await signed_in(house, "Edda"))
        bearer = {"authorization": f"Bearer {frame.http.cookies['__Host-esid']}", "origin": EVIL}
        stranger = await house.newcomer()
        answer = await frame.http.post("/api/v1/preview", json={"site": "newsroom", "body": "x"}, headers=bearer)
        assert is_refused(answer)
        answer = await stranger.http.post("/api/v1/preview", json={"site": "newsroom", "body": "x"}, headers=bearer)
        assert answer.status_code == 200
