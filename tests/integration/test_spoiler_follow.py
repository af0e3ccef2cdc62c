"""What follows when a comment is covered: replies, earlier texts, later edits, kept pages, deletion."""

import pytest
from sqlalchemy import select

from forum.comments.tables import comment, comment_revision
from forum.spoilers.tables import passage, passage_words
from tests.support.app import House
from tests.support.spoilers import (
    COMIC,
    JJ4,
    JJ13,
    SECRET,
    UNSPEC,
    covered,
    earlier_needs,
    is_consistent,
    rescope,
    revealed,
    row_of,
    shown_on,
    surfaces,
    tokens,
    view,
)
from tests.support.threads import plant

pytestmark = pytest.mark.anyio

BODY = f"Nice weather. {SECRET} And *nice* it stays."
START, END = BODY.index("kilgrave"), BODY.index(" And")


async def test_replies_that_inherit_follow_at_any_depth(fans: House) -> None:
    root = await fans.author.post("It began here.")
    chain = [await fans.replier.reply(root, "Down 0.")]
    for depth in range(1, 9):
        chain.append(await fans.author.reply(chain[-1], f"Down {depth}."))
    free = await fans.author.reply(chain[3], "Spoiler-free.", scope=[])
    below = await fans.replier.reply(free, "Below it.")
    own = await fans.author.reply(chain[2], "Of the comic.", scope=[COMIC])
    gone = await fans.author.reply(chain[1], "Gone.")
    under = await fans.replier.reply(gone, "Under what is gone.")
    await fans.author.delete(gone["id"])
    await covered(fans, root, JJ13)
    for one in (*chain, under):
        seen = await view(fans, one)
        assert (seen["covered"], seen["scope"]) == (True, [JJ13])
    assert [(await view(fans, one))["covered"] for one in (free, below)] == [False, False]
    assert (await view(fans, own))["scope"] == [COMIC]
    assert await shown_on(fans, "Down 8", root, *chain) == []
    await is_consistent(fans)
    await covered(fans, chain[4], JJ4, COMIC)
    assert (await view(fans, chain[3]))["scope"] == [JJ13]
    assert (await view(fans, chain[8]))["scope"] == [COMIC, JJ13]
    await covered(fans, root)
    assert (await view(fans, chain[3]))["text"] == "Down 3."
    assert (await view(fans, chain[8]))["scope"] == [COMIC, JJ4]
    await is_consistent(fans)


async def test_replies_to_a_comment_with_a_stretch_follow(fans: House) -> None:
    root = await fans.author.post(BODY)
    reply = await fans.replier.reply(root, "Under the lanterns, yes.")
    await covered(fans, root, JJ13, start=START, end=END)
    assert (await view(fans, reply))["scope"] == [JJ13]
    assert await shown_on(fans, "lanterns", root, reply) == []
    await covered(fans, root, start=START, end=END)
    assert {**(await view(fans, reply)), "revision": 1} == reply


async def test_the_very_next_look_shows_the_cover(fans: House) -> None:
    root = await fans.author.post(BODY)
    reply = await fans.replier.reply(root, "Under the lanterns.")
    for _ in range(2):
        await surfaces(fans, root, reply)  # everything is kept now
    shown = await shown_on(fans, "lanterns", root, reply)
    etags = {path: (await fans.attacker.get(path)).headers.get("etag") for path in shown}
    await covered(fans, root, JJ13)
    assert await shown_on(fans, "lanterns", root, reply) == []
    for path, etag in etags.items():
        answer = await fans.attacker.get(path, headers={"if-none-match": etag or "none"})
        assert answer.status_code == 200, path


async def test_earlier_texts_are_covered_by_all_it_ever_needed(fans: House) -> None:
    posted = await fans.author.post("First.")
    assert (await fans.author.edit(posted["id"], "Second ||it||.")).status_code == 200
    assert await earlier_needs(fans, posted) == {(UNSPEC,)}
    assert (await fans.author.edit(posted["id"], "Third.", 2)).status_code == 200
    assert await earlier_needs(fans, posted) == {(UNSPEC,)}
    await covered(fans, posted, JJ4)
    assert await earlier_needs(fans, posted) == {(UNSPEC, JJ4)}
    await covered(fans, posted, COMIC)
    await covered(fans, posted)
    assert await earlier_needs(fans, posted) == {(UNSPEC, COMIC, JJ4)}
    rows = await fans.rows(select(comment_revision.c.revision, comment_revision.c.source))
    assert {row.source for row in rows} == {"First.", "Second ||it||."}


async def test_earlier_texts_of_what_follows_are_covered_too(fans: House) -> None:
    root = await fans.author.post("It began here.")
    reply = await fans.replier.reply(root, "First.")
    assert (await fans.replier.edit(reply["id"], "Second.")).status_code == 200
    quoting = await fans.attacker.post("First.")
    words = f"> @Ada#c{root['id']}\n> It began here.\n\nSo."
    assert (await fans.attacker.edit(quoting["id"], words)).status_code == 200
    assert await earlier_needs(fans, reply) == {()}
    await covered(fans, root, JJ13)
    assert await earlier_needs(fans, reply) == {(JJ13,)}
    assert await earlier_needs(fans, quoting) == {(JJ13,)}
    await covered(fans, root)
    assert await earlier_needs(fans, reply) == {(JJ13,)}


async def test_an_edit_after_a_stretch_covers_the_whole(fans: House) -> None:
    posted = await fans.author.post(BODY)
    said = await covered(fans, posted, JJ13, start=START, end=END)
    edited = await fans.author.edit(posted["id"], f"{SECRET} is all there is.", said["revision"])
    assert (edited.status_code, edited.json()["covered"], edited.json()["scope"]) == (200, True, [JJ13])
    assert await shown_on(fans, "lanterns", posted) == []
    row = await row_of(fans, posted)
    assert (row.stretches, await tokens(fans, row.set_scope_id)) == ("", (JJ13,))
    assert (await rescope(fans.author, posted)).json()["scope"] == [JJ13]
    await is_consistent(fans)


async def test_an_edit_after_the_authors_own_stretch_stays_the_authors(fans: House) -> None:
    posted = await fans.author.post(BODY)
    said = (await rescope(fans.author, posted, JJ13, start=START, end=END)).json()
    edited = (await fans.author.edit(posted["id"], "Other words.", said["revision"])).json()
    assert edited["scope"] == [JJ13]
    assert (await rescope(fans.author, posted)).json()["text"] == "Other words."


async def test_an_edit_of_a_covered_comment_stays_covered(fans: House) -> None:
    root = await fans.author.post("||He dies.||")
    reply = await fans.replier.reply(root, "First.")
    edited = (await fans.replier.edit(reply["id"], f"Second {SECRET} ||x||.")).json()
    assert (edited["covered"], edited["scope"]) == (True, [UNSPEC])
    assert await shown_on(fans, "lanterns", reply) == []
    changed = (await fans.author.edit(root["id"], "Nothing.")).json()
    assert changed["passages"] == []
    # The reply may answer what is gone: only a moderator's word takes its cover away.
    assert (await view(fans, reply))["text"] == "[spoiler]"
    assert await shown_on(fans, "lanterns", reply) == []
    await covered(fans, root)
    assert (await view(fans, reply))["text"] == f"Second {SECRET} [spoiler]."
    await is_consistent(fans)


async def test_a_deleted_comment_leaves_nothing(fans: House) -> None:
    posted = await fans.author.post(f"{BODY} ||{SECRET}||", scope=[JJ13])
    reply = await fans.replier.reply(posted, "Yes.")
    await fans.author.edit(posted["id"], f"{BODY} ||{SECRET}||!")
    assert (await fans.author.delete(posted["id"])).status_code == 204
    for table in (passage, passage_words, comment_revision):
        assert await fans.rows(select(table).where(table.c.comment_id == int(posted["id"]))) == []
    assert await fans.rows(select(comment.c.id).where(comment.c.source.contains("lanterns"))) == []
    assert (await view(fans, reply))["covered"] is True
    seen = await view(fans, posted)
    assert (seen["text"], seen["passages"], seen["scope"], seen["covered"]) == ("", [], [], False)
    assert await revealed(fans.attacker, f"c{posted['id']}") == {}
    assert await shown_on(fans, "lanterns", reply) == []
    await is_consistent(fans)


async def test_the_doctor_finds_nothing(fans: House) -> None:
    from forum.doctor.invariants import check_counters, check_keys, check_leftovers, check_threads

    root = await fans.author.post(f"||{SECRET}||")
    reply = await fans.replier.reply(root, "Yes.")
    await covered(fans, root, JJ13)
    await covered(fans, reply)
    await fans.author.delete(root["id"])
    await fans.change_site(hold=True)
    held = await fans.author.post("||Held.||", scope=[JJ4])
    await fans.author.delete(held["id"])
    for check in (check_keys, check_leftovers, check_counters, check_threads):
        assert (await check(fans.rt.db)).advice == ""


async def test_a_conversation_of_thousands_takes_few_statements(fans: House) -> None:
    ids = await plant(fans, [None, *([0] * 1_000), *range(1, 1_000)])
    root = {"id": str(ids[0])}
    for scope in ((JJ13,), (COMIC,), ()):
        with fans.recorded() as statements:
            await covered(fans, root, *scope)
        assert len(statements) <= 40
    await covered(fans, root, JJ4)
    states = await fans.rows(select(comment.c.eff_scope_id).distinct())
    assert [await tokens(fans, row.eff_scope_id) for row in states] == [(JJ4,)]
    await is_consistent(fans)
