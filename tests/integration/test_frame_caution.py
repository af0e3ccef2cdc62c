"""What a frame's address says about spoilers stays with the reader on every link and form, in one spelling."""

from urllib.parse import parse_qs, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser

from forum.articles.assumed import MAX_ASSUMES, UNREADABLE
from forum.comments.pages_fields import look_of
from tests.support.app import ARTICLE, OURS, House

pytestmark = pytest.mark.anyio

SAID = {"assumes": "jessica-jones:S1E13,  civil-war-2006:#7", "works": "jessica-jones Luke-Cage ?"}
KEPT = {"assumes": ["jessica-jones:S1E13 civil-war-2006:#7"], "works": ["jessica-jones luke-cage"]}


def query(href: str) -> dict[str, list[str]]:
    found = parse_qs(urlsplit(href).query)
    return {name: found[name] for name in KEPT if name in found}


def hidden(page: LexborHTMLParser, name: str) -> list[str | None]:
    return [field.attributes.get("value") for field in page.css(f'form.composer input[name="{name}"]')]


async def test_links_and_forms_keep_it(house: House) -> None:
    for n in range(3):
        await house.author.post(f"Thought {n}.")
    answer = await house.attacker.get("/embed/newsroom", params={"url": ARTICLE, **SAID})
    page = LexborHTMLParser(answer.text)
    links = [link.attributes.get("href") or "" for link in page.css("a[href*='sort='], a[href*='/own']")]
    assert links
    assert all(query(link) == KEPT for link in links)
    assert {name: hidden(page, name) for name in KEPT} == KEPT
    # On the pages of a comment's verbs only what covers matters.
    verbs = [link.attributes.get("href") or "" for link in page.css("a[href*='/reply']")]
    assert all(query(link) == {"assumes": KEPT["assumes"]} for link in verbs)


async def test_a_form_brings_it_back(house: House) -> None:
    sent = {"url": ARTICLE, "body": "Hello.", "author_name": "Ada", "frame": "1", **SAID}
    answer = await house.author.http.post("/embed/newsroom/comments", data=sent, headers=OURS)
    assert answer.status_code == 303, answer.text
    assert query(answer.headers["location"]) == KEPT
    refused = await house.author.http.post("/embed/newsroom/comments", data={**sent, "body": ""}, headers=OURS)
    page = LexborHTMLParser(refused.text)
    assert {name: hidden(page, name) for name in KEPT} == KEPT


@pytest.mark.parametrize("path", ["/embed/newsroom", "/d/{id}", "/d/{id}/own", "/d/{id}/mine"])
async def test_nothing_in_it_is_an_error(house: House, path: str) -> None:
    posted = await house.author.post("Hello.")
    discussion = (await house.author.read("/api/v1/sites/newsroom/discussion", params={"url": ARTICLE}))["discussion"]
    assert posted
    address = path.format(id=discussion["id"])
    for odd in ("", " ", "?", "\x00", "é" * 200, "x" * 1_500, "a:1 " * 300, "\u202e:"):
        params = {"url": ARTICLE, "assumes": odd, "works": odd}
        assert (await house.author.get(address, params=params)).status_code == 200, odd


def test_what_is_too_long_ends_in_what_nobody_knows() -> None:
    look = look_of(
        {"assumes": " ".join(f"work-{n}:S1" for n in range(90)), "works": " ".join(f"w{n}" for n in range(90))}
    )
    assert look.assumes is not None
    assert look.works is not None
    assert look.assumes.endswith(UNREADABLE)
    assert len(look.assumes) <= MAX_ASSUMES
    assert len(look.works.split()) == 20
    assert look_of({"assumes": "", "works": "Ä"}).kept() == ()
