"""Public pages: what they say to people, search engines and browsers, and the headers of every class of route."""

import json
import re
from datetime import timedelta

import pytest

from tests.support.app import ARTICLE, FORM, NEWS, House
from tests.support.threads import furnished

pytestmark = pytest.mark.anyio

EMBED = f"/embed/newsroom?url={ARTICLE}"


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


async def test_links_repeat_only_languages_that_there_are(house: House) -> None:
    where, root = await furnished(house)
    for asked, kept in (("de-AT", "lang=de"), ("DE", "lang=de"), ("tlh", None), ("x&y=<z>", None)):
        page = await house.attacker.get(f"/d/{where}", params={"lang": asked})
        assert set(re.findall(r"lang=[^\"&#]*", page.text)) == ({kept, "lang="} if kept else {"lang="}), asked
        led = await house.attacker.get(f"/c/{root['id']}", params={"lang": asked})
        assert led.headers["location"].partition("#")[0].endswith(kept or f"at={root['id']}")


async def test_the_front_page_goes_on_in_the_language_asked_for(house: House) -> None:
    for number in range(31):
        url = f"{NEWS}/story-{number}"
        await house.author.post("Hello.", url=url)
        await house.publish(url=url, title=f"Story {number}")
        house.clock.advance(timedelta(seconds=1))
    accepted = await house.attacker.get("/", headers={"accept-language": "de"})
    assert "/?before=" in accepted.text
    assert "&amp;lang=" not in accepted.text
    for asked in ("de-AT", "DE", "de"):
        page = await house.attacker.get("/", params={"lang": asked})
        assert '&amp;lang=de"' in page.text, asked
    assert "lang=" not in (await house.attacker.get("/", headers={"accept-language": "de"})).text.partition("<body")[2]


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


async def test_what_others_append_to_an_address_is_ignored_and_not_kept(house: House) -> None:
    where, _ = await furnished(house)
    for path in (f"/d/{where}?", f"{EMBED}&"):
        plain = await house.attacker.get(path.rstrip("?&"))
        kept = len(house.rt.cache)
        assert (await house.attacker.get(f"{path}fbclid=7")).content == plain.content
        assert len(house.rt.cache) == kept
