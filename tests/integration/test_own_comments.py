"""What is said against a comment is for others than its author to answer, also where that is a moderator: they can only
cover it more."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from forum.accounts.model import Role
from forum.comments.review.model import Reason
from tests.support.app import OURS, House, Person
from tests.support.flags import regulars, report, report_all
from tests.support.moderating import APPROVE, COVER, DISMISS, a_moderator, outcomes_of, queues_of, row_of
from tests.support.people import signed_in
from tests.support.sanctions import a_moderator as somebody
from tests.support.sanctions import verdict
from tests.support.spoilers import COMIC, JJ4, JJ13, is_consistent, rescope, view

pytestmark = pytest.mark.anyio
OWN = (403, "own_comment")
ANSWERS = ("approve", "remove", "spam", "dismiss", "uncover")


async def say(house: House, by: Person, posted: dict[str, Any], said: str, **more: Any) -> httpx.Response:
    """Ask for a verdict about a comment as it is now."""
    sent = {"verdict": said, "revision": (await row_of(house, posted)).revision, "reason": "other", **more}
    return await by.http.post(f"/api/v1/mod/items/{posted['id']}/verdict", json=sent, headers=OURS)


async def take_back(by: Person, line: str) -> httpx.Response:
    return await by.http.post("/api/v1/mod/undo", json={"site": "newsroom", "decision_id": line}, headers=OURS)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


@pytest.mark.parametrize("kind", ["abuse", "off_topic"])
async def test_nobody_answers_reports_of_their_own_comment(fans: House, kind: str) -> None:
    momo, mo = await somebody(fans, "Momo"), await a_moderator(fans, "Mo")
    own = await momo.post("Her own.")
    seen = (await verdict(fans, momo, own, "approve"))["decision_id"]
    await report(fans.replier, own, kind)
    for said in ANSWERS:
        assert refusal(await say(fans, momo, own, said)) == OWN, said
    assert refusal(await take_back(momo, seen)) == OWN
    seen_now = {"id": own["id"], "revision": (await row_of(fans, own)).revision}
    sent = {"site": "newsroom", "verdict": "dismiss", "comments": [seen_now]}
    many = await momo.http.post("/api/v1/mod/bulk", json=sent, headers=OURS)
    assert many.json()["skipped"] == {own["id"]: "own"}
    typed = {"site": "newsroom", "verdict": "dismiss", "revision": str(seen_now["revision"])}
    page = await momo.submit(f"/mod/c/{own['id']}/verdict", **typed)
    assert page.status_code == 403
    assert "another moderator decides about it" in page.text
    assert (await row_of(fans, own)).status == "published"
    assert await outcomes_of(fans, own) == {(kind, None): 1}
    assert "reported" in await queues_of(fans, own)
    assert (await mo.say(DISMISS, own)).comment.status == "published"
    # Nothing is said against it any more.
    assert (await verdict(fans, momo, own, "approve"))["status"] == "published"


@pytest.mark.parametrize("role", [Role.TRUSTED, Role.MODERATOR, Role.ADMIN])
async def test_one_reader_who_speaks_of_a_spoiler_is_enough(fans: House, role: Role) -> None:
    trudy = await somebody(fans, "Trudy", role=role)
    own = await trudy.post("Hers.")
    await report(fans.attacker, own, "untagged_spoiler", scope=[JJ13])
    assert await queues_of(fans, own) == {"spoilers"}
    assert refusal(await say(fans, trudy, own, "uncover")) == OWN
    assert await outcomes_of(fans, own) == {("spoiler", None): 1}


async def test_nobody_takes_the_cover_off_that_another_one_put_there(fans: House) -> None:
    trudy, mo = await somebody(fans, "Trudy", role=Role.TRUSTED), await a_moderator(fans)
    own = await trudy.post("Secret words of hers.")
    given = await mo.say(COVER, own, tokens=[JJ13])
    assert refusal(await say(fans, trudy, own, "uncover")) == OWN
    path = f"/api/v1/mod/comments/{own['id']}/scope"
    answer = await trudy.http.post(path, json={"scope": [], "reason": "It is fine."}, headers=OURS)
    assert refusal(answer) == OWN
    assert refusal(await take_back(trudy, str(given.decision.id))) == OWN
    assert (await view(fans, own))["scope"] == [JJ13]
    # What they put there themselves is no different: another one has relied on it since.
    await mo.undo(given.decision)
    assert (await verdict(fans, trudy, own, "uncover"))["cover_state"] == "restored"
    assert (await verdict(fans, trudy, own, "cover", scope=[JJ4]))["cover_state"] == "covered_confirmed"
    assert refusal(await say(fans, trudy, own, "uncover")) == OWN
    await is_consistent(fans)


async def test_covering_ones_own_takes_nothing_away(fans: House) -> None:
    momo, mo = await somebody(fans, "Momo"), await a_moderator(fans, "Mo")
    whole, part = await momo.post("Secret words of hers."), await momo.post("Secret words of hers.")
    await mo.say(COVER, whole, tokens=[JJ13])
    await verdict(fans, momo, whole, "cover", scope=[JJ4])
    assert (await view(fans, whole))["scope"] == [JJ13]
    await verdict(fans, momo, whole, "cover", scope=[COMIC])
    assert (await view(fans, whole))["scope"] == [COMIC, JJ13]
    await mo.say(COVER, part, tokens=[JJ13], stretch=(0, 6))
    await verdict(fans, momo, part, "cover", scope=[COMIC], start=0, end=6)
    (passage,) = (await view(fans, part))["passages"]
    assert passage["scope"] == [COMIC, JJ13]
    # Another moderator is free to say what is right.
    await mo.say(COVER, whole, tokens=[JJ4])
    assert (await view(fans, whole))["scope"] == [JJ4]
    await is_consistent(fans)


async def test_covering_ones_own_answers_no_reports(fans: House) -> None:
    momo, mo = await somebody(fans, "Momo"), await a_moderator(fans, "Mo")
    people = await regulars(fans, 3)
    own = await momo.post("Secret words of hers.")
    await report_all(people, own, "untagged_spoiler", scope=[JJ13])
    assert refusal(await say(fans, momo, own, "uncover")) == OWN
    await verdict(fans, momo, own, "cover", scope=[JJ4])
    assert (await view(fans, own))["scope"] == [JJ13]
    assert await queues_of(fans, own) == {"spoilers"}
    assert await outcomes_of(fans, own) == {("spoiler", None): 3}
    await mo.say(COVER, own, tokens=[JJ13])
    assert await queues_of(fans, own) == set()
    assert await outcomes_of(fans, own) == {("spoiler", "upheld"): 3}
    await is_consistent(fans)


async def test_as_their_author_they_may_say_what_every_author_may(fans: House) -> None:
    momo = await somebody(fans, "Momo")
    own = await momo.post("Secret words of hers.")
    assert (await rescope(momo, own, JJ4)).json()["scope"] == [JJ4]
    assert (await verdict(fans, momo, own, "uncover"))["cover_state"] == "restored"
    assert (await view(fans, own))["covered"] is False


async def test_owners_of_the_server_decide_about_their_own(fans: House) -> None:
    owner = await signed_in(fans, "Olga", owner=True)
    own = await owner.post("Hers.")
    await report(fans.replier, own, "abuse")
    assert (await verdict(fans, owner, own, "dismiss"))["status"] == "published"
    await verdict(fans, owner, own, "cover", scope=[JJ13])
    assert (await verdict(fans, owner, own, "uncover"))["cover_state"] == "restored"


async def test_others_decide_about_it_as_about_any(fans: House) -> None:
    momo, mo = await somebody(fans, "Momo"), await a_moderator(fans, "Mo")
    own = await momo.post("Hers.")
    await report(fans.replier, own, "abuse")
    assert (await mo.say(APPROVE, own)).comment.status == "published"
    assert await outcomes_of(fans, own) == {(Reason.ABUSE, "rejected"): 1}


async def test_nobody_learns_who_reported_their_own_comment(fans: House) -> None:
    momo, mo = await somebody(fans, "Momo"), await somebody(fans, "Mona")
    rena = await signed_in(fans, "Rena")
    own = await momo.post("Her own.")
    assert (await report(rena, own, "other", note="I know who she is.")).status_code == 200
    path = f"/api/v1/mod/items/{own['id']}"
    (theirs,), (hers,) = (await mo.read(path))["flags"], (await momo.read(path))["flags"]
    assert (theirs["name"], theirs["note"]) == ("Rena", "I know who she is.")
    assert (hers["name"], hers["note"], hers["reason"]) == ("", "", "other")
    page = (await momo.get(f"/mod/c/{own['id']}")).text
    assert "Rena" not in page
    assert "I know who she is." not in page
    shown = await momo.http.post(f"{path}/reveal", json={}, headers=OURS)
    assert shown.status_code == 200
    assert "I know who she is." not in shown.text
