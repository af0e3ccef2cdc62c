"""Hostile text through the whole product: whatever people and publishers send, no page, frame or document runs it."""

import html
from urllib.parse import quote

import pytest
from selectolax.lexbor import LexborHTMLParser

from forum.app import create_app
from tests.support.hostile import (
    BARE,
    VECTORS,
    Places,
    assert_harmless,
    form,
    fragment,
    learn,
    places,
    public_pages,
    publish,
    read_all,
)
from tests.support.seeded import ARTICLE, NEWS, OUR_PAGES, client, seed, settings


@pytest.mark.anyio
async def test_bodies_and_names_run_nothing(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        known = await learn(http, seeds)
        kept = 0
        for number, vector in enumerate(VECTORS):
            parent = {"parent_id": seeds.comments[0]} if number % 7 == 0 else {}
            for fields in ({"body": vector, "author_name": "Ada"}, {"body": "x", "author_name": vector}):
                http.cookies.clear()
                sent = {"url": ARTICLE, **fields, **parent}
                answer = await http.post("/api/v1/sites/newsroom/comments", json=sent, headers=OUR_PAGES)
                assert answer.status_code in (201, 422), answer.text
                kept += answer.status_code == 201
        assert kept > len(VECTORS)
        # The reply has an author with a cookie: their own pages show the text in forms.
        own = {**OUR_PAGES, "cookie": seeds.cookie}
        changed = {"body": '</textarea><script>alert(1)</script> " onfocus=alert(1) x="', "revision": 2}
        assert (await http.patch(f"/api/v1/comments/{seeds.reply}", json=changed, headers=own)).status_code == 200
        read = 0
        async for _, page in read_all(http, seeds):
            assert_harmless(page, known)
            read += 1
        assert read > 20


@pytest.mark.anyio
async def test_json_stays_json_and_its_html_is_clean(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        for vector in VECTORS:
            sent = {"site": "newsroom", "body": vector}
            answer = await http.post("/api/v1/preview", json=sent, headers=OUR_PAGES)
            assert answer.headers["content-type"] in ("application/json", "application/problem+json")
            assert "sandbox" in answer.headers["content-security-policy"]
            if answer.status_code == 200:
                for name in ("html", "cleared_html"):
                    assert_harmless(fragment(answer.json()[name]), BARE)
        unknown = await http.get(f"/api/v1/discussions/{seeds.discussion}?<script>alert(1)</script>=1")
        assert unknown.status_code == 422
        assert unknown.headers["content-type"] == "application/problem+json"


@pytest.mark.anyio
async def test_what_a_publisher_says_runs_nothing(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        known = await learn(http, seeds)
        for number, vector in enumerate(VECTORS):
            answer = await publish(http, seeds, title=vector, prompt=f"{vector}?", author=vector[:100])
            assert answer.status_code in (200, 422), answer.text
            image = await publish(http, seeds, image=f"https://x.example/{vector}")
            assert image.status_code in (200, 422)
            bare = await publish(http, seeds, image=vector)
            assert bare.status_code == 422 or vector.startswith(("http://", "https://")), vector
            address = public_pages(seeds)[number % len(public_pages(seeds))]
            for page in (f"/d/{seeds.discussion}", address):
                shown = await http.get(page, headers={"cookie": seeds.cookie})
                assert shown.status_code == 200
                assert_harmless(shown.text, known)


@pytest.mark.anyio
async def test_addresses_run_nothing_and_are_never_echoed(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        known = await learn(http, seeds)
        for vector in VECTORS:
            hostile = quote(vector, safe="")
            for address in (
                f"/embed/newsroom?url={hostile}",
                f"/embed/newsroom?url={NEWS}/{hostile}",
                f"/embed/newsroom?url={ARTICLE}-x&identifier={hostile}",
                f"/embed/newsroom?url={ARTICLE}&accent={hostile}",
                f"/d/{seeds.discussion}?theme={hostile}",
                f"/d/{seeds.discussion}?lang={hostile[:30]}",
                f"/embed/{hostile}?url={ARTICLE}",
                f"/{hostile}",
                f"/theme/{hostile}.css",
            ):
                answer = await http.get(address)
                assert answer.status_code < 500, address
                if "html" in answer.headers["content-type"]:
                    assert_harmless(answer.text, known)


@pytest.mark.anyio
async def test_refused_forms_give_the_text_back_unharmed(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        known = await learn(http, seeds)
        for vector in VECTORS:
            for fields in (
                {"body": vector, "author_name": "admin", "identifier": vector, "key": "k"},
                {"body": vector, "author_name": vector, "preview": "1"},
                {"body": vector, "url": "nonsense"},
            ):
                data = form(**fields)
                answer = await http.post("/embed/newsroom/comments", data=data, headers=OUR_PAGES)
                assert answer.status_code in (200, 422), answer.status_code
                assert_harmless(answer.text, known)
                area = LexborHTMLParser(answer.text).css_first("textarea")
                assert area is not None
                typed = vector.replace("\r", "\n").replace("\x00", "\ufffd")  # as every parser of HTML reads them
                assert html.unescape(area.inner_html or "").strip() == typed.strip()


@pytest.mark.anyio
async def test_what_editors_write_runs_nothing(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        lines = ("id", "new_franchise", "aliases", "groups", "units", "branch", "follows", "secret", "seen", "lang")
        pages = ("/catalogue", f"/catalogue/{seeds.work}", f"/catalogue/{seeds.work}/edit?lang=en", "/catalogue?q=x")
        whole = {
            "title": "x",
            "kind": "film",
            "aliases": "y",
            "units": "1..4 | g\nz",
            "new_franchise": "f",
            "branch": "b",
        }
        known: Places = set()
        for sent in (whole, {**whole, "preview": "1"}, {**dict.fromkeys(lines, "?"), "title": ""}):
            known |= places((await http.post("/catalogue/new", data=sent, headers=OUR_PAGES)).text)
        for page in (*pages, "/catalogue?lang=en&q=jessica", "/catalogue/nobody", "/catalogue/ca-civil-war"):
            known |= places((await http.get(page)).text)
        for number, vector in enumerate(VECTORS):
            bad = await http.post(
                "/catalogue/new", data={"title": vector, **dict.fromkeys(lines, vector)}, headers=OUR_PAGES
            )
            good = {**whole, "title": vector, "aliases": vector, "new_franchise": f"{vector}!", "id": f"work-{number}"}
            looked = await http.post("/catalogue/new", data={**good, "preview": "1"}, headers=OUR_PAGES)
            saved = await http.post("/catalogue/new", data={**good, "secret": seeds.secret}, headers=OUR_PAGES)
            found = await http.get(f"/catalogue?q={quote(vector[:200], safe='')}")
            shown = [await http.get(f"/catalogue/work-{number}{rest}") for rest in ("", "/edit")]
            assert saved.status_code in (303, 422)
            for answer in (bad, looked, found, *shown, *([saved] if saved.status_code == 422 else [])):
                assert answer.status_code < 500
                assert_harmless(answer.text, known)
        assert_harmless((await http.get("/catalogue")).text, known)
