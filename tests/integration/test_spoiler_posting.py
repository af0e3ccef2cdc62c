"""Post something with spoilers in it: hidden text is stored apart, labels are understood, replies inherit."""

from typing import Any

import pytest
from sqlalchemy import select

from forum.comments.tables import comment
from tests.support.app import ARTICLE, House, problem
from tests.support.spoilers import (
    COMIC,
    JJ4,
    JJ13,
    UNSPEC,
    is_consistent,
    passages_of,
    revealed,
    row_of,
    shown_on,
    tokens,
    view,
)

pytestmark = pytest.mark.anyio

KINDS = {
    "pipes": "Then ||SECRET|| came.",
    "arrows": "Then >!SECRET!< came.",
    "arrows with spaces": "Then >! SECRET !< came.",
    "block": "Then\n\n>! SECRET\n>! and more\n\ncame.",
    "brackets": "Then [spoiler]SECRET[/spoiler] came.",
    "brackets with a label": 'Then [spoiler="JJ S1E13"]SECRET[/spoiler] came.',
    "fence": "Then\n\n:::spoiler JJ S1E13\nSECRET\n:::\n\ncame.",
    "tag": 'Then <spoiler for="JJ S1E13">SECRET</spoiler> came.',
    "tildes": "Then ~!SECRET!~ came.",
    "label": "Then [JJ S1E13]||SECRET|| came.",
    "link": "Then [here ||SECRET||](https://news.example/SECRET) came.",
    "list": "- Then\n- ||SECRET||\n- came.",
    "quote": "> Then ||SECRET|| came.",
}


@pytest.mark.parametrize("kind", KINDS)
async def test_hidden_text_is_stored_apart(fans: House, kind: str) -> None:
    posted = await fans.author.post(KINDS[kind].replace("SECRET", "dreadful"))
    row, stored = await row_of(fans, posted), await passages_of(fans, posted)
    assert stored
    assert "dreadful" in "".join(p.text for p in stored)
    assert "dreadful" not in "".join((row.html, row.text, row.covers))
    assert "dreadful" in row.source
    assert await shown_on(fans, "dreadful", posted) == []
    assert len(posted["passages"]) == 1
    assert posted["passages"][0]["scope"] == ([JJ13] if "JJ" in KINDS[kind] else [UNSPEC])
    found = await revealed(fans.replier, posted["passages"][0]["id"])
    assert "dreadful" in found[posted["passages"][0]["id"]]["text"]
    await is_consistent(fans)


async def test_what_everybody_sees_of_it(fans: House) -> None:
    posted = await fans.author.post("So [JJ S1E4]||he|| and ||she|| and [? JJ S1E13]||it||.")
    first, second, third = posted["passages"]
    assert posted["text"] == "So [spoiler: Jessica Jones S1E4] and [spoiler] and [spoiler]."
    assert f'<span data-spoiler="{first["id"]}">[spoiler: Jessica Jones S1E4]</span>' in posted["html"]
    assert (first["label"], first["scope"], first["inline"]) == ("Jessica Jones S1E4", [JJ4], True)
    assert (second["label"], second["scope"]) == ("", [UNSPEC])
    assert (third["label"], third["scope"]) == ("", [JJ13])
    assert (posted["covered"], posted["scope"], posted["notice"]) == (False, [], None)
    assert await view(fans, posted) == posted


async def test_what_looks_like_a_spoiler_and_is_none(fans: House) -> None:
    for body in ("a || b", "`||code||`", r"\||not this\||", "```\n>! no\n```", "[JJ S1E13] was good.", "x >= !y"):
        posted = await fans.author.post(body)
        assert posted["passages"] == []
        assert await passages_of(fans, posted) == []


@pytest.mark.parametrize(
    ("label", "scope", "shown"),
    [
        ("JJ S1E13", [JJ13], "Jessica Jones S1E13"),
        ("spoilers for Jessica Jones season 1", [JJ13], "Jessica Jones S1E13"),
        ("Jessica Jones", [JJ13], "Jessica Jones S1E13"),
        ("JJ S2", ["jessica-jones:*"], "Jessica Jones"),
        ("JJ S1E13 + Civil War comic #7", [COMIC, JJ13], "Civil War (2006 comic) #7 + Jessica Jones S1E13"),
    ],
)
async def test_labels(fans: House, label: str, scope: list[str], shown: str) -> None:
    (found,) = (await fans.author.post(f"[{label}]||it||"))["passages"]
    assert (found["scope"], sorted(found["label"].split(" + "))) == (scope, sorted(shown.split(" + ")))


async def test_an_unknown_label_stays_and_covers_all_the_same(fans: House) -> None:
    posted = await fans.author.post("[Nobody Knows This]||it||")
    assert posted["text"] == "[Nobody Knows This][spoiler]"
    assert posted["passages"][0]["scope"] == [UNSPEC]


async def test_a_label_that_means_two_works_is_asked_about(fans: House) -> None:
    answer = await fans.author.send("Well. [Civil War]||He dies.||")
    assert problem(answer) == (422, "ambiguous_scope")
    (error,) = answer.json()["errors"]
    assert (error["loc"], error["code"], error["pos"]) == ("body", "ambiguous_scope", 7)
    assert {c["token"] for c in error["candidates"]} == {"ca-civil-war:", COMIC}
    # In words too, for forms without scripts.
    assert [c["label"] for c in error["candidates"] if c["label"] not in answer.json()["detail"]] == [], answer.text
    assert "dies" not in answer.text
    # Among the discussion's works it means one.
    await fans.publish()
    sent = {"url": ARTICLE, "assumes": [], "works": ["civil-war-2006"]}
    bearer = {"authorization": f"Bearer {fans.secret}"}
    path = "/api/v1/sites/newsroom/articles/spoilers"
    assert (await fans.author.http.put(path, json=sent, headers=bearer)).status_code == 200
    posted = await fans.author.post("Well. [Civil War]||He dies.||")
    assert posted["passages"][0]["scope"] == [COMIC]


@pytest.mark.parametrize(
    ("body", "code", "pos"),
    [
        ("Well, ||he dies", "unclosed_spoiler", 6),
        ("\n\n Well, ||he dies", "unclosed_spoiler", 9),
        ("Well, he dies[/spoiler]", "broken_spoiler", 13),
        ("[spoiler]" * 9 + "he dies" + "[/spoiler]" * 9, "spoiler_too_deep", None),
        ("||a|| " * 101, "too_many_spoilers", None),
    ],
)
async def test_broken_markup_is_refused_with_its_place(fans: House, body: str, code: str, pos: int | None) -> None:
    answer = await fans.author.send(body)
    assert problem(answer) == (422, code)
    (error,) = answer.json()["errors"]
    assert (error["loc"], error["code"]) == ("body", code)
    assert pos is None or error["pos"] == pos
    assert "dies" not in answer.text
    assert await fans.rows(select(comment.c.id)) == []


@pytest.mark.parametrize("token", ["nobody:S1E1", f"{JJ13}x", "jessica-jones:S9E9", "\x00", "", "é" * 150])
async def test_an_unknown_scope_is_refused(fans: House, token: str) -> None:
    answer = await fans.author.send("He dies.", scope=[token])
    assert problem(answer) == (422, "unknown_scope")
    assert answer.json()["errors"] == [{"loc": "scope", "code": "unknown_scope"}]


@pytest.mark.parametrize("scope", ["x", [1], [JJ13] * 21, {"a": 1}, [None]])
async def test_a_malformed_scope_is_refused(fans: House, scope: Any) -> None:
    assert problem(await fans.author.send("He dies.", scope=scope))[0] == 422


async def test_a_comment_with_a_scope_is_one_cover(fans: House) -> None:
    posted = await fans.author.post("He **dies**. ||And she.||", scope=[JJ13])
    assert (posted["covered"], posted["scope"]) == (True, [JJ13])
    assert posted["text"] == "[spoiler: Jessica Jones S1E13]"
    assert [p["id"] for p in posted["passages"]] == [f"c{posted['id']}"]
    row, stored = await row_of(fans, posted), await passages_of(fans, posted)
    assert "dies" not in row.html + row.text
    assert (stored[0].seq, stored[0].id) == (0, f"c{posted['id']}")
    assert "she" not in stored[0].html
    # What the passage needs beside its comment.
    assert await tokens(fans, stored[1].scope_id) == (UNSPEC,)
    assert await shown_on(fans, "dies", posted) == []
    await is_consistent(fans)


async def test_replies_inherit_what_is_answered_and_its_passages(fans: House) -> None:
    root = await fans.author.post("Well. [JJ S1E4]||He dies.||")
    reply = await fans.replier.reply(root, "He did.")
    assert (reply["covered"], reply["scope"]) == (True, [JJ4])
    below = await fans.author.reply(reply, "Yes, [Civil War comic #7]||like there||.")
    assert below["scope"] == [JJ4]
    deepest = await fans.author.reply(below, "Indeed.")
    assert deepest["scope"] == [COMIC, JJ4]
    plain = await fans.replier.reply(root, "Lovely pictures.", scope=[])
    assert (plain["covered"], plain["scope"]) == (False, [])
    assert (await fans.replier.reply(plain, "Aren't they?"))["covered"] is False
    own = await fans.replier.reply(root, "As in the comic.", scope=[COMIC])
    assert own["scope"] == [COMIC]
    assert await shown_on(fans, "He did", root, reply) == []
    await is_consistent(fans)


async def test_nested_passages(fans: House) -> None:
    body = '[spoiler="JJ S1E4"]outer [spoiler="JJ S1E13"]inner >!core!<[/spoiler][/spoiler]'
    posted = await fans.author.post(body)
    outer, inner, core = await passages_of(fans, posted)
    assert [p["id"] for p in posted["passages"]] == [outer.id]
    assert (outer.parent_id, inner.parent_id, core.parent_id) == (None, outer.id, inner.id)
    assert await tokens(fans, outer.scope_id) == (JJ4,)
    assert await tokens(fans, inner.scope_id) == (JJ13,)
    assert await tokens(fans, core.scope_id) == (UNSPEC, JJ13)
    assert "inner" not in outer.html + outer.text
    assert "core" not in inner.html + inner.text
    await is_consistent(fans)


async def test_as_many_as_there_may_be(fans: House) -> None:
    with fans.recorded() as statements:
        posted = await fans.author.post(" ".join(f"[JJ S1E{1 + n % 13}]||he{n}||" for n in range(100)))
    assert len(posted["passages"]) == 100
    assert len({p["id"] for p in posted["passages"]}) == 100
    assert len(statements) < 160
    assert posted["text"].count("[spoiler: Jessica Jones S1E") == 100
    found = await revealed(fans.replier, *(p["id"] for p in posted["passages"]))
    assert sorted(found) == sorted(p["id"] for p in posted["passages"])
    await is_consistent(fans)


async def test_a_text_without_spoilers_costs_what_it_did(fans: House) -> None:
    await fans.author.post("First!", scope=[JJ13])  # from now on there is something to repeat
    with fans.recorded() as plain:
        root = await fans.author.post("Plain words! And more of them, #1 | 2, until there are more than eight.")
    assert len(plain) <= 8
    with fans.recorded() as reply:
        await fans.replier.reply(root, "A reply of more than eight words, by a guest whom nobody knows.")
    assert len(reply) <= 9


async def test_the_same_request_again_is_the_same_comment(fans: House) -> None:
    first = await fans.author.send("Well, ||he dies||.", key="a-key-that-is-strong-1", scope=[JJ13])
    again = await fans.author.send("Well, ||he dies||.", key="a-key-that-is-strong-1", scope=[JJ13])
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = await fans.author.send("Well, ||he dies||.", key="a-key-that-is-strong-1", scope=[])
    assert problem(other) == (409, "key_reused")
    assert len(await passages_of(fans, first.json())) == 2
