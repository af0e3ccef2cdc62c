"""The log offers nobody to take back what was decided about themselves; whoever tries is refused."""

from typing import Any

import pytest

from forum.accounts.model import Role
from tests.support.app import OURS, House, Person
from tests.support.flags import regulars, report
from tests.support.items import decide, item
from tests.support.people import signed_in
from tests.support.sanctions import a_moderator, sanctioned
from tests.support.spoilers import JJ13, fans

pytestmark = pytest.mark.anyio
__all__ = ["fans"]
LOG = "/api/v1/mod/log?site=newsroom"


async def offered(person: Person, decision_id: str, posted: dict[str, Any]) -> bool:
    """Whether the log offers to take this back: as a whole, of one comment, in what is beside it, and on the page."""
    logs = [await person.read(LOG), await person.read(f"{LOG}&comment={posted['id']}")]
    lines = [line for log in logs for line in log["lines"]] + (await item(person, posted))["history"]
    said: set[bool] = {line["can_undo"] for line in lines if line["id"] == decision_id}
    page = (await person.get("/mod/log?site=newsroom")).text
    assert said == {f'name="decision" value="{decision_id}"' in page}
    return said.pop()


async def undone(person: Person, decision_id: str) -> int:
    """Take it back; the status of the answer."""
    sent = {"site": "newsroom", "decision_id": decision_id}
    return (await person.http.post("/api/v1/mod/undo", json=sent, headers=OURS)).status_code


async def test_what_was_decided_about_their_own_comment(house: House) -> None:
    momo, mo = await a_moderator(house, "Momo"), await a_moderator(house, "Mo")
    own, other = await momo.post("Hers."), await house.author.post("Another's.")
    removed = (await decide(mo, own, "remove", reason="abuse"))["decision_id"]
    elsewhere = (await decide(mo, other, "remove", reason="abuse"))["decision_id"]
    assert not await offered(momo, removed, own)
    assert await undone(momo, removed) == 403
    assert await offered(mo, removed, own)
    assert await offered(momo, elsewhere, other)
    assert [await undone(mo, removed), await undone(momo, elsewhere)] == [200, 200]


async def test_what_covers_their_own_comment(fans: House) -> None:
    momo, mo = await a_moderator(fans, "Momo"), await a_moderator(fans, "Mo")
    own = await momo.post("Hers.")
    covered = (await decide(mo, own, "cover", scope=[JJ13]))["decision_id"]
    assert not await offered(momo, covered, own)
    assert await undone(momo, covered) == 403
    assert await offered(mo, covered, own)


async def test_what_nobody_has_anything_against_they_take_back_themselves(house: House) -> None:
    momo = await a_moderator(house, "Momo")
    (reader,) = await regulars(house, 1)
    own = await momo.post("Hers.")
    approved = (await decide(momo, own, "approve"))["decision_id"]
    assert await offered(momo, approved, own)
    await report(reader, own, "abuse")
    assert not await offered(momo, approved, own)
    assert await undone(momo, approved) == 403


async def test_a_sanction_of_theirs(house: House) -> None:
    boss = await a_moderator(house, "Boss", role=Role.ADMIN)
    momo = await a_moderator(house, "Momo")
    own = await momo.post("Hers.")
    muted = await sanctioned(house, boss, own, "mute", hours=24)
    for person, may in ((momo, False), (boss, True)):
        (line,) = [line for line in (await person.read(LOG))["lines"] if line["id"] == muted]
        assert line["can_undo"] is may
    assert await undone(momo, muted) == 404
    assert await undone(boss, muted) == 200


async def test_an_owner_takes_back_what_is_about_their_own_comment(house: House) -> None:
    owner, mo = await signed_in(house, "Olga", owner=True), await a_moderator(house, "Mo")
    own = await owner.post("Hers.")
    removed = (await decide(mo, own, "remove", reason="abuse"))["decision_id"]
    assert await offered(owner, removed, own)
    assert await undone(owner, removed) == 200


async def test_the_log_costs_one_statement_more_where_it_is_about_its_reader(house: House) -> None:
    momo, mo = await a_moderator(house, "Momo"), await a_moderator(house, "Mo")
    for number in range(3):
        await decide(mo, await momo.post(f"Number {number}, all different."), "remove", reason="abuse")
    costs = []
    for person in (mo, momo):
        await person.read(LOG)
        with house.recorded() as statements:
            await person.read(LOG)
        costs.append(len(statements))
    assert costs[1] == costs[0] + 1
