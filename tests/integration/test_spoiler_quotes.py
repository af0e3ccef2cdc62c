"""Quotes stay linked to what they quote: covered when it is, shown again when it is, whoever covers it and when."""

from typing import Any

import pytest

from tests.support.app import NEWS, House
from tests.support.spoilers import (
    COMIC,
    JJ4,
    JJ13,
    SECRET,
    UNSPEC,
    covered,
    is_consistent,
    moderate,
    passages_of,
    rescope,
    revealed,
    row_of,
    shown_on,
    surfaces,
    tokens,
    view,
)
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio


def quote(source: dict[str, Any], words: str, name: str = "Ada") -> str:
    """A comment that quotes words of another and agrees."""
    lines = "\n".join(f"> {line}" for line in words.split("\n"))
    return f"> @{name}#c{source['id']}\n{lines}\n\nI agree."


async def needs(house: House, posted: dict[str, Any]) -> list[list[str]]:
    """What the covered places of a comment need."""
    return [p["scope"] for p in (await view(house, posted))["passages"]]


async def test_a_quote_of_what_everybody_sees_is_shown(fans: House) -> None:
    source = await fans.author.post("The *ferryman* did it.")
    posted = await fans.replier.post(quote(source, "The *ferryman* did it."))
    assert (posted["passages"], posted["covered"]) == ([], False)
    assert " ".join(posted["text"].split()) == "» The ferryman did it. I agree."
    assert "<blockquote>" in posted["html"]
    page = (await surfaces(fans))[f"/d/{await discussion_id(fans)}"]
    assert f'href="/c/{source["id"]}"' in page
    assert "Ada</bdi> wrote" in page
    assert f"#c{source['id']}" not in posted["text"]
    await is_consistent(fans)


async def test_the_name_is_the_real_one(fans: House) -> None:
    source = await fans.author.post("The ferryman did it.")
    await fans.replier.post(quote(source, "The ferryman did it.", name="The Queen"))
    for text in (await surfaces(fans)).values():
        assert "The Queen" not in text


async def test_a_quote_of_a_covered_comment_is_covered(fans: House) -> None:
    source = await fans.author.post(SECRET, scope=[JJ13])
    posted = await fans.replier.post(quote(source, SECRET))
    assert [p["scope"] for p in posted["passages"]] == [[JJ13]]
    assert posted["text"].strip().endswith("I agree.")
    assert await shown_on(fans, "lanterns", posted) == []
    (only,) = posted["passages"]
    assert "lanterns" in (await revealed(fans.attacker, only["id"]))[only["id"]]["text"]
    await is_consistent(fans)


@pytest.mark.parametrize("words", [SECRET, f"Well. {SECRET}", "purple lanterns while", SECRET.upper(), f"“{SECRET}”"])
async def test_a_quote_of_a_passage_is_covered(fans: House, words: str) -> None:
    source = await fans.author.post(f"Well. [JJ S1E13]||{SECRET}|| And [JJ S1E4]||something else||.")
    posted = await fans.replier.post(quote(source, words))
    assert [p["scope"] for p in posted["passages"]] == [[JJ13]]
    stored = (await passages_of(fans, posted))[0]
    assert stored.src_comment_id == int(source["id"])
    assert stored.src_passage_id == source["passages"][0]["id"]
    assert await shown_on(fans, "lanterns", posted) == []


async def test_what_stands_beside_a_passage_can_be_quoted(fans: House) -> None:
    source = await fans.author.post(f"Well, well. [JJ S1E13]||{SECRET}|| Who would have thought?")
    for words in ("Well, well.", "Who would have thought?", "thought"):
        assert (await fans.replier.post(quote(source, words)))["passages"] == []


async def test_words_that_nobody_can_place_need_all_there_is(fans: House) -> None:
    source = await fans.author.post("Well. [JJ S1E13]||He.|| [Civil War comic #7]||She.||")
    posted = await fans.replier.post(quote(source, "Sort of what was said"))
    assert await needs(fans, posted) == [[COMIC, JJ13]]


async def test_a_script_without_spaces(fans: House) -> None:
    source = await fans.author.post("さて。[JJ S1E13]||彼は最後に死んでしまう|| 以上。")
    posted = await fans.replier.post(quote(source, "最後に死んで"))
    assert [p["scope"] for p in posted["passages"]] == [[JJ13]]
    assert (await fans.replier.post(quote(source, "以上。")))["passages"] == []


async def test_markup_inside_of_a_quote_covers_no_less(fans: House) -> None:
    source = await fans.author.post(f"Well. [JJ S1E13]||{SECRET}|| So.")
    posted = await fans.replier.post(quote(source, f"Well. [JJ S1E4]||{SECRET}|| So."))
    # The quote shows what the source shows, and covers what it covers.
    assert [p["scope"] for p in posted["passages"]] == [[JJ13]]
    assert "Well." in posted["text"]
    await covered(fans, source, COMIC)
    assert await needs(fans, posted) == [[COMIC, JJ13]]
    await covered(fans, source)
    assert await needs(fans, posted) == [[JJ13]]
    await is_consistent(fans)


async def test_a_quote_inside_of_a_spoiler_needs_both(fans: House) -> None:
    source = await fans.author.post(SECRET, scope=[JJ4])
    posted = await fans.replier.post(f"[Civil War comic #7]||\n\n> @Ada#c{source['id']}\n> {SECRET}\n\nSo.\n\n||")
    stored = await passages_of(fans, posted)
    assert [await tokens(fans, p.scope_id) for p in stored] == [(COMIC,), (COMIC, JJ4)]
    assert await shown_on(fans, "lanterns", posted) == []


async def test_covering_the_source_covers_the_quote_in_the_same_answer(fans: House) -> None:
    source = await fans.author.post(SECRET)
    posted = await fans.replier.post(quote(source, SECRET))
    await surfaces(fans, posted)
    await covered(fans, source, JJ13)
    assert await shown_on(fans, "lanterns", source, posted) == []
    seen = await view(fans, posted)
    assert [p["scope"] for p in seen["passages"]] == [[JJ13]]
    assert seen["text"].strip().endswith("I agree.")
    assert seen["revision"] > posted["revision"]
    await is_consistent(fans)


async def test_uncovering_it_brings_the_quote_back(fans: House) -> None:
    source = await fans.author.post(f"{SECRET}\n\n*So* there.")
    posted = await fans.replier.post(quote(source, f"{SECRET}\n\n*So* there."))
    before = await surfaces(fans)
    await covered(fans, source, JJ13)
    await covered(fans, source)
    seen = await view(fans, posted)
    assert (seen["html"], seen["text"], seen["passages"]) == (posted["html"], posted["text"], [])
    after = await surfaces(fans)
    assert all(text.count("lanterns") == before[path].count("lanterns") for path, text in after.items())
    await is_consistent(fans)


async def test_covering_a_stretch_covers_quotes_of_that_stretch_alone(fans: House) -> None:
    body = f"Nice weather today. {SECRET} And nice it stays."
    source = await fans.author.post(body)
    whole = await fans.replier.post(quote(source, body))
    part = await fans.replier.post(quote(source, "Nice weather today."))
    start = body.index("kilgrave")
    await covered(fans, source, JJ13, start=start, end=start + len(SECRET))
    assert await needs(fans, whole) == [[JJ13]]
    assert await needs(fans, part) == []
    assert await shown_on(fans, "lanterns", source, whole, part) == []
    await covered(fans, source, start=start, end=start + len(SECRET))
    assert await needs(fans, whole) == []
    await is_consistent(fans)


async def test_quotes_of_quotes(fans: House) -> None:
    source = await fans.author.post(SECRET)
    first = await fans.replier.post(quote(source, SECRET))
    second = await fans.attacker.post(quote(first, f"{SECRET}\n\nI agree.", name="Ravi"))
    inner = f"> @Ravi#c{first['id']}\n> > @Ada#c{source['id']}\n> > {SECRET}\n>\n> I agree.\n\nMe too."
    nested = await fans.attacker.post(inner)
    await covered(fans, source, JJ13)
    for posted in (first, second, nested):
        assert [JJ13] in await needs(fans, posted)
    assert await shown_on(fans, "lanterns", first, second, nested) == []
    await is_consistent(fans)
    await covered(fans, source)
    for posted in (first, second, nested):
        assert await needs(fans, posted) == []
    assert (await view(fans, nested))["html"] == nested["html"]
    await is_consistent(fans)


async def test_replies_that_inherit_from_the_quoting_comment(fans: House) -> None:
    source = await fans.author.post(SECRET)
    posted = await fans.replier.post(quote(source, SECRET))
    reply = await fans.attacker.reply(posted, "Really? With the lanterns?")
    quoted = await fans.author.post(quote(reply, "Really? With the lanterns?", name="Mallory"))
    assert (reply["covered"], quoted["passages"]) == (False, [])
    await covered(fans, source, JJ13)
    assert (await view(fans, reply))["scope"] == [JJ13]
    assert await needs(fans, quoted) == [[JJ13]]
    assert await shown_on(fans, "lanterns", posted, reply, quoted) == []
    await covered(fans, source)
    assert (await view(fans, reply))["text"] == reply["text"]
    assert await needs(fans, quoted) == []
    await is_consistent(fans)


async def test_the_author_covers_what_is_quoted(fans: House) -> None:
    source = await fans.author.post(SECRET)
    posted = await fans.replier.post(quote(source, SECRET))
    assert (await rescope(fans.author, source, JJ13)).status_code == 200
    assert await needs(fans, posted) == [[JJ13]]
    assert (await rescope(fans.author, source)).status_code == 200
    assert await needs(fans, posted) == []


async def test_an_edit_that_covers_covers_the_quote(fans: House) -> None:
    source = await fans.author.post(f"Well. {SECRET}")
    posted = await fans.replier.post(quote(source, SECRET))
    assert (await fans.author.edit(source["id"], f"Well. [JJ S1E13]||{SECRET}||")).status_code == 200
    assert await needs(fans, posted) == [[JJ13]]
    # What stood there once, and was covered, stays so when it is taken out.
    assert (await fans.author.edit(source["id"], "Never mind.", 2)).status_code == 200
    assert await needs(fans, posted) == [[JJ13]]
    late = await fans.attacker.post(quote(source, SECRET))
    assert late["status"] == "published"
    assert await needs(fans, late) == [[JJ13]]
    assert await shown_on(fans, "lanterns", posted, late) == []


async def test_a_quoting_comment_that_is_covered_itself(fans: House) -> None:
    source = await fans.author.post(SECRET)
    posted = await fans.replier.post(quote(source, SECRET), scope=[JJ4])
    assert (await revealed(fans.attacker, f"c{posted['id']}"))[f"c{posted['id']}"]["text"].count("lanterns") == 1
    await covered(fans, source, JJ13)
    whole = (await revealed(fans.attacker, f"c{posted['id']}"))[f"c{posted['id']}"]
    assert "lanterns" not in whole["html"] + whole["text"]
    assert "I agree" in whole["text"]
    await covered(fans, posted)
    assert await needs(fans, posted) == [[JJ13]]
    await covered(fans, source)
    assert "lanterns" in (await view(fans, posted))["text"]
    await is_consistent(fans)


async def test_quotes_of_what_cannot_be_quoted_are_plain(fans: House) -> None:
    elsewhere = await fans.author.post("It is raining.", url=f"{NEWS}/another", scope=[JJ13])
    gone = await fans.author.post("It is raining.")
    await fans.author.delete(gone["id"])
    for source in (elsewhere, gone, {"id": "9" * 19}, {"id": "0"}, {"id": "9223372036854775807"}):
        posted = await fans.replier.post(quote(source, "It is raining.", name="N" * 120))
        assert posted["passages"] == [], source
        assert "It is raining." in posted["text"]
        assert [p.src_comment_id for p in await passages_of(fans, posted)] == [None]
    assert "/c/" + elsewhere["id"] not in "".join((await surfaces(fans)).values())
    await is_consistent(fans)


async def test_a_deleted_source_takes_nothing_back(fans: House) -> None:
    source = await fans.author.post(SECRET, scope=[JJ13])
    posted = await fans.replier.post(quote(source, SECRET))
    await fans.author.delete(source["id"])
    assert await needs(fans, posted) == [[JJ13]]
    assert (await moderate(fans, source)).status_code == 404
    assert (await fans.replier.edit(posted["id"], quote(source, "Nothing."), 1)).status_code == 200
    await is_consistent(fans)


async def test_quoting_each_other_ends(fans: House) -> None:
    first = await fans.author.post("One is here.")
    second = await fans.replier.post(quote(first, "One is here.") + "\n\nTwo is here.")
    mutual = quote(second, "Two is here.", name="Ravi") + "\n\nOne is here."
    assert (await fans.author.edit(first["id"], mutual)).status_code == 200
    await covered(fans, first, JJ13)
    assert await needs(fans, second) == [[JJ13]]
    await covered(fans, second, COMIC)
    await covered(fans, first)
    await covered(fans, second)
    assert (await view(fans, first))["covered"] is False
    itself = await fans.author.post("It is me.")
    assert (await fans.author.edit(itself["id"], quote(itself, "It is me."))).status_code == 200
    await covered(fans, itself, JJ13)
    await covered(fans, itself)
    assert await needs(fans, itself) == []
    await is_consistent(fans)


async def test_unnamed_covers_are_passed_on_too(fans: House) -> None:
    source = await fans.author.post(f"||{SECRET}||")
    posted = await fans.replier.post(quote(source, SECRET))
    assert await needs(fans, posted) == [[UNSPEC]]
    assert "[spoiler]" in posted["text"]


async def test_a_hundred_quotes_cost_no_hundred_readings(fans: House) -> None:
    sources = [await fans.author.post(f"Thing number {n} is here.") for n in range(20)]
    body = "\n\n".join(quote(source, f"Thing number {n} is here.") for n, source in enumerate(sources))
    with fans.recorded() as statements:
        posted = await fans.replier.post(body)
    assert len(await passages_of(fans, posted)) == 20
    assert len(statements) <= 20 + 9
    with fans.recorded() as statements:
        await covered(fans, sources[3], JJ13)
    assert await needs(fans, posted) == [[JJ13]]
    assert "Thing number 3 " not in (await row_of(fans, posted)).text
    assert len(statements) <= 40
