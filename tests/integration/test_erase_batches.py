"""Erasing an account that wrote a lot: a batch at a time, broken off and begun again, while others write and answer."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from forum.accounts.model import State
from forum.accounts.tables import account
from forum.comments import queries as comment_queries
from forum.comments.model import Comment
from forum.comments.tables import comment
from forum.db import Tx
from forum.outbox.tables import outbox
from forum.people import queries_erase, service_erase
from forum.people.service_erase import erase_some
from forum.spoilers.tables import passage
from tests.support.app import House, Person
from tests.support.estate import leave
from tests.support.locks import done_or_waiting
from tests.support.people import account_of, signed_in

pytestmark = pytest.mark.anyio


async def _crowd(house: House, comments: int) -> tuple[Person, int]:
    person = await signed_in(house, "Busy")
    for number in range(comments):
        await person.post(f"Number {number}.")
    return person, (await account_of(house, person)).id


async def _left(house: House, account_id: int) -> int:
    return len(await house.rows(select(comment.c.id).where(comment.c.author_id == account_id)))


async def test_a_crash_between_batches_is_made_up_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_erase, "BATCH", 3)
    monkeypatch.setattr(service_erase, "BATCHES_PER_JOB", 1)
    person, account_id = await _crowd(house, 14)
    assert (await leave(person, "remove")).status_code == 303
    # Two batches before the answer; then, as if the process had died, somebody else goes on where it stopped.
    assert await _left(house, account_id) == 14 - 6
    (row,) = await house.rows(select(account))
    assert (row.state, row.name, row.email, row.erase_texts) == (State.ERASING.value, "", None, True)
    await house.recount()

    async def broken(tx: Tx, **_: Any) -> None:
        raise RuntimeError("the power is out")

    with monkeypatch.context() as broken_down:
        broken_down.setattr(queries_erase, "empty", broken)
        with pytest.raises(RuntimeError, match="power"):
            await erase_some(house.rt, account_id, batches=1)
    assert await _left(house, account_id) == 14 - 6
    jobs = 0
    while tried := await house.run_jobs():
        jobs += tried
    assert jobs >= 2
    assert await _left(house, account_id) == 0
    assert not await house.rows(select(account))
    assert not await house.rows(select(outbox.c.id).where(outbox.c.kind == "erase"))
    await house.recount()


async def test_who_is_not_being_erased_loses_nothing(house: House) -> None:
    person, account_id = await _crowd(house, 2)
    assert await erase_some(house.rt, account_id, batches=5)
    assert await _left(house, account_id) == 2
    assert (await account_of(house, person)).name == "Busy"


async def test_nothing_is_posted_past_the_end(house: House) -> None:
    person, account_id = await _crowd(house, 3)
    posts = [person.send(f"At the last moment {number}.", author_name="") for number in range(12)]
    answers = await asyncio.gather(*posts[:6], leave(person, "remove"), *posts[6:])
    assert {answer.status_code for answer in answers} <= {201, 303, 401}
    while await house.run_jobs():
        pass
    assert await _left(house, account_id) == 0
    assert not await house.rows(select(account))
    await house.recount()


async def test_two_workers_and_those_who_answer_meet(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_erase, "BATCH", 2)
    person, account_id = await _crowd(house, 12)
    root = (await house.rows(select(comment.c.id).order_by(comment.c.id)))[0].id
    quoting = [house.replier.send(f"> @Busy#c{root}\n> Number 0.\n\nYes {n}.", parent_id=str(root)) for n in range(4)]
    work = [erase_some(house.rt, account_id, batches=20) for _ in range(3)]
    assert (await leave(person, "keep")).status_code == 303
    done = await asyncio.gather(*work, *quoting)
    assert done[:3] == [True, True, True]
    assert {answer.status_code for answer in done[3:] if isinstance(answer, httpx.Response)} == {201}
    assert await _left(house, account_id) == 0
    assert {row.src_name for row in await house.rows(select(passage))} == {""}
    assert not [row for row in await house.rows(select(comment)) if "Busy" in f"{row.covers} {row.author_name}"]
    await house.recount()


async def test_who_is_just_posting_is_waited_for(postgresql_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house = postgresql_house
    person, account_id = await _crowd(house, 1)
    under_way, go_on = asyncio.Event(), asyncio.Event()
    insert = comment_queries.insert_comment

    async def slowly(tx: Tx, new: Comment, **more: Any) -> None:
        under_way.set()
        await go_on.wait()
        await insert(tx, new, **more)

    monkeypatch.setattr(comment_queries, "insert_comment", slowly)
    posting = asyncio.create_task(person.send("At the very last moment.", author_name=""))
    await under_way.wait()
    leaving = asyncio.create_task(leave(person, "remove"))
    await done_or_waiting(house, leaving)
    go_on.set()
    assert (await posting).status_code == 201
    assert (await leaving).status_code == 303
    assert await _left(house, account_id) == 0
