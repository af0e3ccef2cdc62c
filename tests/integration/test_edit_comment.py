"""Edit a comment: within the window, by its author, from the revision they saw; every earlier text is kept."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from forum.comments.tables import comment, comment_revision
from tests.support.app import ARTICLE, OURS, House, open_house, problem, wrong_fields

pytestmark = pytest.mark.anyio


async def test_an_edit_replaces_the_text_and_keeps_the_earlier_one(house: House) -> None:
    posted = await house.author.post("The ferryman did it.")
    house.clock.advance(timedelta(minutes=5))
    answer = await house.author.edit(posted["id"], "The **sister** did it.")
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert changed["revision"] == 2
    assert changed["edited_at"] == "2026-03-01T12:05:00Z"
    assert changed["created_at"] == posted["created_at"]
    assert "<strong>sister</strong>" in changed["html"]
    assert await house.attacker.read(f"/api/v1/comments/{posted['id']}") == changed
    again = (await house.author.edit(posted["id"], "Both did it.", 2)).json()
    assert again["revision"] == 3
    kept = await house.rows(select(comment_revision).order_by(comment_revision.c.revision))
    assert [(row.revision, row.source) for row in kept] == [(1, "The ferryman did it."), (2, "The **sister** did it.")]
    await house.recount()


async def test_an_edit_keeps_place_and_counters(house: House) -> None:
    root = await house.author.post("Root.")
    await house.replier.reply(root, "Reply.")
    changed = (await house.author.edit(root["id"], "Root, changed.")).json()
    assert changed["reply_count"] == 1
    seen = await house.attacker.read("/api/v1/sites/newsroom/discussion", params={"url": ARTICLE})
    assert seen["discussion"]["comment_count"] == 2


async def test_saving_the_same_text_changes_nothing(house: House) -> None:
    posted = await house.author.post("As it was.")
    assert (await house.author.edit(posted["id"], "As it was.\r\n")).json() == posted
    assert await house.rows(select(comment_revision.c.revision)) == []


async def test_an_edit_from_an_older_revision_is_a_conflict(house: House) -> None:
    posted = await house.author.post("One.")
    await house.author.edit(posted["id"], "Two.")
    assert problem(await house.author.edit(posted["id"], "Three.", 1)) == (409, "revision_conflict")
    assert problem(await house.author.edit(posted["id"], "Three.", 9)) == (409, "revision_conflict")
    (row,) = await house.rows(select(comment.c.source, comment.c.revision))
    assert (row.source, row.revision) == ("Two.", 2)


async def test_the_window_closes_to_the_second(house: House) -> None:
    posted = await house.author.post("One.")
    house.clock.advance(timedelta(minutes=15))
    assert (await house.author.edit(posted["id"], "Two.")).status_code == 200
    house.clock.advance(timedelta(seconds=1))
    assert problem(await house.author.edit(posted["id"], "Three.", 2)) == (403, "edit_window_closed")


async def test_an_operator_may_forbid_editing(engine_url: str) -> None:
    async with open_house(engine_url, edit_window_minutes=0) as house:
        posted = await house.author.post("One.")
        house.clock.advance(timedelta(seconds=1))
        assert problem(await house.author.edit(posted["id"], "Two.")) == (403, "edit_window_closed")


async def test_nobody_else_may_edit(house: House) -> None:
    posted = await house.author.post("Mine.")
    await house.replier.post("Ravi has a cookie of his own.")
    for person in (house.replier, house.attacker):
        assert problem(await person.edit(posted["id"], "Yours.")) == (403, "not_yours")


async def test_a_forged_cookie_is_nobody(house: House) -> None:
    posted = await house.author.post("Mine.")
    genuine = house.author.http.cookies["__Host-guest"]
    for forged in (genuine[:-1] + ("0" if genuine[-1] != "0" else "1"), genuine.partition(".")[0], "x", "." * 200):
        house.attacker.http.cookies.set("__Host-guest", forged, domain="talk.example")
        assert problem(await house.attacker.edit(posted["id"], "Yours.")) == (403, "not_yours")


async def test_the_capability_of_one_site_is_none_on_another(house: House) -> None:
    await house.add_site("gazette", origins=("https://gazette.example",))
    where = {"path": "/api/v1/sites/gazette/comments", "url": "https://gazette.example/a"}
    there = await house.replier.post("Over there.", **where)
    assert problem(await house.author.edit(there["id"], "Changed.")) == (403, "not_yours")


async def test_a_deleted_comment_stays_deleted(house: House) -> None:
    posted = await house.author.post("Gone.")
    await house.author.delete(posted["id"])
    assert problem(await house.author.edit(posted["id"], "Back.", 2)) == (403, "deleted")


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"body": "Two."}, {"revision": "missing"}),
        ({"revision": 1}, {"body": "missing"}),
        ({"body": "", "revision": 1}, {"body": "empty"}),
        ({"body": "x" * 10_001, "revision": 1}, {"body": "too_long"}),
        ({"body": "Two.", "revision": 0}, {"revision": "wrong_value"}),
        ({"body": "Two.", "revision": "1"}, {"revision": "wrong_value"}),
        ({"body": "Two.", "revision": True}, {"revision": "wrong_value"}),
        ({"body": "Two.", "revision": 1.5}, {"revision": "wrong_value"}),
        ({"body": "Two.", "revision": 1, "author_name": "Eve"}, {"author_name": "unknown_field"}),
    ],
)
async def test_wrong_fields_are_named(house: House, sent: dict[str, Any], wrong: dict[str, str]) -> None:
    posted = await house.author.post("One.")
    answer = await house.author.http.patch(f"/api/v1/comments/{posted['id']}", json=sent, headers=OURS)
    assert wrong_fields(answer) == wrong


async def test_a_huge_revision_is_only_a_conflict(house: House) -> None:
    posted = await house.author.post("One.")
    assert problem(await house.author.edit(posted["id"], "Two.", 2**62)) == (409, "revision_conflict")


@pytest.mark.parametrize("name", ["7", "0", "-1", "x", "9223372036854775808", "%00", "1e3", "٣"])
async def test_an_id_of_nothing_is_not_found(house: House, name: str) -> None:
    assert problem(await house.author.edit(name, "Two.")) == (404, "not_found")
    assert problem(await house.author.delete(name)) == (404, "not_found")


async def test_an_edit_right_after_the_site_has_changed(house: House) -> None:
    """Nothing of it is known by heart then."""
    posted = await house.author.post("The ferryman did it.")
    await house.change_site(name="The Other Newsroom")
    assert (await house.author.edit(posted["id"], "The sister did it.")).status_code == 200
