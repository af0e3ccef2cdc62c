"""What moderators read: queues with their filters, one comment with all around it, and the log."""

from typing import Any

import pytest

from forum.accounts.model import Role
from forum.comments.review.model import Queue
from tests.support.app import NEWS, OURS, House, problem, wrong_fields
from tests.support.flags import regulars, report, report_all
from tests.support.items import QUEUE, a_moderator, decide, ids_of, item, revealed, waiting
from tests.support.people import signed_in
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio


async def test_it_works(house: House) -> None:
    moderator = await a_moderator(house)
    posted = await house.author.post("The ferryman did it.")
    await waiting(house, posted)
    page = await moderator.read(f"{QUEUE}pending")
    (row,) = page["items"]
    assert (row["id"], row["excerpt"], row["rule"]) == (posted["id"], "The ferryman did it.", "words")
    assert (row["sentence"], row["author"]["name"], row["covered"]) == ("It says ferryman.", "Ada", False)
    counts = {count["queue"]: count["count"] for count in page["counts"]}
    assert counts == dict.fromkeys(Queue, 0) | {"pending": 1, "unmoderated": 1}
    seen = await item(moderator, posted)
    assert seen["comment"]["html"] == "<p>The ferryman did it.</p>"
    assert seen["findings"] == [{"rule": "words", "sentence": "It says ferryman.", "words": ["ferryman"], "hidden": 0}]
    assert seen["queues"] == ["pending"]
    assert seen["record"]["published"] == 1


async def test_who_may_look(house: House) -> None:
    posted = await house.author.post("The ferryman did it.")
    path = f"/api/v1/mod/items/{posted['id']}"
    for where in (path, f"{QUEUE}pending", "/api/v1/mod/queues", "/api/v1/mod/log?site=newsroom"):
        assert problem(await house.author.get(where)) == (401, "sign_in_needed")
        assert problem(await (await signed_in(house, f"Rea {len(where)}")).get(where)) == (404, "not_found")
    trusted = await signed_in(house, "Tru", role=Role.TRUSTED)
    assert problem(await trusted.get(path)) == (404, "not_found")
    assert problem(await trusted.get(f"{QUEUE}pending")) == (404, "not_found")
    assert problem(await trusted.get("/api/v1/mod/log?site=newsroom")) == (404, "not_found")
    assert [one["queue"] for one in (await trusted.read("/api/v1/mod/queues"))["queues"]] == ["spoilers"]
    await waiting(house, posted, Queue.SPOILERS)
    seen = await item(trusted, posted)
    assert seen["record"] is None
    assert [effect["verdict"] for effect in seen["effects"]] == ["cover", "uncover"]


async def test_of_another_site_there_is_nothing(house: House) -> None:
    await house.add_site("gazette", origins=("https://gazette.example",))
    url = "https://gazette.example/a"
    posted = await house.author.post("Here.", url=url, path="/api/v1/sites/gazette/comments")
    moderator = await a_moderator(house)
    assert problem(await moderator.get(f"/api/v1/mod/items/{posted['id']}")) == (404, "not_found")
    assert problem(await moderator.get("/api/v1/mod/items?site=gazette&queue=pending")) == (404, "not_found")
    assert problem(await revealed(moderator, posted)) == (404, "not_found")
    owner = await signed_in(house, "Olga", owner=True)
    assert (await item(owner, posted))["site"] == "gazette"


async def test_a_queue_is_read_page_by_page_and_the_most_urgent_comes_first(house: House) -> None:
    moderator = await a_moderator(house)
    posted = [await house.author.post(f"Number {n}, all different.") for n in range(30)]
    for number, one in enumerate(posted):
        await waiting(house, one, priority=float(number // 3) - 0.1)
    first = await moderator.read(f"{QUEUE}pending")
    assert len(first["items"]) == 25
    second = await moderator.read(f"{QUEUE}pending&cursor={first['next']}")
    assert second["next"] is None
    in_order = sorted(posted, key=lambda one: (-(posted.index(one) // 3), -int(one["id"])))
    assert [one["id"] for one in (*first["items"], *second["items"])] == [one["id"] for one in in_order]
    for cursor in ("spam.1.2", "pending.x.2", "pending.9221120237041090561.7", "pending.1", f"pending.{2**64}.1"):
        assert wrong_fields(await moderator.get(f"{QUEUE}pending&cursor={cursor}")) == {"cursor": "bad_cursor"}


async def test_filters(house: House) -> None:
    moderator = await a_moderator(house)
    old = await house.author.post("Long ago.")
    await waiting(house, old)
    other = await house.replier.post("Elsewhere.", url=f"{NEWS}/other")
    await waiting(house, other, rule="links", url=f"{NEWS}/other")
    where = await discussion_id(house, f"{NEWS}/other")
    assert await ids_of(moderator, f"{QUEUE}pending&discussion={where}") == [other["id"]]
    assert await ids_of(moderator, f"{QUEUE}pending&rule=words") == [old["id"]]
    assert await ids_of(moderator, f"{QUEUE}pending&person=1&rule=links") == [other["id"]]
    assert await ids_of(moderator, f"{QUEUE}pending&person=2") == []
    assert await ids_of(moderator, f"{QUEUE}unmoderated&discussion={where}") == [other["id"]]
    assert await ids_of(moderator, f"{QUEUE}pending&newer_than_hours=1") == [other["id"], old["id"]]
    assert await ids_of(moderator, f"{QUEUE}pending&older_than_hours=1") == []


async def test_what_nobody_has_seen_waits_without_an_entry(house: House) -> None:
    moderator = await a_moderator(house)
    first, second = await house.author.post("One."), await house.replier.post("Two.")
    assert await ids_of(moderator, f"{QUEUE}unmoderated") == [first["id"], second["id"]]
    claimed = await moderator.http.post(f"/api/v1/mod/items/{second['id']}/claim", json={}, headers=OURS)
    assert claimed.json()["mine"] is True
    rows = (await moderator.read(f"{QUEUE}unmoderated"))["items"]
    assert [row["claim"] and row["claim"]["by"] for row in rows] == [None, "Mo"]
    seen = await item(moderator, first)
    answer = await moderator.http.post(
        f"/api/v1/mod/items/{first['id']}/verdict",
        json={"verdict": "approve", "revision": seen["comment"]["revision"]},
        headers=OURS,
    )
    assert answer.status_code == 200, answer.text
    assert await ids_of(moderator, f"{QUEUE}unmoderated") == [second["id"]]
    assert await ids_of(moderator, f"{QUEUE}approved") == [first["id"]]


async def test_around_it(house: House) -> None:
    moderator = await a_moderator(house)
    chain = [await house.author.post("Level 0.")]
    for level in range(1, 6):
        chain.append(await house.replier.reply(chain[-1], f"Level {level}."))
    more = [await house.author.reply(chain[3], f"Beside {n}.") for n in range(2)]
    seen = await item(moderator, chain[3])
    assert [one["text"] for one in seen["above"]] == ["Level 0.", "Level 1.", "Level 2."]
    assert [one["id"] for one in seen["replies"]] == [chain[4]["id"], more[0]["id"]]
    assert seen["more_replies"] == 1


async def test_flags_with_reasons_and_how_often_their_people_were_right(house: House) -> None:
    moderator = await a_moderator(house)
    people = await regulars(house, 2)
    bad, fine = await house.author.post("Bad."), await house.author.post("Fine.")
    await report_all(people, bad, "abuse")
    await decide(moderator, bad, "remove", reason="abuse")
    await report(people[0], fine, "spam", note="Buy!")
    seen = await item(moderator, fine)
    (flag,) = seen["flags"]
    assert (flag["reason"], flag["note"], flag["upheld"], flag["rejected"]) == ("spam", "Buy!", 1, 0)
    (row,) = (await moderator.read(f"{QUEUE}reported"))["items"]
    assert [(one["reason"], one["people"]) for one in row["flags"]] == [("spam", 1)]
    assert seen["record"]["removed"] == 1


async def test_each_verdict_says_before_what_it_does(house: House) -> None:
    moderator = await a_moderator(house)
    posted = await house.author.post("Something.")
    await house.replier.reply(posted, "A reply.")
    effects = {one["verdict"]: one for one in (await item(moderator, posted))["effects"]}
    assert set(effects) == {"approve", "remove", "spam", "cover"}
    assert "because of the replies below it: 1." in effects["remove"]["lines"][0]
    assert effects["remove"]["told"] == "A moderator has removed this. Only you can see it."
    assert effects["approve"]["told"] == ""
    assert all(one["lines"][-1] == "You can undo it." and one["undoable"] for one in effects.values())
    await decide(moderator, posted, "remove", reason="abuse")
    effects = {one["verdict"]: one for one in (await item(moderator, posted))["effects"]}
    assert set(effects) == {"approve", "spam", "cover"}
    assert effects["approve"]["lines"][0] == "Everybody can read it."
    assert effects["approve"]["told"].startswith("A moderator has brought this back")


async def test_how_often_a_rule_was_right(house: House) -> None:
    moderator = await a_moderator(house)
    posted = [await house.author.post(f"Number {n}, all different.") for n in range(4)]
    for one in posted:
        await waiting(house, one)
    assert (await item(moderator, posted[3]))["hits"]["decided"] == 0
    await decide(moderator, posted[0], "remove", reason="abuse")
    await decide(moderator, posted[1], "approve")
    undone = await decide(moderator, posted[2], "approve")
    await moderator.http.post(
        "/api/v1/mod/undo", json={"site": "newsroom", "decision_id": undone["decision_id"]}, headers=OURS
    )
    hits = (await item(moderator, posted[3]))["hits"]
    assert (hits["rule"], hits["agreed"], hits["decided"]) == ("words", 1, 2)
    assert hits["sentence"] == "Moderators agreed with this rule 1 of 2 times lately."


async def test_the_log_says_who_did_what_and_no_text(house: House) -> None:
    moderator = await a_moderator(house)
    posted = await house.author.post("Unmistakable words.")
    removed = await decide(moderator, posted, "remove", reason="abuse", rule="Be kind", words="Please.")
    log = await moderator.get("/api/v1/mod/log?site=newsroom")
    assert "Unmistakable" not in log.text
    (line,) = log.json()["lines"]
    assert (line["verdict"], line["by"], line["reason"], line["rule"], line["words"]) == (
        *("remove", "Mo", "abuse"),
        *("Be kind", "Please."),
    )
    assert (line["author"]["name"], line["can_undo"], line["undone"]) == ("Ada", True, False)
    sent = {"site": "newsroom", "decision_id": removed["decision_id"]}
    answer = await moderator.http.post("/api/v1/mod/undo", json=sent, headers=OURS)
    assert answer.json() == {"batch_id": None, "done": [posted["id"]], "skipped": {}}
    lines = (await moderator.read(f"/api/v1/mod/log?site=newsroom&comment={posted['id']}"))["lines"]
    assert [(one["verdict"], one["undone"], one["can_undo"]) for one in lines] == [
        ("undo", False, False),
        ("remove", True, False),
    ]
    assert (await moderator.read("/api/v1/mod/log?site=newsroom&comment=7"))["lines"] == []
    assert [one["verdict"] for one in (await item(moderator, posted))["history"]] == ["undo", "remove"]
    assert wrong_fields(await moderator.get("/api/v1/mod/log?site=newsroom&cursor=x.1")) == {"cursor": "bad_cursor"}


async def test_many_at_once_and_one_undo(house: House) -> None:
    moderator = await a_moderator(house)
    posted = [await house.attacker.post(f"Buy number {n}, all different.") for n in range(3)]
    other = await house.author.post("Fine.")
    person = (await item(moderator, posted[0]))["row"]["author"]
    sent: dict[str, Any] = {"site": "newsroom", "verdict": "spam"}
    sent["person"] = {"kind": person["kind"], "id": person["id"]}
    preview = await moderator.http.post("/api/v1/mod/bulk/preview", json=sent, headers=OURS)
    seen = preview.json().pop("comments")
    assert preview.json() == {"count": 3, "by_status": {"published": 3}, "skipped": {}, "comments": seen}
    later = await moderator.http.post("/api/v1/mod/bulk/preview", json={**sent, "comments": seen[1:]}, headers=OURS)
    assert later.json()["skipped"] == {seen[0]["id"]: "new"}
    batch = (await moderator.http.post("/api/v1/mod/bulk", json=sent, headers=OURS)).json()
    assert sorted(batch["done"]) == sorted(one["id"] for one in posted)
    assert sorted(await ids_of(moderator, f"{QUEUE}spam")) == sorted(batch["done"])
    undo = {"site": "newsroom", "batch_id": batch["batch_id"]}
    undone = (await moderator.http.post("/api/v1/mod/undo", json=undo, headers=OURS)).json()
    assert sorted(undone["done"]) == sorted(batch["done"])
    assert await ids_of(moderator, f"{QUEUE}spam") == []
    chosen = {"site": "newsroom", "verdict": "approve", "comments": [{"id": other["id"], "revision": 9}]}
    answer = await moderator.http.post("/api/v1/mod/bulk", json=chosen, headers=OURS)
    assert answer.json()["skipped"] == {other["id"]: "changed"}
    nothing = {"site": "newsroom", "verdict": "approve"}
    assert wrong_fields(await moderator.http.post("/api/v1/mod/bulk", json=nothing, headers=OURS)) == {
        "comments": "missing"
    }


async def test_a_newer_revision_asks_again(house: House) -> None:
    moderator = await a_moderator(house)
    posted = await house.author.post("One.")
    await house.author.edit(posted["id"], "Two.")
    assert problem(await revealed(moderator, posted, revision=1)) == (409, "revision_conflict")
    sent = {"verdict": "approve", "revision": 1}
    answer = await moderator.http.post(f"/api/v1/mod/items/{posted['id']}/verdict", json=sent, headers=OURS)
    assert problem(answer) == (409, "revision_conflict")
