"""People change while others do: who merges, claims, leaves or takes another name loses nothing, and nobody is left
behind."""

from __future__ import annotations

import asyncio
from typing import Final

import pytest
from sqlalchemy import select

from forum.accounts import queries
from forum.accounts.model import Account
from forum.accounts.service_operator import set_owner, switch
from forum.accounts.service_people import begin_merge
from forum.accounts.service_session import require_account
from forum.accounts.tables import account, guest
from forum.comments import queries as comment_queries
from forum.comments.tables import comment
from forum.errors import Conflict
from forum.outbox.queries import claim_jobs
from forum.outbox.tables import outbox
from forum.people import queries_authors, queries_erase, service_merge
from forum.people.service_authors import ACCOUNT_RENAMED, restamp
from forum.people.service_erase import erase
from forum.people.service_merge import merge, merge_some
from forum.people.service_settings import change_name
from tests.support.app import OURS, House, Person
from tests.support.estate import leave
from tests.support.locks import done_or_waiting, halted
from tests.support.people import account_of, an_account, sign_in, signed_in, visitor

pytestmark = pytest.mark.anyio
CLAIM: Final = "/api/v1/me/claim?site=newsroom"
EACH: Final = 7


async def become(house: House, into: Person, other: Account) -> None:
    """Make another account part of the one that is signed in. No comment has changed hands by then."""
    mine, session = await require_account(house.rt, visitor(house, into))
    arrival = await house.rt.db.write(lambda tx: begin_merge(tx, house.rt, session, other, "/settings"))
    await merge(house.rt, arrival.location.partition("flow=")[2], mine, session)


async def three(house: House, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Person], list[Account]]:
    """Anna, Berta and Cleo, of whom the first two wrote more than is done at once."""
    monkeypatch.setattr(service_merge, "BATCHES_AT_ONCE", 0)
    monkeypatch.setattr(service_merge, "BATCH", 2)
    people = [await signed_in(house, name) for name in ("Anna", "Berta", "Cleo")]
    for person in people[:2]:
        for number in range(EACH):
            await person.post(f"Number {number} by {person.name}.")
    return people, [await account_of(house, person) for person in people]


async def authors(house: House) -> set[tuple[str, int, str]]:
    return {(row.author_kind, row.author_id, row.author_name) for row in await house.rows(select(comment))}


async def run_all(house: House) -> None:
    while await house.run_jobs():
        pass


@pytest.mark.parametrize("begun", ["first", "last", "both"])
async def test_a_chain_of_merges_strands_nothing(house: House, monkeypatch: pytest.MonkeyPatch, begun: str) -> None:
    (anna, _, cleo), (a, b, c) = await three(house, monkeypatch)
    await become(house, anna, b)
    await merge_some(house.rt, b.id, batches=1)
    await become(house, cleo, a)
    order = {"first": [a.id], "last": [b.id], "both": [a.id, b.id]}[begun]
    await asyncio.gather(*(merge_some(house.rt, one, batches=20) for one in order))
    await run_all(house)
    assert await authors(house) == {("account", c.id, "Cleo")}
    assert [row.id for row in await house.rows(select(account))] == [c.id]
    await house.recount()


async def test_the_next_merge_begins_in_the_middle_of_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    (anna, _, cleo), (a, b, c) = await three(house, monkeypatch)
    await become(house, anna, b)
    await asyncio.gather(merge_some(house.rt, b.id, batches=20), become(house, cleo, a), house.run_jobs())
    await run_all(house)
    assert await authors(house) == {("account", c.id, "Cleo")}
    assert [row.id for row in await house.rows(select(account))] == [c.id]
    await house.recount()


@pytest.mark.parametrize(("texts", "status"), [(False, "published"), (True, "deleted")])
async def test_who_goes_takes_the_whole_chain_along(
    house: House, monkeypatch: pytest.MonkeyPatch, texts: bool, status: str
) -> None:
    (anna, _, cleo), (a, b, c) = await three(house, monkeypatch)
    await become(house, anna, b)
    await become(house, cleo, a)
    await asyncio.gather(
        merge_some(house.rt, b.id, batches=20), erase(house.rt, c, texts=texts), merge_some(house.rt, a.id, batches=20)
    )
    await run_all(house)
    assert await authors(house) == {("gone", 0, "")}
    assert {row.status for row in await house.rows(select(comment))} == {status}
    assert not await house.rows(select(account))
    await house.recount()


async def orphans(house: House) -> int:
    """Comments of guests who are nobody."""
    guests = {row.id for row in await house.rows(select(guest.c.id))}
    rows = await house.rows(select(comment.c.author_kind, comment.c.author_id))
    return sum(row.author_kind == "guest" and row.author_id not in guests for row in rows)


async def guest_and_owner(house: House) -> tuple[Person, Person, Account]:
    """A guest; and the same browser once its person has signed in."""
    writer, signed = await house.newcomer("Gus"), await house.newcomer("Gus")
    await writer.post("The first words.")
    for name, value in writer.http.cookies.items():
        signed.http.cookies.set(name, value, domain="talk.example")
    person = await an_account(house, "Edda")
    await sign_in(house, signed, person)
    return writer, signed, person


async def test_a_guest_who_writes_while_they_are_claimed_loses_nothing(house: House) -> None:
    writer, signed, _ = await guest_and_owner(house)
    posts = [writer.send(f"Words number {number}.") for number in range(6)]
    answers = await asyncio.gather(*posts, signed.http.post(CLAIM, headers=OURS))
    assert {answer.status_code for answer in answers} == {200, 201}
    assert await orphans(house) == 0
    assert (await signed.http.post(CLAIM, headers=OURS)).status_code == 200
    assert {kind for kind, _, _ in await authors(house)} == {"account"}


async def test_a_claim_waits_for_who_is_just_writing(postgresql_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house = postgresql_house
    writer, signed, person = await guest_and_owner(house)
    halt = halted(monkeypatch, comment_queries, "insert_comment")
    posting = asyncio.create_task(writer.send("At the last moment."))
    await halt.reached.wait()
    claiming = asyncio.create_task(signed.http.post(CLAIM, headers=OURS))
    await done_or_waiting(house, claiming)
    halt.go_on.set()
    assert (await posting).status_code == 201
    assert (await claiming).json() == {"claimed": 2}
    assert await authors(house) == {("account", person.id, "Edda")}


async def test_who_was_just_claimed_goes_on_as_somebody_new(
    postgresql_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = postgresql_house
    writer, signed, _ = await guest_and_owner(house)
    halt = halted(monkeypatch, queries_authors, "give_rest")
    claiming = asyncio.create_task(signed.http.post(CLAIM, headers=OURS))
    await halt.reached.wait()
    posting = asyncio.create_task(writer.send("A moment too late."))
    await done_or_waiting(house, posting)
    halt.go_on.set()
    assert (await claiming).json() == {"claimed": 1}
    late = (await posting).json()
    assert await orphans(house) == 0
    assert (await writer.edit(late["id"], "Still mine.")).status_code == 200


async def test_of_two_owners_who_leave_at_once_one_stays(
    postgresql_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = postgresql_house
    one, other = [await signed_in(house, name, owner=True) for name in ("Olga", "Otto")]
    halt = halted(monkeypatch, queries_erase, "forget_person")
    first = asyncio.create_task(leave(one, "keep"))
    await halt.reached.wait()
    second = asyncio.create_task(leave(other, "keep"))
    await done_or_waiting(house, second)
    halt.go_on.set()
    assert ((await first).status_code, (await second).status_code) == (303, 409)
    assert [(row.name, row.is_owner) for row in await house.rows(select(account))] == [("Otto", True)]


async def test_operators_leave_one_owner(house: House) -> None:
    for name in ("Olga", "Otto"):
        await an_account(house, name, owner=True)
    answers = await asyncio.gather(
        set_owner(house.rt, "Olga", owner=False), switch(house.rt, "Otto", on=False), return_exceptions=True
    )
    (refused,) = [answer for answer in answers if isinstance(answer, BaseException)]
    assert isinstance(refused, Conflict)
    assert refused.code == "only_owner"
    (left,) = await house.rows(select(account).where(account.c.is_owner, account.c.state == "active"))
    for change in (set_owner(house.rt, left.name, owner=False), switch(house.rt, left.name, on=False)):
        with pytest.raises(Conflict):
            await change
    async with house.rt.db.read(fresh=True) as tx:
        assert await queries.has_owner(tx)


async def test_the_latest_of_two_names_is_the_one_that_stays(
    postgresql_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = postgresql_house
    edda = await signed_in(house)
    await edda.post("Hello.")
    account_id = (await account_of(house, edda)).id
    await change_name(house.rt, account_id, "Eduarda")
    halt = halted(monkeypatch, queries_authors, "name_comments")

    async def rename_again() -> None:
        await change_name(house.rt, account_id, "Edwina")
        await restamp(house.rt, account_id)

    older = asyncio.create_task(restamp(house.rt, account_id))
    await halt.reached.wait()
    newer = asyncio.create_task(rename_again())
    await done_or_waiting(house, newer)
    halt.go_on.set()
    await asyncio.gather(older, newer)
    assert {name for _, _, name in await authors(house)} == {"Edwina"}


async def test_new_names_in_a_row_are_one_job(house: House) -> None:
    account_id = (await an_account(house, "Edda")).id
    waiting = select(outbox.c.id).where(outbox.c.kind == ACCOUNT_RENAMED)
    for name in ("Eduarda", "Edwina", "Edna"):
        await change_name(house.rt, account_id, name)
        assert len(await house.rows(waiting)) == 1
    # One that somebody has begun may be past what the next name is for.
    await house.rt.db.write(lambda tx: claim_jobs(tx, now=house.clock.now(), most=8))
    await change_name(house.rt, account_id, "Edda")
    assert len(await house.rows(waiting)) == 2
