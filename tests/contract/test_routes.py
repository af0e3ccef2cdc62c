"""Every route is guarded: writes are limited and from our own pages, answers have headers, reading changes nothing."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest
from starlette.routing import Route

from forum.app import LARGER, Aftershow, create_app
from forum.core.visitor import Visitor
from forum.errors import TooManyRequests
from forum.web.limits import Limiter, Rule
from forum.web.middleware import MAX_BODY
from forum.web.problems import PROBLEM
from tests.support.begun import PASSKEY, PROVIDER, SENT
from tests.support.seeded import ARTICLE, NEWS, OUR_PAGES, Seeds, an_editor, client, seed, settings

SAFE: Final = {"GET", "HEAD", "OPTIONS"}
JSON: Final = {"content-type": "application/json"}
FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
FOREIGN: Final[tuple[dict[str, str], ...]] = (
    {},
    {"origin": "https://attacker.example"},
    {"origin": "null"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "none"},
    {**OUR_PAGES, "sec-fetch-site": "same-site"},
    {"origin": "https://attacker.example", "sec-fetch-site": "same-origin"},
    {"authorization": "Bearer x", "cookie": "aftershow-guest=1"},
    {"authorization": "Basic x"},
)
# Like DELETE, they read no body.
WITHOUT_BODY: Final = {
    *("/api/v1/comments/{id}/mute", "/api/v1/discussions/{id}/follow", "/api/v1/me/claim"),
    *("/api/v1/sites/{site}/warnings/{id}", "/api/v1/mod/items/{id}/reveal"),
}
# Posted from a publisher's page into the frame: what is wrong with it has to be readable there.
FRAMED: Final = "/embed/{site}/sso"
# Posted from there, too, as a whole page.
FROM_PUBLISHERS: Final = {FRAMED, "/auth/sso/{site}"}
HEALTH: Final = ("/healthz", "/readyz", "/metrics")
AUTH: Final = re.compile(r"/auth(/|$)")
# Names that the routes give their variable parts.
VARIABLE: Final = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass(frozen=True, slots=True)
class Address:
    """One method of one route, with its variable parts filled in."""

    method: str
    pattern: str
    path: str

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/v1")

    @property
    def is_for_publishers(self) -> bool:
        return self.path.startswith("/api/v1/mod/comments/") or (self.method == "PUT" and "/articles" in self.path)

    @property
    def is_for_moderators(self) -> bool:
        return self.path.startswith(("/mod", "/api/v1/mod/")) and not self.is_for_publishers


def fill(pattern: str, seeds: Seeds) -> str:
    """An address that exists: for the routes below comments the reply, which has a cookie that may change it."""
    values = {
        "site": "newsroom",
        "comment": seeds.comments[0],
        "accent": "aa3300",
        "path": "embed.js",
        "work": seeds.work,
        "passage": seeds.passage,
        "key": PROVIDER,
        "kind": "account",
        "token": seeds.begun.token_of(pattern),
        "name": seeds.begun.account.name,
    }
    values["id"] = seeds.discussion if "/d/" in pattern or "discussions" in pattern else seeds.reply
    if pattern.startswith("/settings/passkeys"):
        values["id"] = PASSKEY
    if "{kind}" in pattern:
        values["id"] = str(seeds.begun.account.id)
    path = VARIABLE.sub(lambda match: values[match[1]], pattern) + seeds.begun.query(pattern)
    if pattern == "/api/v1/me/claim" or (pattern.startswith("/api/v1/mod/") and "?" not in path):
        return f"{path}?site=newsroom{LISTED.get(pattern, '')}"
    return f"{path}?url={ARTICLE}" if "{site}" in pattern else path


# What a moderator's list is of.
LISTED: Final = {"/api/v1/mod/items": "&queue=pending"}


def addresses(app: Aftershow, seeds: Seeds) -> Iterator[Address]:
    for route in app.routes:
        assert isinstance(route, Route), f"{route} is not looked at here"
        for method in sorted(route.methods or ()):
            yield Address(method, route.path, fill(route.path, seeds))


def unsafe(app: Aftershow, seeds: Seeds) -> list[Address]:
    return [address for address in addresses(app, seeds) if address.method not in SAFE]


def good_request(address: Address, seeds: Seeds) -> dict[str, Any]:
    """What the address takes, so that nothing else refuses the request."""
    text = {"url": ARTICLE, "body": "x", "author_name": "Ada"}
    cookie = {**OUR_PAGES, "cookie": seeds.cookies if address.is_for_moderators else seeds.cookie}
    if address.pattern in SENT:
        kind = "json" if address.is_api else "data"
        own = {"origin": NEWS} if address.pattern in FROM_PUBLISHERS else OUR_PAGES
        headers = {**own, **({} if address.is_api else FORM), "cookie": seeds.cookies}
        return {kind: SENT[address.pattern], "headers": headers}
    if address.path.startswith("/catalogue"):
        return {"data": {"title": "A film", "kind": "film", "secret": seeds.secret}, "headers": cookie}
    if not address.is_api:
        data = {"body": "x", "revision": "1"} if address.path.endswith("edit") else text
        data = {"reason": "spam"} if address.path.endswith("report") else data
        look = address.path.startswith("/s/") or address.path.endswith(("delete", "open"))
        return {"data": {"lang": "en"} if look else data, "headers": cookie}
    if address.method == "DELETE":
        return {"headers": cookie}
    sent = next((body for end, body in bodies(seeds).items() if address.path.partition("?")[0].endswith(end)), text)
    if address.method == "PATCH":
        sent = {"body": "x", "revision": 1}
    return {"json": sent, "headers": bearer(seeds) if address.is_for_publishers else cookie}


def bodies(seeds: Seeds) -> dict[str, dict[str, Any]]:
    """What is sent, by the end of the address it is sent to."""
    needs = ["jessica-jones:S1E4"]
    return {
        "/preview": {"site": "newsroom", "body": "x"},
        "/announce": {"url": ARTICLE},
        "/articles": {"url": ARTICLE},
        "/spoilers": {"url": ARTICLE, "assumes": needs},
        "/reveals": {"ids": [seeds.passage], "why": "explicit"},
        "/flags": {"kind": "untagged_spoiler", "scope": needs},
        "/scope": {"scope": needs, "reason": "It tells."},
    }


def bearer(seeds: Seeds) -> dict[str, str]:
    """What the site's own programs say."""
    return {"authorization": f"Bearer {seeds.secret}"}


def assert_headers(answer: httpx.Response, *, framed: bool = False) -> None:
    """The security headers that every answer carries."""
    headers = answer.headers
    where = f"{answer.request.method} {answer.request.url} {answer.status_code}"
    assert headers["x-content-type-options"] == "nosniff", where
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'"), where
    assert framed or "frame-ancestors 'none'" in policy, where
    assert "camera=()" in headers["permissions-policy"], where
    assert headers["referrer-policy"] in ("strict-origin", "no-referrer"), where
    assert headers["cross-origin-resource-policy"] in ("same-origin", "cross-origin"), where
    assert "server" not in headers, where
    if "html" in headers.get("content-type", "") and not framed:
        # A window that signs somebody in talks to the frame that has opened it.
        opener = "unsafe-none" if AUTH.match(answer.request.url.path) else "same-origin"
        assert headers["cross-origin-opener-policy"] == opener, where


def assert_refused(answer: httpx.Response, status: int, *, api: bool, framed: bool = False) -> None:
    assert answer.status_code == status, f"{answer.request.method} {answer.request.url}: {answer.text[:300]}"
    kind = answer.headers["content-type"]
    assert kind == (PROBLEM if api else "text/html; charset=utf-8"), answer.request.url
    assert "set-cookie" not in answer.headers
    assert "no-store" in answer.headers["cache-control"]
    assert_headers(answer, framed=framed)


@pytest.mark.anyio
async def test_writes_from_elsewhere_are_refused(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        writes = unsafe(app, seeds)
        assert len(writes) >= 9
        for address in writes:
            for headers in FOREIGN:
                kind = JSON if address.is_api else FORM
                given = {**good_request(address, seeds), "headers": {**kind, **headers}}
                assert_refused(await http.request(address.method, address.path, **given), 403, api=address.is_api)
        comment = (await http.get(f"/api/v1/comments/{seeds.reply}")).json()
        assert (comment["revision"], comment["status"]) == (1, "published")


@pytest.mark.anyio
async def test_bodies_beyond_the_limit_are_refused(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        await an_editor(app, seeds.begun.account)
        for address in unsafe(app, seeds):
            headers = {**good_request(address, seeds)["headers"], **(JSON if address.is_api else FORM)}
            most = LARGER.get(address.pattern, MAX_BODY)
            large = b"x" * (most + 1)
            assert_refused(
                await http.request(address.method, address.path, content=large, headers=headers),
                413,
                api=address.is_api,
                framed=address.pattern == FRAMED,
            )

            async def unannounced() -> Any:
                for _ in range(most // 1_024 + 1):  # noqa: B023 - asked for before the next turn
                    yield b"body=" + b"x" * 1_024

            if address.method != "DELETE" and address.pattern not in WITHOUT_BODY:
                answer = await http.request(address.method, address.path, content=unannounced(), headers=headers)
                assert_refused(answer, 413, api=address.is_api, framed=address.pattern == FRAMED)


@pytest.mark.anyio
async def test_every_write_is_limited(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)

        async def reached(self: Limiter, rule: Rule, visitor: Visitor) -> None:
            raise TooManyRequests(retry_after=7)

        async def used_up(self: Limiter, name: str, text: str, who: str) -> bool:
            return False

        monkeypatch.setattr(Limiter, "check", reached)
        monkeypatch.setattr(Limiter, "may", used_up)
        for address in unsafe(app, seeds):
            answer = await http.request(address.method, address.path, **good_request(address, seeds))
            assert_refused(answer, 429, api=address.is_api, framed=address.pattern == FRAMED)
            assert answer.headers["retry-after"] in ("7", "600")  # the latter is said of exports
        assert (await http.get(f"/api/v1/comments/{seeds.reply}")).json()["status"] == "published"


@pytest.mark.anyio
async def test_a_limit_that_is_reached_says_when_to_come_back(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url, rate_limits=True))
    async with client(app) as http:
        await seed_site(app)
        sent = {"url": ARTICLE, "body": "", "author_name": "Ada"}
        answers = [await http.post("/embed/newsroom/comments", data=sent, headers=OUR_PAGES) for _ in range(12)]
        assert answers[0].status_code == 422
        assert answers[-1].status_code == 429
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


# Who goes to an identity provider and comes back is not reading: their browser carries a note there and back.
JOURNEYS: Final = {"/auth/provider/{key}", "/auth/provider/{key}/callback"}


# These lead to a page of a discussion, or of a queue.
LEADING: Final = {"/c/{id}", "/mod"}


@pytest.mark.anyio
async def test_reading_sets_no_cookie_and_writes_nothing(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        await an_editor(app, seeds.begun.account)
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as watcher:
            before = state(watcher)
            for address in addresses(app, seeds):
                if address.method not in SAFE or address.pattern in JOURNEYS:
                    continue
                secret = bearer(seeds) if address.is_for_publishers else {}
                for cookie in ("", seeds.cookie, seeds.cookies):
                    http.cookies.clear()
                    headers = {**({"cookie": cookie} if cookie else {}), **secret}
                    answer = await http.request(address.method, address.path, headers=headers)
                    where = (address.path, answer.status_code)
                    # Who lacks a name has begun that in a browser, and a guest's is another.
                    others = address.pattern == "/auth/finish" and cookie == seeds.cookie
                    # Nobody reports what they have written.
                    others |= address.pattern == "/c/{id}/report"
                    # Moderators know of those who have written on their site.
                    others |= "{kind}" in address.pattern
                    others |= address.is_api and address.is_for_moderators and cookie == seeds.cookie
                    assert answer.status_code < 400 or not cookie or others, where
                    assert not answer.is_redirect or cookie != seeds.cookies or address.pattern in LEADING, where
                    assert "set-cookie" not in answer.headers, where
                    assert_headers(answer, framed=address.path.startswith("/embed/"))
            unknown = await http.get(f"/embed/newsroom?url={ARTICLE}-nobody-knows")
            assert unknown.status_code == 200
            assert state(watcher) == before


def state(watcher: sqlite3.Connection) -> tuple[int, int]:
    """A number that every commit of another connection changes, and the size of the database in pages."""
    version = watcher.execute("PRAGMA data_version").fetchone()[0]
    return version, watcher.execute("PRAGMA page_count").fetchone()[0]


@pytest.mark.anyio
async def test_public_answers_are_the_same_for_everybody(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        public = 0
        for address in addresses(app, seeds):
            if address.method != "GET":
                continue
            http.cookies.clear()
            stranger = await http.get(address.path)
            if "public" not in stranger.headers.get("cache-control", ""):
                continue
            public += 1
            for cookie in (seeds.cookie, seeds.cookies):
                author = await http.get(address.path, headers={"cookie": cookie, "accept-language": "ar"})
                assert author.content == stranger.content, address.path
            assert "cookie" not in stranger.headers.get("vary", "").lower(), address.path
        assert public >= 8


@pytest.mark.anyio
async def test_what_is_for_one_person_is_kept_by_nobody(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        personal = set()
        for address in addresses(app, seeds):
            if address.method != "GET":
                continue
            http.cookies.clear()
            answer = await http.get(address.path, headers={"cookie": seeds.cookies})
            kept = answer.headers.get("cache-control", "")
            if "public" not in kept and address.path not in HEALTH:
                personal.add(address.pattern)
                assert "no-store" in kept, address.path
                assert "etag" not in answer.headers, address.path
        reading = {route.path for route in app.routes if isinstance(route, Route) and "GET" in (route.methods or ())}
        own = {path for path in reading if path.startswith(("/auth", "/settings"))}
        assert personal >= own | {"/api/v1/me", "/d/{id}/mine", "/d/{id}/own", "/c/{id}/edit"}


@pytest.mark.anyio
async def test_what_is_unknown_is_a_problem_or_a_page(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        for path in (
            "/nowhere",
            "/d/",
            "/d/x",
            "/c/1",
            "/static/nothing.js",
            "/static/../pyproject.toml",
            "/theme/zz.css",
        ):
            assert_refused(await http.get(path), 404, api=False)
        for path in (
            "/api/v1/",
            "/api/v1/nothing",
            "/api/v1/comments/x",
            "/api/v1/sites/x/counts?url=https://x.example",
        ):
            assert_refused(await http.get(path), 404, api=True)
        by_pattern: dict[str, set[str]] = {}
        for address in addresses(app, seeds):
            by_pattern.setdefault(address.pattern, set()).add(address.method)
        for pattern, methods in by_pattern.items():
            api = pattern.startswith("/api/v1") or pattern in HEALTH
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - methods:
                answer = await http.request(method, fill(pattern, seeds), headers=OUR_PAGES)
                assert_refused(answer, 405, api=api)
                assert {name.strip() for name in answer.headers["allow"].split(",")} == methods, pattern


@pytest.mark.anyio
async def test_redirects_and_unchanged_answers_carry_the_headers(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        redirect = await http.get(f"/c/{seeds.reply}")
        assert redirect.status_code == 302
        assert redirect.headers["location"].endswith(f"#c{seeds.reply}")
        assert_headers(redirect)
        for path in (f"/d/{seeds.discussion}", f"/api/v1/discussions/{seeds.discussion}", "/static/embed.js"):
            tag = (await http.get(path)).headers["etag"]
            unchanged = await http.get(path, headers={"if-none-match": tag})
            assert (unchanged.status_code, unchanged.content) == (304, b"")
            assert_headers(unchanged)
        posted = await http.post(
            "/embed/newsroom/comments", data={"url": ARTICLE, "body": "New.", "author_name": "Bo"}, headers=OUR_PAGES
        )
        assert posted.status_code == 303
        assert_headers(posted)


@pytest.mark.anyio
async def test_only_the_sites_pages_may_frame_the_embed(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        for path in (
            f"/embed/newsroom?url={ARTICLE}",
            f"/embed/newsroom/own?url={ARTICLE}",
            f"/d/{seeds.discussion}?frame=1",
            f"/d/{seeds.discussion}/thread/{seeds.comments[0]}?frame=1",
            f"/c/{seeds.comments[0]}/reply?frame=1",
            "/embed/newsroom?url=https://elsewhere.example/",
            "/embed/newsroom?url=nonsense",
        ):
            answer = await http.get(path)
            assert "frame-ancestors https://news.example" in answer.headers["content-security-policy"], path
            assert answer.headers["cross-origin-resource-policy"] == "cross-origin", path
        for path in (f"/d/{seeds.discussion}", "/", "/embed/unknown?url=https://news.example/"):
            assert "frame-ancestors 'none'" in (await http.get(path)).headers["content-security-policy"], path


@pytest.mark.anyio
async def test_https_adds_its_headers_and_seals_the_cookie(sqlite_url: str) -> None:
    origin = "https://talk.example"
    app = create_app(settings(sqlite_url, public_url=origin))
    async with client(app) as http:
        ours = {"origin": origin}
        await seed_site(app)
        sent = {"url": ARTICLE, "body": "Hello.", "author_name": "Ada"}
        posted = await http.post("/api/v1/sites/newsroom/comments", json=sent, headers=ours)
        assert posted.status_code == 201
        cookie = posted.headers["set-cookie"]
        assert cookie.startswith("__Host-guest=")
        assert set(cookie.split("; ")[1:]) >= {"Path=/", "HttpOnly", "Secure", "SameSite=None", "Partitioned"}
        for path in ("/", f"/embed/newsroom?url={ARTICLE}", "/nowhere", "/api/v1/comments/1", "/static/embed.js"):
            assert "max-age=" in (await http.get(path)).headers["strict-transport-security"], path


async def seed_site(app: Aftershow) -> None:
    from forum.sites.service import add_site
    from tests.support.seeded import draft

    await add_site(app.rt.db, app.rt.ids, draft())
