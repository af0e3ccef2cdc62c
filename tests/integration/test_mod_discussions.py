"""What moderators set for discussions: who may, what it changes, the log, and undo."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Final

import orjson
import pytest

from forum.accounts.model import Role
from forum.comments.screening.queries import Version, insert_rules
from forum.comments.screening.rules import Rules, dump
from forum.db import Tx
from forum.moderation.discussions.service_close import BATCH, close_discussions
from tests.support.app import ARTICLE, NEWS, OURS, House, Person, problem, wrong_fields
from tests.support.people import account_of, signed_in
from tests.support.steering import VERDICTS, ask, decisions, feature, head, steer, take_back
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio

SET: Final[tuple[tuple[str, dict[str, Any], str, Any], ...]] = (
    ("close", {}, "state", "closed"),
    ("slow", {"seconds": 300}, "slow_seconds", 300),
    ("pin", {}, "pinned", True),
    ("retitle", {"title": "  What we  think "}, "title", "What we think"),
    ("watch", {}, "watched", True),
)


@pytest.fixture
async def moderator(house: House) -> Person:
    """Somebody who moderates the newsroom, where there is a discussion with one comment."""
    await house.author.post("The first.")
    return await signed_in(house, "Mo", role=Role.MODERATOR)


@pytest.mark.parametrize(("verdict", "sent", "name", "value"), SET)
async def test_each_is_public_at_once_logged_and_undone(
    house: House, moderator: Person, verdict: str, sent: dict[str, Any], name: str, value: Any
) -> None:
    before = await head(house)
    line = await steer(house, moderator, verdict, words="Because.", **sent)
    assert await head(house) == {**before, name: value}
    (logged,) = await decisions(house)
    account = await account_of(house, moderator)
    assert (str(logged.id), logged.verdict, logged.by_kind, logged.by_id) == (line, verdict, "moderator", account.id)
    assert (logged.discussion_id, logged.comment_id, logged.status) == (await discussion_id(house), None, "")
    assert (logged.words, set(orjson.loads(logged.before))) == ("Because.", {"was", "now"})
    assert (await take_back(house, moderator, line)).status_code == 200
    assert await head(house) == before
    assert [(d.verdict, d.undoes) for d in await decisions(house)] == [(verdict, None), ("undo", int(line))]


async def test_a_discussion_is_a_revision_further_with_every_change(house: House, moderator: Person) -> None:
    etags = set()
    for verdict in ("pin", "unpin", "watch", "unwatch", "close", "open"):
        await steer(house, moderator, verdict)
        etags.add((await house.attacker.get(f"/d/{await discussion_id(house)}")).headers["etag"])
    assert len(etags) >= 3
    assert (await head(house))["state"] == "open"


async def test_what_is_so_already_changes_nothing(house: House, moderator: Person) -> None:
    await steer(house, moderator, "pin")
    again = await ask(house, moderator, "pin")
    assert again.json()["decision_id"] is None
    assert (await ask(house, moderator, "open")).json()["decision_id"] is None
    assert len(await decisions(house)) == 1


async def test_undo_goes_back_one_by_one_and_never_over_another(house: House, moderator: Person) -> None:
    first = await steer(house, moderator, "slow", seconds=60)
    other = await steer(house, moderator, "watch")
    second = await steer(house, moderator, "slow", seconds=300)
    assert problem(await take_back(house, moderator, first)) == (409, "decided_since")
    assert (await take_back(house, moderator, second)).status_code == 200
    assert (await head(house))["slow_seconds"] == 60
    assert problem(await take_back(house, moderator, second)) == (409, "decided_since")
    assert (await take_back(house, moderator, first)).status_code == 200
    assert (await head(house))["slow_seconds"] == 0
    assert (await head(house))["watched"] is True
    assert (await take_back(house, moderator, other)).status_code == 200


async def test_what_the_publisher_says_since_is_not_undone(house: House, moderator: Person) -> None:
    line = await steer(house, moderator, "close")
    assert (await house.publish(state="open")).status_code == 200
    assert problem(await take_back(house, moderator, line)) == (409, "decided_since")
    await house.publish(state="archived")
    assert problem(await ask(house, moderator, "open")) == (409, "discussion_archived")


async def test_only_moderators_of_the_site(house: House, moderator: Person) -> None:
    where = await discussion_id(house)
    line = await steer(house, moderator, "pin")
    other, _ = await house.add_site("elsewhere", origins=("https://elsewhere.example",))
    paths = (f"{VERDICTS}/{where}", f"{VERDICTS}?site=newsroom", f"/mod/d/{where}", "/mod/discussions?site=newsroom")
    for person in (await signed_in(house, "Tru", role=Role.TRUSTED), await signed_in(house, "Red")):
        assert problem(await ask(house, person, "close")) == (404, "not_found")
        assert problem(await take_back(house, person, line)) == (404, "not_found")
        assert [(await person.get(path)).status_code for path in paths] == [404] * len(paths)
    assert problem(await ask(house, house.attacker, "close")) == (401, "sign_in_needed")
    assert (await house.attacker.get(f"/mod/d/{where}")).headers["location"] == f"/auth?next=%2Fmod%2Fd%2F{where}"
    theirs = await house.author.post(
        "There.", url="https://elsewhere.example/a", path="/api/v1/sites/elsewhere/comments"
    )
    (foreign,) = [
        d["discussion"]["id"]
        for d in [
            await house.attacker.read(
                "/api/v1/sites/elsewhere/discussion", params={"url": "https://elsewhere.example/a"}
            )
        ]
    ]
    assert problem(await ask(house, moderator, "close", where=int(foreign))) == (404, "not_found")
    assert problem(await take_back(house, moderator, line, where=int(foreign))) == (404, "not_found")
    wrong = await ask(house, moderator, "feature", comment_id=theirs["id"], revision=1)
    assert problem(wrong) == (404, "not_found")
    assert (await moderator.get(f"/mod/discussions?site={other.key}")).status_code == 404
    assert (await head(house))["state"] == "open"


async def test_what_can_not_be_meant(house: House, moderator: Person) -> None:
    assert wrong_fields(await ask(house, moderator, "retitle", title="It was ||the butler||")) == {
        "title": "spoiler_in_title"
    }
    assert wrong_fields(await ask(house, moderator, "retitle", title="  ")) == {"title": "empty"}
    assert wrong_fields(await ask(house, moderator, "slow", seconds=90_000)) == {"seconds": "wrong_value"}
    assert wrong_fields(await ask(house, moderator, "remove")) == {"verdict": "wrong_value"}
    assert wrong_fields(await ask(house, moderator, "feature")) == {"comment_id": "missing"}
    assert problem(await ask(house, moderator, "retitle", title="New", seen="Old")) == (409, "revision_conflict")
    assert problem(await ask(house, moderator, "close", where=12345)) == (404, "not_found")
    assert await decisions(house) == []


async def test_a_title_stays_whatever_the_page_says(house: House, moderator: Person) -> None:
    await steer(house, moderator, "retitle", title="Ours", seen="")
    where = await discussion_id(house)
    shown = await moderator.read(f"{VERDICTS}/{where}")
    assert (shown["discussion"]["title"], shown["discussion"]["title_locked"]) == ("Ours", True)
    # Its publisher may still say something else; that is theirs.
    await house.publish(title="Theirs")
    assert (await head(house))["title"] == "Theirs"


async def test_a_comment_is_put_on_top_as_it_was_read(house: House, moderator: Person) -> None:
    posted = await house.author.post("As it was read.")
    await house.author.edit(posted["id"], "As it is now.")
    assert problem(await ask(house, moderator, "feature", comment_id=posted["id"], revision=1)) == (
        409,
        "revision_conflict",
    )
    line = await feature(house, moderator, posted)
    (logged,) = await decisions(house)
    assert (logged.comment_id, logged.revision, logged.author_kind) == (int(posted["id"]), 2, "guest")
    second = await house.replier.post("Another.")
    await feature(house, moderator, second)
    assert problem(await take_back(house, moderator, line)) == (409, "decided_since")
    gone = await steer(house, moderator, "unfeature")
    assert (await decisions(house))[-1].comment_id == int(second["id"])
    assert (await take_back(house, moderator, gone)).status_code == 200
    shown = await moderator.read(f"{VERDICTS}/{await discussion_id(house)}")
    assert shown["discussion"]["featured_id"] == second["id"]
    assert [line["can_undo"] for line in shown["history"]] == [False, True, False]
    assert [line["undone_by"] for line in shown["history"]] == ["Mo", "", ""]


async def test_a_held_or_foreign_comment_is_not_put_on_top(house: House, moderator: Person) -> None:
    await house.change_site(hold=True)
    held = await house.author.post("Not yet.")
    elsewhere = await house.author.post("Elsewhere.", url=f"{NEWS}/other")
    for one in (held, elsewhere):
        answer = await ask(house, moderator, "feature", comment_id=one["id"], revision=1)
        assert problem(answer) == (404, "not_found")


async def test_the_list(house: House, moderator: Person) -> None:
    for number in range(28):
        await house.author.post("One.", url=f"{NEWS}/piece-{number}", key=f"key-of-the-browser-{number}")
    first = await moderator.read(f"{VERDICTS}?site=newsroom")
    assert [d["url"] for d in first["discussions"]] == [f"{NEWS}/piece-{n}" for n in range(27, 2, -1)]
    second = await moderator.read(f"{VERDICTS}?site=newsroom&before={first['next']}")
    assert [d["url"] for d in second["discussions"]] == [*(f"{NEWS}/piece-{n}" for n in (2, 1, 0)), ARTICLE]
    assert second["next"] is None
    found = await moderator.read(f"{VERDICTS}?site=newsroom&q=PIECE-2")
    assert len(found["discussions"]) == 9
    assert (await moderator.read(f"{VERDICTS}?site=newsroom&q=%25"))["discussions"] == []
    await steer(house, moderator, "retitle", title="Über alles", where=await discussion_id(house))
    found = await moderator.read(f"{VERDICTS}?site=newsroom&q=%C3%9Cber")
    assert [d["title"] for d in found["discussions"]] == ["Über alles"]
    await steer(house, moderator, "slow", seconds=30)
    assert [d["url"] for d in (await moderator.read(f"{VERDICTS}?site=newsroom&set=slow"))["discussions"]] == [ARTICLE]
    page = (await moderator.get("/mod/discussions?site=newsroom&set=slow&q=Über")).text
    assert "once in 30 seconds" in page


async def test_the_pages_do_all_of_it_without_scripts(house: House, moderator: Person) -> None:
    path = f"/mod/d/{await discussion_id(house)}"
    for fields in (
        {"act": "close", "words": "Enough."},
        {"act": "open"},
        {"act": "slow", "seconds": "60"},
        {"act": "watch"},
        {"act": "pin"},
        {"act": "retitle", "title": "Ours", "seen": ""},
    ):
        answer = await moderator.submit(path, **fields)
        assert answer.status_code == 303, answer.text
        page = (await moderator.get(answer.headers["location"])).text
        assert 'name="decision"' in page
    assert {**await head(house)} | {"title": "Ours", "slow_seconds": 60, "watched": True, "pinned": True} == await head(
        house
    )
    # The history, the latest first, with what can be undone.
    shown = await moderator.read(f"{VERDICTS}/{path.rpartition('/')[2]}")
    assert [line["verdict"] for line in shown["history"]] == ["retitle", "pin", "watch", "slow", "open", "close"]
    for line in shown["history"][:-1]:
        answer = await moderator.submit(path, act="undo", decision=line["id"])
        assert answer.headers["location"] == f"{path}?done=undone"
    assert (await head(house))["state"] == "closed"
    assert "It is as it was before." in (await moderator.get(f"{path}?done=undone")).text


async def test_a_form_that_can_not_be_taken_comes_back_with_what_was_typed(house: House, moderator: Person) -> None:
    path = f"/mod/d/{await discussion_id(house)}"
    answer = await moderator.submit(path, act="retitle", title="He ||did it||", seen="")
    assert answer.status_code == 422
    assert "Spoilers can&#39;t be covered here: leave them out." in answer.text
    assert 'value="He ||did it||"' in answer.text
    answer = await moderator.submit(path, act="retitle", title="New", seen="Old")
    assert answer.status_code == 409
    assert "Somebody has changed the title in the meantime." in answer.text
    assert (await moderator.submit(path, act="nonsense")).status_code == 422
    assert (await moderator.submit(path, act="slow", seconds="many")).status_code == 422


async def test_the_page_asks_before_a_comment_is_put_on_top(house: House, moderator: Person) -> None:
    posted = await house.author.post("Worth reading.")
    path = f"/mod/d/{await discussion_id(house)}"
    for given in (posted["id"], posted["permalink"], f"{posted['permalink']}?frame=1"):
        page = await moderator.get(path, params={"feature": given})
        assert page.status_code == 200
        assert "Worth reading." in page.text
        assert f'name="comment" value="{posted["id"]}"' in page.text
    assert (await moderator.get(path, params={"feature": "12"})).status_code == 404
    answer = await moderator.submit(path, act="feature", comment=posted["id"], revision="1")
    assert answer.status_code == 303
    assert "No longer on top" not in (await moderator.get(path)).text
    await moderator.submit(path, act="unfeature")
    assert "No longer on top" in (await moderator.get(path)).text


async def keep_rules(house: House, rules: Rules) -> None:
    """Give the newsroom these screening rules."""
    version = Version(1, dump(rules), 1, house.clock.now())

    async def work(tx: Tx) -> None:
        await insert_rules(tx, house.site.id, version)

    await house.rt.db.write(work)


async def test_time_closes_what_is_old_enough(house: House, moderator: Person) -> None:
    await keep_rules(house, Rules(close_after_days=7))
    old = await discussion_id(house)
    house.clock.advance(timedelta(days=6))
    await house.author.post("Younger.", url=f"{NEWS}/younger")
    assert await close_discussions(house.rt) == 0
    house.clock.advance(timedelta(days=1))
    assert (await head(house, where=old))["state"] == "open"
    assert await close_discussions(house.rt) == 1
    assert (await head(house, where=old))["state"] == "closed"
    assert await close_discussions(house.rt) == 0
    (logged,) = await decisions(house)
    assert (logged.verdict, logged.by_kind, logged.discussion_id) == ("close", "time", old)
    page = (await moderator.get(f"/mod/d/{old}")).text
    assert "because of its age" in page
    # Opened again, it stays open: time does not argue.
    assert (await take_back(house, moderator, str(logged.id), where=old)).status_code == 200
    assert await close_discussions(house.rt) == 0
    assert (await house.replier.send("Still here.", url=ARTICLE)).status_code == 201
    assert "It stays open, however old it is." in (await moderator.get(f"/mod/d/{old}")).text


async def test_time_closes_any_number(house: House, moderator: Person) -> None:
    for number in range(BATCH):
        announced = await house.author.http.post(
            "/api/v1/sites/newsroom/announce", json={"url": f"{NEWS}/piece-{number}"}, headers=OURS
        )
        assert announced.status_code == 200
    await keep_rules(house, Rules(close_after_days=1))
    house.clock.advance(timedelta(days=1, seconds=1))
    assert await close_discussions(house.rt) == BATCH + 1
    assert len(await decisions(house)) == BATCH + 1


async def test_a_verdict_costs_little(house: House, moderator: Person) -> None:
    posted = await house.author.post("One more.")
    await moderator.get("/mod/discussions")
    for verdict, sent in (("pin", {}), ("retitle", {"title": "Ours"}), ("feature", {"comment_id": posted["id"]})):
        with house.recorded() as statements:
            answer = await ask(house, moderator, verdict, **sent, **({"revision": 1} if sent.get("comment_id") else {}))
        assert answer.status_code == 200
        assert len(statements) <= 10
    path = f"/mod/d/{await discussion_id(house)}"
    await moderator.get(path)
    with house.recorded() as statements:
        page = await moderator.get(path)
    assert len(statements) <= 5
    assert re.search(r"Discussion pinned", page.text)
