"""Uncover: texts for readers who have got that far or choose to look, through the API and through pages."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.support.app import ARTICLE, NEWS, OURS, PUBLIC_URL, House, open_house, problem, wrong_fields
from tests.support.spoilers import COMIC, JJ, JJ4, JJ13, SECRET, ask, covered, flag, revealed, view, warn
from tests.support.threads import discussion_id
from tests.support.works import bring

pytestmark = pytest.mark.anyio

INNER = '[spoiler="JJ S1E13"]inner [spoiler="Civil War comic #7"]core[/spoiler][/spoiler]'
NESTED = f'[spoiler="JJ S1E4"]outer {INNER}[/spoiler]'
AT_4 = {JJ: {"s": "at", "u": "S1E4"}}
AT_13 = {JJ: {"s": "at", "u": "S1E13"}}
ODD_IDS = [
    *("c99999999999999999999", "c9223372036854775808", "c9223372036854775807", "c0", "c01", "c-1", "c", "C1", "c1 "),
    *("c١٢٣", "c\uff11", "", " ", "\x00", "c1\x00", "../../etc", "é", "'", "x" * 40, "0" * 32, "F" * 32, "%00"),
]


def only(posted: dict[str, Any]) -> str:
    """The id of a comment's one cover."""
    (one,) = posted["passages"]
    return str(one["id"])


def covers(html: str) -> list[str]:
    """Ids of the covers in a text that show nothing."""
    return [node.attributes["data-sp"] or "" for node in LexborHTMLParser(html).css("[data-sp]:not(.sp-open)")]


async def test_a_passage(fans: House) -> None:
    posted = await fans.author.post("Well. [JJ S1E13]||He *dies*.|| So.")
    answer = await ask(fans.attacker, only(posted))
    assert answer.json() == {only(posted): {"html": "He <em>dies</em>.", "text": "He dies."}}
    assert answer.headers["cache-control"] == "private, no-store"
    assert "set-cookie" not in answer.headers


async def test_a_whole_comment(fans: House) -> None:
    posted = await fans.author.post("He *dies*. [Civil War comic #7]||Like there.||", scope=[JJ13])
    found = await revealed(fans.attacker, only(posted))
    said = found[f"c{posted['id']}"]
    assert said["text"] == "He dies. [spoiler: Civil War (2006 comic) #7]"
    assert "He <em>dies</em>." in said["html"]
    assert "there" not in said["html"]
    (inner,) = covers(said["html"])
    assert (await revealed(fans.attacker, inner))[inner]["text"] == "Like there."


async def test_what_nests_and_needs_more_stays_covered(fans: House) -> None:
    posted = await fans.author.post(NESTED)
    said = (await revealed(fans.attacker, only(posted)))[only(posted)]
    assert " ".join(said["text"].split()) == "outer [spoiler: Jessica Jones S1E13]"
    (inner,) = covers(said["html"])
    deeper = (await revealed(fans.attacker, inner))[inner]
    assert " ".join(deeper["text"].split()) == "inner [spoiler: Civil War (2006 comic) #7 + Jessica Jones S1E13]"
    (core,) = covers(deeper["html"])
    assert (await revealed(fans.attacker, core))[core]["text"] == "core"


async def test_what_nests_and_needs_no_more_comes_along(fans: House) -> None:
    posted = await fans.author.post('[spoiler="JJ S1E13"]outer [spoiler="JJ S1E4"]inner[/spoiler][/spoiler]')
    said = (await revealed(fans.attacker, only(posted)))[only(posted)]
    assert said["text"].split() == ["outer", "inner"]
    assert covers(said["html"]) == []
    parsed = LexborHTMLParser(said["html"])
    (button,) = parsed.css(".sp-open > button")
    assert button.attributes["aria-expanded"] == "true"
    assert "inner" in parsed.css(".sp-open")[0].text()
    bare = await fans.author.post("||outer >!inner!<||")
    assert (await revealed(fans.attacker, only(bare)))[only(bare)]["text"].split() == ["outer", "inner"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, {"outer"}),
        ({"progress": AT_4}, {"outer"}),
        ({"progress": AT_13}, {"outer", "inner"}),
        ({"progress": {JJ: {"s": "none"}}}, {"outer"}),
        ({"progress": {JJ: {"s": "dont_care"}}}, {"outer", "inner"}),
        ({"progress": {**AT_13, "civil-war-2006": {"s": "at", "u": "#6"}}}, {"outer", "inner"}),
        ({"progress": {**AT_13, "civil-war-2006": {"s": "at", "u": "#7"}}}, {"outer", "inner", "core"}),
        ({"progress": {**AT_4, "civil-war-2006": {"s": "at", "u": "#7"}}}, {"outer"}),
        ({"show_all": True}, {"outer", "inner", "core"}),
        ({"progress": {JJ: {"s": "at", "u": "S9E9"}, "nobody": {"s": "dont_care"}}}, {"outer"}),
        ({"progress": {JJ: {"s": "at", "u": "special"}}, "ticks": {JJ: ["special"]}}, {"outer"}),
    ],
)
async def test_what_the_reader_has_cleared_comes_along(fans: House, said: dict[str, Any], words: set[str]) -> None:
    posted = await fans.author.post(NESTED)
    found = (await revealed(fans.attacker, only(posted), **said))[only(posted)]
    assert {word for word in ("outer", "inner", "core") if word in found["text"]} == words
    assert {word for word in ("outer", "inner", "core") if word in found["html"]} == words


async def test_a_ticked_special_is_cleared(fans: House) -> None:
    posted = await fans.author.post("Outside. [JJ S1E4]||mine||", scope=[f"{JJ}:special"])
    whole = f"c{posted['id']}"
    for ticks, shown in (([], False), (["special"], False)):
        found = (await revealed(fans.attacker, whole, progress=AT_4 if ticks else {}, ticks={JJ: ticks}))[whole]
        assert ("mine" in found["text"]) is (shown or bool(ticks))


async def test_what_is_not_there_is_left_out(fans: House) -> None:
    posted = await fans.author.post("||One.||")
    gone = await fans.author.post("||Two.||", scope=[JJ13])
    await fans.author.delete(gone["id"])
    await fans.change_site(hold=True)
    held = await fans.author.post("||Three.||")
    ids = [only(posted), *(p["id"] for p in gone["passages"]), f"c{gone['id']}", only(held), f"c{held['id']}"]
    assert list(await revealed(fans.attacker, *ids, "f" * 32, "c1")) == [only(posted)]
    assert await revealed(fans.author, only(held)) == {}
    again = only(posted)
    assert list(await revealed(fans.attacker, again, again)) == [again]


@pytest.mark.parametrize("odd", ODD_IDS)
async def test_odd_ids_are_nothing(fans: House, odd: str) -> None:
    answer = await ask(fans.attacker, odd)
    assert (answer.status_code, answer.json()) == (200, {})
    path = f"/s/{quote(odd, safe='')}"
    assert (await fans.attacker.get(path)).status_code == 404
    assert (await fans.attacker.submit(path, theme="dark")).status_code in (404, 405)


async def test_wrong_requests(fans: House) -> None:
    for said, fields in (
        ({"ids": []}, {"ids": "wrong_value"}),
        ({"ids": ["x"] * 501}, {"ids": "wrong_value"}),
        ({"ids": ["x" * 41]}, {"ids.0": "too_long"}),
        ({"ids": [1]}, {"ids.0": "wrong_value"}),
        ({"why": "curious"}, {"why": "wrong_value"}),
        ({"progress": {JJ: {"s": "finished"}}}, {f"progress.{JJ}.s": "wrong_value"}),
        ({"progress": {JJ: {}}}, {f"progress.{JJ}.s": "missing"}),
        ({"show_all": "yes"}, {"show_all": "wrong_value"}),
        ({"surprise": 1}, {"surprise": "unknown_field"}),
    ):
        sent = {"ids": ["x"], "why": "explicit", **said}
        answer = await fans.attacker.http.post("/api/v1/reveals", json=sent, headers=OURS)
        assert wrong_fields(answer) == fields, said
    for headers in ({"origin": "https://elsewhere.example"}, {}):
        sent = {"ids": ["x"], "why": "explicit"}
        answer = await fans.attacker.http.post("/api/v1/reveals", json=sent, headers=headers)
        assert problem(answer)[0] == 403


async def test_two_hundred_passages_cost_three_statements(fans: House) -> None:
    ids: list[str] = []
    for number in range(10):
        body = " ".join(f"[JJ S1E{1 + n % 13}]||he{number}x{n} >!so!<||" for n in range(20))
        ids += [p["id"] for p in (await fans.author.post(body))["passages"]]
    assert len(ids) == 200
    await revealed(fans.attacker, ids[0], progress=AT_13)
    with fans.recorded() as writes:
        reading = await counted(fans, ids)
    assert reading <= 3
    assert writes == []


async def counted(house: House, ids: list[str]) -> int:
    """The statements that it takes to ask for all of these."""
    with house.recorded() as statements:
        found = await revealed(house.attacker, *ids, progress=AT_13, why="progress")
    assert sorted(found) == sorted(ids)
    assert all("[spoiler: Jessica Jones S1E" in one["text"] for one in found.values())
    return len(statements)


async def test_covers_inside_speak_the_readers_language(fans: House) -> None:
    posted = await fans.author.post(NESTED)
    english = (await revealed(fans.attacker, only(posted)))[only(posted)]["html"]
    assert "Show spoiler:" in english
    for lang in ("de", "xx", "", None):
        assert (await ask(fans.attacker, only(posted), lang=lang)).status_code == 200
    assert wrong_fields(await ask(fans.attacker, only(posted), lang="x" * 36)) == {"lang": "too_long"}


async def test_limits(engine_url: str) -> None:
    async with open_house(engine_url, rate_limits=True) as house:
        await bring(house.rt)
        posted = await house.author.post("||One.||")
        # The window slides with the clock on the wall: nobody gets less than the limit, and not much more.
        asked = await until_limited(lambda: ask(house.attacker, only(posted)), most=300)
        assert asked >= 120
        answer = await house.attacker.submit(f"/s/{only(posted)}", lang="en")
        assert (answer.status_code, "One." in answer.text) == (429, False)
        # The first without a capability, the others with the one that it got.
        flagged = await until_limited(lambda: flag(house.replier, posted), most=60)
        assert flagged >= 20


async def until_limited(ask_again: Callable[[], Awaitable[httpx.Response]], *, most: int) -> int:
    """How many answers were good before the first 429, which must come before there are `most`."""
    for good in range(most):
        status = (await ask_again()).status_code
        if status == 429:
            return good
        assert status == 200
    raise AssertionError(f"no limit after {most}")


async def test_a_comment_of_a_gated_discussion(fans: House) -> None:
    await warn(fans, JJ13)
    posted = await fans.author.post("Everybody who has seen it is nonplussed. [Civil War comic #7]||So.||")
    whole = f"c{posted['id']}"
    assert [p["id"] for p in posted["passages"]] == [whole]
    said = (await revealed(fans.attacker, whole))[whole]
    assert said["text"] == "Everybody who has seen it is nonplussed. [spoiler: Civil War (2006 comic) #7]"
    page = await fans.attacker.get(f"/s/{whole}")
    assert "Jessica Jones S1E13" in page.text
    assert "Everybody" not in page.text


async def test_a_quote_that_is_uncovered_says_whom_it_quotes(fans: House) -> None:
    source = await fans.author.post(SECRET, scope=[JJ13])
    posted = await fans.replier.post(f"||\n\n> @Ada#c{source['id']}\n> {SECRET}\n\nSo.\n\n||")
    said = (await revealed(fans.attacker, only(posted), show_all=True))[only(posted)]
    assert "lanterns" in said["text"]
    assert "Ada" in said["html"]
    less = (await revealed(fans.attacker, only(posted)))[only(posted)]
    assert "lanterns" not in less["text"] + less["html"]


async def test_the_page_of_a_passage(fans: House) -> None:
    posted = await fans.author.post("Well. [JJ S1E13]||He *dies*.|| So.")
    path = f"/s/{only(posted)}"
    page = await fans.attacker.get(path)
    assert page.status_code == 200
    assert page.headers["x-robots-tag"] == "noindex"
    assert page.headers["cache-control"] == "private, no-store"
    assert '<meta name="robots" content="noindex">' in page.text
    assert "Jessica Jones S1E13" in page.text
    assert "dies" not in page.text
    shown = await fans.attacker.submit(path, lang="en")
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "private, no-store")
    assert shown.headers["x-robots-tag"] == "noindex"
    assert "He <em>dies</em>." in shown.text
    assert f'href="/c/{posted["id"]}' in shown.text
    framed = await fans.attacker.get(path, params={"frame": "1", "lang": "en", "theme": "dark"})
    assert NEWS in framed.headers["content-security-policy"]
    assert "frame=1" in framed.text
    elsewhere = await fans.attacker.http.post(path, headers={"origin": "https://elsewhere.example"})
    assert elsewhere.status_code == 403
    assert "dies" not in elsewhere.text


async def test_the_page_of_a_whole_comment_and_of_a_quiet_passage(fans: House) -> None:
    posted = await fans.author.post("He dies. [? JJ S1E4]||And she.||", scope=[JJ13])
    page = await fans.attacker.get(f"/s/c{posted['id']}")
    assert "Jessica Jones S1E13" in page.text
    shown = await fans.attacker.submit(f"/s/c{posted['id']}", frame="1")
    assert "He dies." in shown.text
    quiet = await fans.author.post("So. [? JJ S1E4]||And she.||")
    assert "Jessica" not in (await fans.attacker.get(f"/s/{only(quiet)}")).text
    assert "And she." in (await fans.attacker.submit(f"/s/{only(quiet)}", lang="en")).text


async def test_a_page_of_what_was_uncovered_or_is_gone(fans: House) -> None:
    posted = await fans.author.post("He dies. And so on.")
    said = await covered(fans, posted, JJ13, start=0, end=8)
    old = only(said)
    await covered(fans, posted, start=0, end=8)
    assert (await fans.attacker.get(f"/s/{old}")).status_code == 404
    assert await revealed(fans.attacker, old) == {}
    assert (await view(fans, posted))["passages"] == []
    await fans.author.delete(posted["id"])
    path = f"/s/c{posted['id']}"
    assert (await fans.attacker.get(path)).status_code == 404
    assert (await fans.attacker.submit(path, lang="en")).status_code == 404


async def test_a_discussion_opened_for_one_look(fans: House) -> None:
    await warn(fans, JJ13)
    await fans.author.post("Everybody who has seen it is nonplussed. [Civil War comic #7]||He dies.||")
    where = await discussion_id(fans)
    assert "nonplussed" not in (await fans.attacker.get(f"/d/{where}")).text
    for look in ({"lang": "en"}, {"frame": "1", "lang": "en", "theme": "dark"}):
        opened = await fans.attacker.submit(f"/d/{where}/open", **look)
        assert (opened.status_code, opened.headers["cache-control"]) == (200, "private, no-store")
        assert "Everybody who has seen it is nonplussed." in opened.text
        assert "dies" not in opened.text
    assert "nonplussed" not in (await fans.attacker.get(f"/d/{where}")).text
    assert (await fans.attacker.get(f"/d/{where}/open")).status_code == 405
    for odd in ("1", "x", "9" * 20, "0"):
        assert (await fans.attacker.submit(f"/d/{odd}/open", lang="en")).status_code == 404
    elsewhere = await fans.attacker.http.post(f"/d/{where}/open", headers={"origin": "https://elsewhere.example"})
    assert elsewhere.status_code == 403


async def test_scopes_show_what_stands_on_a_cover(fans: House) -> None:
    posted = await fans.author.post("Well. [JJ S1E4 + Civil War comic #7]||He dies.||")
    page = LexborHTMLParser((await fans.attacker.get("/embed/newsroom", params={"url": ARTICLE})).text)
    (cover,) = page.css("[data-sp]")
    assert cover.attributes["data-sp"] == only(posted)
    assert (cover.attributes["data-scope"] or "").split() == [COMIC, JJ4]
    assert [node.attributes["formaction"] for node in cover.css("button")] == [f"/s/{only(posted)}"]
    assert [node.text() for node in cover.css(".sp-body")] == [""]
    assert PUBLIC_URL not in (cover.html or "")
