"""Who may only cover reads what readers say about spoilers, and nothing else that they say to moderators."""

from typing import Any

import httpx
import pytest

from forum.accounts.model import Role
from forum.comments.review.model import Queue
from tests.support.app import OURS, House, Person
from tests.support.flags import regulars, report, report_all
from tests.support.items import QUEUE, decide, finding, item, revealed, waiting
from tests.support.people import signed_in
from tests.support.sanctions import sanctioned
from tests.support.spoilers import JJ4, JJ13, SECRET, UNSPEC, fans, row_of

pytestmark = pytest.mark.anyio
__all__ = ["fans"]
ABUSE, SPOILED, MUTED, REMOVED, COVERED = "stalks me", "he dies in it", "Cool down", "Not like that", "Too early"
FOR_MODERATORS = (ABUSE, SPOILED, MUTED, REMOVED, "zebra", "Mona", "Insults or threats")


async def a_case(fans: House) -> dict[str, Any]:
    """A public comment that readers have reported for two reasons, with a past; it waits among the spoilers and among
    the reported."""
    mona = await signed_in(fans, "Mona", role=Role.MODERATOR)
    people = await regulars(fans, 2)
    posted = await fans.author.post(SECRET)
    removed = await decide(mona, posted, "remove", reason="abuse", words=REMOVED)
    await undo(mona, removed["decision_id"])
    muted = await sanctioned(fans, mona, posted, "mute", hours=24, words=MUTED)
    await undo(mona, muted)
    await report(people[0], posted, "abuse", note=ABUSE)
    await report(people[1], posted, "untagged_spoiler", scope=[JJ13], note=SPOILED)
    await waiting(fans, posted, Queue.REPORTED, evidence=finding("zebra"), priority=5.0)
    return posted


async def undo(person: Person, decision_id: str) -> None:
    sent = {"site": "newsroom", "decision_id": decision_id}
    answer = await person.http.post("/api/v1/mod/undo", json=sent, headers=OURS)
    assert answer.status_code == 200, answer.text


async def doors(person: Person, posted: dict[str, Any]) -> dict[str, httpx.Response]:
    """Everywhere that somebody who may cover can look at a comment."""
    page, revision = f"/mod/c/{posted['id']}", "99"
    form = {"site": "newsroom", "queue": "spoilers", "revision": revision}
    return {
        "item": await person.get(f"/api/v1/mod/items/{posted['id']}"),
        "revealed": await revealed(person, posted),
        "list": await person.get(f"{QUEUE}spoilers"),
        "page": await person.get(f"{page}?site=newsroom&queue=spoilers"),
        "part": await person.get(f"{page}?part=item"),
        "list page": await person.get("/mod?site=newsroom&queue=spoilers"),
        "revealed page": await person.submit(f"{page}/reveal", site="newsroom"),
        "refused page": await person.submit(f"{page}/verdict", verdict="cover", scope=JJ13, **form),
        "record": await person.get(f"/api/v1/mod/comments/{posted['id']}/scope"),
        "claim": await person.http.post(f"/api/v1/mod/items/{posted['id']}/claim", json={}, headers=OURS),
    }


async def test_what_is_said_to_moderators_is_for_them_alone(fans: House) -> None:
    posted = await a_case(fans)
    tara = await signed_in(fans, "Tara", role=Role.TRUSTED)
    for name, answer in (await doors(tara, posted)).items():
        assert answer.status_code == (409 if name == "refused page" else 200), (name, answer.text)
        assert [words for words in FOR_MODERATORS if words in answer.text] == [], name
    row = await row_of(fans, posted)
    kind, author = row.author_kind, row.author_id
    for path in (
        *(f"/mod/person/{kind}/{author}?site=newsroom", f"/api/v1/mod/people/{kind}/{author}?site=newsroom"),
        *(f"/mod/log?site=newsroom&comment={posted['id']}", f"/api/v1/mod/log?site=newsroom&comment={posted['id']}"),
        *(f"/mod/bulk?site=newsroom&author={kind}:{author}", f"/mod/d/{row.discussion_id}?site=newsroom"),
    ):
        assert (await tara.get(path)).status_code == 404, path


async def test_moderators_read_it_all(fans: House) -> None:
    """What the test before looks for is there to be found."""
    posted = await a_case(fans)
    found = await doors(await signed_in(fans, "Momo", role=Role.MODERATOR), posted)
    seen = "".join(answer.text for answer in found.values())
    assert [words for words in FOR_MODERATORS if words not in seen] == []
    assert {one["reason"] for one in found["list"].json()["items"][0]["flags"]} == {"abuse", "spoiler"}


async def test_what_they_need_to_cover_is_there(fans: House) -> None:
    posted = await a_case(fans)
    tara = await signed_in(fans, "Tara", role=Role.TRUSTED)
    seen = await item(tara, posted)
    assert (seen["queues"], seen["row"]["queue"], seen["findings"]) == (["spoilers"], "spoilers", [])
    assert [(one["reason"], one["label"], one["people"]) for one in seen["row"]["flags"]] == [
        ("spoiler", "Jessica Jones S1E13", 1)
    ]
    (flag,) = seen["flags"]
    assert (flag["reason"], flag["name"], flag["note"], flag["note_hidden"]) == ("spoiler", "", "", False)
    assert seen["suggested"] == [{"tokens": [JJ13], "label": "Jessica Jones S1E13"}]
    assert (seen["history"], seen["record"], seen["row"]["author"]["record"]) == ([], None, "")
    assert (await revealed(tara, posted)).json()["notes"] == []


async def test_what_is_not_public_is_not_in_their_list(fans: House) -> None:
    """Reported as a spoiler at first, and then hidden: it waits among the spoilers still."""
    people = await regulars(fans, 4)
    hidden, shown = await fans.author.post("Hidden words."), await fans.replier.post("Open words.")
    for posted in (hidden, shown):
        await report(people[0], posted, "untagged_spoiler", scope=[UNSPEC])
    await report_all(people[1:], hidden, "illegal")
    tara = await signed_in(fans, "Tara", role=Role.TRUSTED)
    momo = await signed_in(fans, "Momo", role=Role.MODERATOR)
    for person, seen in ((tara, [shown]), (momo, [hidden, shown])):
        page = await person.read(f"{QUEUE}spoilers")
        assert {one["id"] for one in page["items"]} == {one["id"] for one in seen}
        counts = {one["queue"]: one["count"] for one in page["counts"]}
        assert counts["spoilers"] == len(seen)
        (again,) = [one for one in (await person.read("/api/v1/mod/queues"))["queues"] if one["queue"] == "spoilers"]
        assert again["count"] == len(seen)
        assert ("Hidden words." in (await person.get("/mod?site=newsroom&queue=spoilers")).text) is (hidden in seen)


async def test_what_was_decided_about_its_cover_is_theirs_to_know(fans: House) -> None:
    mona = await signed_in(fans, "Mona", role=Role.MODERATOR)
    tara = await signed_in(fans, "Tara", role=Role.TRUSTED)
    people = await regulars(fans, 1)
    posted = await fans.author.post(SECRET)
    covered = await decide(mona, posted, "cover", scope=[JJ13], words=COVERED)
    await undo(mona, covered["decision_id"])
    removed = await decide(mona, posted, "remove", reason="abuse", words=REMOVED)
    await undo(mona, removed["decision_id"])
    await report(people[0], posted, "untagged_spoiler", scope=[JJ4])
    history = (await item(tara, posted))["history"]
    assert [(line["verdict"], line["words"], line["by"]) for line in history] == [
        ("undo", "", "Mona"),
        ("cover", COVERED, "Mona"),
    ]
    assert [line["verdict"] for line in (await item(mona, posted))["history"]] == ["undo", "remove", "undo", "cover"]
    address = f"/mod/c/{posted['id']}?site=newsroom&queue=spoilers"
    for person, leads in ((tara, False), (mona, True)):
        page = (await person.get(address)).text
        assert "Covered" in page
        # No way leads to what is not theirs.
        assert [place in page for place in ("/mod/log?", "/mod/person/")] == [leads, leads]


async def test_many_at_once_says_nothing_about_what_is_not_public(fans: House) -> None:
    mona = await signed_in(fans, "Mona", role=Role.MODERATOR)
    tara = await signed_in(fans, "Tara", role=Role.TRUSTED)
    public, removed = await fans.author.post(SECRET), await fans.author.post("Never mind.")
    await decide(mona, removed, "remove", reason="abuse")
    row = await row_of(fans, public)
    sent = {"site": "newsroom", "verdict": "cover", "scope": [JJ13]}
    wrote = {**sent, "person": {"kind": row.author_kind, "id": str(row.author_id)}}
    picked = {**sent, "comments": [{"id": posted["id"], "revision": 1} for posted in (public, removed)]}
    for asked, skipped in ((wrote, {}), (picked, {removed["id"]: "gone"})):
        answer = await tara.http.post("/api/v1/mod/bulk/preview", json=asked, headers=OURS)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["count"], answer.json()["skipped"]) == (1, skipped)
        assert answer.json()["by_status"] == {"published": 1}
