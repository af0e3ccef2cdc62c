"""Hostile text, and pages parsed as a browser would.

What elements and attributes a page may have is learned from the same pages with harmless text, so anything that breaks
out of its place is seen, known trick or not.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx
from selectolax.lexbor import LexborHTMLParser, LexborNode

from forum.comments.model import PAGE_ROOTS
from forum.markup.sanitise import ELEMENTS
from tests.support.seeded import ARTICLE, NEWS, OUR_PAGES, Seeds, post

CORPUS: Final = Path(__file__).parents[1] / "unit/corpora/xss.json"
# Ways out of the places that templates put text into: attributes, text areas, titles, JSON in scripts.
BREAKOUTS: Final = [
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]><svg onload=alert(1)>",
    "{{ 7 * 7 }}${7*7}%(name)s{0}",
    "\u2028alert(1)\u2029",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
]
CORPUS_TEXTS: Final[list[str]] = json.loads(CORPUS.read_text(encoding="utf-8"))
# Halves of characters cannot be sent as UTF-8; the tests of hard input send them in other ways.
VECTORS: Final = [*BREAKOUTS, *(text.encode("utf-8", "replace").decode() for text in CORPUS_TEXTS)]
LINKS: Final = ("href", "src", "action", "formaction", "poster", "srcset", "data", "content", "cite", "ping")
NEVER: Final = {"iframe", "object", "embed", "svg", "math", "applet", "frame", "frameset", "style"}
Places = set[tuple[str, str]]
BARE: Final[Places] = {("html", ""), ("head", ""), ("body", "")}


def places(page: str) -> Places:
    """Every (element, attribute) of a page; an element without attributes counts with an empty one."""
    found: Places = set()
    for node in elements(page):
        found |= {(node.tag or "", name) for name in node.attributes} or {(node.tag or "", "")}
    return found


def elements(page: str) -> Iterable[LexborNode]:
    root = LexborHTMLParser(page).root
    assert root is not None
    inside: list[LexborNode] = [node for node in root.traverse(include_text=False) if node.tag != "-comment"]
    for template in LexborHTMLParser(page).css("template"):
        inside += LexborHTMLParser(template.inner_html or "").css("*")
    return inside


MARKUP: Final[Places] = {(tag, "") for tag in ELEMENTS} | {
    *(("a", name) for name in ("href", "rel", "target")),
    ("ol", "start"),
}


def assert_harmless(page: str, known: Places) -> None:
    """Nothing runs, and no element or attribute is there that harmless text does not have as well."""
    assert places(page) - known - MARKUP == set()
    for node in elements(page):
        assert node.tag not in NEVER
        for name, value in node.attributes.items():
            assert not name.startswith("on"), name
            assert name not in ("style", "srcdoc"), name
            if name in LINKS and node.tag != "meta":
                assert urlsplit((value or "").strip()).scheme in ("", "http", "https"), value
        if node.tag == "meta":
            assert "http-equiv" not in node.attributes
        if node.tag == "script":
            check_script(node)


def check_script(node: LexborNode) -> None:
    """A script is one of our files, or a data block that is JSON."""
    if node.attributes.get("type") == "application/ld+json":
        assert json.loads(node.text())["@type"] == "DiscussionForumPosting"
    else:
        assert not node.text().strip()
        assert (node.attributes.get("src") or "").startswith("/static/")


def fragment(html: str) -> str:
    """A page that is nothing but this."""
    return f"<!doctype html><html><head></head><body>{html}</body></html>"


def public_pages(seeds: Seeds, article: str = ARTICLE) -> list[str]:
    url = quote(article, safe="")
    pages = [
        f"/d/{seeds.discussion}{query}" for query in ("", "?sort=oldest", "?frame=1", "/own", f"?at={seeds.reply}")
    ]
    pages += [f"/d/{seeds.discussion}/thread/{seeds.comments[0]}", f"/d/{seeds.discussion}/mine"]
    pages += [f"/c/{seeds.reply}/{verb}{frame}" for verb in ("reply", "edit", "delete") for frame in ("", "?frame=1")]
    pages += [f"/s/{seeds.passage}", f"/s/c{seeds.reply}", f"/s/{seeds.passage}?frame=1"]
    return [*pages, f"/embed/newsroom?url={url}", f"/embed/newsroom/own?url={url}", "/?lang=en"]


async def read_all(http: httpx.AsyncClient, seeds: Seeds, extra: Iterable[str] = ()) -> AsyncIterator[tuple[str, str]]:
    """(address, page) of every kind of page, as the author of the reply sees it, paged to the end."""
    waiting = [*public_pages(seeds), *extra]
    while waiting:
        address = waiting.pop()
        http.cookies.clear()
        answer = await http.get(address, headers={"cookie": seeds.cookie})
        assert answer.status_code == 200, (address, answer.status_code)
        yield address, answer.text
        onward = LexborHTMLParser(answer.text).css_first("a[rel=next]")
        if onward is not None:
            waiting.append(onward.attributes["href"] or "")


async def publish(http: httpx.AsyncClient, seeds: Seeds, **fields: Any) -> httpx.Response:
    http.cookies.clear()
    bearer = {"authorization": f"Bearer {seeds.secret}"}
    return await http.put("/api/v1/sites/newsroom/articles", json={"url": ARTICLE, **fields}, headers=bearer)


async def learn(http: httpx.AsyncClient, seeds: Seeds) -> Places:
    """What pages are made of while everything in them is harmless, refused forms included."""
    said = {"author": "Ada", "image": f"{NEWS}/i.png", "published_at": "2025-06-01T12:00:00Z"}
    assert (await publish(http, seeds, **said)).status_code == 200
    own = {**OUR_PAGES, "cookie": seeds.cookie}
    edited = await http.patch(f"/api/v1/comments/{seeds.reply}", json={"body": "Edited.", "revision": 1}, headers=own)
    assert edited.status_code == 200
    for _ in range(PAGE_ROOTS):
        await post(http, "One of many.")
        await post(http, "One of many replies.", parent_id=seeds.comments[0])
    known: Places = set()
    async for _, page in read_all(http, seeds, [f"/embed/newsroom?url={NEWS}/unknown&identifier=x"]):
        known |= places(page)
    for fields in (
        {"body": ""},
        {"body": "x", "preview": "1"},
        {"body": "x", "identifier": "x", "author_name": "admin"},
    ):
        known |= places((await http.post("/embed/newsroom/comments", data=form(**fields), headers=OUR_PAGES)).text)
    known |= places((await http.get("/nowhere")).text)
    refused = {"url": "nonsense", "body": "typed"}
    return known | places((await http.post("/embed/newsroom/comments", data=refused, headers=OUR_PAGES)).text)


def form(**fields: str) -> dict[str, str]:
    return {"url": ARTICLE, "author_name": "Ada", "frame": "1", "accent": "aa3300", "lang": "en", **fields}
