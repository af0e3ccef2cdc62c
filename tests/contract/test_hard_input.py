"""Whatever is sent gets an answer that says what is wrong: no address, header, form or body breaks the server."""

import json
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any, Final

import httpx
import jsonschema_rs
import pytest

from forum.app import create_app
from forum.web.openapi import PROBLEM_SCHEMA
from forum.web.problems import PROBLEM
from tests.support.begun import CHALLENGE, PASSKEY, PROVIDER, SENT, another_session
from tests.support.seeded import ARTICLE, NEWS, OUR_PAGES, PUBLIC_URL, Seeds, client, seed, settings

PROBLEMS: Final = jsonschema_rs.validator_for(dict(PROBLEM_SCHEMA))
LOOPBACK: Final = (ip_network("127.0.0.0/8"),)
# What no schema describes and every server meets: text that breaks databases, parsers and encoders.
HARD_TEXTS: Final = {
    "nul": "a\\u0000b",
    "lone surrogate": "\\ud800",
    "noncharacter": "\\uffff",
    "bidi": "\\u202egnp.exe",
    "empty": "",
    "escaped slash": "%2F..%2F",
    "quotes": "\"';--",
    "long": "x" * 20_000,
}
HARD_QUERIES: Final = {
    "nul": "%00",
    "invalid utf-8": "%ff%fe",
    "surrogate in utf-8": "%ed%a0%80",
    "escaped slash": "%2F%2F",
    "half an escape": "%",
    "empty": "",
    "huge number": "9" * 5_000,
    "the largest id": str(2**63 - 1),
    "beyond": str(2**63),
    "other digits": "%D9%A1%D9%A2",
    "superscript": "%C2%B2",
    "negative": "-1",
}
HARD_BODIES: Final = {
    "empty": b"",
    "no object": b"[]",
    "null": b"null",
    "not utf-8": b'{"body": "\xff"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "nan": b'{"revision": NaN, "body": "x"}',
    "huge number": b'{"revision": ' + b"9" * 5_000 + b', "body": "x"}',
    "beyond 64 bits": b'{"revision": 18446744073709551616, "body": "x"}',
    "beyond 32 bits": b'{"revision": 9223372036854775807, "body": "x"}',
    "deep": b"[" * 30_000 + b"]" * 30_000,
    "twice": b'{"body": "x", "body": "y"}',
    "hard keys": b'{"\\u0000": 1, "' + b"k" * 10_000 + b'": 2}',
    "wrong kinds": b'{"body": {}, "url": [], "site": 1, "author_name": null, "parent_id": 7, "discussion_id": true}',
}
OPTIONAL: Final = {"comments": ("identifier", "parent_id", "discussion_id", "scope"),
                   "preview": ("discussion_id", "parent_id", "scope"),
                   "articles": ("identifier", "title", "prompt", "author", "image", "published_at", "state"),
                   "spoilers": ("identifier", "works", "gate", "expiry_days"), "scope": ("start", "end", "revision"),
                   "progress": ("progress", "ticks", "rules"), "options": ("purpose",),
                   "passkey": ("next", "purpose"), "passkeys": ("name",), "redeem": ("bearer",),
                   "sso": ("origin", "bearer"), "reveals": ("progress", "ticks", "show_all", "lang")}  # fmt: skip
# Fields that hold texts in something: the same hard text goes there too.
INSIDE: Final = {"scope": "[%s]", "ids": "[%s]", "works": "[%s]", "assumes": "[%s]", "ticks": "{%s: [%s]}",
                 "progress": '{%s: {"s": "at", "u": %s}}', "rules": "{%s: %s}",
                 "credential": '{"id": %s, "type": "public-key", "response": {"clientDataJSON": %s}}'}  # fmt: skip


async def check(http: httpx.AsyncClient, method: str, address: str, **given: Any) -> None:
    """Send something and expect an answer that says what is wrong in the documented form."""
    http.cookies.clear()
    answer = await http.request(method, address, **given)
    assert answer.status_code < 500, (method, address[:200], given, answer.text)
    kind = answer.headers.get("content-type", "")
    if address.startswith("/api/v1") and answer.status_code >= 400:
        assert kind == PROBLEM, (method, address[:200], kind)
        PROBLEMS.validate(answer.json())
    if "html" in kind:
        assert "Traceback" not in answer.text


@pytest.mark.anyio
async def test_hard_text_in_addresses_is_answered(engine_url: str) -> None:
    app = create_app(settings(engine_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        for hard in HARD_QUERIES.values():
            for address in addresses(seeds, hard):
                await check(http, "GET", address)
            for address in own_addresses(hard):
                await check(http, "GET", address, headers={"cookie": seeds.cookies})


def addresses(seeds: Seeds, hard: str) -> Iterator[str]:
    """Every place of an address that takes text, with this text in it."""
    url = "url=https%3A%2F%2Fnews.example%2Fgutterlight"
    first, discussion = seeds.comments[0], seeds.discussion
    yield from (f"/api/v1/{kind}/{hard}" for kind in ("discussions", "comments"))
    yield from (f"/d/{hard}", f"/c/{hard}", f"/d/{discussion}/thread/{hard}", f"/embed/{hard}?{url}", f"/{hard}")
    yield from (f"/static/{hard}", f"/theme/{hard}.css", f"/c/{hard}/reply", f"/d/{hard}/own", f"/api/v1/{hard}")
    yield f"/api/v1/sites/{hard}/counts?{url}"
    for name in ("url", "identifier", "cursor", "limit", "sort", "x"):
        yield f"/api/v1/sites/newsroom/discussion?{url}&{name}={hard}"
        yield f"/embed/newsroom?{url}&{name}={hard}"
    for value in (hard, f"newest.{hard}", f"oldest.{hard}", f"replies.{hard}"):
        yield f"/api/v1/discussions/{discussion}?cursor={value}"
        yield f"/api/v1/discussions/{discussion}?sort=oldest&cursor={value}"
        yield f"/api/v1/comments/{first}/replies?cursor={value}"
        yield f"/d/{discussion}?after={value}"
        yield f"/d/{discussion}?sort=oldest&after={value}"
    for name in ("at", "lang", "theme", "accent", "frame", "sort"):
        yield f"/d/{discussion}?{name}={hard}"
        yield f"/d/{discussion}?sort=oldest&{name}={hard}"
    yield f"/d/{discussion}/thread/{first}?after={hard}"
    yield from (f"/?before={hard}", f"/?before={hard}.{hard}", f"/?before=1.{hard}", f"/?lang={hard}")
    yield f"/api/v1/sites/newsroom/counts?url={hard}&url={hard}"
    yield from (f"/s/{hard}", f"/s/c{hard}", f"/api/v1/mod/comments/{hard}/scope", f"/api/v1/comments/{hard}/flags")
    yield from (
        f"/s/{seeds.passage}?{name}={hard}" for name in ("lang", "theme", "accent", "frame", "assumes", "works")
    )
    yield from (f"/embed/newsroom?{url}&{name}={hard}" for name in ("assumes", "works"))
    yield from (f"/api/v1/works/{hard}", f"/catalogue/{hard}", f"/catalogue/{hard}/edit")
    yield from (f"/api/v1/works?{name}={hard}" for name in ("q", "id", "limit", "x"))
    yield from (f"/catalogue?{name}={hard}" for name in ("q", "after", "lang"))
    yield from (f"/catalogue/{seeds.work}?{name}={hard}" for name in ("saved", "lang"))


def own_addresses(hard: str) -> Iterator[str]:
    """The same for the addresses of accounts, signing in, and one's own affairs."""
    yield from (f"/{path}/{hard}" for path in ("u", "auth", "auth/link", "auth/first", "auth/provider", "settings"))
    yield from (f"/u/Edda?{name}={hard}" for name in ("lang", "after", "x"))
    yield from (
        f"/auth{path}?{name}={hard}" for path in ("", "/again") for name in ("next", "lang", "theme", "out", "x")
    )
    yield from (f"/auth/{path}?flow={hard}&next={hard}" for path in ("code", "finish"))
    right = {"site": "newsroom", "origin": NEWS, "challenge": CHALLENGE}
    for name in right:
        query = "&".join(f"{field}={hard if field == name else value}" for field, value in right.items())
        yield f"/auth/handoff?{query}"
    yield from (f"/auth/provider/{PROVIDER}?{name}={hard}" for name in ("purpose", "next", "ticket"))
    yield from (f"/auth/provider/{PROVIDER}/callback?{name}={hard}" for name in ("state", "code", "error", "iss"))
    pages = ("", "/people", "/progress", "/sign-in", "/sessions", "/data", "/merge")
    yield from (f"/settings{page}?{name}={hard}" for page in pages for name in ("done", "flow", "work", "q", "start"))
    yield from (f"/api/v1/me?site=newsroom&{name}={hard}" for name in ("site", "discussion"))


@pytest.mark.anyio
async def test_hard_bodies_are_answered(engine_url: str) -> None:
    app = create_app(settings(engine_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        own = {**OUR_PAGES, "content-type": "application/json", "cookie": seeds.cookies}
        for method, address, whole in writes(seeds):
            secret = {"content-type": "application/json", "authorization": f"Bearer {seeds.secret}"}
            headers = secret if "/articles" in address or "/mod/" in address else own
            for body in HARD_BODIES.values():
                await check(http, method, address, content=body, headers=headers)
            for field in (*whole, *OPTIONAL.get(address.rpartition("/")[2], ()), "unknown"):
                for value in hard_values(field):
                    others = json.dumps({name: given for name, given in whole.items() if name != field})[1:-1]
                    content = "{" + others + (", " if others else "") + f'"{field}": {value}' + "}"
                    await check(http, method, address, content=content.encode(), headers=headers)


def hard_values(field: str) -> Iterator[str]:
    """JSON that is hard to take as this field."""
    for text in HARD_TEXTS.values():
        for form in (json_text(text), json_text(f"https://news.example/{text}")):
            yield form
            if field in INSIDE:
                yield INSIDE[field].replace("%s", form)
    yield from ("-1", "9" * 30, "1e999", "[]", "{}")


def json_text(text: str) -> str:
    """The text as a JSON string whose escapes are already written."""
    return '"' + text.replace('"', '\\"') + '"'


def writes(seeds: Seeds) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every address that reads a JSON body, and what it takes."""
    needs = {"scope": ["jessica-jones:S1E4"]}
    yield "POST", "/api/v1/sites/newsroom/comments", {"url": ARTICLE, "body": "x", "author_name": "Ada"}
    yield "POST", "/api/v1/sites/newsroom/announce", {"url": ARTICLE}
    yield "POST", "/api/v1/preview", {"site": "newsroom", "body": "x"}
    yield "POST", "/api/v1/reveals", {"ids": [seeds.passage], "why": "progress"}
    yield "POST", f"/api/v1/comments/{seeds.reply}/flags", {"kind": "untagged_spoiler", **needs}
    yield "POST", f"/api/v1/comments/{seeds.reply}/scope", {"reason": "x", **needs}
    yield "POST", f"/api/v1/mod/comments/{seeds.reply}/scope", {"reason": "x", **needs}
    yield "PUT", "/api/v1/sites/newsroom/articles", {"url": ARTICLE}
    yield "PUT", "/api/v1/sites/newsroom/articles/spoilers", {"url": ARTICLE, "assumes": "jessica-jones:S1E4"}
    yield "PATCH", f"/api/v1/comments/{seeds.reply}", {"body": "x", "revision": 1}
    for pattern, sent in SENT.items():
        if pattern.startswith("/api/") and sent:
            method = "PUT" if pattern.endswith("/progress") else "POST"
            yield method, pattern.replace("{site}", "newsroom"), sent
    yield "DELETE", "/api/v1/auth/session", {"everywhere": False}


@pytest.mark.anyio
async def test_hard_forms_are_answered(engine_url: str) -> None:
    app = create_app(settings(engine_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        own = {**OUR_PAGES, "cookie": seeds.cookie}
        whole = {"url": ARTICLE, "body": "x", "author_name": "Ada", "revision": "1", "frame": "1", "lang": "de"}
        fields = (*whole, "identifier", "discussion_id", "parent_id", "key", "theme", "accent", "preview", "scope",
                  "assumes", "works")  # fmt: skip
        kinds = [f"/c/{seeds.reply}/{verb}" for verb in ("edit", "delete")]
        kinds += [f"/s/{seeds.passage}", f"/s/c{seeds.reply}", f"/d/{seeds.discussion}/open"]
        for address in ("/embed/newsroom/comments", *kinds):
            for field in fields:
                for hard in HARD_QUERIES.values():
                    form = "&".join([*(f"{k}={v}" for k, v in whole.items() if k != field), f"{field}={hard}"])
                    headers = {**own, "content-type": "application/x-www-form-urlencoded"}
                    await check(http, "POST", address, content=form.encode(), headers=headers)
            for body, kind in MULTIPARTS:
                await check(http, "POST", address, content=body, headers={**own, "content-type": kind})


@pytest.mark.anyio
async def test_hard_forms_of_people_are_answered(engine_url: str) -> None:
    app = create_app(settings(engine_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        for pattern, sent in SENT.items():
            if pattern.startswith("/api/"):
                continue
            address = pattern.replace("{token}", seeds.begun.token_of(pattern)).replace("{id}", PASSKEY)
            address = address.replace("{site}", "newsroom")
            if pattern == "/settings/progress":
                address = f"{address}?work={seeds.work}"
            own = {"origin": NEWS} if "/sso" in pattern else OUR_PAGES
            headers = {**own, "cookie": await another_session(app.rt, seeds.begun.account)}
            for field in (*sent, *MORE_FIELDS.get(pattern, ()), "next", "unknown"):
                for hard in HARD_QUERIES.values():
                    form = "&".join([*(f"{k}={v}" for k, v in sent.items() if k != field), f"{field}={hard}"])
                    given = {**headers, "content-type": "application/x-www-form-urlencoded"}
                    await check(http, "POST", address, content=form.encode(), headers=given)
            for body, kind in MULTIPARTS:
                await check(http, "POST", address, content=body, headers={**headers, "content-type": kind})


MORE_FIELDS: Final = {
    "/settings": ("name", "email", "locale", "time_zone"),
    "/settings/progress": ("state", "rule", "said"),
    "/settings/people": ("muted",),
    "/settings/sessions": ("session",),
}


@pytest.mark.anyio
async def test_hard_forms_of_the_catalogue_are_answered(engine_url: str) -> None:
    app = create_app(settings(engine_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        whole = {"title": "x", "kind": "film", "seen": "x", "secret": seeds.secret}
        lines = ("id", "franchise", "new_franchise", "aliases", "groups", "units", "branch", "based_on", "lang")
        for address in ("/catalogue/new", f"/catalogue/{seeds.work}/edit"):
            for field in (*whole, *lines, "preview"):
                for hard in HARD_QUERIES.values():
                    form = "&".join([*(f"{k}={v}" for k, v in whole.items() if k != field), f"{field}={hard}"])
                    headers = {**OUR_PAGES, "content-type": "application/x-www-form-urlencoded"}
                    await check(http, "POST", address, content=form.encode(), headers=headers)
            for body, kind in MULTIPARTS:
                await check(http, "POST", address, content=body, headers={**OUR_PAGES, "content-type": kind})


PART: Final = b'--b\r\nContent-Disposition: form-data; name="body"%s\r\n\r\n%s\r\n'
MULTIPARTS: Final = [
    (b"", "multipart/form-data"),
    (b"--x", "multipart/form-data; boundary=b"),
    (PART % (b"", b"x") + b"--b--", "multipart/form-data; boundary=b; charset=nonsense"),
    (PART % (b"", b"\\ud800") + b"--b--", "multipart/form-data; boundary=b; charset=unicode_escape"),
    (PART % (b"", b"a\x00b\xff") + b"--b--", "multipart/form-data; boundary=b"),
    (PART % (b'; filename="f"', b"x") + b"--b--", "multipart/form-data; boundary=b"),
    (PART % (b"", b"x") * 30 + b"--b--", "multipart/form-data; boundary=b"),
]


@pytest.mark.anyio
async def test_hard_headers_are_answered(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url, trusted_proxies=LOOPBACK))
    hard = (b"\xff\xfe", b"", b"\x01", b"x" * 5_000, b"a,b;q=z;q=nan, *;q=9e999", b"=;=;", b"9" * 5_000)
    names = ("idempotency-key", "cookie", "user-agent", "accept-language", "accept-encoding", "if-none-match",
             "x-forwarded-for", "authorization", "origin", "sec-fetch-site", "content-length",
             "content-type")  # fmt: skip
    async with client(app) as http:
        seeds = await seed(app, http)
        for name in names:
            for value in hard:
                for prefix in (b"", b"Bearer ", b"aftershow-guest=", b"aftershow-sid=", b"aftershow-flow="):
                    base = {"origin": PUBLIC_URL.encode(), "content-type": b"application/json"}
                    headers = [*{**base, name: prefix + value}.items()]
                    body = {"url": ARTICLE, "body": "x", "author_name": "Ada"}
                    await check(http, "GET", f"/d/{seeds.discussion}/mine", headers=headers)
                    await check(http, "GET", "/nowhere", headers=headers)
                    await check(http, "GET", "/settings", headers=headers)
                    await check(http, "GET", "/api/v1/me?site=newsroom", headers=headers)
                    await check(http, "GET", f"/auth/provider/{PROVIDER}/callback?state=x&code=x", headers=headers)
                    await check(http, "PUT", "/api/v1/sites/newsroom/articles", headers=headers, json=body)
                    await check(http, "POST", "/api/v1/sites/newsroom/comments", headers=headers, json=body)
