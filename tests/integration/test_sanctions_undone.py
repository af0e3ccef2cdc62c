"""What was decided about a person is taken back in order, and counts again only where it might be imposed; a sanction
follows its person; with a verdict beside it both are done, or nothing is."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import select

from forum.accounts import queries as accounts
from forum.accounts.model import Role
from forum.accounts.tables import session
from forum.comments.review.tables import decision, note
from forum.comments.review.tables import sanction as sanctions
from forum.people import queries_authors
from tests.support.app import OURS, House, Person, problem
from tests.support.locks import done_or_waiting, halted
from tests.support.moderating import row_of
from tests.support.people import account_of, an_account, embedded, sign_in, signed_in
from tests.support.sanctions import a_moderator, author_of, lift, person_of, sanction, sanctioned, undo

pytestmark = pytest.mark.anyio
CLAIM: Final = "/api/v1/me/claim?site=newsroom"
SINCE: Final = (409, "decided_since")


async def take_back(by: Person, line: str) -> httpx.Response:
    return await by.http.post("/api/v1/mod/undo", json={"site": "newsroom", "decision_id": line}, headers=OURS)


async def counting(house: House, by: Person, posted: dict[str, Any]) -> list[str]:
    """The decisions by which something counts for who wrote a comment."""
    known = await person_of(house, by, posted)
    return [row["decision_id"] for row in known["sanctions"] if row["in_force"]]


async def lifted(house: House, by: Person, posted: dict[str, Any]) -> str:
    """Lift the one sanction that counts; the line in the log."""
    known = await person_of(house, by, posted)
    (row,) = [row for row in known["sanctions"] if row["in_force"]]
    answer = await lift(by, row["id"])
    assert answer.status_code == 200, answer.text
    return str(answer.json()["decision_id"])


async def test_sanctions_are_taken_back_the_last_first(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    first = await sanctioned(house, mona, posted, "mute", hours=24)
    second = await sanctioned(house, mona, posted, "mute", hours=48)
    assert problem(await take_back(mona, first)) == SINCE
    assert await counting(house, mona, posted) == [second]
    await undo(mona, second)
    assert await counting(house, mona, posted) == [first]
    assert problem(await take_back(mona, second)) == SINCE
    await undo(mona, first)
    assert problem(await take_back(mona, first)) == SINCE
    assert await counting(house, mona, posted) == []


async def test_another_kind_is_another_matter(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    mute = await sanctioned(house, mona, posted, "mute", hours=24)
    ban = await sanctioned(house, mona, posted, "ban")
    await undo(mona, mute)
    assert await counting(house, mona, posted) == [ban]


async def test_every_warning_is_taken_back_by_itself(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    first, second = [await sanctioned(house, mona, posted, "warn") for _ in range(2)]
    await undo(mona, first)
    assert await counting(house, mona, posted) == [second]
    lift_line = await lifted(house, mona, posted)
    assert problem(await take_back(mona, second)) == SINCE
    await undo(mona, lift_line)
    assert await counting(house, mona, posted) == [second]


async def test_what_was_lifted_is_not_taken_back_over_that(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    first = await sanctioned(house, mona, posted, "mute", hours=24)
    second = await sanctioned(house, mona, posted, "mute", hours=48)
    line = await lifted(house, mona, posted)
    assert problem(await take_back(mona, second)) == problem(await take_back(mona, first)) == SINCE
    assert await counting(house, mona, posted) == []
    await undo(mona, line)
    assert await counting(house, mona, posted) == [second]


async def test_of_one_kind_no_two_count(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    first = await sanctioned(house, mona, posted, "mute", hours=24)
    line = await lifted(house, mona, posted)
    second = await sanctioned(house, mona, posted, "mute", hours=48)
    assert problem(await take_back(mona, line)) == SINCE
    assert await counting(house, mona, posted) == [second]
    await undo(mona, second)
    assert await counting(house, mona, posted) == []
    assert problem(await take_back(mona, first)) == SINCE
    await undo(mona, line)
    assert await counting(house, mona, posted) == [first]
    await undo(mona, first)
    assert problem(await take_back(mona, line)) == SINCE
    assert await counting(house, mona, posted) == []


async def test_taking_back_at_once_is_one_after_the_other(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    first = await sanctioned(house, mona, posted, "mute", hours=24)
    second = await sanctioned(house, mona, posted, "mute", hours=48)
    known = await person_of(house, mona, posted)
    (row,) = [row for row in known["sanctions"] if row["in_force"]]
    await asyncio.gather(
        take_back(mona, second), take_back(mona, second), lift(mona, row["id"]), take_back(mona, first),
        sanction(house, mona, posted, "mute", hours=2),
    )  # fmt: skip
    assert len(await counting(house, mona, posted)) <= 1


async def test_a_ban_that_counts_again_asks_for_a_fresh_sign_in_and_ends_frames(house: House) -> None:
    mona, stale = await a_moderator(house), await a_moderator(house, "Old", fresh=False)
    edda = await signed_in(house, "Edda")
    posted = await edda.post("Nonsense.")
    ban = await sanctioned(house, mona, posted, "ban")
    line = await lifted(house, mona, posted)
    await embedded(house, edda)
    assert problem(await take_back(stale, line)) == (403, "sign_in_again")
    assert await counting(house, mona, posted) == []
    await undo(mona, line)
    assert await counting(house, mona, posted) == [ban]
    assert {row.kind for row in await house.rows(select(session))} == {"main"}
    # A ban is taken back as a lift is; what it had replaced is imposed anew.
    await sanctioned(house, mona, posted, "ban")
    last = str((await house.rows(select(decision.c.id).order_by(decision.c.id)))[-1].id)
    assert problem(await take_back(stale, last)) == (403, "sign_in_again")
    await undo(mona, last)
    await undo(stale, ban)
    assert await counting(house, mona, posted) == []


async def test_nothing_counts_again_for_who_stands_higher_now(house: House) -> None:
    mona, edda = await a_moderator(house), await signed_in(house, "Edda")
    posted = await edda.post("Nonsense.")
    await sanctioned(house, mona, posted, "suspend", hours=24)
    line = await lifted(house, mona, posted)
    account = await account_of(house, edda)
    site_id, now = house.site.id, house.clock.now()
    await house.rt.db.write(
        lambda tx: accounts.set_role(tx, site_id=site_id, account_id=account.id, role=Role.ADMIN, now=now)
    )
    assert problem(await take_back(mona, line)) == (403, "same_rank")
    assert await counting(house, mona, posted) == []


async def test_an_account_that_was_never_here_is_neither_sanctioned_nor_noted(house: House) -> None:
    mona, other = await a_moderator(house), await an_account(house, "Otto")
    path = f"/api/v1/mod/people/account/{other.id}"
    sent = {"sanction": "warn", "reason": "other"}
    for tail, said in (("sanctions", sent), ("notes", {"text": "Who?"})):
        answer = await mona.http.post(f"{path}/{tail}?site=newsroom", json=said, headers=OURS)
        assert problem(answer) == (404, "not_found")
    assert await house.rows(select(note.c.id)) == await house.rows(select(sanctions.c.id)) == []


@pytest.mark.parametrize("why", ["edited", "claimed"])
async def test_a_sanction_with_a_verdict_that_conflicts_leaves_nothing(house: House, why: str) -> None:
    mona, petra = await a_moderator(house), await a_moderator(house, "Petra")
    edda = await signed_in(house, "Edda")
    posted = await edda.post("Nonsense.")
    if why == "edited":
        await edda.edit(posted["id"], "Sense.")
    else:
        assert (await petra.http.post(f"/api/v1/mod/items/{posted['id']}/claim", json={}, headers=OURS)).is_success
    await embedded(house, edda)
    form = {"site": "newsroom", "queue": "unmoderated", "sanction": "ban", "reason": "spam", "also": "spam"}
    done = await mona.submit(f"/mod/c/{posted['id']}/sanction", **form, revision="1")
    assert done.status_code == 409, done.text
    assert await house.rows(select(sanctions.c.id)) == []
    assert await house.rows(select(decision.c.id)) == []
    assert (await row_of(house, posted)).status == "published"
    assert "embed" in {row.kind for row in await house.rows(select(session))}


async def test_a_sanction_with_a_verdict_is_one_batch(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    form = {"site": "newsroom", "queue": "unmoderated", "sanction": "ban", "reason": "spam", "also": "spam"}
    done = await mona.submit(f"/mod/c/{posted['id']}/sanction", **form, revision="1")
    assert done.status_code == 303, done.text
    lines = await house.rows(select(decision).order_by(decision.c.id))
    assert [line.verdict for line in lines] == ["ban", "spam"]
    (batch,) = {line.batch_id for line in lines}
    assert (await row_of(house, posted)).status == "spam"
    undone = await mona.http.post("/api/v1/mod/undo", json={"site": "newsroom", "batch_id": str(batch)}, headers=OURS)
    assert undone.json()["skipped"] == {}
    assert await counting(house, mona, posted) == []
    assert (await row_of(house, posted)).status == "published"


async def test_who_may_not_take_a_sanction_back_takes_nothing_of_it_back(house: House) -> None:
    mona, stale = await a_moderator(house), await a_moderator(house, "Old", fresh=False)
    posted = await house.author.post("Nonsense.")
    await sanctioned(house, mona, posted, "ban")
    form = {"site": "newsroom", "queue": "unmoderated", "sanction": "ban", "reason": "spam", "also": "spam"}
    await mona.submit(f"/mod/c/{posted['id']}/sanction", **form, revision="1")
    (batch,) = {line.batch_id for line in await house.rows(select(decision)) if line.batch_id}
    sent = {"site": "newsroom", "batch_id": str(batch)}
    assert problem(await stale.http.post("/api/v1/mod/undo", json=sent, headers=OURS)) == (403, "sign_in_again")
    assert (await row_of(house, posted)).status == "spam"


async def becoming(house: House) -> tuple[dict[str, Any], Person]:
    """What a guest has written, and the same browser once its person has signed in."""
    writer, signed = await house.newcomer("Gus"), await house.newcomer("Gus")
    posted = await writer.post("Nonsense.")
    for name, value in writer.http.cookies.items():
        signed.http.cookies.set(name, value, domain="talk.example")
    await sign_in(house, signed, await an_account(house, "Edda"))
    return posted, signed


def ban_author(by: Person, posted: dict[str, Any]) -> Any:
    return by.submit(f"/mod/c/{posted['id']}/sanction", site="newsroom", sanction="ban", reason="spam")


async def is_on_the_account(house: House, signed: Person, posted: dict[str, Any]) -> None:
    mine = await account_of(house, signed)
    assert await author_of(house, posted) == ("account", mine.id)
    rows = await house.rows(select(sanctions).where(sanctions.c.kind == "ban"))
    assert [(row.author_kind, row.author_id, row.lifted_at) for row in rows] == [("account", mine.id, None)]
    assert (await signed.send("More nonsense.")).status_code == 403


async def test_a_ban_goes_along_with_a_guest_who_signs_in(house: House) -> None:
    mona, (posted, signed) = await a_moderator(house), await becoming(house)
    banned, claimed = await asyncio.gather(ban_author(mona, posted), signed.http.post(CLAIM, headers=OURS))
    assert (banned.status_code, claimed.status_code) == (303, 200), banned.text
    await is_on_the_account(house, signed, posted)


async def test_a_ban_waits_for_a_guest_who_is_becoming_an_account(
    postgresql_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = postgresql_house
    mona, (posted, signed) = await a_moderator(house), await becoming(house)
    halt = halted(monkeypatch, queries_authors, "give_rest")
    claiming = asyncio.create_task(signed.http.post(CLAIM, headers=OURS))
    await halt.reached.wait()
    banning = asyncio.create_task(ban_author(mona, posted))
    await done_or_waiting(house, banning)
    halt.go_on.set()
    assert (await claiming).json() == {"claimed": 1}
    assert (await banning).status_code == 303
    await is_on_the_account(house, signed, posted)
