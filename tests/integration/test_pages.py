"""Public pages: what they say to people, search engines and browsers, and the headers of every class of route."""

import gzip
import json
import re
from typing import Any

import pytest

from tests.support.app import ARTICLE, FORM, NEWS, House, open_house
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio

EMBED = f"/embed/newsroom?url={ARTICLE}"
CLOSED_TO_SCRIPTS = "default-src 'none'; frame-ancestors 'none'; sandbox"


def directives(policy: str) -> dict[str, str]:
    return {name: values for name, _, values in (part.strip().partition(" ") for part in policy.split(";"))}


async def furnished(house: House) -> tuple[int, dict[str, Any]]:
    """A described discussion with an edited comment, a reply, and one that was deleted; its id and first comment."""
    root = await house.author.post('The **ferryman** did it. </script><script>alert("x")</script>')
    await house.replier.reply(root, "Never!")
    gone = await house.replier.post("Forget it.")
    await house.replier.delete(gone["id"])
    await house.publish(title='Gutterlight & "the" <return>', prompt="Where will it go?", image=f"{NEWS}/a.jpg")
    return await discussion_id(house), root


async def test_the_discussion_page_says_what_it_is(house: House) -> None:
    where, root = await furnished(house)
    page = (await house.attacker.get(f"/d/{where}")).text
    assert '<h1 dir="auto">Gutterlight &amp; &#34;the&#34; &lt;return&gt;</h1>' in page
    assert f'<a href="{ARTICLE}">Read the article</a>' in page
    assert "Where will it go?" in page
    assert "2 comments" in page
    assert "Deleted by its author" in page
    assert f'<link rel="canonical" href="https://talk.example/d/{where}">' in page
    assert f'<meta property="og:url" content="https://talk.example/d/{where}">' in page
    assert '<meta property="og:title" content="Gutterlight &amp; &#34;the&#34; &lt;return&gt;">' in page
    assert f'<meta property="og:image" content="{NEWS}/a.jpg">' in page
    assert f'id="c{root["id"]}"' in page
    assert not re.search(r"<script(?![^>]* src=)(?![^>]*ld\+json)", page)
    assert not re.search(r'\sstyle="|<style|\son\w+="', page)


async def test_search_engines_read_the_same_words(house: House) -> None:
    where, root = await furnished(house)
    page = (await house.attacker.get(f"/d/{where}")).text
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    said = json.loads(block)
    assert said["@type"] == "DiscussionForumPosting"
    assert said["headline"] == 'Gutterlight & "the" <return>'
    assert said["url"] == f"https://talk.example/d/{where}"
    assert said["interactionStatistic"]["userInteractionCount"] == 2
    by_url = {comment["url"]: comment for comment in said["comment"]}
    assert by_url[root["permalink"]]["text"] == root["text"]
    assert by_url[root["permalink"]]["author"] == {"@type": "Person", "name": "Ada"}
    assert len(by_url) == 2


async def test_the_embed_is_the_same_thread_without_chrome(house: House) -> None:
    where, _ = await furnished(house)
    thread = re.compile(r'<li id="c\d+"')
    full, embed = (await house.attacker.get(f"/d/{where}")).text, (await house.attacker.get(EMBED)).text
    assert thread.findall(full) == thread.findall(embed)
    assert "masthead" in full
    assert "masthead" not in embed
    assert "application/ld+json" not in embed
    assert '<meta name="robots" content="noindex">' in embed
    assert f'data-origins="{NEWS}"' in embed


async def test_an_unknown_article_is_ready_to_be_written_in(house: House) -> None:
    page = (await house.attacker.get(f"{EMBED}&identifier=story-7")).text
    assert "Nobody has said anything yet." in page
    assert 'data-announce="/api/v1/sites/newsroom/announce"' in page
    assert f'data-article="{ARTICLE}" data-identifier="story-7"' in page


async def test_pages_speak_other_languages(house: House) -> None:
    where, _ = await furnished(house)
    german = (await house.attacker.get(f"/d/{where}?lang=de")).text
    assert '<html lang="de" dir="ltr"' in german
    assert "Read the article" not in german
    assert f"/d/{where}?sort=oldest&amp;lang=de" in german
    arabic = (await house.attacker.get(f"{EMBED}&lang=ar")).text
    assert '<html lang="ar" dir="rtl"' in arabic
    assert '<html lang="en"' in (await house.attacker.get(f"/d/{where}?lang=tlh")).text
    await house.change_site(language="de")
    assert '<html lang="de"' in (await house.attacker.get(EMBED)).text
    asked = await house.attacker.get("/", headers={"accept-language": "fr;q=0.9, de-AT;q=0.8, en;q=0.1"})
    assert '<html lang="de"' in asked.text
    assert asked.headers["cache-control"] == "private, no-store"


async def test_an_accent_colour_is_a_stylesheet(house: House) -> None:
    page = (await house.attacker.get(f"{EMBED}&theme=dark&accent=%23AA3300")).text
    assert 'data-theme="dark"' in page
    assert '<link rel="stylesheet" href="/theme/aa3300.css">' in page
    sheet = await house.attacker.get("/theme/aa3300.css")
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in sheet.headers["cache-control"]
    assert "--accent" in sheet.text
    for wrong in ("/theme/aa330.css", "/theme/AA3300.css", "/theme/red%7D.css"):
        assert (await house.attacker.get(wrong)).status_code == 404
    for wrong in ("accent=red", "theme=pink", "sort=best", "lang=" + "x" * 36, "frame=2"):
        assert (await house.attacker.get(f"{EMBED}&{wrong}")).status_code == 422


async def test_an_embed_may_be_framed_by_the_sites_origins_only(house: House) -> None:
    where, root = await furnished(house)
    await house.change_site(origins=(NEWS, "https://m.news.example:8443"))
    framed = [EMBED, f"/d/{where}?frame=1", f"/d/{where}/thread/{root['id']}?frame=1", f"/d/{where}/own?frame=1"]
    framed += [f"/c/{root['id']}/reply?frame=1", f"/embed/newsroom/own?url={ARTICLE}"]
    framed += [f"{EMBED}&sort=best", "/embed/newsroom?url=nonsense", "/embed/newsroom?url=https://evil.example/"]
    for path in framed:
        headers = (await house.attacker.get(path)).headers
        policy = directives(headers["content-security-policy"])
        assert policy["frame-ancestors"] == f"{NEWS} https://m.news.example:8443", path
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert "cross-origin-opener-policy" not in headers
        assert "x-frame-options" not in headers
    await house.change_site(origins=())
    answer = await house.attacker.get("/embed/newsroom?url=nonsense")
    assert directives(answer.headers["content-security-policy"])["frame-ancestors"] == "'none'"


async def test_pages_that_stand_alone_cannot_be_framed(house: House) -> None:
    where, root = await furnished(house)
    paths = [
        "/",
        "/?lang=en",
        f"/d/{where}",
        f"/d/{where}/own",
        f"/c/{root['id']}",
        f"/c/{root['id']}/reply",
        "/api/docs",
    ]
    paths += ["/nothing", "/d/7", "/d/x", f"/d/{where}?sort=best", f"/c/{root['id']}/edit", "/embed/nowhere?url=x"]
    for path in paths:
        headers = (await house.attacker.get(path)).headers
        policy = directives(headers["content-security-policy"])
        assert policy["frame-ancestors"] == "'none'", path
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert headers["cross-origin-opener-policy"] == "same-origin", path


async def test_every_answer_carries_its_headers(house: House) -> None:
    where, root = await furnished(house)
    paths = [
        "/",
        f"/d/{where}",
        EMBED,
        f"/c/{root['id']}",
        "/nothing",
        "/static/embed.js",
        "/static/nothing",
        "/theme/aa3300.css",
    ]
    paths += [
        f"/api/v1/discussions/{where}",
        "/api/v1/discussions/7",
        "/api/v1/nothing",
        "/healthz",
        "/readyz",
        "/metrics",
    ]
    for path in paths:
        for method in ("GET", "HEAD", "OPTIONS", "DELETE"):
            headers = (await house.attacker.http.request(method, path)).headers
            assert headers["x-content-type-options"] == "nosniff", (method, path)
            assert headers["strict-transport-security"].startswith("max-age="), (method, path)
            assert "frame-ancestors" in headers["content-security-policy"], (method, path)
            assert "camera=()" in headers["permissions-policy"], (method, path)
            assert "referrer-policy" in headers, (method, path)
            assert "server" not in headers
            if path.startswith("/api/v1"):
                assert headers["content-security-policy"] == CLOSED_TO_SCRIPTS, (method, path)


async def test_kept_and_fresh_answers_carry_the_same_headers(house: House) -> None:
    where, root = await furnished(house)
    for path in (f"/d/{where}", EMBED, "/?lang=en", f"/api/v1/comments/{root['id']}"):
        fresh, kept = await house.attacker.get(path), await house.attacker.get(path)
        assert dict(fresh.headers) == dict(kept.headers), path
        assert fresh.content == kept.content


async def test_plain_http_promises_no_https(engine_url: str) -> None:
    async with open_house(engine_url, public_url="http://localhost:8000") as house:
        assert "strict-transport-security" not in (await house.author.get("/?lang=en")).headers


async def test_public_answers_are_for_everybody(house: House) -> None:
    where, root = await furnished(house)
    for path in (f"/d/{where}", EMBED, f"/d/{where}/thread/{root['id']}", f"/api/v1/discussions/{where}"):
        answer = await house.author.get(path)
        assert answer.content == (await house.attacker.get(path)).content
        assert "set-cookie" not in answer.headers
        assert answer.headers["vary"] == "accept-encoding"
        assert answer.headers["cache-control"].startswith("public, max-age=0"), path
        assert "stale-while-revalidate" in answer.headers["cdn-cache-control"]
    assert f"d-{where}" in (await house.author.get(f"/d/{where}")).headers["surrogate-key"].split()


async def test_a_browser_that_has_it_is_told_so(house: House) -> None:
    where, root = await furnished(house)
    path = f"/d/{where}"
    first = await house.attacker.get(path, headers={"accept-encoding": "identity"})
    for known in (first.headers["etag"], f"W/{first.headers['etag']}", f'"x", {first.headers["etag"]}', "*"):
        again = await house.attacker.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    assert (await house.attacker.get(path, headers={"if-none-match": '"x"'})).status_code == 200
    await house.replier.reply(root, "News!")
    fresh = await house.attacker.get(path, headers={"if-none-match": first.headers["etag"]})
    assert fresh.status_code == 200
    assert fresh.headers["etag"] != first.headers["etag"]


async def test_pages_travel_compressed(house: House) -> None:
    where, _ = await furnished(house)
    path = f"/d/{where}"
    plain = await house.attacker.get(path, headers={"accept-encoding": "gzip;q=0, identity"})
    assert "content-encoding" not in plain.headers
    assert int(plain.headers["content-length"]) == len(plain.content)
    async with house.attacker.http.stream("GET", path, headers={"accept-encoding": "gzip, br"}) as packed:
        raw = b"".join([chunk async for chunk in packed.aiter_raw()])
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) == len(raw) < len(plain.content)
    assert gzip.decompress(raw) == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    known = {"if-none-match": packed.headers["etag"], "accept-encoding": "gzip"}
    assert (await house.attacker.get(path, headers=known)).status_code == 304


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_head_says_what_get_would(house: House, encoding: str) -> None:
    where, root = await furnished(house)
    for path in (
        f"/d/{where}",
        EMBED,
        f"/api/v1/discussions/{where}",
        f"/c/{root['id']}",
        "/static/embed.js",
        "/nothing",
    ):
        headers = {"accept-encoding": encoding}
        for _ in range(2):  # made, then kept
            head = await house.attacker.http.head(path, headers=headers)
            get = await house.attacker.get(path, headers=headers)
            assert head.status_code == get.status_code
            assert head.content == b""
            assert dict(head.headers) == dict(get.headers), path


async def test_methods_that_are_not_served_say_which_are(house: House) -> None:
    where, root = await furnished(house)
    for path in (f"/d/{where}", EMBED, "/", f"/api/v1/comments/{root['id']}", f"/api/v1/discussions/{where}"):
        answer = await house.attacker.http.options(path)
        assert answer.status_code == 405
        assert "GET" in answer.headers["allow"]
        assert answer.headers["cache-control"] == "no-store"
    assert (await house.attacker.get(FORM)).status_code == 405


async def test_errors_are_pages_for_people(house: House) -> None:
    for path, status in (
        ("/nothing", 404),
        ("/d/7", 404),
        ("/?before=x", 422),
        ("/embed/nowhere?url=x", 404),
        (FORM, 405),
    ):
        answer = await house.attacker.get(path, headers={"accept-language": "de"})
        assert answer.status_code == status
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert '<html lang="de"' in answer.text
        assert f'<p class="code">{status}</p>' in answer.text


async def test_metrics_answer_only_where_they_are_switched_on(engine_url: str) -> None:
    async with open_house(engine_url, metrics=True) as house:
        assert (await house.attacker.get("/metrics")).status_code == 200
        assert (await house.attacker.read("/healthz")) == {"status": "ok"}


async def test_metrics_are_off_by_default(house: House) -> None:
    assert (await house.attacker.get("/metrics")).status_code == 404


async def test_what_others_append_to_an_address_is_ignored_and_not_kept(house: House) -> None:
    where, _ = await furnished(house)
    for path in (f"/d/{where}?", f"{EMBED}&"):
        plain = await house.attacker.get(path.rstrip("?&"))
        kept = len(house.rt.cache)
        assert (await house.attacker.get(f"{path}fbclid=7")).content == plain.content
        assert len(house.rt.cache) == kept
