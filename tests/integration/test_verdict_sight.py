"""Who may see, claim and decide what: below a moderator only what is public, and nobody about themselves."""

from typing import Any

import pytest

from forum.accounts.model import Role
from tests.support.app import OURS, House, Person
from tests.support.flags import regulars, report, report_all
from tests.support.moderating import APPROVE, REMOVE, a_moderator, row_of
from tests.support.people import signed_in
from tests.support.sanctions import a_moderator as somebody
from tests.support.sanctions import sanctioned, verdict
from tests.support.spoilers import JJ13, SECRET, fans

pytestmark = pytest.mark.anyio
__all__ = ["fans"]
WORDS = "A number nobody should read"


async def trusted(house: House) -> Person:
    return await somebody(house, "Trudy", role=Role.TRUSTED)


async def ask_all(house: House, by: Person, posted: dict[str, Any]) -> set[int]:
    """Try everything that somebody trusted can do with a comment; the statuses, after a look for its text."""
    comment, revision = int(posted["id"]), (await row_of(house, posted)).revision
    scope = f"/api/v1/mod/comments/{comment}/scope"
    item = f"/api/v1/mod/items/{comment}"
    cover = {"verdict": "cover", "scope": [JJ13], "revision": revision}
    answers = [
        await by.get(scope),
        await by.get(item),
        await by.get(f"/mod/c/{comment}"),
        await by.http.post(scope, json={"scope": [], "reason": "x"}, headers=OURS),
        await by.http.post(scope, json={"scope": [JJ13], "reason": "x"}, headers=OURS),
        await by.http.post(f"{item}/claim", json={}, headers=OURS),
        await by.http.post(f"{item}/reveal", json={}, headers=OURS),
        await by.http.post(f"{item}/verdict", json=cover, headers=OURS),
        await by.http.post(f"{item}/verdict", json={**cover, "verdict": "uncover", "scope": []}, headers=OURS),
        await by.submit(f"/mod/c/{comment}/reveal", site="newsroom"),
    ]
    # Whether words stand in it is not to be found out either.
    for part in ("number", "zebra"):
        answers.append(
            await by.submit(f"/mod/c/{comment}/verdict", verdict="cover", scope=JJ13, part=part, revision="9")
        )
    assert all("number nobody" not in answer.text for answer in answers)
    return {answer.status_code for answer in answers}


@pytest.mark.parametrize("state", ["removed", "held", "hidden"])
async def test_trusted_people_are_kept_from_what_is_not_public(fans: House, state: str) -> None:
    trudy, mo = await trusted(fans), await a_moderator(fans)
    people = await regulars(fans, 4)
    if state == "held":
        await fans.change_site(hold=True)
    posted = await fans.author.post(WORDS)
    if state == "removed":
        await mo.say(REMOVE, posted)
    if state == "hidden":
        await report(people[0], posted, "untagged_spoiler", scope=[JJ13])
        await report_all(people[1:], posted, "illegal")
    before = await row_of(fans, posted)
    assert before.status != "published"
    assert await ask_all(fans, trudy, posted) == {404}
    assert await row_of(fans, posted) == before


async def test_trusted_people_claim_what_waits_among_spoilers_alone(fans: House) -> None:
    trudy = await trusted(fans)
    quiet, said = await fans.author.post("Quiet."), await fans.author.post(SECRET)
    (reader,) = await regulars(fans, 1)
    await report(reader, said, "untagged_spoiler", scope=[JJ13])
    answers = [
        await trudy.http.post(f"/api/v1/mod/items/{posted['id']}/claim", json={}, headers=OURS)
        for posted in (quiet, said)
    ]
    assert [answer.status_code for answer in answers] == [404, 200]
    assert (await verdict(fans, trudy, said, "cover", scope=[JJ13]))["cover_state"] == "covered_confirmed"


@pytest.mark.parametrize("kind", ["suspend", "ban"])
async def test_who_is_sanctioned_decides_nothing(house: House, kind: str) -> None:
    boss = await somebody(house, "Boss", role=Role.ADMIN)
    momo = await somebody(house, "Momo")
    own, other = await momo.post("Her own."), await house.author.post("Another.")
    assert (await momo.get("/mod?site=newsroom&queue=pending")).status_code == 200
    length = {"hours": 24} if kind == "suspend" else {}
    await sanctioned(house, boss, own, kind, **length)
    sent = {"verdict": "remove", "reason": "abuse", "revision": 1}
    refused = await momo.http.post(f"/api/v1/mod/items/{other['id']}/verdict", json=sent, headers=OURS)
    claimed = await momo.http.post(f"/api/v1/mod/items/{other['id']}/claim", json={}, headers=OURS)
    page = await momo.get("/mod?site=newsroom&queue=pending")
    assert {refused.status_code, claimed.status_code, page.status_code} == {404}


async def test_nobody_decides_about_their_own_held_comment(fans: House) -> None:
    momo, mo = await somebody(fans, "Momo"), await a_moderator(fans, "Mo")
    own = await held_of(fans, momo)
    for said in ("approve", "spam", "dismiss", "uncover"):
        sent = {"verdict": said, "revision": (await row_of(fans, own)).revision}
        answer = await momo.http.post(f"/api/v1/mod/items/{own['id']}/verdict", json=sent, headers=OURS)
        assert (answer.status_code, answer.json()["code"]) == (403, "own_comment")
    page = await momo.submit(f"/mod/c/{own['id']}/verdict", verdict="approve", revision="1")
    assert page.status_code == 403
    assert "another moderator decides about it" in page.text
    sent = {"site": "newsroom", "verdict": "approve", "comments": [{"id": own["id"], "revision": 1}]}
    many = await momo.http.post("/api/v1/mod/bulk", json=sent, headers=OURS)
    assert many.json()["skipped"] == {own["id"]: "own"}
    covered = await verdict(fans, momo, own, "cover", scope=[JJ13])
    assert (covered["status"], covered["cover_state"]) == ("held", "covered_confirmed")
    assert (await mo.say(APPROVE, own)).comment.status == "published"
    removed = await mo.say(REMOVE, own)
    undo = {"site": "newsroom", "decision_id": str(removed.decision.id)}
    answer = await momo.http.post("/api/v1/mod/undo", json=undo, headers=OURS)
    assert (answer.status_code, answer.json()["code"]) == (403, "own_comment")


async def test_an_owner_decides_about_their_own(house: House) -> None:
    owner = await signed_in(house, "Olga", owner=True)
    own = await owner.post("Hers.")
    await verdict(house, owner, own, "remove", reason="other")
    assert (await verdict(house, owner, own, "approve"))["status"] == "published"


async def held_of(house: House, by: Person) -> dict[str, Any]:
    """A comment of a moderator that is held, as one is by pre-moderation of themselves."""
    boss = await somebody(house, "Boss", role=Role.ADMIN)
    await sanctioned(house, boss, await by.post("First."), "premoderate")
    own = await by.post("Second.")
    assert (await row_of(house, own)).status == "held"
    return own
