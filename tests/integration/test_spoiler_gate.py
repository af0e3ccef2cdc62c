"""A discussion that gives something away as a whole: what its pages and answers show to who has said nothing."""

import json
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.support.app import ARTICLE, NEWS, House, wrong_fields
from tests.support.spoilers import COMIC, JJ4, JJ13, surfaces, warn
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio

OPEN = "plainsight"
BODY = f"All of it was {OPEN}. [Civil War comic #7]||And he dies.||"


async def a_thread(house: House, gate: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """A comment and a reply below an article that assumes S1E13."""
    if gate is not None:
        await warn(house, JJ13, works=["jessica-jones"], gate=gate)
    root = await house.author.post(BODY)
    return root, await house.replier.reply(root, f"Yes, {OPEN}.", scope=[])


def told(page: str) -> dict[str, Any]:
    """What a page tells its scripts about spoilers."""
    node = LexborHTMLParser(page).css_first("[data-spoilers]")
    assert node is not None
    said: dict[str, Any] = json.loads(node.attributes["data-spoilers"] or "")
    return said


def linked(page: str) -> str:
    """A page's words for search engines."""
    return " ".join(node.text() for node in LexborHTMLParser(page).css('script[type="application/ld+json"]'))


def without_linked(page: str) -> str:
    """The rest of the page."""
    parsed = LexborHTMLParser(page)
    for node in parsed.css('script[type="application/ld+json"]'):
        node.decompose()
    return parsed.html or ""


# Where the words of an uncovered comment stand, by gate: in frames, in answers for programs, and in JSON-LD.
MATRIX = {"ask": (False, False, False), "assume": (True, False, False), "off": (True, True, True)}


def gate_at(path: str, gate: str) -> str:
    """The gate of a page: only what stands on the article's own page may take its readers to have come that far."""
    framed = path.startswith("/embed/") or "frame=1" in path
    return "ask" if gate == "assume" and not framed else gate


@pytest.mark.parametrize("gate", MATRIX)
async def test_who_sees_the_words(fans: House, gate: str) -> None:
    root, reply = await a_thread(fans, gate)
    _, in_json, in_linked = MATRIX[gate]
    for path, text in (await surfaces(fans, root, reply)).items():
        assert "dies" not in text, path
        in_pages, _, _ = MATRIX[gate_at(path, gate)]
        if path.startswith("/api/"):
            has_comments = '"comments":[]' not in text
            assert (OPEN in text) == (in_json and has_comments), path
        elif path.startswith(("/d/", "/embed/")):
            assert (OPEN in without_linked(text)) == in_pages, path
            assert (OPEN in linked(text)) == (in_linked and bool(linked(text)) and '@type":"Comment' in linked(text)), (
                path
            )
        elif path.startswith("/s/") or path == "/":
            assert OPEN not in text, path
        else:
            assert (OPEN in text) == in_pages, path


async def test_search_engines_are_told_the_works(fans: House) -> None:
    root, _ = await a_thread(fans, "ask")
    path = f"/d/{await discussion_id(fans)}"
    posting = json.loads(linked((await fans.attacker.get(path)).text))
    series = {"@type": "TVSeries", "name": "Jessica Jones"}
    season = {"@type": "TVSeason", "seasonNumber": 1}
    assert posting["about"] == [series]
    assert posting["mentions"] == [
        {"@type": "TVEpisode", "episodeNumber": 13, "partOfSeason": season, "partOfSeries": series}
    ]
    # An address can only add caution: it says nothing to search engines.
    asked = (await fans.attacker.get(f"{path}?assumes={COMIC}")).text
    assert json.loads(linked(asked))["about"] == [series]
    elsewhere = await fans.author.post("Nothing to hide.", url=f"{ARTICLE}-2")
    bare = linked((await fans.attacker.get(f"/c/{elsewhere['id']}", follow_redirects=True)).text)
    assert root["id"] in str(posting["comment"])
    assert not {"about", "mentions"} & set(json.loads(bare))


@pytest.mark.parametrize("gate", MATRIX)
async def test_answers_for_programs(fans: House, gate: str) -> None:
    root, _ = await a_thread(fans, gate)
    answer = await fans.attacker.read("/api/v1/sites/newsroom/discussion", params={"url": ARTICLE})
    head, comment = answer["discussion"], answer["comments"][0]
    assert (head["gate"], head["scope"], head["label"]) == (gate, [JJ13], "Jessica Jones S1E13")
    assert head["works"] == ["jessica-jones"]
    assert comment["covered"] is (gate != "off")
    assert comment["scope"] == []
    if gate == "off":
        assert [p["scope"] for p in comment["passages"]] == [[COMIC]]
        return
    mark = "[spoiler: Jessica Jones S1E13]"
    assert (comment["text"], [p["id"] for p in comment["passages"]]) == (mark, [f"c{root['id']}"])
    assert comment["html"] == f'<span data-spoiler="c{root["id"]}">{mark}</span>'


@pytest.mark.parametrize("gate", MATRIX)
@pytest.mark.parametrize("path", ["/d/{id}", "/embed/newsroom?url=" + ARTICLE, "/d/{id}/thread/{root}", "/d/{id}/own"])
async def test_pages(fans: House, gate: str, path: str) -> None:
    root, reply = await a_thread(fans, gate)
    address = path.format(id=await discussion_id(fans), root=root["id"])
    answer = await fans.attacker.get(address)
    page = LexborHTMLParser(answer.text)
    said = told(answer.text)
    gate = gate_at(path, gate)
    assert (said["gate"], said["scope"], said["label"], said["order"]) == (
        *(gate, [JJ13], "Jessica Jones S1E13"),
        ["jessica-jones"],
    )
    wholes = [node.attributes["data-sp"] for node in page.css("[data-whole]")]
    assert wholes == ([f"c{root['id']}", f"c{reply['id']}"] if gate == "ask" else [])
    assert bool(page.css("[data-gate]")) is (gate == "ask")
    assert len(page.css("#uncover")) == 1
    assert "dies" not in answer.text


async def test_who_wrote_it_sees_it(fans: House) -> None:
    root, _ = await a_thread(fans, "ask")
    where = await discussion_id(fans)
    for path in (f"/d/{where}/own", f"/d/{where}/mine"):
        own = (await fans.author.get(path)).text
        assert "dies" in own
        assert f"Yes, {OPEN}" not in own
        assert "dies" not in (await fans.attacker.get(path)).text
    assert root["covered"] is True


async def test_no_gate_without_a_scope_or_without_comments(fans: House) -> None:
    await warn(fans, works=["jessica-jones"])
    where = await discussion_id(fans)
    page = (await fans.attacker.get(f"/d/{where}")).text
    assert told(page)["scope"] == []
    assert "data-gate" not in page
    await warn(fans, JJ13)
    page = (await fans.attacker.get(f"/d/{where}")).text
    assert told(page)["scope"] == [JJ13]
    assert "data-gate" not in page
    await fans.author.post("First.")
    assert "data-gate" in (await fans.attacker.get(f"/d/{where}")).text


async def test_a_change_of_the_gate_shows_at_once(fans: House) -> None:
    root, reply = await a_thread(fans, "off")
    assert OPEN in (await surfaces(fans, root, reply))[f"/d/{await discussion_id(fans)}"]
    await warn(fans, JJ13, gate="ask")
    assert [path for path, text in (await surfaces(fans, root, reply)).items() if OPEN in text] == []
    await warn(fans, gate="ask")
    assert OPEN in (await surfaces(fans, root, reply))[f"/d/{await discussion_id(fans)}"]


@pytest.mark.parametrize("gate", [None, "off", "assume", "ask"])
async def test_an_address_may_add_caution(fans: House, gate: str | None) -> None:
    root, _ = await a_thread(fans, gate)
    where = await discussion_id(fans)
    pages: list[tuple[str, dict[str, str]]] = [("/embed/newsroom", {"url": ARTICLE})]
    pages += [(f"/d/{where}", {}), (f"/d/{where}/thread/{root['id']}", {})]
    for path, params in pages:
        for assumes in (f"{COMIC}", "the-moon", "?:", f"{JJ13} {COMIC}"):
            text = (await fans.attacker.get(path, params={**params, "assumes": assumes})).text
            assert OPEN not in text, (path, assumes)
            assert told(text)["gate"] == "ask"
            assert told(text)["discussion"] == str(where)
        plain = (await fans.attacker.get(path, params=params)).text
        assert (OPEN in without_linked(plain)) is (gate_at(path, gate or "") != "ask"), path


@pytest.mark.parametrize("gate", ["off", "assume", "ask"])
@pytest.mark.parametrize("assumes", ["", JJ4, JJ13, f"{JJ4},{JJ13}", "jessica-jones:S1"])
async def test_an_address_takes_no_caution_away(fans: House, gate: str, assumes: str) -> None:
    await a_thread(fans, gate)
    for path in ("/embed/newsroom", f"/d/{await discussion_id(fans)}"):
        params = {"url": ARTICLE, "assumes": assumes, "works": "civil-war-2006", "gate": "off"}
        text = (await fans.attacker.get(path, params=params)).text
        here = gate_at(path, gate)
        assert (told(text)["gate"], told(text)["scope"]) == (here, [JJ13])
        assert (OPEN in without_linked(text)) is (here != "ask")


async def test_caution_for_a_discussion_that_nobody_began(fans: House) -> None:
    params = {"url": f"{NEWS}/new", "assumes": JJ13, "works": "jessica-jones"}
    text = (await fans.attacker.get("/embed/newsroom", params=params)).text
    assert (told(text)["discussion"], told(text)["gate"], told(text)["scope"]) == (None, "ask", [JJ13])


async def test_caution_stays_on_the_way(fans: House) -> None:
    root, _ = await a_thread(fans, "off")
    where = await discussion_id(fans)
    reply = (await fans.attacker.get(f"/c/{root['id']}/reply", params={"assumes": COMIC})).text
    assert OPEN not in reply
    whole = f"c{root['id']}"
    page = (await fans.attacker.get(f"/s/{whole}", params={"assumes": COMIC})).text
    assert "Civil War (2006 comic) #7" in page
    assert "dies" not in page + (await fans.attacker.submit(f"/d/{where}/open", assumes=COMIC)).text
    sent = {"url": ARTICLE, "body": "||", "author_name": "Ada", "parent_id": root["id"], "assumes": COMIC}
    refused = await fans.author.submit("/embed/newsroom/comments", **sent)
    assert OPEN not in refused.text


@pytest.mark.parametrize("field", ["title", "prompt", "author"])
async def test_nothing_above_a_discussion_can_be_covered(house: House, field: str) -> None:
    assert wrong_fields(await house.publish(**{field: "It was ||the ferryman||"})) == {field: "spoiler_in_title"}


@pytest.mark.parametrize(("gate", "sealed"), [("ask", True), ("assume", True), ("off", False)])
async def test_search_engines_quote_nothing_of_a_discussion_that_assumes_something(
    fans: House, gate: str, sealed: bool
) -> None:
    await a_thread(fans, gate)
    page = (await fans.attacker.get(f"/d/{await discussion_id(fans)}")).text
    assert ("data-nosnippet" in page) is sealed
