"""Two accounts of one person become one, once both were proved to be theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select

from forum.accounts import queries
from forum.accounts.model import Account, Role
from forum.accounts.queries_session import list_sessions
from forum.accounts.service_people import CONNECT, Proof, arrive
from forum.accounts.tables import account, account_role, auth_flow, identity, passkey
from forum.comments.review.tables import decision, note, queue_item, sanction
from forum.comments.review.tables import flag as flags
from forum.comments.tables import comment
from forum.people import service_erase, service_merge
from forum.people.queries import find_known
from forum.people.tables import follow, mute
from forum.spoilers.tables import passage
from tests.support.app import OURS, House, Person, problem
from tests.support.estate import erased, furnish, leave, stored_words, word
from tests.support.people import account_of, an_account, embedded, sign_in, signed_in, visitor
from tests.support.sanctions import sanctioned
from tests.support.spoilers import fans, flag

__all__ = ["fans"]
pytestmark = pytest.mark.anyio
MERGE: Final = "/settings/merge"


async def offered(house: House, person: Person, other: Account, next_path: str = "/settings/sign-in") -> str:
    """The flow of somebody who is signed in and has just proved that another account is theirs."""
    proof, mine = Proof(account=other), visitor(house, person)
    arrival = await arrive(house.rt, proof, purpose=CONNECT, next_path=next_path, agent="", visitor=mine)
    at = urlsplit(arrival.location)
    assert at.path == MERGE
    return parse_qs(at.query)["flow"][0]


async def accept(person: Person, flow: str) -> httpx.Response:
    """Press the button."""
    return await person.submit(MERGE, flow=flow)


async def merged(house: House, person: Person, other: Account) -> None:
    """All of it, with what the worker does after it."""
    answer = await accept(person, await offered(house, person, other))
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/sign-in")
    while await house.run_jobs():
        pass


async def test_what_one_wrote_is_the_others(fans: House) -> None:
    estate = await furnish(fans)
    await merged(fans, estate.other, estate.account)
    into = await account_of(fans, estate.other)
    rows = {str(row.id): row for row in await fans.rows(select(comment))}
    for name in ("plain", "edited", "passage", "whole", "quoting", "elsewhere", "held", "deleted"):
        row = rows[estate.comments[name]["id"]]
        assert (row.author_kind, row.author_id) == ("account", into.id), name
        assert row.author_name == ("" if name == "deleted" else "Otto")
    chief = await account_of(fans, estate.chief)
    assert {row.id for row in await fans.rows(select(account))} == {into.id, chief.id}
    quoted = {row.src_name for row in await fans.rows(select(passage)) if row.src_name}
    assert quoted == {"Otto", "Ravi"}
    # The name is given up: it stands only where others typed it.
    places = {place for place, words in (await stored_words(fans)).items() if word("name") in words}
    assert places <= {"comment.source", "comment_revision.source"}
    page = (await fans.attacker.get(f"/u/{into.name}")).text
    assert word("text") in page
    plain = rows[estate.comments["plain"]["id"]]
    assert (await estate.other.edit(str(plain.id), "Changed.", revision=plain.revision)).status_code == 200
    await fans.recount()


async def test_all_ways_in_and_all_that_is_kept_move(fans: House) -> None:
    estate = await furnish(fans)
    into = await account_of(fans, estate.other)
    await merged(fans, estate.other, estate.account)
    assert {row.account_id for row in await fans.rows(select(identity))} == {into.id}
    assert {row.account_id for row in await fans.rows(select(passkey))} == {into.id}
    assert {row.account_id for row in await fans.rows(select(follow))} == {into.id}
    assert {row.author_id for row in await fans.rows(select(flags))} == {into.id}
    roles = {row.account_id: row.role for row in await fans.rows(select(account_role))}
    assert roles == {into.id: "moderator", (await account_of(fans, estate.chief)).id: "admin"}
    # Otto had muted the other, who is Otto now; what the other had muted, stays.
    muted = {(row.account_id, row.muted_kind) for row in await fans.rows(select(mute))}
    assert muted == {(into.id, "guest"), (into.id, "account")}
    assert into.id not in {row.muted_id for row in await fans.rows(select(mute))}
    now = await account_of(fans, estate.other)
    assert (now.name, now.email) == ("Otto", estate.account.email)
    assert now.email_verified_at is not None
    async with fans.rt.db.read() as tx:
        known = await find_known(tx, into.id)
        assert not await list_sessions(tx, account_id=estate.account.id, now=fans.clock.now())
    assert known.stands["jessica-jones"].unit == "S1E4"
    assert known.stands["jessica-jones"].ticks == ("special",)
    assert known.rules == {"mcu/comic": "dont_care"}
    assert not await fans.rows(select(auth_flow).where(auth_flow.c.account_id == estate.account.id))


async def test_what_was_decided_about_both_is_about_the_one(fans: House) -> None:
    estate = await furnish(fans)
    await sanctioned(fans, estate.chief, estate.comments["plain"], "ban")
    into = await account_of(fans, estate.other)
    about = (decision, sanction, note, queue_item)
    before = {
        table.name: len(await fans.rows(select(table).where(table.c.author_id == estate.account.id))) for table in about
    }
    assert all(before.values())
    by = {
        table.name: len(await fans.rows(select(table).where(table.c.by_id == estate.account.id))) for table in about[:3]
    }
    assert all(by.values())
    await merged(fans, estate.other, estate.account)
    for table in about:
        theirs = await fans.rows(select(table).where(table.c.author_id == into.id, table.c.author_kind == "account"))
        assert len(theirs) >= before[table.name], table.name
        assert not await fans.rows(select(table).where(table.c.author_id == estate.account.id)), table.name
    for table in about[:3]:
        assert len(await fans.rows(select(table).where(table.c.by_id == into.id))) == by[table.name]
    # Who was banned stays banned.
    assert problem(await estate.other.send("More.")) == (403, "banned")


async def say(person: Person, **progress: dict[str, str]) -> None:
    sent = {"progress": {name.replace("_", "-"): value for name, value in progress.items()}}
    answer = await person.http.put("/api/v1/me/progress", json=sent, headers=OURS)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("mine", "theirs", "joined"),
    [
        ({"s": "at", "u": "S1E4"}, {"s": "at", "u": "S1E13"}, ("at", "S1E13")),
        ({"s": "at", "u": "S2E1"}, {"s": "at", "u": "S1E13"}, ("at", "S2E1")),
        ({"s": "none", "u": ""}, {"s": "at", "u": "S1E13"}, ("none", "")),
        ({"s": "at", "u": "S1E4"}, {"s": "dont_care", "u": ""}, ("at", "S1E4")),
        (None, {"s": "dont_care", "u": ""}, ("dont_care", "")),
    ],
)
async def test_of_how_far_one_is_the_further_counts(
    fans: House, mine: dict[str, str] | None, theirs: dict[str, str], joined: tuple[str, str]
) -> None:
    one, other = await signed_in(fans, "Edda"), await signed_in(fans, "Otto")
    if mine is not None:
        await say(one, jessica_jones=mine)
    await say(other, jessica_jones=theirs)
    await merged(fans, one, await account_of(fans, other))
    into = await account_of(fans, one)
    async with fans.rt.db.read() as tx:
        stand = (await find_known(tx, into.id)).stands["jessica-jones"]
    assert (stand.state, stand.unit) == joined


async def test_the_higher_role_and_the_first_address_stay(house: House) -> None:
    one = await signed_in(house, "Edda", email="edda@mail.example", role=Role.ADMIN)
    other = await an_account(house, "Otto", email="otto@mail.example", role=Role.TRUSTED, owner=True)
    await merged(house, one, other)
    into = await account_of(house, one)
    assert (into.email, into.is_owner) == ("edda@mail.example", True)
    async with house.rt.db.read() as tx:
        assert await queries.list_roles(tx, into.id) == {house.site.id: Role.ADMIN}
    again = await an_account(house, "Otto", email="otto@mail.example")
    assert again.id != other.id


async def test_who_flagged_and_muted_twice_did_so_once(fans: House) -> None:
    one, other = await signed_in(fans, "Edda"), await signed_in(fans, "Otto")
    posted = await fans.replier.post("He did it.")
    by_other = await other.post("Me too.")
    third = await signed_in(fans, "Third")
    for person in (one, other):
        assert (await flag(person, posted, "jessica-jones:S1E13")).status_code < 300
        path = f"/api/v1/comments/{posted['id']}/mute"
        assert (await person.http.put(path, headers=OURS)).status_code == 200
    by_one = await one.post("Mine.")
    for muted in (by_one, by_other):
        assert (await third.http.put(f"/api/v1/comments/{muted['id']}/mute", headers=OURS)).status_code == 200
    await merged(fans, one, await account_of(fans, other))
    into, observer = await account_of(fans, one), await account_of(fans, third)
    assert [row.author_id for row in await fans.rows(select(flags))] == [into.id]
    rows = {(row.account_id, row.muted_kind, row.muted_id) for row in await fans.rows(select(mute))}
    guest = next(row.author_id for row in await fans.rows(select(comment)) if str(row.id) == posted["id"])
    assert rows == {(into.id, "guest", guest), (observer.id, "account", into.id)}


async def test_only_the_session_that_proved_both_may_do_it(house: House) -> None:
    one, other = await signed_in(house, "Edda"), await signed_in(house, "Otto")
    flow = await offered(house, one, await account_of(house, other))
    elsewhere = await sign_in(house, await house.newcomer("Edda"), await account_of(house, one))
    frame = await embedded(house, one)
    for stranger in (other, elsewhere):
        assert (await stranger.get(f"{MERGE}?flow={flow}")).status_code == 404
        assert (await accept(stranger, flow)).status_code == 404
    for nobody in (frame, await house.newcomer()):
        assert (await accept(nobody, flow)).status_code == 303
    assert len(await house.rows(select(account))) == 2
    page = await one.get(f"{MERGE}?flow={flow}")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "private, no-store"
    assert "<bdi>Otto</bdi>" in page.text
    foreign = {"origin": "https://news.example", "sec-fetch-site": "cross-site"}
    assert (await one.http.post(MERGE, data={"flow": flow}, headers=foreign)).status_code == 403
    assert len(await house.rows(select(account))) == 2
    assert (await accept(one, flow)).status_code == 303
    assert (await accept(one, flow)).status_code == 404
    assert len(await house.rows(select(account))) == 1


async def test_an_offer_ends(house: House) -> None:
    one, other = await signed_in(house, "Edda"), await signed_in(house, "Otto")
    flow = await offered(house, one, await account_of(house, other))
    house.clock.advance(timedelta(minutes=16))
    assert (await accept(one, flow)).status_code == 404
    for wrong in ("", "0" * 32, "x\x00"):
        assert (await accept(one, wrong)).status_code in (404, 422)
    fresh = await sign_in(house, one, await account_of(house, one))
    flow = await offered(house, fresh, await account_of(house, other))
    await erased(house, await sign_in(house, other, await account_of(house, other)), "keep")
    assert (await accept(fresh, flow)).status_code == 404


async def _busy(house: House, monkeypatch: pytest.MonkeyPatch) -> tuple[Person, Account]:
    """Somebody whose other account wrote more than is done at once."""
    for module in (service_erase, service_merge):
        monkeypatch.setattr(module, "BATCH", 3)
        monkeypatch.setattr(module, "BATCHES_PER_JOB", 1)
    person, busy = await signed_in(house, "Edda"), await signed_in(house, "Busy")
    for number in range(11):
        await busy.post(f"Number {number}.")
    return person, await account_of(house, busy)


async def _authors(house: House) -> list[tuple[str, int, str]]:
    found = {(row.author_kind, row.author_id, row.author_name) for row in await house.rows(select(comment))}
    return sorted(found)


async def test_what_is_broken_off_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    person, other = await _busy(house, monkeypatch)
    assert (await accept(person, await offered(house, person, other))).status_code == 303
    into = await account_of(house, person)
    assert len(await _authors(house)) == 2
    while await house.run_jobs():
        pass
    assert await _authors(house) == [("account", into.id, "Edda")]
    assert [row.id for row in await house.rows(select(account))] == [into.id]
    await house.recount()


@pytest.mark.parametrize(("texts", "status"), [("keep", "published"), ("remove", "deleted")])
async def test_who_goes_half_way_takes_all_of_it_along(
    house: House, monkeypatch: pytest.MonkeyPatch, texts: str, status: str
) -> None:
    person, other = await _busy(house, monkeypatch)
    assert (await accept(person, await offered(house, person, other))).status_code == 303
    assert (await leave(person, texts)).status_code == 303
    while await house.run_jobs():
        pass
    assert await _authors(house) == [("gone", 0, "")]
    assert {row.status for row in await house.rows(select(comment))} == {status}
    assert not await house.rows(select(account))
    await house.recount()


async def test_a_switched_off_account_is_not_taken_over(house: House) -> None:
    one, other = await signed_in(house, "Edda"), await signed_in(house, "Otto")
    flow = await offered(house, one, await account_of(house, other))
    row = await account_of(house, other)
    off = row._replace(state=type(row.state)("disabled"))
    await house.rt.db.write(lambda tx: queries.update_account(tx, off))
    assert (await accept(one, flow)).status_code == 404
    assert len(await house.rows(select(account))) == 2
