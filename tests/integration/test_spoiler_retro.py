"""Cover after posting: moderators and authors, whole comments and stretches, who may, and what is logged."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.app import OURS, House, problem, wrong_fields
from tests.support.shelf import a_series, shelve
from tests.support.spoilers import (
    COMIC,
    JJ1,
    JJ4,
    JJ13,
    SECRET,
    UNSPEC,
    covered,
    events_of,
    is_consistent,
    moderate,
    passages_of,
    record,
    rescope,
    revealed,
    row_of,
    shown_on,
    surfaces,
    tokens,
    view,
    words_of,
)

pytestmark = pytest.mark.anyio

BODY = f"Nice weather. {SECRET} And *nice* it stays."
START, END = BODY.index("kilgrave"), BODY.index(" And")


async def test_a_moderator_covers_a_whole_comment(fans: House) -> None:
    posted = await fans.author.post(BODY)
    assert await shown_on(fans, "lanterns", posted) != []
    said = await covered(fans, posted, JJ13)
    assert (said["covered"], said["scope"], said["text"]) == (True, [JJ13], "[spoiler: Jessica Jones S1E13]")
    assert await view(fans, posted) == said
    assert await shown_on(fans, "lanterns", posted) == []
    row = await row_of(fans, posted)
    assert (row.cover_state, row.inherits, row.scope_id) == ("covered_confirmed", True, None)
    whole = f"c{posted['id']}"
    assert (await revealed(fans.replier, whole))[whole]["html"] == posted["html"]
    assert await words_of(fans, posted) > 0
    await is_consistent(fans)


async def test_a_moderator_takes_the_cover_off_again(fans: House) -> None:
    posted = await fans.author.post(f"{BODY} [JJ S1E4]||And that.||")
    before = await surfaces(fans, posted)
    await covered(fans, posted, JJ13)
    said = await covered(fans, posted)
    assert {**said, "revision": 1} == posted
    after = await surfaces(fans, posted)
    assert {path: text.count("lanterns") for path, text in after.items()} == {
        path: text.count("lanterns") for path, text in before.items()
    }
    assert (await row_of(fans, posted)).cover_state == "restored"
    # What everybody may read, everybody may repeat.
    assert (await fans.replier.post(f"Did you read that {SECRET}?"))["status"] == "published"
    await is_consistent(fans)


async def test_a_moderator_lowers_and_raises(fans: House) -> None:
    posted = await fans.author.post(BODY, scope=[JJ13])
    assert (await covered(fans, posted, JJ4))["scope"] == [JJ4]
    assert (await covered(fans, posted, JJ4, COMIC))["scope"] == [COMIC, JJ4]
    assert (await covered(fans, posted, UNSPEC))["scope"] == [UNSPEC]
    assert (await covered(fans, posted))["covered"] is False
    await is_consistent(fans)


async def test_a_moderator_covers_a_stretch(fans: House) -> None:
    posted = await fans.author.post(BODY)
    said = await covered(fans, posted, JJ13, start=START, end=END, revision=1)
    assert said["text"] == "Nice weather. [spoiler: Jessica Jones S1E13] And nice it stays."
    assert (said["covered"], [p["scope"] for p in said["passages"]]) == (False, [[JJ13]])
    assert await shown_on(fans, "lanterns", posted) == []
    assert (await row_of(fans, posted)).cover_state == "covered_confirmed"
    again = await covered(fans, posted, COMIC, start=BODY.index("Nice"), end=4)
    assert [p["scope"] for p in again["passages"]] == [[COMIC], [JJ13]]
    lowered = await covered(fans, posted, JJ4, start=START, end=END)
    assert [p["scope"] for p in lowered["passages"]] == [[COMIC], [JJ4]]
    off = await covered(fans, posted, start=START, end=END)
    assert [p["scope"] for p in off["passages"]] == [[COMIC]]
    assert (await row_of(fans, posted)).cover_state == "covered_confirmed"
    last = await covered(fans, posted, start=0, end=4)
    assert {**last, "revision": 1} == posted
    assert (await row_of(fans, posted)).cover_state == "restored"
    await is_consistent(fans)


@pytest.mark.parametrize(
    ("stretches", "left"),
    [
        (((0, 20), (10, 30)), "to"),
        (((0, 46), (10, 20)), ""),
        (((10, 20), (0, 46)), ""),
        (((5, 6), (5, 6)), "One"),
    ],
)
async def test_stretches_may_overlap(fans: House, stretches: tuple[tuple[int, int], ...], left: str) -> None:
    body = "One two three four five six seven nine ten to."
    posted = await fans.author.post(body)
    for (start, end), token in zip(stretches, (JJ13, COMIC), strict=True):
        posted = await covered(fans, posted, token, start=start, end=end)
    assert left in posted["text"]
    row, stored = await row_of(fans, posted), await passages_of(fans, posted)
    for start, end in stretches:
        for word in body[start:end].split():
            assert f" {word} " not in f" {row.text} "
    needed = {token for p in stored for token in await tokens(fans, p.scope_id)}
    assert COMIC in needed
    await is_consistent(fans)


async def test_a_stretch_around_markup(fans: House) -> None:
    body = f"Look at [this](https://news.example/secret) and `code here` and ||{SECRET}|| too."
    posted = await fans.author.post(body)
    for word in ("this", "code", "kilgrave", "quietly"):
        start = body.index(word)
        posted = await covered(fans, posted, JJ13, start=start + 1, end=start + 3)
        assert "lanterns" not in posted["html"] + posted["text"]
    mark = "[spoiler: Jessica Jones S1E13]"
    assert posted["text"] == f"Look at {mark} and {mark} and {mark} too."
    assert "secret" not in posted["html"]
    assert await shown_on(fans, "lanterns", posted) == []
    await is_consistent(fans)


async def test_what_a_label_meant_stays_what_it_means(fans: House) -> None:
    posted = await fans.author.post("Well. [Jessica Jones]||He dies.|| And so on.")
    await shelve(fans.rt, a_series(fans.rt, "jessica-jones-again"))
    other = a_series(fans.rt, "another-one", seasons=(2,))
    await shelve(fans.rt, type(other)(**{**_fields(other), "aliases": ("Jessica Jones",)}))
    said = await covered(fans, posted, COMIC, start=0, end=4)
    assert said["passages"][0]["scope"] == [COMIC]
    assert JJ13 in said["passages"][1]["scope"]
    assert await shown_on(fans, "dies", posted) == []


def _fields(work: Any) -> dict[str, Any]:
    return {name: getattr(work, name) for name in work.__slots__}


async def test_the_author_says_it_later(fans: House) -> None:
    posted = await fans.author.post(BODY)
    fans.clock.advance(timedelta(days=30))  # long after it could be edited
    answer = await rescope(fans.author, posted, JJ4)
    assert (answer.status_code, answer.json()["scope"]) == (200, [JJ4])
    stretch = await rescope(fans.author, posted, JJ13, start=START, end=END)
    assert stretch.status_code == 200
    assert (await rescope(fans.author, posted)).json()["text"].startswith("Nice weather.")
    assert (await row_of(fans, posted)).cover_state == "open"
    assert {**(await view(fans, posted)), "revision": 1} == posted
    await is_consistent(fans)


async def test_after_a_moderator_the_author_may_only_add(fans: House) -> None:
    posted = await fans.author.post(BODY, scope=[COMIC])
    await covered(fans, posted, JJ4)
    assert (await rescope(fans.author, posted)).json()["scope"] == [JJ4]
    assert (await rescope(fans.author, posted, JJ1)).json()["scope"] == [JJ4]
    assert (await rescope(fans.author, posted, JJ13)).json()["scope"] == [JJ13]
    assert (await rescope(fans.author, posted)).json()["scope"] == [JJ13]
    now = await row_of(fans, posted)
    changed = (await fans.author.edit(posted["id"], "Nothing here.", now.revision)).json()
    sent = {"body": "Nothing at all.", "revision": changed["revision"], "scope": []}
    edited = await fans.author.http.patch(f"/api/v1/comments/{posted['id']}", json=sent, headers=OURS)
    assert (edited.status_code, edited.json()["scope"]) == (200, [JJ13])
    await is_consistent(fans)


async def test_after_a_moderator_the_author_keeps_what_is_inherited(fans: House) -> None:
    root = await fans.author.post("||He dies.||")
    reply = await fans.replier.reply(root, "He did.")
    await covered(fans, reply, JJ4)
    assert (await rescope(fans.replier, reply)).json()["scope"] == [UNSPEC, JJ4]


async def test_the_author_cannot_take_a_moderators_stretch_off(fans: House) -> None:
    posted = await fans.author.post(BODY)
    await covered(fans, posted, JJ13, start=START, end=END)
    for more in ({}, {"start": START, "end": END}):
        answer = await rescope(fans.author, posted, **more)
        assert answer.status_code == 200
        assert [p["scope"] for p in answer.json()["passages"]] == [[JJ13]]
    lower = await rescope(fans.author, posted, JJ1, start=START, end=END)
    assert [p["scope"] for p in lower.json()["passages"]] == [[JJ13]]
    higher = await rescope(fans.author, posted, COMIC, start=START, end=END)
    assert [p["scope"] for p in higher.json()["passages"]] == [[COMIC, JJ13]]
    assert await shown_on(fans, "lanterns", posted) == []
    await is_consistent(fans)


async def test_every_change_is_logged_without_text(fans: House) -> None:
    posted = await fans.author.post(BODY)
    await covered(fans, posted, JJ13, reason="  It gives\n the end   away. ")
    await rescope(fans.author, posted, COMIC)
    await covered(fans, posted, JJ4, start=START, end=END, reason="A stretch.")
    await covered(fans, posted, reason="Not at all.")
    events = await events_of(fans, posted)
    assert [(e.actor, e.state, e.reason) for e in events] == [
        ("moderator", "covered_confirmed", "It gives the end away."),
        ("author", "covered_confirmed", ""),
        ("moderator", "covered_confirmed", "A stretch."),
        ("moderator", "restored", "Not at all."),
    ]
    needs = [(await tokens(fans, e.old_scope_id), await tokens(fans, e.new_scope_id)) for e in events]
    both = (COMIC, JJ13)
    assert needs == [((), (JJ13,)), ((JJ13,), both), (both, both), (both, ())]
    assert "lanterns" not in str(events)
    seen = await record(fans, posted)
    first = seen["events"][0]
    assert (first["actor"], first["before"], first["after"]) == ("moderator", [], [JJ13])
    assert (seen["source"], seen["state"], seen["scope"]) == (BODY, "restored", [])


async def test_a_held_comment_can_be_covered_and_shows_no_trace(fans: House) -> None:
    await fans.change_site(hold=True)
    held = await fans.author.post(BODY)
    assert (await moderate(fans, held, JJ13)).status_code == 200
    assert problem(await rescope(fans.replier, held, JJ13)) == (404, "not_found")
    assert (await fans.attacker.get(f"/api/v1/comments/{held['id']}")).status_code == 404
    assert await revealed(fans.attacker, f"c{held['id']}") == {}
    assert (await rescope(fans.author, held, COMIC)).json()["scope"] == [COMIC, JJ13]


async def test_who_may_and_who_may_not(fans: House) -> None:
    posted = await fans.author.post(BODY)
    await fans.replier.post("A cookie.")
    path = f"/api/v1/mod/comments/{posted['id']}/scope"
    sent = {"scope": [JJ13], "reason": "So."}
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Basic x"}):
        answer = await fans.attacker.http.post(path, json=sent, headers={**OURS, **headers})
        assert problem(answer) == (401, "bad_secret")
        assert problem(await fans.attacker.get(path, headers=headers)) == (401, "bad_secret")
    _, foreign = await fans.add_site("gazette")
    bearer = {"authorization": f"Bearer {foreign}"}
    assert problem(await fans.attacker.http.post(path, json=sent, headers=bearer)) == (404, "not_found")
    assert problem(await fans.attacker.get(path, headers=bearer)) == (404, "not_found")
    for person in (fans.replier, fans.attacker):
        assert problem(await rescope(person, posted, JJ13)) == (403, "not_yours")
    assert problem(await moderate(fans, {"id": "1"}, JJ13)) == (404, "not_found")
    assert problem(await rescope(fans.author, {"id": "1"}, JJ13)) == (404, "not_found")
    await fans.author.delete(posted["id"])
    assert problem(await moderate(fans, posted, JJ13)) == (404, "not_found")
    assert problem(await rescope(fans.author, posted, JJ13)) == (403, "deleted")


async def test_nobody_learns_the_length_of_what_is_covered(fans: House) -> None:
    posted = await fans.author.post(BODY, scope=[JJ13])
    answers = [await rescope(fans.attacker, posted, JJ13, start=0, end=end) for end in (1, len(BODY), len(BODY) + 1)]
    assert {(answer.status_code, answer.text) for answer in answers} == {(403, answers[0].text)}


async def test_what_is_wrong_is_named(fans: House) -> None:
    posted = await fans.author.post(BODY)
    end = len(BODY)
    for more, fields in (
        ({"start": 3}, {"end": "missing"}),
        ({"end": 3}, {"start": "missing"}),
        ({"start": 3, "end": 3}, {"start": "wrong_value", "end": "wrong_value"}),
        ({"start": 0, "end": end + 1}, {"start": "wrong_value", "end": "wrong_value"}),
        ({"start": -1, "end": 3}, {"start": "wrong_value"}),
        ({"start": 0, "end": 10**30}, {"end": "wrong_value"}),
        ({"reason": ""}, {"reason": "wrong_value"}),
        ({"reason": "x" * 501}, {"reason": "too_long"}),
        ({"revision": 0}, {"revision": "wrong_value"}),
        ({"surprise": 1}, {"surprise": "unknown_field"}),
    ):
        assert wrong_fields(await moderate(fans, posted, JJ13, **more)) == fields, more
    assert wrong_fields(await moderate(fans, posted, "nobody:S1E1")) == {"scope": "unknown_scope"}
    assert problem(await moderate(fans, posted, JJ13, revision=7)) == (409, "revision_conflict")
    assert problem(await rescope(fans.author, posted, JJ13, revision=7)) == (409, "revision_conflict")
    assert await events_of(fans, posted) == []
