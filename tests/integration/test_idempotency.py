"""Posting is safe to repeat: one key is one comment, whatever happens to the answers."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.accounts.tables import guest
from forum.comments.jobs import sweep
from forum.comments.tables import idempotency_key
from tests.support.app import FORM, House, problem, wrong_fields

pytestmark = pytest.mark.anyio

UNGUESSABLE = "0b2f6e1c-7f0a-4c55-9b7e-1d6f2a9c3e48"


async def test_the_same_key_answers_the_same_thing(house: House) -> None:
    first = await house.author.send("Once.", key="k1")
    again = await house.author.send("Once.", key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert await house.recount() == 1


async def test_a_lost_first_answer_costs_nobody_their_comment(house: House) -> None:
    first = await house.author.send("Once.", key=UNGUESSABLE)
    capability = house.author.http.cookies["__Host-guest"]
    house.author.http.cookies.clear()  # the answer, and the cookie in it, never arrived
    again = await house.author.send("Once.", key=UNGUESSABLE)
    assert again.json()["id"] == first.json()["id"]
    assert house.author.http.cookies["__Host-guest"] == capability
    assert (await house.author.edit(first.json()["id"], "Twice.")).status_code == 200
    assert len(await house.rows(select(guest.c.id))) == 1


async def test_a_repeated_first_request_is_one_comment_from_another_network_too(house: House) -> None:
    first = await house.author.send("Once.", key=UNGUESSABLE)
    elsewhere = await house.attacker.send("Once.", key=UNGUESSABLE, author_name="Ada")  # a phone that left the house
    assert elsewhere.json()["id"] == first.json()["id"]
    assert problem(await house.replier.send("Twice.", key=UNGUESSABLE, author_name="Ada")) == (409, "key_reused")
    assert await house.recount() == 1


async def test_a_guessable_key_gives_nobody_a_capability(house: House) -> None:
    first = await house.author.send("Once.", key="k1")
    house.author.http.cookies.clear()
    again = await house.author.send("Once.", key="k1")
    assert again.json()["id"] == first.json()["id"]
    assert "set-cookie" not in again.headers
    assert problem(await house.author.send("Twice.", key="k1")) == (409, "key_reused")
    assert len(await house.rows(select(guest.c.id))) == 1


async def test_the_same_key_with_another_body_is_a_conflict(house: House) -> None:
    first = await house.author.post("Once.", key="k1")
    assert problem(await house.author.send("Twice.", key="k1")) == (409, "key_reused")
    assert problem(await house.author.send("Once.", key="k1", parent_id=first["id"])) == (409, "key_reused")
    assert problem(await house.author.send("Once.", key="k1", author_name="Eve")) == (409, "key_reused")
    assert await house.recount() == 1


async def test_a_key_belongs_to_its_author(house: House) -> None:
    first = await house.author.post("Once.", key="k1")
    other = await house.attacker.send("Once.", key="k1", author_name="Ada")
    assert other.json()["id"] != first["id"]
    assert problem(await house.attacker.delete(first["id"])) == (403, "not_yours")
    assert await house.recount() == 2


async def test_a_refused_request_leaves_its_key_free(house: House) -> None:
    answer = await house.author.send("Hello.", key="k1", parent_id="7")
    assert problem(answer) == (404, "parent_gone")
    assert await house.rows(select(idempotency_key.c.key)) == []
    await house.author.post("Hello.", key="k1")


async def test_without_a_key_the_same_text_is_two_comments(house: House) -> None:
    await house.author.post("+1")
    await house.author.post("+1")
    assert await house.recount() == 2


@pytest.mark.parametrize("key", ["x" * 101, "ü", "", "\ttab"])
async def test_a_key_that_cannot_be_kept_is_refused(house: House, key: str) -> None:
    headers = {b"origin": b"https://talk.example", b"idempotency-key": key.encode("latin-1")}
    sent = {"body": "Hello.", "author_name": "Ada", "url": "https://news.example/a"}
    answer = await house.author.http.post("/api/v1/sites/newsroom/comments", json=sent, headers=headers)
    assert wrong_fields(answer) == {"Idempotency-Key": "wrong_value"}


async def test_keys_are_forgotten_after_a_day(house: House) -> None:
    await house.author.post("Once.", key=UNGUESSABLE)
    house.clock.advance(timedelta(hours=23))
    assert await sweep(house.rt) == 0
    house.clock.advance(timedelta(hours=2))
    assert await sweep(house.rt) == 1


async def test_a_form_sent_twice_is_one_comment(house: House) -> None:
    fields = {"url": "https://news.example/a", "body": "Click, click.", "author_name": "Ada"}
    first = await house.author.submit(FORM, **fields)
    house.author.http.cookies.clear()
    again = await house.author.submit(FORM, **fields)
    assert (first.status_code, again.status_code) == (303, 303)
    assert again.headers["location"] == first.headers["location"]
    assert await house.recount() == 1


async def test_a_form_sent_later_is_another_comment(house: House) -> None:
    fields = {"url": "https://news.example/a", "body": "+1", "author_name": "Ada"}
    await house.author.submit(FORM, **fields)
    house.clock.advance(timedelta(minutes=11))
    await house.author.submit(FORM, **fields)
    assert await house.recount() == 2


@pytest.mark.parametrize("hold", [False, True])
async def test_a_form_sent_anew_after_deleting_is_a_new_comment(house: House, hold: bool) -> None:
    await house.change_site(hold=hold)
    await house.author.post("Ada has her cookie.")
    fields = {"url": "https://news.example/a", "body": "On second thoughts", "author_name": "Ada"}
    answer = await house.author.submit(FORM, **fields)
    first = answer.headers["location"].rpartition("#c")[2]
    await house.author.delete(first)
    second = (await house.author.submit(FORM, **fields)).headers["location"].rpartition("#c")[2]
    assert second != first
    assert (await house.author.delete(second)).status_code == 204
